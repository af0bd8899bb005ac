"""What the reader sees first: the overall figure, the strongest rises, what calls for attention, the lowest figures."""

from collections.abc import Iterable

from orchestration.reporting.cells import Cell
from orchestration.reporting.figures import Figures
from orchestration.reporting.formats import family
from orchestration.reporting.indicators import Glance, Theme, common

HIGHLIGHTS = 5


def glance(figures: Figures, themes: Iterable[Theme]) -> Glance:
    """What the reader sees first, chosen by the published verdicts only; nothing but satisfaction is ranked."""
    themes = list(themes)
    ranked = [item for theme in themes for item in theme.indicators if item.ranked]
    notes = [item for item in ranked if item.kind == "note"] or ranked
    global_code = next(
        (str(r["question_code"]) for r in figures.edition.rows("dim_question") if r.get("est_globale")), None
    )
    overall = next((item for item in notes if item.code == global_code), notes[0] if notes else None)
    shown = [item for item in notes if item.current.shown]
    progress = [item for item in shown if family(item.verdict.valeur) == "hausse" and item.evolution.shown]
    vigilance = [item for item in shown if "baisse" in (family(item.verdict.valeur), family(item.gap_verdict.valeur))]

    strongest = sorted(progress, key=lambda item: -float(item.evolution.valeur))[:HIGHLIGHTS]

    def rate(column: str) -> Cell | None:
        return figures.measured(overall.code)(column) if overall else None

    return Glance(
        overall=overall,
        overall_rate=rate("taux_imprime"),
        overall_rate_low=rate("taux_imprime_ic_bas"),
        overall_rate_high=rate("taux_imprime_ic_haut"),
        distribution=figures.distribution(overall.code) if overall else [],
        progress=strongest,
        vigilance=sorted(vigilance, key=lambda item: item.setback)[:HIGHLIGHTS],
        lowest=sorted(shown, key=lambda item: float(item.current.valeur))[:HIGHLIGHTS],
        highest=sorted(shown, key=lambda item: -float(item.current.valeur))[:HIGHLIGHTS],
        maximum=common(item.maximum for theme in themes for item in theme.notes),
    )
