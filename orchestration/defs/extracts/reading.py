"""Reading deliveries inside a run: each is a partition of `reponses`, and one that fails to read stops no other."""

import time
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from orchestration.defs.extracts.checks import READ
from orchestration.defs.jobs import LIVRAISONS

if TYPE_CHECKING:
    from orchestration.extracts.deliveries import Delivery
    from orchestration.extracts.inventory import Inventory
    from orchestration.extracts.records import Record
    from orchestration.programme import Programme

# A file that is still being copied changes; one that has not changed for this long is taken as whole.
SETTLED_SECONDS = 10
# The files of one delivery come one after the other: for so long, one that is not there yet is no reason to alert.
AWAITED_SECONDS = 15 * 60


class Reading(dg.Config):
    """What a consolidation reads first: by default what is not read yet, and is no longer being copied."""

    relire: bool = Field(default=False, description="Relire des livraisons déjà lues, avant de consolider.")
    vague: str | None = Field(default=None, description="La vague à relire, code de vagues.csv ; vide : toutes.")
    organisme: str | None = Field(
        default=None, description="L'organisme à relire, code d'organismes.csv ; vide : tous."
    )
    recentes: bool = Field(default=False, description="Lire aussi les fichiers modifiés il y a moins de dix secondes.")
    pertes: str | None = Field(
        default=None, description="Motif pour lequel des entretiens de l'édition courante peuvent manquer ; il reste."
    )


def delivery_metadata(record: "Record") -> dict[str, str | int]:
    """Returns what the asset page shows of a delivery; no cell of it."""
    shown = ("fichier", "sha256", "taille", "statut", "lignes_lues", "lignes_acceptees", "lignes_rejetees")
    contract = f"{record.contrat} v{record.version_contrat}" if record.contrat else "aucun"
    return {name: getattr(record, name) for name in shown} | {"contrat": contract, "motif": record.motif or "—"}


def settled(delivery: "Delivery", now: float) -> bool:
    """Returns whether the files of a delivery have not changed for long enough to be whole, or to be all there."""
    from orchestration.extracts.deliveries import modified

    # A clock that was put back leaves files dated in the future: they are as complete as old ones.
    least = AWAITED_SECONDS if delivery.awaits else SETTLED_SECONDS
    return all(abs(now - modified(path).timestamp()) > least for path in delivery.paths)


def read(
    context: dg.AssetExecutionContext, programme: "Programme", wanted: "Iterable[Delivery]"
) -> "Iterator[Record | str]":
    """Reads deliveries one by one; yields the record of each, or a sentence saying why it could not be read."""
    from orchestration.extracts.ingest import REMEDY, attempt

    for delivery in wanted:
        found = attempt(delivery, programme)
        if isinstance(found, str):
            failure = f"{delivery.place} n'a pas pu être lu ({found}) ; {REMEDY}."
            context.log.error(failure)
            yield failure
            continue
        context.log.info(
            f"{found.fichier} : {found.statut}, {found.lignes_acceptees} lignes acceptées"
            f" sur {found.lignes_lues}. {found.motif}"
        )
        yield found


def log_read(context: dg.AssetExecutionContext, record: "Record") -> None:
    """Logs a delivery as a partition of `reponses` that was read, in a step that does not return that asset."""
    metadata = delivery_metadata(record)
    context.log_event(dg.AssetMaterialization(READ, metadata=metadata, partition=record.livraison))


def read_before(context: dg.AssetExecutionContext, programme: "Programme", config: Reading) -> set[str]:
    """Reads, before a consolidation, what is not read yet and what the run is asked to read again.

    Returns:
        the deliveries that could be read, accepted or not, as `<wave>/<file>`: other bytes under one name are another
        delivery, and the same file.

    Raises:
        ProgrammeError: the wave or organisme asked for is unknown, or nothing was delivered of it.
    """
    from orchestration.extracts.inventory import concerned, take_inventory

    inventory, now = take_inventory(programme), time.time()
    wanted = {d.id: d for d in inventory.stale if config.recentes or settled(d, now)}
    if config.relire:
        wanted |= {d.id: d for d in concerned(programme, inventory, config.vague or None, config.organisme or None)}
    done: set[str] = set()
    if not wanted:
        return done
    context.instance.add_dynamic_partitions(str(LIVRAISONS.name), sorted(wanted))
    for found in read(context, programme, [wanted[key] for key in sorted(wanted)]):
        # What could not be read is named by the check `livraisons_lues` of `lots`.
        if not isinstance(found, str):
            log_read(context, found)
            done.add(found.fichier)
    return done


def hold_read(inventory: "Inventory", done: Collection[str]) -> None:
    """Raises a PublicationRefused where what a run has just read is to be read again: it would be left out unsaid."""
    from orchestration.errors import PublicationRefused
    from orchestration.programme.texts import capped

    if left := sorted(d.place for d in inventory.stale if d.place in done):
        raise PublicationRefused(
            f"Ce que cette exécution vient de lire n'est plus dans le lac, ou a changé depuis ({capped(left)}) : rien"
            " n'est publié sans ces livraisons ; chercher qui efface ou modifie ces fichiers pendant qu'elle travaille,"
            " puis relancer."
        )


def unreadable(inventory: "Inventory", programme: "Programme", instance: dg.DagsterInstance) -> dict[str, str]:
    """Returns the deliveries whose last reading failed, and why: a defect of a reader, or a run that stopped."""
    from orchestration.extracts.ingest import failed

    keys = [d.id for d in inventory.stale]
    states = (instance.get_status_by_partition(READ, keys, LIVRAISONS) if keys else None) or {}
    stopped = "son exécution s'est arrêtée ; la page de la partition dit où"
    found = {}
    for delivery in inventory.stale:
        reason = failed(delivery, programme)
        if reason or states.get(delivery.id) == dg.AssetPartitionStatus.FAILED:
            found[delivery.id] = reason or stopped
    return found


def all_read(inventory: "Inventory", programme: "Programme", instance: dg.DagsterInstance) -> dg.AssetCheckResult:
    """Returns whether every delivery could be read; for each that could not, why and what to do."""
    from orchestration.extracts.ingest import REMEDY

    names = {d.id: d.place for d in inventory.stale}
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
