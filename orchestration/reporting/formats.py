"""How figures and words are written in a programme's language: numbers, dates, spaces, verdicts, statuses, texts.

The words are those of `orchestration.words`; numbers and dates follow the CLDR through Babel. No query, no markup but
what a text's own arguments bring.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any, Self

from markupsafe import Markup

from orchestration.programme.config import ProgrammeConfig
from orchestration.programme.vocabulary import words_of
from orchestration.words import VERDICT_FAMILIES, Texts, Words, word_of

NARROW = "\u202f"
NO_BREAK = "\u00a0"
MINUS = "\u2212"
Number = int | float | Decimal


@dataclass(frozen=True)
class Label:
    """A code put in words: a symbol and a word (never colour alone), a css family, a longer explanation."""

    symbol: str
    word: str
    family: str
    reason: str = ""


# Symbol and css family of each code; the words are in the catalogue of the language, under the same code.
VERDICT_SIGNS = {
    "hausse": "↗",
    "hausse légère": "↗",
    "stable": "=",
    "baisse légère": "↘",
    "baisse": "↘",
    "non significatif": "≈",
    "non comparable": "≠",
    "nouveau": "✦",
    "au-dessus": "▲",
    "légèrement au-dessus": "△",
    "au niveau": "=",
    "légèrement en dessous": "▽",
    "en dessous": "▼",
}
VERDICTS = {code: (VERDICT_SIGNS[code], family) for code, family in VERDICT_FAMILIES.items()}
STATUSES = {
    "V": ("", "publie"),
    "S": ("■", "masque"),
    "D": ("□", "masque"),
    "E": ("×", "masque"),
    "Z": ("·", "non-pose"),
}
COVERAGE = {
    "inclus": ("●", "inclus"),
    "reserve": ("◐", "reserve"),
    "rejete": ("✕", "rejete"),
    "attendu": ("○", "attendu"),
    "non_concerne": ("–", "non-concerne"),
}
READINGS = {
    "à améliorer": ("▲", "baisse"),
    "à préserver": ("●", "hausse"),
    "à surveiller": ("△", "muet"),
    "acquis": ("○", "stable"),
}
SEVERITIES = ("bloquante", "rejet", "exclusion", "avertissement")


def slug(code: object) -> str:
    """A code as an HTML id: lower case, and nothing but letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", str(code).lower()).strip("-") or "sans-code"


def anchor(code: object) -> str:
    """The permanent anchor of a question: `Q-`, then its code."""
    return "Q-" + (re.sub(r"[^A-Za-z0-9]+", "-", str(code)).strip("-") or "sans-code")


def address_shown(address: str) -> str:
    """An address of the web as it is printed: without what everybody types by heart."""
    return re.sub(r"^https?://", "", address).removesuffix("/")


def family(verdict: object) -> str:
    """The css family of a verdict: hausse, baisse, stable, incertain, nouveau or muet."""
    return VERDICTS.get(str(verdict), ("", "muet"))[1]


def exact(value: Number) -> str:
    """The value as the database holds it, for machines."""
    return repr(value) if isinstance(value, float) else str(value)


def visible(text: object) -> str:
    """A text without control characters: legal in a column, not in a drawing or a page."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", str(text))


def markdown(text: object) -> Markup:
    """A text that Markdown, and HTML in it, show as it is, on one line."""
    return Markup(re.sub(r"[^\w ]", lambda sign: f"&#{ord(sign[0])};", " ".join(visible(text).split())))


def exactly(value: Number) -> Decimal:
    """A number as it is written: of a float its shortest digits, not the binary fraction next to them."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def round_half_up(value: Number, digits: int) -> Decimal:
    """A number as it is printed: halves go away from zero, as readers do it."""
    return exactly(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def decimals_of(value: Number, least: int, most: int) -> int:
    """How many decimals a published number has, between two bounds: a figure in tenths is not printed in hundredths."""
    shown = exactly(value).normalize().as_tuple().exponent
    return min(most, max(least, -shown if isinstance(shown, int) else most))


@dataclass(frozen=True)
class Formats:
    """One language's way of writing, with the words of a programme."""

    words: Words = field(repr=False)

    @classmethod
    def of_programme(cls, programme: ProgrammeConfig) -> Self:
        """The programme's language, and over its catalogue the texts that the programme words itself.

        Raises:
            ProgrammeError: there is no catalogue of that language.
        """
        return cls(words_of(programme))

    @property
    def language(self) -> str:
        """The code of the language."""
        return self.words.language

    @property
    def texts(self) -> Texts:
        """The catalogue, section by section."""
        return self.words.texts

    @cached_property
    def locale(self) -> str:
        """The CLDR locale."""
        return str(self.texts["locale"])

    def t(self, name: str, **values: Any) -> Markup:
        """A text, its `{places}` filled; what is filled in is escaped unless it is markup."""
        text = Markup.escape(self.typography(self.words.said[name]))
        return text.format(**values) if values else text

    def plain(self, name: str, **values: Any) -> str:
        """The same for attributes and drawings: no markup."""
        return self.typography(self.words.say(name, **values))

    def out_of(self, maximum: float | None) -> str:
        """What follows a note: the maximum of its scale (` sur 10`); nothing where it is not known."""
        if maximum is None:
            return ""
        return self.words.say("sur", max=self.decimal(maximum, 0 if float(maximum).is_integer() else 1))

    def decimal(self, value: Number, digits: int = 1, signed: bool = False) -> str:
        """A number, thousands apart, halves rounded away from zero; `signed` prints + and a true minus."""
        from babel.numbers import format_decimal

        rounded = round_half_up(value, digits)
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        text = format_decimal(abs(rounded), format=pattern, locale=self.locale)
        if rounded < 0:
            return MINUS + text
        return ("+" if signed and rounded else "") + text

    def integer(self, value: Number) -> str:
        """A count, thousands apart."""
        return self.decimal(value, 0)

    def percent(self, value: Number, digits: int = 0) -> str:
        """A share between 0 and 1 as a percentage."""
        return self.decimal(exactly(value) * 100, digits) + self.percent_sign

    @property
    def percent_sign(self) -> str:
        """What follows a percentage."""
        return str(self.texts["nombres"]["pour_cent"])

    def points(self, value: Number, digits: int = 1) -> str:
        """A difference of shares, in points."""
        return self.decimal(exactly(value) * 100, digits, signed=True) + str(self.texts["nombres"]["point"])

    def full(self, value: Number) -> str:
        """The value in full, for a reader who hovers."""
        return exact(value).replace(".", self.texts["nombres"]["decimale"]).replace("-", MINUS)

    def long_date(self, value: date | datetime | None) -> str:
        """« 17 octobre 2022 », « 1er janvier 2024 », "17 October 2022"."""
        from babel.dates import format_date

        if value is None:
            return ""
        day = self.texts["nombres"]["premier_du_mois"] if value.day == 1 else None
        rest = format_date(value, "MMMM y", locale=self.locale)
        return f"{day or value.day}{NO_BREAK}{rest}"

    def period(self, start: date | None, end: date | None) -> str:
        """« du 17 octobre au 23 décembre 2022 », the year said once when it is the same."""
        if start is None or end is None:
            return self.long_date(start or end)
        first = self.long_date(start).removesuffix(f" {end.year}")
        return str(self.texts["nombres"]["periode"]).format(debut=first, fin=self.long_date(end))

    def typography(self, text: object) -> str:
        """Running text as the language spaces it: in French, narrow no-break before double punctuation and %."""
        result = visible(text).replace("'", "’")
        if not self.texts["nombres"]["espaces_fines"]:
            return result
        result = re.sub(r"(?<=\S)[ \u00a0\u202f]*([!?;])(?=\s|$|[)»\u202f])", NARROW + r"\1", result)
        result = re.sub(r"(?<=\S)[ \u00a0\u202f]+([:!?;%»])", NARROW + r"\1", result)
        return re.sub(r"«[ \u00a0\u202f]*", "«" + NARROW, result)

    def why(self, status: object, reason: object) -> str:
        """Why a cell is not shown: the published reason, or what its status means."""
        return self.typography(reason) if reason else self.status(status).reason

    def verdict(self, code: object, judged: bool = True) -> Label:
        """A verdict column in words; a verdict unknown here is printed as it is rather than lost.

        Args:
            code: the verdict.
            judged: more is better; where it is neither good nor bad, the verdict has no colour.
        """
        if code is None or str(code).strip() == "":
            return self.no_value
        label = self._label("verdicts", VERDICTS, code)
        return label if judged or label.family not in ("hausse", "baisse") else replace(label, family="incertain")

    def status(self, code: object) -> Label:
        """A cell status in words."""
        return self._label("statuts", STATUSES, code) if str(code) in STATUSES else self.no_value

    def coverage(self, code: object) -> Label:
        """A coverage status in words."""
        return self._label("couverture", COVERAGE, code)

    def reading(self, code: object) -> Label:
        """A reading of the map of priorities in words."""
        return self._label("lectures", READINGS, code)

    def word(self, kind: str, code: object) -> str:
        """A code of a closed list (`modes`, `gravites`, `unites`, `portes`) in words."""
        known = self.texts[kind].get(str(code)) if code else ""
        return self.typography(word_of(known) if known is not None else str(code).replace("_", " "))

    @property
    def no_value(self) -> Label:
        """Where nothing is to be said."""
        return Label("", "–", "non-pose", self.typography(self.texts["sans_objet"]))

    @property
    def statuses(self) -> dict[str, Label]:
        """Every status, for the legend."""
        return {code: self.status(code) for code in STATUSES}

    @property
    def verdicts(self) -> dict[str, Label]:
        """Every verdict, for the legend."""
        return {code: self.verdict(code) for code in VERDICTS}

    def _label(self, kind: str, signs: Mapping[str, tuple[str, str]], code: object) -> Label:
        symbol, family = signs.get(str(code), ("·", "muet"))
        words = self.texts[kind].get(str(code))
        if words is None:
            return Label(symbol, self.typography(str(code).replace("_", " ")), family)
        return Label(symbol, self.typography(words[0]), family, self.typography(words[1]))
