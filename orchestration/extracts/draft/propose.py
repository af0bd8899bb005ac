"""From a file to a proposal: every step of the draft, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from orchestration.extracts.draft.assignment import Assignment
from orchestration.extracts.draft.codes import axis_names
from orchestration.extracts.draft.counts import FREQUENCIES, Counts, find_counts, says_frequencies
from orchestration.extracts.draft.counts_titles import counts_header, vocabulary
from orchestration.extracts.draft.decide import Chosen
from orchestration.extracts.draft.groups import Answers, group
from orchestration.extracts.draft.line import DECIDED
from orchestration.extracts.draft.meaning import equal
from orchestration.extracts.draft.origin import guess_institute, guess_wave
from orchestration.extracts.draft.profile import Column, profile
from orchestration.extracts.draft.rivals import with_rivals
from orchestration.extracts.draft.roles import Role, find_roles
from orchestration.extracts.draft.segments import axis_choices
from orchestration.extracts.draft.sniff import Sniffed, sniff
from orchestration.extracts.draft.times import dated, other_time, without_own_time
from orchestration.programme import Programme


@dataclass(frozen=True)
class Asked:
    """A question put to columns.

    Attributes:
        code: question.
        answers: its columns.
        confidence: that these are its columns, 0 to 100.
        reason: in French.
        by_number: whether the number of its column is all that tells it.
        rivals: other questions that the columns may answer.
        chosen: how its values read; None when they cannot be read.
    """

    code: str
    answers: Answers
    confidence: int
    reason: str
    by_number: bool
    rivals: tuple[tuple[str, float], ...]
    chosen: Chosen | None


@dataclass(frozen=True)
class Proposal:
    """What the draft says of a file.

    Attributes:
        programme: what the file is held against.
        path: the file.
        sniffed: its form and cells.
        columns: its columns.
        wave: wave, confidence, reason.
        institute: institute, confidence, reason.
        roles: role by column, for those that are no questions.
        axes: reading by axis.
        questions: by code, in the order of the questionnaire.
        leftover: columns put to nothing.
        missing: questions of the wave put to no column.
        counts: what it is as a delivery of counts; None of interviews.
    """

    programme: Programme
    path: Path
    sniffed: Sniffed
    columns: Sequence[Column]
    wave: tuple[str | None, int, str]
    institute: tuple[str | None, int, str]
    roles: Mapping[str, Role]
    axes: Mapping[str, Chosen | None]
    questions: Mapping[str, Asked]
    leftover: Sequence[Answers]
    missing: Sequence[str]
    counts: Counts | None = None

    def column_of(self, role: str, key: str = "") -> tuple[Column, Role] | None:
        """Returns the column that has a role, and for an axis that axis; None where no column has it."""
        held = ((c, r) for c in self.columns if (r := self.roles.get(c.name)))
        return next(((c, r) for c, r in held if r.role == role and r.key in (key, "")), None)


def propose(path: Path, programme: Programme, wave: str | None = None, institute: str | None = None) -> Proposal:
    """Reads an unknown file and proposes what each column and value is.

    Args:
        path: the file.
        programme: the questionnaire, axes, waves, organismes and sampling plan.
        wave: wave, when it is known.
        institute: institute, when it is known.

    Raises:
        DeliveryError: the file cannot be read as a table.
    """
    known = vocabulary(programme, wave)
    sniffed = sniff(path, lambda rows: counts_header(rows, known))
    columns = profile(sniffed)
    if not sniffed.whole and says_frequencies(columns, known):
        # a group of a frequency table is whole only where all of its lines are read
        sniffed = sniff(path, rows=FREQUENCIES)
        columns = profile(sniffed)
    told_wave = (wave, 100, "donnée en option") if wave else guess_wave(path, columns, programme)
    told_institute = (institute, 100, "donné en option") if institute else guess_institute(path, sniffed, programme)
    if counts := find_counts(sniffed, columns, vocabulary(programme, told_wave[0]), told_wave[0]):
        whole = (programme, path, sniffed, columns, told_wave, told_institute)
        return Proposal(*whole, {}, {}, {}, [], counts.missing, counts)
    # what says that a column is the wave's own adds nothing to its title
    columns = profile(sniffed, partial(without_own_time, programme=programme, wave=told_wave[0]))
    roles = find_roles(columns, programme, told_wave[0], sniffed.tool)
    roles = with_rivals(roles, columns, sniffed.frame, programme, told_wave[0])
    singles, twice = _once(group([c for c in columns if c.name not in roles], sniffed.frame), roles)
    asked = Assignment(singles, roles, columns, sniffed, programme, told_wave[0])
    asked.run()
    asked.find_axes(roles)
    chosen = asked.readings()
    questions = {}
    for match, answers in sorted(asked.matched(), key=lambda pair: asked.codes.index(pair[0].question)):
        code = match.question
        questions[code] = Asked(code, answers, *asked.confidence(match, answers), match.rivals, chosen.get(code))
    _doubt(roles, twice, questions.values())
    axes, roles = axis_choices(
        asked.sources, asked.support, roles, sniffed.frame, programme, told_wave[0], told_institute[0]
    )
    _other_times(roles, columns, programme, told_wave[0])
    leftover = [g for i, g in enumerate(asked.groups) if i not in asked.placed.values()]
    missing = [c for c in asked.codes if c not in questions]
    return Proposal(
        programme, path, sniffed, columns, told_wave, told_institute, roles, axes, questions, leftover, missing
    )


def _once(groups: Sequence[Answers], roles: dict[str, Role]) -> tuple[list[Answers], dict[str, str]]:
    """Leaves out the lists that a tool writes beside the columns of their options; adds their roles.

    Returns:
        the other groups, and for each list the first of the columns that say the same.
    """
    options = [g for g in groups if g.kind == "oui_non" and g.stem]
    twice = {g.name: same.name for g in groups for same in options if g.kind != "oui_non" and equal(g.label, same.stem)}
    reason = "redit les colonnes qui suivent, une par option"
    roles |= {name: Role("ignorees", "double", 92, reason) for name in twice}
    return [g for g in groups if g.name not in twice], twice


def _doubt(roles: dict[str, Role], twice: Mapping[str, str], questions: Iterable[Asked]) -> None:
    """Leaves open the lists whose columns of options are not surely a question's."""
    sure = {a.answers.name for a in questions if a.chosen and min(a.confidence, a.chosen.confidence) >= DECIDED}
    for name, same in twice.items():
        if same not in sure:
            reason = "redit les colonnes qui suivent, une par option, dont la question n'est pas sûre"
            roles[name] = replace(roles[name], confidence=60, reason=reason)


def _other_times(roles: dict[str, Role], columns: Sequence[Column], programme: Programme, wave: str | None) -> None:
    """Leaves open the columns that are no questions where their title says another year than the wave's."""
    for column in columns:
        role = roles.get(column.name)
        if role is None or role.role in ("entretien", "ignorees"):
            continue
        own = [s for r in programme.rows("segments") if r["axe"] == role.key and (s := r["libelle"])]
        own += axis_names(programme, role.key) if role.role == "axe" else []
        if time := other_time((column.header, column.label), programme, wave, own):
            reason = f"{role.reason} ; mais {dated(time, wave)}"
            roles[column.name] = replace(role, confidence=min(role.confidence, 60), reason=reason)
