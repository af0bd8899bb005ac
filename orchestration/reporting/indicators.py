"""What the report is made of: a line of the newsletter's table, a theme, the first page.

Shapes only: every figure is a `Cell`; `figures` fills them from the published tables.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orchestration.reporting import formats
from orchestration.reporting.cells import Cell, Row
from orchestration.reporting.leading import Leader

ENSEMBLE = {"axe": "ensemble", "segment": "tous"}
SATISFACTION = "satisfaction"
RECOMMENDATION = "recommandation"
INDEX = "indice"
# of what these ask, more is better; of the other natures a share says how many are concerned, neither good nor bad
JUDGED = (SATISFACTION, RECOMMENDATION, INDEX)
# decimals that keep all that is published of a figure, and drop what binary arithmetic adds to it
_EXACT = 12


@dataclass(frozen=True)
class Scope:
    """Which slice of the tables is printed: the waves, the regional perimeter, the printed reference."""

    vagues: tuple[str, ...]
    perimetre: Mapping[str, str]
    reference: str
    # answers, effective ones or degrees of freedom below which no difference is called established
    fragile: int = 0

    @property
    def current(self) -> str:
        """The wave the report is about."""
        return self.vagues[-1]

    @property
    def previous(self) -> str | None:
        """The wave it is compared with."""
        return self.vagues[-2] if len(self.vagues) > 1 else None

    def key(self, question: str, vague: str | None = None, **more: str) -> dict[str, str]:
        """Key of a regional figure, all respondents."""
        return {
            "vague": vague or self.current,
            **self.perimetre,
            **ENSEMBLE,
            "question_code": question,
            **more,
        }


def established(verdict: Cell) -> bool:
    """Whether a verdict says that there is a difference, whichever way."""
    return formats.family(verdict.valeur) in ("hausse", "baisse")


def common(maximums: Iterable[float | None]) -> float | None:
    """The maximum that all notes have; None where they differ, or where there is none."""
    found = {maximum for maximum in maximums if maximum is not None}
    return found.pop() if len(found) == 1 else None


# the decimals that a figure usually has, a rate in percent, and the kinds that have one and two more
DECIMALS = {"note": 1, "taux": 0}
FINER = {"note": "borne", "taux": "taux_fin"}
FINEST = {"note": "note_milliemes", "taux": "taux_centiemes"}
# as many decimals as the published figure has
AS_PUBLISHED = {
    "note": "note_publiee", "taux": "taux_publie", "ecart_note": "ecart_note_publie", "ecart_taux": "ecart_taux_publie",
    "ecart_pourcentage": "ecart_pourcentage_publie",
}  # fmt: skip
SLIGHT = ("hausse légère", "baisse légère")

# the families of verdicts on a change, each with the verdict that names it
COMPARED = {"hausse": "hausse", "stable": "stable", "incertain": "non significatif", "baisse": "baisse"}


def written_as(kind: str, decimals: int | None) -> str:
    """Returns the kind that a note or a rate is written as, with the decimals of its line in the newsletter's table."""
    return FINER[kind] if (decimals or 0) > DECIMALS[kind] else kind


@dataclass(frozen=True)
class Indicator:
    """One line of the newsletter's table.

    `nature` is what its question asks; `kind` is `note` (out of `maximum`) or `taux` (a share, without one).
    """

    code: str
    libelle: str
    formulation: str
    filtered: bool
    nature: str
    kind: str
    values: tuple[Cell, ...]
    low: Cell
    high: Cell
    base: Cell
    evolution: Cell
    verdict: Cell
    organismes: tuple[Cell, ...]
    reference: Cell
    gap: Cell
    gap_verdict: Cell
    reference_is_note: bool
    phrase: str
    maximum: float | None = None
    # the change a year over all comparable waves, three at least, and the verdict on it
    trend: Cell | None = None
    trend_verdict: Cell | None = None
    # the first wave it compares with, where its figure is established to be below; empty otherwise
    still_below: str = ""
    # the verdict on the same change, among the organismes of both waves only
    panel_verdict: Cell | None = None
    # the two waves were not asked by the same agencies
    agency_changed: bool = False
    # its interval is only indicative: a small base, or a few interviews that weigh too much
    fragile: bool = False
    # as the newsletter's table has them, of a rate in percent
    decimals: int | None = None
    # how many more an organisme's line needs than usual, two at most, not to hide what is told of it
    finer: int = 0
    # what is proven of its change, or of its gap to the reference, would be told otherwise under another barème
    sensitive: bool = False
    gap_sensitive: bool = False

    @property
    def anchor(self) -> str:
        """The permanent anchor of the question."""
        return formats.anchor(self.code)

    @property
    def ranked(self) -> bool:
        """Whether it is listed among the best and the worst: only opinions are compared with one another."""
        return self.nature == SATISFACTION

    @property
    def judged(self) -> bool:
        """Whether a rise is good news, so that its verdict has a colour."""
        return self.nature in JUDGED

    @property
    def compared(self) -> bool:
        """Whether its change has a verdict."""
        return formats.family(self.verdict.valeur) in COMPARED

    @property
    def panel_disagrees(self) -> bool:
        """Whether the organismes of both waves, taken alone, have another verdict, be it in its degree only."""
        other = self.panel_verdict.valeur if self.panel_verdict else None
        return self.compared and formats.family(other) in COMPARED and other != self.verdict.valeur

    @property
    def setback(self) -> float:
        """The largest of its differences that are established to be unfavourable, below 0; 0 where none is shown.

        It is a share of the scale: a fall may be in points of a note, and the gap to a reference in percent.
        """
        scale = self.maximum or 1.0
        reference = scale if self.reference_is_note else 100.0
        judged = ((self.verdict, self.evolution, scale), (self.gap_verdict, self.gap, reference))
        worse = [
            cell.valeur / of
            for verdict, cell, of in judged
            if formats.family(verdict.valeur) == "baisse" and cell.shown
        ]
        return min(map(float, worse), default=0.0)

    @property
    def current(self) -> Cell:
        """The figure of the current wave."""
        return self.values[-1]

    @property
    def previous(self) -> Cell | None:
        """The figure of the wave before."""
        return self.values[-2] if len(self.values) > 1 else None

    @property
    def written(self) -> str:
        """The kind that its figures are written as, the same for all waves.

        The newsletter's table says how many decimals a question has. An organisme's line has more where rounding would
        hide its slight change, or write its figure as a quartile that it is not.
        """
        kinds = (written_as(self.kind, self.decimals), FINER[self.kind], FINEST[self.kind])
        return kinds[self.finer]

    @property
    def written_reference(self) -> str:
        """The kind that its reference is written as: a note has the decimals of its line."""
        if not self.reference_is_note:
            return "pourcentage"
        return self.written if self.kind == "note" else "note"

    @property
    def precision(self) -> Cell:
        """Half the confidence interval."""
        known = self.low.shown and self.high.shown
        # Half of what separates two published bounds may end in a five, which is printed away from zero. Their binary
        # difference lies a hair above or below it, and would be printed either way.
        half = round((self.high.valeur - self.low.valeur) / 2, _EXACT) if known else None
        mesure = f"round(({self.high.mesure} - {self.low.mesure}) / 2, {_EXACT})"
        return Cell(self.low.table, self.low.key, mesure, half, self.low.statut)


@dataclass(frozen=True)
class Motives:
    """A question without note or rate: each option's share, largest first; `leading` are those that clearly lead."""

    code: str
    libelle: str
    formulation: str
    filtered: bool
    statut: str
    motif: str
    options: tuple[tuple[str, Cell], ...]
    leading: tuple[Leader, ...]

    @property
    def anchor(self) -> str:
        """The permanent anchor of the question."""
        return formats.anchor(self.code)


@dataclass(frozen=True)
class Score:
    """What recommending is summed up by in one wave: the score, its interval, the share of each group, the base.

    `fragile` says that the interval is only indicative.
    """

    score: Cell
    low: Cell
    high: Cell
    groups: tuple[Cell, ...]
    base: Cell
    fragile: bool


@dataclass(frozen=True)
class Recommendation:
    """A question of recommendation: its score by wave, the oldest first.

    `groups` pairs each group, promoters first, with its answers in words: the first one, then the last.
    """

    item: Indicator
    groups: tuple[tuple[str, tuple[str, str]], ...]
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Count:
    """How many questions of a theme have a verdict of one family, and in `slight` how many of these changes are slight.

    `verdict` names the family.
    """

    verdict: str
    questions: Cell
    slight: Cell | None = None


@dataclass(frozen=True)
class Theme:
    """A theme, its questions in the order of the questionnaire.

    `rates` are opinions, `facts` what happened to people or who they are; `verdicts` counts opinions by css family,
    `slight` those whose change is slight.
    """

    code: str
    numero: int
    libelle: str
    definition: str
    notes: tuple[Indicator, ...]
    rates: tuple[Indicator, ...]
    facts: tuple[Indicator, ...]
    recommendations: tuple[Recommendation, ...]
    motives: tuple[Motives, ...]
    verdicts: Mapping[str, Cell]
    slight: Mapping[str, Cell]

    @property
    def anchor(self) -> str:
        """The permanent anchor of the theme."""
        return f"theme-{formats.slug(self.code)}"

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """All its questions that have a figure."""
        return self.notes + self.rates + self.facts

    @property
    def referenced(self) -> bool:
        """Whether a table of it has a national reference beside a figure."""
        return any(item.reference.shown for item in self.indicators)

    @property
    def reference_drawn(self) -> bool:
        """Whether its drawing has one: in the unit of the figures that are drawn."""
        drawn = self.notes or self.rates
        return any(item.reference.shown and item.reference_is_note == (item.kind == "note") for item in drawn)

    @property
    def maximum(self) -> float | None:
        """The maximum of its notes; None where they differ, or where it has none."""
        return common(item.maximum for item in self.notes)

    def compared(self) -> dict[str, int]:
        """How many of its opinions have a verdict of each family, of those that compare."""
        return {family: count.valeur or 0 for family, count in self.verdicts.items() if family in COMPARED}

    def tally(self) -> list[Count]:
        """How many questions have a published verdict of each family.

        New questions are left out where there are none; the other families are always told, so that they add up.
        """
        told = (
            [Count(code, self.verdicts[family], self.slight.get(family)) for family, code in COMPARED.items()]
            if self.verdicts
            else []
        )
        new = self.verdicts.get("nouveau")
        return [*told, Count("nouveau", new)] if new is not None and new.valeur else told


@dataclass(frozen=True)
class Glance:
    """The first page: the global question, what progresses, what calls for attention, the lowest notes."""

    overall: Indicator | None
    overall_rate: Cell | None
    overall_rate_low: Cell | None
    overall_rate_high: Cell | None
    distribution: list[tuple[Row, Cell]]
    progress: list[Indicator]
    vigilance: list[Indicator]
    lowest: list[Indicator]
    highest: list[Indicator]
    maximum: float | None
