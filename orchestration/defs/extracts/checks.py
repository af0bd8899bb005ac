"""One asset check per rule of the gates: what the extraction tries on `reponses`, what the suites try on `lots`."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.extracts.catalogue import PLAUSIBILITY, Rule, rules

if TYPE_CHECKING:
    from orchestration.extracts.gates import Finding

_SHOWN = 20


def of_extraction() -> list[Rule]:
    """Returns the rules that a delivery is held to while it is read."""
    return [rule for rule in rules().values() if rule.always and rule.tool != PLAUSIBILITY]


def of_plausibility() -> list[Rule]:
    """Returns the rules that a lot is held to by the Great Expectations suites."""
    return [rule for rule in rules().values() if rule.tool == PLAUSIBILITY]


def specs(listed: Iterable[Rule], asset: str) -> list[dg.AssetCheckSpec]:
    """Returns the specification of each rule's check.

    Args:
        listed: the rules.
        asset: name of the asset they are about.
    """
    return [
        dg.AssetCheckSpec(
            rule.code,
            asset=asset,
            description=f"{rule.label} ({rule.severity}).",
            metadata={"porte": rule.gate, "gravite": rule.severity},
        )
        for rule in listed
    ]


def results(listed: Iterable[Rule], found: "Iterable[Finding]") -> Iterator[dg.AssetCheckResult]:
    """Yields one result per rule: what it found over these deliveries; a bad delivery only stops itself.

    Args:
        listed: the rules.
        found: what became of each rule for each lot or file.
    """
    by_rule: dict[str, list[Finding]] = {}
    for finding in found:
        by_rule.setdefault(finding.rule.code, []).append(finding)
    for rule in listed:
        told = by_rule.get(rule.code, [])
        broken = [f for f in told if not f.held]
        lines = [f"- {f.record.fichier}{f' ({f.organisme})' if f.organisme else ''} : {f.example}" for f in broken]
        more = [f"- et {len(lines) - _SHOWN} autres, dans `obs_qualite`"] if len(lines) > _SHOWN else []
        yield dg.AssetCheckResult(
            check_name=rule.code,
            passed=not broken,
            severity=dg.AssetCheckSeverity.WARN,
            description=rule.label if broken else None,
            metadata={
                "examinees": len(told),
                "non_tenues": len(broken),
                "exemples": dg.MetadataValue.md("\n".join([*lines[:_SHOWN], *more]) or "—"),
            },
        )
