"""The regional report: `build_report` reads a published edition and writes `index.html` and what lies beside it.

`donnees/` is what a reader takes away, `dictionnaire.html` what the tables mean, `qualite.html` what figures are worth.

The page is static and self-contained: inline style, drawings and one short script, nothing fetched. Everything it says
is in the page before the script runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from orchestration.files import write_text
from orchestration.programme.config import ProgrammeConfig
from orchestration.reporting import charts, marks, notices, study
from orchestration.reporting.between import Listening, listened
from orchestration.reporting.between_chart import line_drawing
from orchestration.reporting.cells import Edition
from orchestration.reporting.commitments import beside, commitments, places
from orchestration.reporting.dictionary import write_dictionary
from orchestration.reporting.directory import directory
from orchestration.reporting.downloads import write_downloads
from orchestration.reporting.explorer.page import synonyms_of, write_explorer
from orchestration.reporting.figures import Figures
from orchestration.reporting.formats import Formats
from orchestration.reporting.highlights import glance
from orchestration.reporting.identity import named_picture, picture, style
from orchestration.reporting.indicators import Glance, Scope, Theme
from orchestration.reporting.pages import environment, script, statuses, styles, thresholds, verdicts
from orchestration.reporting.priority_chart import priority_drawing
from orchestration.reporting.quality import write_quality
from orchestration.reporting.readings import Readings, comparable_profiles, perimeters, priorities
from orchestration.reporting.schemes import schemes
from orchestration.reporting.scores import WRITTEN, published_scores
from orchestration.reporting.tiles import tile_map


@dataclass(frozen=True)
class ReportSummary:
    """What was written, for logs and metadata; `size` is the page's, in bytes; `preview` its figures, in Markdown."""

    page: Path
    edition: str
    vague: str
    themes: int
    questions: int
    masked: int
    size: int
    preview: str


def build_report(
    database: Path,
    programme: ProgrammeConfig,
    out: Path,
    checks: list[dict[str, Any]] | None = None,
    root: Path | None = None,
    letter: str | None = None,
) -> ReportSummary:
    """Write `out/index.html` from a published edition; the page that stands there is replaced in one move.

    Args:
        database: the edition's DuckDB file.
        programme: what programme.yaml says.
        out: folder of the page.
        checks: the plausibility checks of the edition, documented in `out/controles`; None where they are not.
        root: the programme's folder, for its logo, its texts and its directory; None for a report without them.
        letter: the letter's file name beside the page; None where none is printed.
    """
    f = Formats.of_programme(programme)
    with Edition(database) as edition:
        frame = study.scope(edition, programme)
        figures = Figures(edition, frame)
        themes = [] if study.without_interviews(edition, frame) else figures.themes()
        context = _context(edition, figures, themes, programme, f)
        printed = places(themes, schemes=context["demarches"] is not None)
        context["a_cote"] = beside(printed, commitments(edition, frame, themes), root)
        meta = context["edition"]
        synonyms = synonyms_of(root, programme)
        context["mots_cles"] = synonyms
        context["explorateur"] = write_explorer(figures, themes, programme, f, synonyms, out).name
        context["rapport_qualite"] = write_quality(edition, frame, programme, f, letter, out).name
    identity = programme.rapport
    code, digest = script("recherche.js", "page.js")
    context |= {
        "controles": checks is not None,
        "alertes": [check for check in checks or [] if not check["tenue"]],
        "telechargements": write_downloads(database, f, programme, frame.current, out),
        "dictionnaire": write_dictionary(database, programme, f, out).name,
        "styles": Markup(styles() + style(identity.couleurs)),
        "lettre": letter,
        "annuaire": directory(root, programme),
        "logo": named_picture(root, identity.logo),
        "portrait": named_picture(root, identity.portrait),
        "formats": f,
        "image": picture,
        "script": Markup(code),
        "empreinte_script": digest,
    }
    page = out / "index.html"
    templates = environment(f)
    html = templates.get_template("page.html.j2").render(context)
    write_text(html, page)
    return ReportSummary(
        page=page,
        edition=str(meta.get("edition", "")),
        vague=frame.current,
        themes=len(themes),
        questions=sum(len(theme.indicators) + len(theme.motives) for theme in themes),
        masked=sum(item.current.statut in ("S", "D") for theme in themes for item in theme.indicators),
        size=len(html.encode()),
        preview=templates.get_template("apercu.md.j2").render(context),
    )


def _context(
    edition: Edition, figures: Figures, themes: list[Theme], programme: ProgrammeConfig, f: Formats
) -> dict[str, Any]:
    """What the templates say, all of it read from the edition."""
    frame = figures.scope
    first = glance(figures, themes)
    axes = study.axes(edition, frame, first.overall)
    sources = study.sources(edition, frame)
    readings = Readings(figures)
    weights = priorities(edition, frame, themes)
    report = programme.rapport
    source = study.printed_source(f, edition, frame, programme.estimation.reference_base_supposee)
    others, scored = study.comparisons(edition, frame), any(theme.notes for theme in themes)
    between = listened(edition, frame)
    return {
        "programme": programme,
        "rapport": report,
        "edition": study.last_edition(edition),
        "cadre": frame,
        "profil": study.profile(edition, frame),
        "sans_entretiens": study.without_interviews(edition, frame),
        "couverture": study.coverage(edition, frame),
        "themes": themes,
        "dits": {theme.code: notices.said(f, theme.compared(), frame.previous) for theme in themes},
        "instituts": {theme.code: notices.agencies(f, theme.indicators, frame) for theme in themes},
        "instituts_partout": notices.agencies(f, [item for theme in themes for item in theme.indicators], frame),
        "essentiel": first,
        "ton_du_groupe": notices.GROUP_TONES.get,
        "tons_globaux": notices.tones([option for option, _ in first.distribution]),
        "repartitions": {theme.code: notices.answers(figures, theme) for theme in themes},
        "secondes": {theme.code: readings.of(theme) for theme in themes},
        "priorites": weights,
        "demarches": schemes(edition, frame, themes),
        "entre_vagues": between,
        "dessins_entre_vagues": _between_drawings(f, between),
        "scores": published_scores(edition, frame),
        "ecriture_des_scores": WRITTEN,
        "dessin_priorites": Markup(priority_drawing(f, weights, first.maximum)),
        "axes": axes,
        "carte": tile_map(axes, report.carte),
        "comparables": comparable_profiles(edition, frame, first.overall, perimeters(edition)),
        "non_comparees": notices.not_compared(themes) if frame.previous else [],
        "disparues": notices.no_longer_asked(edition, frame),
        "publiees": notices.published(edition, frame),
        "avec_notes": scored,
        "sources": sources,
        "reference_titre": source,
        "comparaisons": others,
        "tirage": study.sampling(edition, frame, programme, f),
        "protegees": programme.secret.secondary,
        "compositions": study.compositions(edition, frame),
        "parts_arrondies": notices.shares_note(f, programme.estimation.estimateur_imprime),
        "seuils": thresholds(f, programme, scored),
        "lexique_verdicts": verdicts(f, bool(source or others)),
        "lexique_statuts": statuses(f, programme),
        "organismes_publics": not programme.secret.organismes_secrets,
        "glossaire": [
            *([term, said.format(sur=f.out_of(first.maximum))] for term, said in f.texts["glossaire"]),
            *([entry.terme, entry.explication] for entry in programme.rapport.glossaire),
        ],
    } | _drawings(f, frame, themes, first, axes)


def _between_drawings(f: Formats, between: list[Listening]) -> dict[str, Markup]:
    """The drawings of what is heard between two waves, by dispositif and question."""
    lines = [(f"{one.row['dispositif_code']} {line.code}", line) for one in between for line in one.lines]
    return {
        name: Markup(line_drawing(f, line, f"dessin-entre-{rank}")) for rank, (name, line) in enumerate(lines, start=1)
    }


def _drawings(f: Formats, frame: Scope, themes: list[Theme], first: Glance, axes: list[study.Axis]) -> dict[str, Any]:
    """The drawings by theme, on one scale, and the one of segments on its own."""
    drawings = {
        d.theme.code: Markup(charts.drawing(f, d.marks, d.scale, f"dessin-{d.theme.anchor}", d.title, d.words))
        for d in marks.theme_drawings(f, themes, frame)
    }
    segments = Markup("")
    if first.overall and axes:
        unit = marks.unit_of(first.overall)
        drawn = marks.axis_marks(f, axes, first.overall.current, unit)
        said = marks.describe(f, drawn, frame.current, None, f.plain("ensemble_repondants"))
        title = f.plain("titre_dessin_profils", question=first.overall.libelle)
        segments = Markup(charts.drawing(f, drawn, marks.domain(drawn, unit), "dessin-segments", title, said))
    return {"dessins": drawings, "dessin_segments": segments}
