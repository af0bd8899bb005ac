"""An organisme beside the others: its figure, the region's, the test against the rest of the region, the quartiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from orchestration.programme.config import ProgrammeConfig
from orchestration.reporting import study
from orchestration.reporting.cells import Cell, Edition, Row
from orchestration.reporting.figures import Figures, reader
from orchestration.reporting.formats import family
from orchestration.reporting.indicators import COMPARED, Indicator, Scope, Theme
from orchestration.reporting.readings import EVERYONE, quartile_of

REST = "reste_region"


@dataclass(frozen=True)
class Place:
    """Where a figure stands among those of the organismes, none of them named."""

    first: Cell
    median: Cell
    third: Cell
    quarter: Cell


@dataclass(frozen=True)
class Standing:
    """One question: the organisme's own line, the region's, the gap to the rest of the region, the place."""

    item: Indicator
    regional: Indicator
    gap: Cell
    verdict: Cell
    place: Place

    @property
    def region(self) -> Cell:
        """The region's figure."""
        return self.regional.current


@dataclass(frozen=True)
class Chapter:
    """A theme: the organisme's questions, its motives beside nothing."""

    theme: Theme
    lines: tuple[Standing, ...]

    def changes(self) -> dict[str, int]:
        """How many of its opinions have a verdict of each family on their change, of those that compare."""
        return _counted(line.item.verdict for line in self.lines if line.item.ranked)

    def gaps(self) -> dict[str, int]:
        """How many of its opinions have a verdict of each family beside the others, of those that compare."""
        return _counted(line.verdict for line in self.lines if line.item.ranked)


def _counted(verdicts: Iterable[Cell]) -> dict[str, int]:
    found = Counter(family(verdict.valeur) for verdict in verdicts)
    return {name: found[name] for name in COMPARED}


def own_scope(edition: Edition, programme: ProgrammeConfig, code: str) -> Scope:
    """The slice of an organisme's file that is its own.

    Args:
        edition: the organisme's file.
        programme: what programme.yaml says.
        code: the organisme.
    """
    return replace(study.scope(edition, programme), perimetre={"perimetre_type": "organisme", "perimetre": code})


def chapters(figures: Figures, region: Figures) -> list[Chapter]:
    """The themes, each question of them with its standing.

    Args:
        figures: the organisme's own.
        region: the region's, of the same file.
    """
    edition, own = figures.edition, figures.scope
    regional = {item.code: item for theme in region.themes() for item in theme.indicators}
    gaps = {
        str(row["question_code"]): row
        for row in edition.rows("fct_comparaison", vague=own.current, comparaison=REST, axe="ensemble", **own.perimetre)
    }
    places = {
        (str(row["question_code"]), str(row["mesure"])): row
        for row in edition.rows("fct_quartile", vague=own.current, groupe_type=EVERYONE, **own.perimetre)
    }
    return [
        Chapter(
            theme,
            tuple(
                _standing(own, item, regional[item.code], gaps.get(item.code), places.get((item.code, item.kind)))
                for item in theme.indicators
            ),
        )
        for theme in figures.themes()
    ]


def _standing(own: Scope, item: Indicator, region: Indicator, gap: Row | None, place: Row | None) -> Standing:
    against = {**own.key(item.code), "comparaison": REST}
    quartile = quartile_of(own, item.code, item.kind, place)
    beside = reader("fct_comparaison", against, gap)
    return Standing(
        item=item,
        regional=region,
        gap=beside(f"ecart_{item.kind}"),
        verdict=beside("verdict"),
        place=Place(
            first=quartile("quartile_1"),
            median=quartile("mediane"),
            third=quartile("quartile_3"),
            quarter=quartile("quart"),
        ),
    )


def failings(edition: Edition, own: Scope) -> list[Row]:
    """What the controls found in the organisme's deliveries of the current wave, the gravest first."""
    order = {"bloquante": 0, "exclusion": 1, "rejet": 2, "avertissement": 3}
    rows = [row for row in edition.rows("obs_qualite", vague=own.current) if not row["tenue"]]
    return sorted(rows, key=lambda row: (order.get(str(row["gravite"]), 9), -(row["nb_lignes"] or 0), row["regle"]))
