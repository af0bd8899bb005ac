"""Readers against one wave and question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.support.joint_attack.figures import Reader
from tests.support.joint_attack.findings import FLOOR, PROTECTION, WHOLE, Finding, Target, too_narrow
from tests.support.joint_attack.lattice import decoded
from tests.support.joint_attack.system import System


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
    """
    system: System | None = None
    for each in (*kept, reader):
        if each.rows("fct_satisfaction", wave, question):
            system = System(each, wave, question, axis, system, filters=filters, verdicts=verdicts)
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
    """What the system's reader makes of each target of some kinds, and what kind of finding it is, if one."""
    for target in system.targets():
        if target.kind not in kinds:
            continue
        low, high = system.programme.range(target.form)
        if target.truth is not None and not low - 0.01 <= target.truth <= high + 0.01:
            raise ValueError(
                f"{system.wave} {system.question} {system.attacker} {target}: the truth is not in {low}…{high}: "
                "the attack misreads something"
            )
        narrow = too_narrow(target, low, high, protection, floor)
        yield target, low, high, named(system, target, low, high) if narrow else ""


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
