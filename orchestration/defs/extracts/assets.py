"""`reponses`, one partition per delivery; `lots`, the versions in force; `donnees_de_reference`, checked."""

from typing import TYPE_CHECKING

import dagster as dg

from orchestration.defs.extracts.checks import of_extraction, of_plausibility, results, specs
from orchestration.defs.partitions import LIVRAISONS
from orchestration.defs.resources import ProgrammeLock, ProgrammeResource

if TYPE_CHECKING:
    from orchestration.extracts.records import Record

GROUP = "extraits"


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


@dg.asset(
    partitions_def=LIVRAISONS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    group_name=GROUP,
    kinds={"polars", "pandera", "parquet"},
    description="Une livraison lue par son contrat et validée ligne à ligne : réponses au lac, rejets en quarantaine.",
    check_specs=specs(of_extraction(), "reponses"),
)
def reponses(
    context: dg.AssetExecutionContext, programme: ProgrammeResource, verrou: ProgrammeLock
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Ingests the deliveries of this run's partitions; a refused delivery is recorded, not raised."""
    from orchestration.extracts.contracts import load_contracts
    from orchestration.extracts.gates import findings
    from orchestration.extracts.ingest import deliveries, ingest
    from orchestration.extracts.inventory import take_inventory

    opened = programme.load()
    known = {d.id: d for d in deliveries(opened, load_contracts(opened))}
    records = []
    for key in context.partition_keys:
        if key not in known:
            context.log.warning(f"{key} : plus dans landing/, rien à lire.")
            continue
        record = ingest(known[key], opened)
        records.append(record)
        context.log.info(
            f"{record.fichier} : {record.statut}, {record.lignes_acceptees} lignes acceptées"
            f" sur {record.lignes_lues}. {record.motif}"
        )
        context.add_asset_metadata(delivery_metadata(record), partition_key=key)
    inventory = take_inventory(opened)
    read = {record.livraison for record in records}
    found = [f for f in findings(inventory) if f.record.livraison in read]
    return dg.MaterializeResult(check_results=list(results(of_extraction(), found)))


@dg.asset(
    group_name="reference",
    kinds={"csv"},
    description="Les données de référence du programme, tenues à leur contrat.",
)
def donnees_de_reference(programme: ProgrammeResource, verrou: ProgrammeLock) -> dg.MaterializeResult[None]:
    """Checks the programme's reference files; fails with the list of what is wrong."""
    from orchestration.programme.check import check_programme

    problems = check_programme(programme.load())
    if problems:
        raise dg.Failure("Données de référence refusées :\n" + "\n".join(map(str, problems[:50])), allow_retries=False)
    return dg.MaterializeResult()


@dg.asset(
    deps=[reponses, donnees_de_reference],
    group_name=GROUP,
    kinds={"parquet", "greatexpectations"},
    description="Les lots en vigueur : pour chaque organisme et vague, la dernière livraison acceptée et plausible.",
    check_specs=specs(of_plausibility(), "lots"),
)
def lots(
    context: dg.AssetExecutionContext, programme: ProgrammeResource, verrou: ProgrammeLock
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Judges the lots that are new, elects the versions in force and writes what dbt reads beside the answers."""
    from orchestration.extracts.gates import findings
    from orchestration.plausibility.deliveries import judge_lots
    from orchestration.publication.inputs import prepare_inputs

    opened = programme.load()
    inventory = judge_lots(opened, context.log.info)
    inputs = prepare_inputs(opened, inventory, programme.settings)
    return dg.MaterializeResult(
        metadata={
            "organismes": len(inventory.election.elected),
            "entretiens": inventory.election.interviews,
            "edition": inputs.edition,
            "empreinte": inputs.fingerprint,
        },
        check_results=list(results(of_plausibility(), findings(inventory))),
    )
