"""Readers against one wave and question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.sparse import csr_array

from tests.support.joint_attack.figures import Reader
from tests.support.joint_attack.findings import FLOOR, PROTECTION, WHOLE, Finding, Target, too_narrow
from tests.support.joint_attack.lattice import decoded
from tests.support.joint_attack.programme import Programme
from tests.support.joint_attack.system import System

# how many times several targets are tried together before each is by itself
AT_ONCE = 6
# how near the true numbers of answers must be to numbers that fit all that is published
NEAR = 0.1


def attack(
    reader: Reader,
    wave: str,
    question: str,
    attackers: Sequence[str | None],
    axis: str | None = None,
    kinds: Sequence[str] = WHOLE,
    kept: Sequence[Reader] = (),
    secret: tuple[float, float] = (PROTECTION, FLOOR),
    *,
    filters: bool = False,
    verdicts: bool = False,
    errors: bool = False,
) -> tuple[list[Finding], int]:
    """Findings about one wave and question, and how many targets were tried.

    Args:
        reader: the edition's figures.
        wave: the wave.
        question: the question.
        attackers: organismes that know their own answers; None for anybody else.
        axis: segments of this axis are the unknowns, in place of the strata.
        kinds: of the targets that are tried.
        kept: earlier editions that the attackers kept, the oldest first; what they say is read together.
        secret: the share of its value, and the respondents, within which a target must not be known.
        filters: whether the questions that lead to this one, and those that it leads to, are read with it.
        verdicts: whether verdicts and p-values are read too.
        errors: whether errors are read too, as sums of squares.
    """
    system: System | None = None
    for each in (*kept, reader):
        if each.rows("fct_satisfaction", wave, question):
            system = System(each, wave, question, axis, system, filters=filters, verdicts=verdicts, errors=errors)
    found, tried = [], 0
    for attacker in attackers if system else ():
        assert system
        if not system.read_by(attacker):
            raise ValueError(
                f"{wave} {question} {attacker}: no answers fit all that is published: the attack misreads something"
            )
        for target, low, high, kind in read(system, kinds, *secret):
            tried += 1
            if kind:
                found.append(Finding(wave, question, attacker or "public", target.organisme, kind, target.name,
                                     low, high, target.truth, axis or "strata"))  # fmt: skip
        for target, low, high in decoded(system):
            tried += 1
            if target.kind in kinds:
                found.append(Finding(wave, question, attacker or "public", target.organisme, f"{target.kind} decoded",
                                     target.name, low, high, target.truth, "lattice"))  # fmt: skip
    return found, tried


def read(
    system: System, kinds: Sequence[str], protection: float, floor: float
) -> Iterator[tuple[Target, float, float, str]]:
    """What the system's reader makes of each target of some kinds, and what kind of finding it is, if one.

    What is found for one target often shows that others are free as well: two answers that fit all that is published, between
    which a target differs by more than it must, are enough. Of these, the ends are at least as far apart as said.
    """
    if not true_answers_fit(system):
        raise ValueError(
            f"{system.wave} {system.question} {system.attacker}: the true answers do not fit all that is published: "
            "the attack misreads something"
        )
    targets = [target for target in system.targets() if target.kind in kinds]
    apart = Apart([target.form for target in targets], system.programme)
    random = np.random.default_rng(0)

    def tight() -> list[int]:
        return [i for i, target in enumerate(targets) if too_narrow(target, *apart.ends(i), protection, floor)]

    for _ in range(AT_ONCE):
        several: Counter[int] = Counter()
        for i in tight():
            sign = random.choice([-1.0, 1.0]) / max(1.0, targets[i].respondents)
            several.update({column: sign * value for column, value in targets[i].form.items()})
        if several:
            system.programme.range(dict(several))
    for i, target in enumerate(targets):
        low, high = apart.ends(i)
        if not too_narrow(target, low, high, protection, floor):
            yield target, low, high, ""
            continue
        low, high = system.programme.range(target.form)
        if target.truth is not None and not low - 0.01 <= target.truth <= high + 0.01:
            raise ValueError(
                f"{system.wave} {system.question} {system.attacker} {target}: the truth is not in {low}…{high}: "
                "the attack misreads something"
            )
        narrow = too_narrow(target, low, high, protection, floor)
        yield target, low, high, named(system, target, low, high) if narrow else ""


def true_answers_fit(system: System) -> bool:
    """Whether what was really answered, to a tenth of an answer, fits all that is read: where not, something is misread."""
    true: dict[int, tuple[float, float]] = {}
    free: dict[int, tuple[float, float]] = {}
    for edition in system.together():
        for organisme in edition.cells:
            if organisme == system.attacker:
                continue
            free |= system.own(edition, organisme, known=False)
            for cell in edition.cells[organisme]:
                for code, column in (cell.answers if edition.single else {**cell.answers, "*": cell.whole}).items():
                    number = edition.truth.get((organisme, cell.place, code), 0)
                    true[column] = number - NEAR, number + NEAR
    system.programme.bind(true)
    fit = system.programme.feasible()
    system.programme.bind(free)
    return fit and system.programme.feasible()


class Apart:
    """How far apart the answers that were found so far put each of some combinations."""

    def __init__(self, forms: Sequence[dict[int, float]], programme: Programme) -> None:
        lines = np.repeat(np.arange(len(forms)), [len(form) for form in forms])
        columns = np.array([column for form in forms for column in form], dtype=int)
        values = np.array([value for form in forms for value in form.values()])
        self._forms = csr_array((values, (lines, columns)), shape=(len(forms), programme.size))
        self._low, self._high = np.full(len(forms), np.inf), np.full(len(forms), -np.inf)
        programme.seen = self._look

    def _look(self, answer: np.ndarray) -> None:
        found = self._forms @ answer
        self._low, self._high = np.minimum(self._low, found), np.maximum(self._high, found)

    def ends(self, place: int) -> tuple[float, float]:
        """The least and the most of a combination; both the same where no answer was found yet."""
        if self._low[place] > self._high[place]:
            return 0.0, 0.0
        return float(self._low[place]), float(self._high[place])


def named(system: System, target: Target, low: float, high: float) -> str:
    """What kind of finding it is that a target lies between these ends."""
    if target.kind == "ranked" and system.is_own(target.name, low, high):
        return ""  # the reader itself has this rank
    if target.kind in ("figure", "mean", "ranked"):
        top = 10.0 if target.name.startswith("score") else 1.0
        return f"{target.kind}, up to all" if target.kind == "figure" and high >= top - 1e-6 else target.kind
    # So few gave this answer, in all that is published, that hardly anybody can have: less a secret than a rarity.
    if low < 0.5 and high < FLOOR:
        return f"{target.kind}, rare answer"
    # Nothing is known of its upper end: it may be all who answered, or all who were asked.
    top = system.programme.range(target.among)[1] if target.among else target.respondents
    return f"{target.kind}, up to all" if high >= top - 0.5 else target.kind
