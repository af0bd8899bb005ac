"""What is printed beside a theme: the commitments of the edition, and the stories of the programme.

A commitment is told with what its questions did since the last wave before it, as `fct_evolution` has it: nothing is
computed, and nothing is told as its effect.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.programme.stories import CONTEXT, PUBLISHER, SCHEMES, Story, stories
from orchestration.reporting.cells import Cell, Edition, Row
from orchestration.reporting.figures import PRINTED_METHOD, reader
from orchestration.reporting.formats import Formats, anchor, slug
from orchestration.reporting.indicators import Indicator, Scope, Theme

TABLE, BRIDGE = "dim_engagement", "pont_engagement_question"
# neither overdue nor without proof
UP_TO_DATE = "a_jour"


@dataclass(frozen=True)
class Change:
    """What one question did since a commitment began: its difference and the verdict on it, and how it is written."""

    libelle: str
    anchor: str
    evolution: Cell
    verdict: Cell
    written: str
    judged: bool


@dataclass(frozen=True)
class Commitment:
    """A commitment; a column of `dim_engagement` is an item of it.

    Attributes:
        row: the line of the table.
        since: the wave that its questions are compared with; empty where there is none before it.
        changes: its questions, where they are compared.
        asked: whether it names questions.
        ahead: it begins after the fieldwork of the printed wave did, which measured nothing of it.
    """

    row: Row
    since: str
    changes: tuple[Change, ...]
    asked: bool
    ahead: bool

    @property
    def anchor(self) -> str:
        """Its permanent anchor."""
        return f"engagement-{slug(self.row['engagement_code'])}"

    def when(self, f: Formats) -> str:
        """Its dates in words."""
        start, end = self.row["debut"], self.row["fin"]
        return f.period(start, end) if end else f.plain("engagement_depuis", date=f.long_date(start))

    def unmeasured(self, f: Formats) -> str:
        """Why nothing is told of its questions; empty where something is, or where it names none."""
        if self.changes or not self.asked:
            return ""
        return f.plain("engagement_pas_mesure") if self.ahead else f.plain("engagement_sans_depart")

    def who(self, f: Formats) -> str:
        """Whose it is."""
        return f.typography(self.row["organisme"]) if self.row["organisme_code"] else f.plain("engagement_de_tous")


@dataclass
class Beside:
    """What is printed beside one theme."""

    commitments: list[Commitment] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether there is anything to print."""
        return bool(self.commitments or self.stories)


def commitments(edition: Edition, scope: Scope, themes: Iterable[Theme]) -> list[Commitment]:
    """The commitments that a file holds, in their order; none without any.

    Args:
        edition: the published file, or an organisme's own.
        scope: whose figures stand beside them.
        themes: the themes that are printed of that slice.
    """
    named: dict[str, list[str]] = {}
    for row in edition.rows(BRIDGE):
        named.setdefault(row["engagement_code"], []).append(row["question_code"])
    questions = {row["question_code"]: row for row in edition.rows("dim_question")}
    items = {item.code: item for theme in themes for item in theme.indicators}
    began = {row["vague"]: row["terrain_debut"] for row in edition.rows("dim_vague")}.get(scope.current)
    found = []
    for row in sorted(edition.rows(TABLE), key=lambda row: (row["ordre"], row["engagement_code"])):
        codes = sorted(named.get(row["engagement_code"], []), key=lambda code: questions[code]["ordre"])
        ahead = began is None or row["debut"] > began
        since = "" if ahead else str(row["vague_depart"] or "")
        changes = [_change(edition, scope, questions[code], items.get(code), since) for code in codes if since]
        found.append(Commitment(row, since, tuple(changes), bool(codes), ahead))
    return found


def _change(edition: Edition, scope: Scope, question: Row, item: Indicator | None, since: str) -> Change:
    """What a question did; one that has no figure of its own, such as reasons to choose from, has a dash."""
    code = str(question["question_code"])
    key = scope.key(code, vague_precedente=since, methode=PRINTED_METHOD)
    row = next(iter(edition.rows("fct_evolution", **key)), None)
    cell = reader("fct_evolution", key, row)
    kind = f"ecart_{item.kind if item else 'note'}"
    return Change(
        libelle=str(question["libelle"]),
        anchor=anchor(code),
        evolution=cell(kind),
        verdict=cell("verdict"),
        written=kind,
        judged=item is not None and item.judged,
    )


def beside(
    printed: Iterable[str], found: Iterable[Commitment], root: Path | None, organisme: str | None = None
) -> dict[str, Beside]:
    """What is printed beside each theme and in each section; under an empty code, what belongs to none that is printed.

    Args:
        printed: the themes and the sections that are printed.
        found: the commitments to print.
        root: the programme's folder, for its stories; None for a report without them.
        organisme: whose stories; without, everybody's.

    Raises:
        ProgrammeError: a story is at fault.
    """
    places = {code: Beside() for code in printed}
    for commitment in found:
        places.setdefault(_place(places, commitment.row["theme_code"]), Beside()).commitments.append(commitment)
    for story in stories(root):
        if organisme is None or story.head.organisme == organisme:
            places.setdefault(_place(places, story.place), Beside()).stories.append(story)
    return places


def places(themes: Iterable[Theme], *, schemes: bool) -> list[str]:
    """The places of a report of the region: its themes, and its sections.

    Args:
        themes: the themes that are printed.
        schemes: whether the section of quality schemes is.
    """
    return [*(theme.code for theme in themes), CONTEXT, *([SCHEMES] if schemes else []), PUBLISHER]


def _place(places: dict[str, Beside], code: object) -> str:
    return str(code) if str(code) in places else ""
