"""What every page needs: templates in a language, how a figure is written, the script, a write in one move."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2

from orchestration.programme.config import ProgrammeConfig
from orchestration.reporting import formats
from orchestration.reporting.fonts import font_faces
from orchestration.reporting.formats import NARROW, Formats, Label, address_shown

TEMPLATES = Path(__file__).parent / "templates"
# the rules that a drawing needs, wherever it stands
DRAWN = "dessin.css"
# the thresholds a reader is told of, and how each is written
THRESHOLDS = {
    "confiance": "percent",
    "alpha": "percent",
    "materialite_note": "note",
    "materialite_taux": "points",
    "base_minimale": "integer",
    "base_fragile": "integer",
    "organismes_minimum": "integer",
    "dominance_maximum": "percent",
    "couverture_minimum": "percent",
}
# the verdicts that compare with something else than another wave
ON_REFERENCES = ("au-dessus", "légèrement au-dessus", "au niveau", "légèrement en dessous", "en dessous")
# those that mask a figure because it would tell an organisme's
OF_ORGANISMES = ("organismes_minimum", "dominance_maximum")
# how a figure of each kind is written; of any other kind, it is a count
WRITTEN: dict[str, Callable[[Formats, Any], str]] = {
    "note": lambda f, value: f.decimal(value),
    "ecart_note": lambda f, value: f.decimal(value, 2, signed=True),
    "precision": lambda f, value: "±" + NARROW + f.decimal(value, 2),
    "precision_taux": lambda f, value: f"±{NARROW}{f.points(value).removeprefix('+')}",
    "borne": lambda f, value: f.decimal(value, 2),
    "taux": lambda f, value: f.percent(value),
    "taux_fin": lambda f, value: f.percent(value, 1),
    "note_milliemes": lambda f, value: f.decimal(value, 3),
    "taux_centiemes": lambda f, value: f.percent(value, 2),
    "note_publiee": lambda f, value: f.decimal(value, formats.decimals_of(value, 1, 2)),
    "taux_publie": lambda f, value: f.percent(value, formats.decimals_of(formats.exactly(value) * 100, 0, 1)),
    "ecart_note_publie": lambda f, value: f.decimal(value, formats.decimals_of(value, 1, 2), signed=True),
    "ecart_taux_publie": lambda f, value: f.points(value, formats.decimals_of(formats.exactly(value) * 100, 0, 1)),
    "pourcentage": lambda f, value: f.decimal(value, formats.decimals_of(value, 0, 1)) + f.percent_sign,
    "ecart_pourcentage": lambda f, value: f.points(formats.exactly(value) / 100),
    "ecart_pourcentage_publie": lambda f, value: f.points(
        formats.exactly(value) / 100, formats.decimals_of(value, 0, 1)
    ),
    "ecart_taux": lambda f, value: f.points(value),
    "nps": lambda f, value: f.decimal(value, 1, signed=True),
    "verdict": lambda f, value: f.verdict(value).word,
    "lecture": lambda f, value: f.reading(value).word,
}


def templates(folder: Path) -> jinja2.Environment:
    """The templates of a folder: every value escaped, undefined names refused."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def environment(f: Formats) -> jinja2.Environment:
    """The report's templates, with the language's formats as filters."""
    env = templates(TEMPLATES)
    filters: dict[str, Any] = {
        "fr": f.typography,
        "date_longue": f.long_date,
        "adresse": address_shown,
        "exact": formats.exact,
        "md": lambda text: formats.markdown(f.typography(text)),
    }
    env.filters |= filters
    env.globals |= {
        "langue": f.language,
        "t": f.t,
        "mot_de": f.word,
        "verdict": f.verdict,
        "lecture_de": f.reading,
        "statut": f.status,
        "statuts": f.statuses,
        "verdicts": f.verdicts,
        "etat": f.coverage,
        "periode": f.period,
        "decimale": f.texts["nombres"]["decimale"],
        "ecrit": lambda cell, kind: written(f, cell.valeur, kind),
        "lien": _link,
        "poids": lambda size: weight(f, size),
        "sur": f.out_of,
    }
    return env


def styles() -> str:
    """The rules of every page: its fonts, the house's rules, then those of its drawings."""
    return font_faces() + "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", DRAWN))


def written(f: Formats, value: Any, kind: str) -> str:
    """A figure as it is printed, by kind; the page says the kind of each (`data-genre`)."""
    return WRITTEN.get(kind, Formats.integer)(f, value)


def thresholds(f: Formats, programme: ProgrammeConfig, scored: bool) -> list[tuple[str, str]]:
    """The thresholds of a programme in words: what each is, and its value; those that protect organismes, if it does.

    Args:
        f: the language.
        programme: what programme.yaml says.
        scored: some questions have a note.
    """
    values, public = programme.seuils, not programme.secret.organismes_secrets
    ways: dict[str, Callable[[Any], str]] = {
        "percent": f.percent,
        "points": lambda value: f.word("phrases", "points").format(n=f.decimal(float(value) * 100, 1)),
        "note": lambda value: f.word("phrases", "point").format(n=f.decimal(value, 2)),
        "integer": f.integer,
    }
    return [
        (f.plain(f"seuil_{name}"), ways[kind](getattr(values, name)))
        for name, kind in THRESHOLDS.items()
        if not (public and name in OF_ORGANISMES) and (scored or name != "materialite_note")
    ]


def statuses(f: Formats, programme: ProgrammeConfig) -> dict[str, Label]:
    """The statuses of a cell without a figure; none that protects what the programme does not protect."""
    found = {code: label for code, label in f.statuses.items() if code != "V"}
    if not programme.secret.secondary:
        del found["D"]
    if not programme.secret.organismes_secrets:
        found["S"] = replace(found["S"], reason=f.plain("base_trop_faible"))
    return found


def verdicts(f: Formats, referenced: bool) -> dict[str, Label]:
    """The verdicts in words; those on a reference only where there is one."""
    return {code: label for code, label in f.verdicts.items() if referenced or code not in ON_REFERENCES}


def weight(f: Formats, size: int) -> str:
    """The size of a file to take away."""
    if size >= 1_000_000:
        return f.plain("octets_m", n=f.decimal(size / 1_000_000))
    return f.plain("octets_k", n=f.integer(max(1, round(size / 1000))))


def script(*names: str) -> tuple[str, str]:
    """A page's script, of these files, and its hash as a content security policy wants it: no other script runs."""
    code = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)
    return code, "sha256-" + base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()


def _link(address: object) -> str:
    """An address to follow, or nothing: only the web, never a script."""
    text = str(address or "")
    return text if text.startswith(("https://", "http://")) else ""
