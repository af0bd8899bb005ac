"""`reponses`, one partition per delivery; `lots`, the versions in force; `donnees_de_reference`, checked."""

from typing import TYPE_CHECKING

import dagster as dg

from orchestration.defs.partitions import LIVRAISONS
from orchestration.defs.resources import ProgrammeResource

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
    check_specs=[
        dg.AssetCheckSpec(
            "livraison_lisible",
            asset="reponses",
            description="Le fichier se lit comme son contrat le décrit.",
        ),
        dg.AssetCheckSpec("lignes_comptees", asset="reponses", description="Lignes lues = acceptées + rejetées."),
    ],
)
def reponses(context: dg.AssetExecutionContext, programme: ProgrammeResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Ingests the deliveries of this run's partitions; a refused delivery is recorded, not raised."""
    from orchestration.extracts.contract import load_contracts
    from orchestration.extracts.ingest import deliveries, ingest
    from orchestration.extracts.records import REFUSED

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
    refused = [r for r in records if r.statut == REFUSED]
    uncounted = [r.fichier for r in records if r.lignes_lues != r.lignes_acceptees + r.lignes_rejetees]
    return dg.MaterializeResult(
        check_results=[
            dg.AssetCheckResult(
                check_name="livraison_lisible",
                passed=not refused,
                severity=dg.AssetCheckSeverity.WARN,
                description="\n".join(r.motif for r in refused) or None,
            ),
            dg.AssetCheckResult(check_name="lignes_comptees", passed=not uncounted, metadata={"fichiers": uncounted}),
        ],
    )


@dg.asset(
    group_name="reference",
    kinds={"csv"},
    description="Les données de référence du programme, tenues à leur contrat.",
)
def donnees_de_reference(programme: ProgrammeResource) -> dg.MaterializeResult[None]:
    """Checks the programme's reference files; fails with the list of what is wrong."""
    from orchestration.programme.check import check_programme

    problems = check_programme(programme.load())
    if problems:
        raise dg.Failure("Données de référence refusées :\n" + "\n".join(map(str, problems[:50])), allow_retries=False)
    return dg.MaterializeResult()


@dg.asset(
    deps=[reponses, donnees_de_reference],
    group_name=GROUP,
    kinds={"parquet"},
    description="Les lots en vigueur : pour chaque organisme et vague, la dernière livraison acceptée.",
)
def lots(programme: ProgrammeResource) -> dg.MaterializeResult[None]:
    """Elects the versions in force and writes what dbt reads beside the answers."""
    from orchestration.extracts.inventory import take_inventory
    from orchestration.publication.inputs import prepare_inputs

    opened = programme.load()
    inventory = take_inventory(opened)
    inputs = prepare_inputs(opened, inventory, programme.settings)
    return dg.MaterializeResult(
        metadata={
            "organismes": len(inventory.election.elected),
            "entretiens": inventory.election.interviews,
            "edition": inputs.edition,
            "empreinte": inputs.fingerprint,
        }
    )
