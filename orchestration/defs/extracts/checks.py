"""Asset checks: one per rule, over all that lies in `landing/`; one per delivery; one that no delivery is refused.

What the extraction tries is checked on `reponses`, what the suites try on `lots`. A rule is red as long as a delivery
breaks it, whichever run read that delivery; a withdrawn delivery breaks none.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.defs.jobs import LIVRAISONS
from orchestration.extracts.catalogue import PLAUSIBILITY, Rule, rules

if TYPE_CHECKING:
    from orchestration.extracts.gates import Finding
    from orchestration.extracts.inventory import Inventory
    from orchestration.extracts.records import Record

_SHOWN = 20
READ = dg.AssetKey("reponses")
# red on the page of a delivery's partition as long as it is refused
ACCEPTED_CHECK = dg.AssetCheckSpec(
    "livraison_acceptee",
    asset=READ,
    partitions_def=LIVRAISONS,
    description="La livraison n'est refusée ni comme fichier, ni pour un de ses organismes.",
)
# red as long as one is, whenever it was read
NONE_REFUSED_CHECK = dg.AssetCheckSpec(
    "livraisons_acceptees",
    asset="lots",
    description="Aucune livraison de landing/ n'est refusée, hormis celles qui sont retirées.",
)


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


def results(listed: Iterable[Rule], inventory: "Inventory") -> Iterator[dg.AssetCheckResult]:
    """Yields one result per rule: what it found over every delivery that is not withdrawn.

    Args:
        listed: the rules.
        inventory: the deliveries, and what became of each.
    """
    from orchestration.extracts.gates import findings

    by_rule: dict[str, list[Finding]] = {}
    for finding in findings(inventory):
        if finding.record.livraison not in inventory.withdrawn:
            by_rule.setdefault(finding.rule.code, []).append(finding)
    for rule in listed:
        told = by_rule.get(rule.code, [])
        broken = [f for f in told if not f.held]
        lines = [f"- {f.record.fichier}{f' ({f.organisme})' if f.organisme else ''} : {f.example}" for f in broken]
        # A check can only pass or fail: one that examined nothing says so beside its green mark.
        said = rule.label if broken else None if told else "Aucune livraison n'est soumise à cette règle."
        yield dg.AssetCheckResult(
            check_name=rule.code,
            passed=not broken,
            severity=dg.AssetCheckSeverity.WARN,
            description=said,
            metadata={"examinees": len(told), "non_tenues": len(broken), "exemples": _listed(lines)},
        )


def accepted(record: "Record | None", refused: "dict[str, str]") -> dg.AssetCheckResult:
    """Returns whether one delivery is accepted.

    Args:
        record: what became of it; None where it is no longer in `landing/`.
        refused: by name, the deliveries that are refused, and why.
    """
    reason = refused.get(record.fichier) if record else None
    return dg.AssetCheckResult(
        check_name=ACCEPTED_CHECK.name,
        passed=reason is None,
        severity=dg.AssetCheckSeverity.WARN,
        description=reason if record else "N'est plus dans landing/.",
        metadata={"fichier": record.fichier} if record else {},
    )


def none_refused(refused: "dict[str, str]") -> dg.AssetCheckResult:
    """Returns whether no delivery is refused; names those that are, and why."""
    lines = [f"- {name} : {reason}" for name, reason in refused.items()]
    return dg.AssetCheckResult(
        check_name=NONE_REFUSED_CHECK.name,
        passed=not refused,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"Livraisons refusées : {len(refused)}." if refused else None,
        metadata={"refusees": len(refused), "lesquelles": _listed(lines)},
    )


def log_checks(context: dg.AssetExecutionContext, inventory: "Inventory", refused: "dict[str, str]") -> None:
    """Logs the checks of `reponses` from another step: each rule's, and those of the deliveries whose state changed."""
    for result in results(of_extraction(), inventory):
        context.log_event(_evaluation(result, None))
    known = context.instance.event_log_storage.get_asset_check_partition_info([ACCEPTED_CHECK.key])
    passed = {info.partition_key: info.latest_execution_status.value == "SUCCEEDED" for info in known}
    for record in inventory.records:
        result = accepted(record, refused)
        if passed.get(record.livraison) is not result.passed:
            context.log_event(_evaluation(result, record.livraison))


def log_accepted(context: dg.AssetExecutionContext, result: dg.AssetCheckResult, partition: str) -> None:
    """Logs whether a delivery is accepted, on its partition: a step of several partitions can return no such result."""
    context.log_event(_evaluation(result, partition))


def _evaluation(result: dg.AssetCheckResult, partition: str | None) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        asset_key=READ,
        check_name=str(result.check_name),
        passed=result.passed,
        metadata=result.metadata or {},
        severity=result.severity,
        description=result.description,
        blocking=False,
        partition=partition,
    )


def _listed(lines: list[str]) -> dg.MetadataValue[str]:
    more = [f"- et d'autres ({len(lines) - _SHOWN}) ; « observatoire status » les dit"] if len(lines) > _SHOWN else []
    return dg.MetadataValue.md("\n".join([*lines[:_SHOWN], *more]) or "—")
