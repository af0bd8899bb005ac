"""How a text that arrives is made comparable with a text that is declared; how a sentence writes its numbers."""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import polars as pl

_APOSTROPHES = "’‘ʼ´`"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*", re.ASCII)
_WHOLE = re.compile(r"\s*[-+]?\d+\s*", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SPACES = re.compile(r"[\s\u200b\ufeff]+")


# the same few labels and codes are asked for over and over: most of a contract's draft went here
@lru_cache(maxsize=16_384)
def clean(text: str) -> str:
    """Returns a text in NFC, with straight apostrophes, single ordinary spaces and no outer blank."""
    text = unicodedata.normalize("NFC", text)
    for mark in _APOSTROPHES:
        text = text.replace(mark, "'")
    return _SPACES.sub(" ", text).strip()


def normalise(text: str) -> str:
    """Returns the form under which two texts are the same: cleaned, case folded."""
    return clean(text).casefold()


def alphabetical(text: str) -> str:
    """Returns what a text is put in alphabetical order by: its letters without accents or case."""
    letters = unicodedata.normalize("NFD", normalise(text))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def control(text: str) -> tuple[int, str] | None:
    """Returns the line of the first control character of a text, and a French sentence about it; None without one."""
    found = _CONTROL.search(text)
    if found is None:
        return None
    said = f"un caractère de contrôle s'y trouve (U+{ord(found[0]):04X}), que rien ne montre ; l'ôter"
    return text.count("\n", 0, found.start()) + 1, said


def finite(text: str) -> float:
    """Returns a number as a reference file writes it: « nan », « inf » and « 1_000 », which Python takes, are none.

    Raises:
        ValueError: it is none.
    """
    if _NUMBER.fullmatch(text) is None or not math.isfinite(value := float(text)):
        raise ValueError(text)
    return value


def whole(text: str) -> int:
    """Returns a whole number as a reference file writes it: « 1_000 » and figures of other scripts are none.

    Raises:
        ValueError: it is none.
    """
    if _WHOLE.fullmatch(text) is None:
        raise ValueError(text)
    return int(text)


def day(text: str) -> dt.date:
    """Returns a date written AAAA-MM-JJ, and in no other of the forms of ISO 8601.

    Raises:
        ValueError: it is none.
    """
    if _DAY.fullmatch(text) is None:
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def number(value: int) -> str:
    """Returns a whole number the French way, thousands apart."""
    return f"{value:,}".replace(",", "\u202f")


def decimal(value: float, digits: int = 3) -> str:
    """Returns a number the French way: so many significant digits, decimal comma."""
    text = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e+" in text else text.replace(".", ",")


def percent(share: float, digits: int = 1) -> str:
    """Returns a share (0 to 1) as a French percentage: decimal comma, no needless decimals, no-break space."""
    text = f"{100 * share:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if digits else text
    return f"{text.replace('.', ',')}\u202f%"


def counted(value: int, noun: str) -> str:
    """Returns a whole number and what is counted, in the plural from two on."""
    return f"{number(value)} {noun if value < 2 else noun + 's'}"


def capped(items: Iterable[str], most: int = 10, joint: str = ", ") -> str:
    """Returns a list as a sentence has it: the first few, then how many others there are.

    Args:
        items: what is listed; at least one.
        most: how many are said. One more than that is said too: « et 1 autre » would be no shorter.
        joint: what stands between two of them.
    """
    listed = list(items)
    if len(listed) <= most + 1:
        return joint.join(listed)
    return f"{joint.join(listed[:most])} et {number(len(listed) - most)} autres"


def clean_column(name: str) -> pl.Expr:
    """Returns the polars twin of `clean` for a text column; a blank becomes null."""
    expr = pl.col(name).str.normalize("NFC")
    for mark in _APOSTROPHES:
        expr = expr.str.replace_all(mark, "'", literal=True)
    expr = expr.str.replace_all(r"[\s\x{200b}\x{feff}\x{a0}\x{202f}]+", " ").str.strip_chars()
    return pl.when(expr == "").then(None).otherwise(expr).alias(name)
