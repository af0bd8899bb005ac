"""Reading deliveries inside a run: each is told as a partition of `reponses`, and one that fails stops only itself."""

import time
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from orchestration.defs.extracts.checks import of_extraction, results
from orchestration.defs.partitions import LIVRAISONS

if TYPE_CHECKING:
    from orchestration.extracts.ingest import Delivery
    from orchestration.extracts.inventory import Inventory
    from orchestration.extracts.records import Record
    from orchestration.programme import Programme

# a file still being copied changes; one that has not for this long is whole
SETTLED_SECONDS = 10
_READ = dg.AssetKey("reponses")


class Reprise(dg.Config):
    """What a consolidation reads first: by default what is left unread; again, what somebody asks for."""

    relire: bool = Field(default=False, description="Relire des livraisons déjà lues, avant de consolider.")
    vague: str | None = Field(default=None, description="La vague à relire, code de vagues.csv ; vide : toutes.")
    organisme: str | None = Field(
        default=None, description="L'organisme à relire, code d'organismes.csv ; vide : tous."
    )


def delivery_metadata(record: "Record") -> dict[str, dg.MetadataValue]:
    """Returns what the asset page shows of a delivery; no cell of it."""
    return {
        "fichier": dg.MetadataValue.text(record.fichier),
        "sha256": dg.MetadataValue.text(record.sha256),
        "taille": dg.MetadataValue.int(record.taille),
        "contrat": dg.MetadataValue.text(f"{record.contrat} v{record.version_contrat}" if record.contrat else "aucun"),
        "statut": dg.MetadataValue.text(record.statut),
        "motif": dg.MetadataValue.text(record.motif or "—"),
        "lignes_lues": dg.MetadataValue.int(record.lignes_lues),
        "lignes_acceptees": dg.MetadataValue.int(record.lignes_acceptees),
        "lignes_rejetees": dg.MetadataValue.int(record.lignes_rejetees),
    }


def settled(delivery: "Delivery", now: float) -> bool:
    """Returns whether a file has not changed for long enough to be whole."""
    from orchestration.extracts.ingest import modified

    # a clock put back since leaves files from its future: they are no more being written than old ones
    return abs(now - modified(delivery.path).timestamp()) > SETTLED_SECONDS


def read(
    context: dg.AssetExecutionContext, programme: "Programme", wanted: "list[Delivery]"
) -> "tuple[list[Record], list[str]]":
    """Reads deliveries one by one.

    Returns:
        the records, and a sentence for each that could not be read.
    """
    from orchestration.extracts.attempts import REMEDY, attempt

    records, failures = [], []
    for delivery in wanted:
        found = attempt(delivery, programme)
        if isinstance(found, str):
            failures.append(f"{delivery.wave}/{delivery.name} n'a pas pu être lu ({found}) ; {REMEDY}.")
            context.log.error(failures[-1])
            continue
        records.append(found)
        context.log.info(
            f"{found.fichier} : {found.statut}, {found.lignes_acceptees} lignes acceptées"
            f" sur {found.lignes_lues}. {found.motif}"
        )
    return records, failures


def tell(context: dg.AssetExecutionContext, records: "list[Record]") -> None:
    """Tells each record as a partition of `reponses`, from a step that does not end by telling it."""
    for record in records:
        metadata = delivery_metadata(record)
        context.log_event(dg.AssetMaterialization(_READ, metadata=metadata, partition=record.livraison))


def read_before(context: dg.AssetExecutionContext, programme: "Programme", config: Reprise) -> None:
    """Reads what a consolidation must not miss, and what it is asked to read again; tells it on `reponses`.

    Raises:
        ProgrammeError: the wave or organisme asked for is unknown, or nothing was delivered of it.
    """
    from orchestration.extracts.gates import findings
    from orchestration.extracts.inventory import take_inventory
    from orchestration.extracts.rereading import concerned

    inventory, now = take_inventory(programme), time.time()
    wanted = {d.id: d for d in inventory.stale if settled(d, now)}
    if config.relire:
        wanted |= {d.id: d for d in concerned(programme, inventory, config.vague or None, config.organisme or None)}
    if not wanted:
        return
    context.instance.add_dynamic_partitions(str(LIVRAISONS.name), sorted(wanted))
    records, _ = read(context, programme, [wanted[key] for key in sorted(wanted)])
    tell(context, records)
    told = {record.livraison for record in records}
    found = [f for f in findings(take_inventory(programme)) if f.record.livraison in told]
    for result in results(of_extraction(), found):
        context.log_event(
            dg.AssetCheckEvaluation(
                asset_key=_READ,
                check_name=str(result.check_name),
                passed=result.passed,
                metadata=result.metadata or {},
                severity=result.severity,
                description=result.description,
                blocking=False,
            )
        )


def unreadable(inventory: "Inventory", programme: "Programme", instance: dg.DagsterInstance) -> dict[str, str]:
    """Returns the deliveries whose reading failed as things stand, and why: by a defect, or because its run stopped."""
    from orchestration.extracts.attempts import failed

    keys = [d.id for d in inventory.stale]
    states = (instance.get_status_by_partition(_READ, keys, LIVRAISONS) if keys else None) or {}
    stopped = "son exécution s'est arrêtée ; la page de la partition dit où"
    found = {}
    for delivery in inventory.stale:
        reason = failed(delivery, programme)
        if reason or states.get(delivery.id) == dg.AssetPartitionStatus.FAILED:
            found[delivery.id] = reason or stopped
    return found


def all_read(inventory: "Inventory", programme: "Programme", instance: dg.DagsterInstance) -> dg.AssetCheckResult:
    """Returns whether every delivery could be read; for each that could not, why and what to do."""
    from orchestration.extracts.attempts import REMEDY

    names = {d.id: f"{d.wave}/{d.name}" for d in inventory.stale}
    found = unreadable(inventory, programme, instance)
    told = [f"- {names[key]} : {reason} ; {REMEDY}" for key, reason in found.items()]
    return dg.AssetCheckResult(
        check_name=READ_CHECK.name,
        passed=not told,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"Livraisons qui n'ont pas pu être lues : {len(told)}." if told else None,
        metadata={"non_lues": len(told), "lesquelles": dg.MetadataValue.md("\n".join(told) or "—")},
    )


READ_CHECK = dg.AssetCheckSpec(
    "livraisons_lues",
    asset="lots",
    description="Chaque livraison a pu être lue : aucune partition de « reponses » n'est en échec."
    " Une livraison refusée a été lue.",
)
