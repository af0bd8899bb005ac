"""How figures and words are written in French: numbers, dates, spaces, verdicts, statuses.

Pure functions, no query, no markup. Spaces follow the usage of the Imprimerie nationale: narrow no-break
space before ; : ! ? % and inside guillemets, and between thousands.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

NARROW = "\u202f"
NO_BREAK = "\u00a0"
MINUS = "\u2212"
Number = int | float | Decimal

MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


@dataclass(frozen=True)
class Label:
    """A code put in words: a symbol and a word (never colour alone), a css family, a longer explanation."""

    symbol: str
    word: str
    family: str
    reason: str = ""


# The words of the warehouse's verdict grid, evolution then gap to a reference.
VERDICTS = {
    "hausse": Label("↗", "en hausse", "hausse", "Hausse significative et notable"),
    "baisse": Label("↘", "en baisse", "baisse", "Baisse significative et notable"),
    "stable": Label("=", "stable", "stable", "Écart à coup sûr trop faible pour être commenté"),
    "non significatif": Label("≈", "sans écart établi", "stable", "Écart que le hasard du sondage peut expliquer"),
    "non comparable": Label("≠", "non comparable", "muet", "Question, barème ou mode de collecte différent"),
    "nouveau": Label("✦", "nouvel item", "nouveau", "Question posée pour la première fois"),
    "au-dessus": Label(
        "▲", "au-dessus", "hausse", "Au-dessus de la référence nationale, écart significatif et notable"
    ),
    "en dessous": Label("▼", "en dessous", "baisse", "En dessous de la référence, écart significatif et notable"),
    "au niveau": Label("=", "au niveau", "stable", "Au niveau de la référence nationale"),
}

STATUSES = {
    "V": Label("", "publié", "publie", "Résultat publié"),
    "S": Label(
        "■",
        "masqué",
        "masque",
        "base trop faible, trop peu d'organismes, poids dominant de l'un d'eux, ou réponses unanimes",
    ),
    "D": Label("□", "masqué", "masque", "masqué pour qu'une autre cellule masquée ne se déduise pas"),
    "E": Label("×", "exclu", "masque", "qualité de la donnée insuffisante"),
    "Z": Label("·", "n. p.", "non-pose", "non posée dans cette vague"),
}
NO_VALUE = Label("–", "–", "non-pose", "sans objet")

COVERAGE = {
    "inclus": Label("●", "inclus", "inclus", "Consolidé dans les résultats régionaux"),
    "reserve": Label("◐", "inclus avec réserve", "reserve", "Consolidé, avec une réserve de qualité"),
    "rejete": Label("✕", "rejeté", "rejete", "Livraison refusée : non consolidé"),
    "attendu": Label("○", "attendu", "attendu", "Livraison non reçue : non consolidé"),
    "non_concerne": Label("–", "non concerné", "non-concerne", "Hors du champ de l'enquête"),
}

MODES = {
    "telephone": "Enquête téléphonique",
    "en_ligne": "Enquête en ligne",
    "postal": "Enquête postale",
    "face_a_face": "Enquête en face à face",
    "mixte": "Enquête multimode",
}

SEVERITIES = {
    "bloquante": "Bloquante",
    "rejet": "Rejet de lignes",
    "exclusion": "Question exclue",
    "avertissement": "Avertissement",
}


def slug(code: object) -> str:
    """A code as an HTML id: lower case, and nothing but letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", str(code).lower()).strip("-") or "sans-code"


def _grouped(digits: str) -> str:
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", NARROW, digits)


def decimal(value: Number, digits: int = 1, signed: bool = False) -> str:
    """A number with a decimal comma and thousands apart; `signed` prints + and a true minus."""
    text = f"{Decimal(repr(value)) if isinstance(value, float) else Decimal(value):.{digits}f}"
    negative = text.startswith("-") and text.strip("-0.") != ""
    whole, _, fraction = text.lstrip("-").partition(".")
    body = _grouped(whole) + ("," + fraction if fraction else "")
    if negative:
        return MINUS + body
    return ("+" if signed and body.strip("0,") else "") + body


def integer(value: Number) -> str:
    """A count, thousands apart."""
    return decimal(value, 0)


def percent(value: Number, digits: int = 0) -> str:
    """A share between 0 and 1 as a percentage."""
    return decimal(Decimal(str(value)) * 100, digits) + NARROW + "%"


def points(value: Number, digits: int = 1) -> str:
    """A difference of shares, in points."""
    return decimal(Decimal(str(value)) * 100, digits, signed=True) + NO_BREAK + "pt"


def exact(value: Number) -> str:
    """The value as the database holds it, for machines."""
    return repr(value) if isinstance(value, float) else str(value)


def exact_french(value: Number) -> str:
    """The value in full, for a reader who hovers."""
    return exact(value).replace(".", ",").replace("-", MINUS)


def long_date(value: date | datetime | None) -> str:
    """« 17 octobre 2022 », « 1er janvier 2024 »."""
    if value is None:
        return ""
    day = "1er" if value.day == 1 else str(value.day)
    return f"{day}{NO_BREAK}{MONTHS[value.month - 1]} {value.year}"


def period(start: date | None, end: date | None) -> str:
    """« du 17 octobre au 23 décembre 2022 », the year said once when it is the same."""
    if start is None or end is None:
        return long_date(start or end)
    first = long_date(start)
    return f"du {first.removesuffix(f' {end.year}')} au {long_date(end)}"


def typography(text: object) -> str:
    """French spaces in running text: narrow no-break before double punctuation and %, inside guillemets."""
    # Control characters are legal in a text column and not in a drawing.
    result = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", str(text))
    result = re.sub(r"(?<=\S)[ \u00a0\u202f]*([!?;])(?=\s|$|[)»\u202f])", NARROW + r"\1", result)
    result = re.sub(r"(?<=\S)[ \u00a0\u202f]+([:!?;%»])", NARROW + r"\1", result)
    result = re.sub(r"«[ \u00a0\u202f]*", "«" + NARROW, result)
    return result.replace("'", "’")


def verdict(code: object) -> Label:
    """A verdict column in words; a verdict unknown here is printed as it is rather than lost."""
    if code is None or str(code).strip() == "":
        return NO_VALUE
    return VERDICTS.get(str(code)) or Label("·", str(code).replace("_", " "), "muet")


def status(code: object) -> Label:
    """A cell status in words."""
    return STATUSES.get(str(code), NO_VALUE) if code else NO_VALUE


def coverage(code: object) -> Label:
    """A coverage status in words."""
    return COVERAGE.get(str(code)) or Label("·", str(code).replace("_", " "), "muet")


def mode(code: object) -> str:
    """A collection mode in words."""
    return MODES.get(str(code), str(code).replace("_", " ").capitalize()) if code else ""


def severity(code: object) -> str:
    """A severity in words."""
    return SEVERITIES.get(str(code), str(code).replace("_", " ").capitalize())


UNITS = {"note_10": "note sur 10", "pourcentage_satisfaits": "% de satisfaits"}


def unit(code: object) -> str:
    """A unit in words."""
    return UNITS.get(str(code), str(code).replace("_", " ")) if code else ""
