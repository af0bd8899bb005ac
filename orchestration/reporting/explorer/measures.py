"""What a question may be read by: its note, its rate, its score of recommendation, the share of each answer.

A measure says the columns that hold it and how the page writes them: of all respondents of the region as its line of
the newsletter's table, elsewhere as finely as it is published.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

from orchestration.reporting.figures import Figures
from orchestration.reporting.formats import Formats
from orchestration.reporting.indicators import AS_PUBLISHED, Indicator, Motives, written_as
from orchestration.reporting.marks import RATE, note_unit

SATISFACTION, SHARES, SEVERAL, SCORES = "fct_satisfaction", "fct_distribution", "fct_motif", "fct_score"
# the measure that stands for the shares of all answers, one line each
ANSWERS = "reponses"
# steps of an axis: at most so many lines of a grid
LINES = 20


@dataclass(frozen=True)
class Measure:
    """A measure of a question.

    Attributes:
        code: what names it in an address.
        nom: its name in words.
        table: the published table that has it.
        column: its column; its bounds are beside it.
        bounds: the columns of its interval.
        base: the column of its base.
        whole: the kinds that the figure and its bounds are written as, for all respondents of the region.
        fine: the same elsewhere.
        ends: the least and the most that it may be, in the unit of its axis.
        step: how far apart the lines of the grid are.
        factor: from the published value to the unit of the axis.
        change: the column of its change, the kinds it is written as (for all respondents of the region, elsewhere),
            and what the verdict beside it must be about.
        reference: whether a reference in notes, or else in percent, is beside it; None where none can be.
        option: the answer whose share it is.
    """

    code: str
    nom: str
    table: str
    column: str
    bounds: tuple[str, str]
    whole: tuple[str, str]
    fine: tuple[str, str]
    ends: tuple[float, float]
    step: int
    factor: int = 1
    base: str = "base_brute"
    change: tuple[str, tuple[str, str], str] | None = None
    reference: bool | None = None
    option: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its table that hold it."""
        changes = ("vague_precedente", "ecart", "verdict") if self.table == SCORES else ()
        return (self.base, self.column, *self.bounds, *changes)

    def described(self, f: Formats) -> dict[str, Any]:
        """What the page must know of it: its name, its place on an axis, the lines of the grid and their texts."""
        low, high = ceil(self.ends[0]), floor(self.ends[1])
        return {
            "code": self.code,
            "nom": self.nom,
            "facteur": self.factor,
            "graduations": [(place, f.integer(place)) for place in range(low, high + 1, self.step)],
            "reponse": bool(self.option),
        }


@dataclass(frozen=True)
class Asked:
    """A question, or a score that others publish, with its measures, the first of which is shown first.

    Attributes:
        code: what names it in the edition.
        libelle: its name.
        formulation: how it is asked, or what a score is made of.
        measures: its measures.
        judged: whether a rise is good news.
        answers: whether the shares of its answers stand for themselves: there is no note and no rate.
        score: it is a score, whose code may be a question's too.
    """

    code: str
    libelle: str
    formulation: str
    measures: tuple[Measure, ...]
    judged: bool = True
    answers: bool = False
    score: bool = False

    @property
    def address(self) -> str:
        """What names it in an address and in a file's name."""
        return f"score.{self.code}" if self.score else self.code


def of_indicator(f: Formats, figures: Figures, item: Indicator, scored: bool) -> Asked:
    """A line of the newsletter's table: its note or rate first.

    Args:
        f: the language.
        figures: the options of the question.
        item: the line.
        scored: it has a score of recommendation.
    """
    found = [_note(f, item)] if item.kind == "note" else []
    # of a recommendation the share is that of promoters, and the page does not print it as a rate
    if item.kind == "taux" or item.ranked:
        found.append(_rate(f, item))
    if scored:
        found.append(_score_of_recommendation(f))
    return Asked(
        item.code, item.libelle, item.formulation, (*found, *_shares(f, figures, item.code, SHARES)), item.judged
    )


def of_motives(f: Formats, figures: Figures, item: Motives) -> Asked:
    """A question without note or rate: the shares of its answers."""
    table = SEVERAL if item.code in figures.motives else SHARES
    return Asked(item.code, item.libelle, item.formulation, _shares(f, figures, item.code, table), False, True)


def of_score(f: Formats, row: Any) -> Asked:
    """A score that others publish."""
    ends = float(row.get("minimum") or 0), float(row.get("maximum") or 100)
    kinds = ("note", "note")
    measure = Measure(
        "valeur", f"{f.plain('score')} ({f.typography(row['unite'])})", SCORES, "valeur", ("ic_bas", "ic_haut"),
        kinds, kinds, ends, _step(*ends), base="base", change=("ecart", ("ecart_note",) * 2, ""),
    )  # fmt: skip
    return Asked(
        str(row["score_code"]), str(row["libelle"]), str(row.get("definition") or ""), (measure,), False, score=True
    )


def _note(f: Formats, item: Indicator) -> Measure:
    unit, column = note_unit([item.maximum]), "note_imprimee"
    return Measure(
        "note", f.plain("note_sur", sur=f.out_of(item.maximum)), SATISFACTION, column, _bounds(column),
        (written_as("note", item.decimals), "borne"), (AS_PUBLISHED["note"],) * 2, (0, unit.top), unit.step,
        change=_change("note"), reference=True,
    )  # fmt: skip


def _rate(f: Formats, item: Indicator) -> Measure:
    column = "taux_imprime"
    decimals = item.decimals if item.kind == "taux" else None
    return Measure(
        "taux", f.plain("reponses_positives") if item.judged else f.plain("concernes"), SATISFACTION, column,
        _bounds(column), (written_as("taux", decimals), "taux_fin"), (AS_PUBLISHED["taux"],) * 2,
        (0, RATE.top), RATE.step, 100, change=_change("taux"), reference=False,
    )  # fmt: skip


def _score_of_recommendation(f: Formats) -> Measure:
    kinds = ("nps", "nps")
    name = f.plain("score_recommandation")
    return Measure("nps", name, SATISFACTION, "nps", _bounds("nps"), kinds, kinds, (-100, 100), 20)


def _shares(f: Formats, figures: Figures, question: str, table: str) -> tuple[Measure, ...]:
    return tuple(
        Measure(
            f"{ANSWERS}.{option['modalite_code']}", f.typography(option["libelle"]), table, "part",
            _bounds("part"), ("taux", "taux_fin"), (AS_PUBLISHED["taux"],) * 2, (0, RATE.top), RATE.step, 100,
            option=str(option["modalite_code"]),
        )
        for option in figures.options.get(question, [])
        if option.get("statut_reponse") == "exprime"
    )  # fmt: skip


def _bounds(column: str) -> tuple[str, str]:
    return f"{column}_ic_bas", f"{column}_ic_haut"


def _change(about: str) -> tuple[str, tuple[str, str], str]:
    """The change of a note or a rate: for all respondents as the report's tables write it, elsewhere as published."""
    column = f"ecart_{about}"
    return column, (column, AS_PUBLISHED[column]), about


def _step(low: float, high: float) -> int:
    """How far apart the lines of a grid are, a power of ten, so that there are not too many."""
    return int(10 ** max(0, ceil(log10(max(high - low, 1.0) / LINES))))
