"""`reponses`, one partition per delivery; `lots`, the versions in force; `donnees_de_reference`, checked."""

import dagster as dg

from orchestration.defs.extracts.checks import of_extraction, of_plausibility, results, specs
from orchestration.defs.extracts.reading import (
    READ_CHECK,
    Reprise,
    all_read,
    delivery_metadata,
    read,
    read_before,
    tell,
)
from orchestration.defs.partitions import LIVRAISONS
from orchestration.defs.resources import ProgrammeLock, ProgrammeResource
from orchestration.defs.retries import tried_again

GROUP = "extraits"


@dg.asset(
    deps=["landing"],
    partitions_def=LIVRAISONS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    group_name=GROUP,
    kinds={"polars", "pandera", "parquet"},
    description="Une livraison lue par son contrat et validée ligne à ligne : réponses au lac, rejets en quarantaine.",
    check_specs=specs(of_extraction(), "reponses"),
)
@tried_again()
def reponses(
    context: dg.AssetExecutionContext, programme: ProgrammeResource, verrou: ProgrammeLock
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Ingests the deliveries of this run's partitions; a refused delivery is recorded, not raised.

    Raises:
        Failure: some could not be read; the others were.
    """
    from orchestration.extracts.contracts import load_contracts
    from orchestration.extracts.gates import findings
    from orchestration.extracts.ingest import deliveries
    from orchestration.extracts.inventory import take_inventory

    opened = programme.load()
    # of two names for one identifier, hence the same bytes, the inventory goes by the first
    known = {d.id: d for d in reversed(deliveries(opened, load_contracts(opened)))}
    for key in context.partition_keys:
        if key not in known:
            context.log.warning(f"{key} : plus dans landing/, rien à lire.")
    records, failures = read(context, opened, [known[key] for key in context.partition_keys if key in known])
    if failures:
        tell(context, records)
        raise dg.Failure(" ".join(failures), allow_retries=False)
    for record in records:
        context.add_asset_metadata(delivery_metadata(record), partition_key=record.livraison)
    inventory = take_inventory(opened)
    told = {record.livraison for record in records}
    found = [f for f in findings(inventory) if f.record.livraison in told]
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
    check_specs=[READ_CHECK, *specs(of_plausibility(), "lots")],
)
@tried_again()
def lots(
    context: dg.AssetExecutionContext, config: Reprise, programme: ProgrammeResource, verrou: ProgrammeLock
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Reads what is left to read, judges the new lots, elects the versions in force, writes what dbt reads."""
    from orchestration.extracts.gates import findings
    from orchestration.plausibility.deliveries import judge_lots
    from orchestration.publication.inputs import prepare_inputs

    opened = programme.load()
    read_before(context, opened, config)
    inventory = judge_lots(opened, context.log.info)
    inputs = prepare_inputs(opened, inventory, programme.settings)
    return dg.MaterializeResult(
        metadata={
            "organismes": len(inventory.election.elected),
            "entretiens": inventory.election.interviews,
            "edition": inputs.edition,
            "empreinte": inputs.fingerprint,
        },
        check_results=[
            all_read(inventory, opened, context.instance),
            *results(of_plausibility(), findings(inventory)),
        ],
    )
