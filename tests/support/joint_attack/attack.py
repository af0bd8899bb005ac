"""One attacker against one wave and question."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.joint_attack.figures import Reader
from tests.support.joint_attack.findings import FLOOR, Finding, too_narrow
from tests.support.joint_attack.lattice import decoded
from tests.support.joint_attack.system import System


def attack(
    reader: Reader,
    wave: str,
    question: str,
    attacker: str | None,
    axis: str | None = None,
    kinds: Sequence[str] = ("figure", "count", "mean", "ranked"),
) -> tuple[list[Finding], int]:
    """Findings about one wave and question, and how many targets were tried."""
    system = System(reader, wave, question, attacker, axis)
    if not system.fits:
        raise ValueError(
            f"{wave} {question} {attacker}: no answers fit all that is published: the attack misreads something"
        )
    found, tried = [], 0
    for target in system.targets():
        if target.kind not in kinds:
            continue
        low, high = system.programme.range(target.form)
        tried += 1
        if target.truth is not None and not low - 0.01 <= target.truth <= high + 0.01:
            raise ValueError(
                f"{wave} {question} {attacker} {target}: the truth is not in {low}…{high}: the attack misreads something"
            )
        if too_narrow(target, low, high):
            # So few gave this answer, in all that is published, that hardly anybody can have: less a secret than a rarity.
            rare = target.kind in ("count", "part") and low < 0.5 and high < FLOOR
            kind = f"{target.kind}, rare answer" if rare else target.kind
            found.append(Finding(wave, question, attacker or "public", target.organisme, kind, target.name,
                                 low, high, target.truth, axis or "strata"))  # fmt: skip
    for target, low, high in decoded(system):
        tried += 1
        if target.kind in kinds:
            found.append(Finding(wave, question, attacker or "public", target.organisme, f"{target.kind} decoded",
                                 target.name, low, high, target.truth, "lattice"))  # fmt: skip
    return found, tried
