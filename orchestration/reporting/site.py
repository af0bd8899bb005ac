"""The regional report as one page: `build_report` reads a published edition and writes `index.html`.

The page is static and self-contained: inline style, inline drawings, no script, nothing fetched.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from orchestration.reporting import charts, formats, study
from orchestration.reporting.cells import Cell, Edition
from orchestration.reporting.figures import Figures, glance
from orchestration.reporting.indicators import Glance, Scope, Theme

THRESHOLDS = {
    "confiance": ("Niveau de confiance des intervalles", "percent"),
    "alpha": ("Risque d'erreur accepté par les tests", "percent"),
    "materialite_note": ("Écart de note en deçà duquel une évolution n'est pas commentée", "note"),
    "materialite_taux": ("Écart de taux en deçà duquel une évolution n'est pas commentée", "points"),
    "base_minimale": ("Réponses en deçà desquelles un résultat est masqué", "integer"),
    "base_fragile": ("Réponses en deçà desquelles aucun verdict n'est donné", "integer"),
    "organismes_minimum": ("Organismes en deçà desquels un résultat est masqué", "integer"),
    "dominance_maximum": ("Poids d'un organisme au-delà duquel un résultat est masqué", "percent"),
    "couverture_minimum": ("Part du parc attendu en deçà de laquelle rien n'est publié", "percent"),
}


@dataclass(frozen=True)
class ReportSummary:
    """What was written, for logs and metadata."""

    page: Path
    edition: str
    vague: str
    themes: int
    questions: int
    masked: int
    size: int


def build_report(
    database: Path, programme: dict[str, Any], out: Path, checks: list[dict[str, Any]] | None = None
) -> ReportSummary:
    """Write `out/index.html` from a published edition; the page that stands there is replaced in one move.

    Args:
        database: the edition's DuckDB file.
        programme: programme.yaml as a mapping.
        out: folder of the page.
        checks: the plausibility checks of the edition, documented in `out/controles`; None where they are not.
    """
    with Edition(database) as edition:
        frame = study.scope(edition, programme)
        figures = Figures(edition, frame)
        themes = figures.themes()
        first = glance(figures, themes)
        axes = study.axes(edition, frame, first.overall)
        sources = study.sources(edition, frame)
        meta = study.last_edition(edition)
        context = {
            "programme": dict.fromkeys(("nom", "region", "editeur", "demonstration")) | programme,
            "rapport": dict.fromkeys(("titre", "sous_titre", "avertissement")) | (programme.get("rapport") or {}),
            "edition": meta,
            "cadre": frame,
            "profil": study.profile(edition, frame),
            "couverture": study.coverage(edition, frame),
            "themes": themes,
            "essentiel": first,
            "axes": axes,
            "qualite": study.quality(edition),
            "controles": checks is not None,
            "alertes": [check for check in checks or [] if not check["tenue"]],
            "sources": sources,
            "reference_titre": next((row["libelle_source"] for row in sources if row["imprimee"]), None) or "",
            "comparaisons": study.comparisons(edition, frame),
            "seuils": _thresholds(programme.get("seuils", {})),
        }
    context |= _drawings(frame, themes, first, axes)
    page = out / "index.html"
    html = environment().get_template("page.html.j2").render(context)
    _write(page, html)
    return ReportSummary(
        page=page,
        edition=str(meta.get("edition", "")),
        vague=frame.current,
        themes=len(themes),
        questions=sum(len(theme.notes) + len(theme.rates) + len(theme.motives) for theme in themes),
        masked=sum(item.current.statut in ("S", "D") for theme in themes for item in theme.notes + theme.rates),
        size=len(html.encode()),
    )


def environment() -> jinja2.Environment:
    """Templates with every value escaped, undefined names refused, and the French formats as filters."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "fr": formats.typography,
        "slug": formats.slug,
        "date_longue": formats.long_date,
        "exact": formats.exact,
        "exact_fr": formats.exact_french,
        "mode": formats.mode,
        "gravite": formats.severity,
        "unite": formats.unit,
    }
    env.globals |= {
        "verdict": formats.verdict,
        "statut": formats.status,
        "statuts": formats.STATUSES,
        "verdicts": formats.VERDICTS,
        "etat": formats.coverage,
        "periode": formats.period,
        "ecrit": _written,
        "lien": _link,
        "sans_objet": formats.NO_VALUE,
    }
    return env


def _written(cell: Cell, kind: str) -> str:
    value = cell.valeur
    if kind == "note":
        return formats.decimal(value)
    if kind == "ecart_note":
        return formats.decimal(value, 2, signed=True)
    if kind == "precision":
        return "±" + formats.NARROW + formats.decimal(value, 2)
    if kind == "borne":
        return formats.decimal(value, 2)
    if kind == "taux":
        return formats.percent(value)
    if kind == "taux_fin":
        return formats.percent(value, 1)
    if kind == "pourcentage":
        return formats.decimal(value, 1).removesuffix(",0") + formats.NARROW + "%"
    if kind == "ecart_pourcentage":
        return formats.decimal(value, 1, signed=True) + formats.NO_BREAK + "pt"
    if kind == "ecart_taux":
        return formats.points(value)
    return formats.integer(value)


def _link(address: object) -> str:
    """An address to follow, or nothing: only the web, never a script."""
    text = str(address or "")
    return text if text.startswith(("https://", "http://")) else ""


def _thresholds(seuils: Mapping[str, Any]) -> list[tuple[str, str]]:
    lines = []
    for name, (label, kind) in THRESHOLDS.items():
        if name not in seuils:
            continue
        value = seuils[name]
        written = {
            "percent": lambda value=value: formats.percent(value),
            "points": lambda value=value: formats.decimal(float(value) * 100, 1) + formats.NO_BREAK + "points",
            "note": lambda value=value: formats.decimal(value, 2) + formats.NO_BREAK + "point",
            "integer": lambda value=value: formats.integer(value),
        }[kind]()
        lines.append((label, written))
    return lines


def _drawings(frame: Scope, themes: list[Theme], first: Glance, axes: list[study.Axis]) -> dict[str, Any]:
    """The drawings by theme, on one scale, and the one of segments on the same."""
    by_theme = {theme.code: charts.indicator_marks(theme.notes) for theme in themes}
    scale = charts.domain([mark for marks in by_theme.values() for mark in marks])
    drawings = {
        theme.code: Markup(
            charts.drawing(
                by_theme[theme.code],
                scale,
                f"dessin-{theme.anchor}",
                f"{theme.libelle} : notes sur 10 par question",
                charts.describe(by_theme[theme.code], frame.current, frame.previous, "référence nationale"),
            )
        )
        for theme in themes
        if theme.notes
    }
    segments = Markup("")
    if first.overall and axes:
        marks = charts.axis_marks(axes, first.overall.current)
        segments = Markup(
            charts.drawing(
                marks,
                charts.domain(marks),
                "dessin-segments",
                f"{first.overall.libelle} selon le profil des locataires",
                charts.describe(marks, frame.current, None, "ensemble des locataires"),
            )
        )
    return {"dessins": drawings, "dessin_segments": segments}


def _write(page: Path, html: str) -> None:
    page.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=page.parent, prefix=".index-", suffix=".html")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(html)
        # mkstemp is private to its owner, a report is not.
        Path(name).chmod(0o644)
        Path(name).replace(page)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
