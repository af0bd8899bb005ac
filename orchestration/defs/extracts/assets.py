"""`reponses`, one partition per delivery; `lots`, the versions in force; `donnees_de_reference`, checked."""

from collections.abc import Iterator

import dagster as dg

from orchestration.defs.extracts.checks import (
    ACCEPTED_CHECK,
    NONE_REFUSED_CHECK,
    accepted,
    log_accepted,
    log_checks,
    none_refused,
    of_extraction,
    of_plausibility,
    results,
    specs,
)
from orchestration.defs.extracts.reading import (
    READ_CHECK,
    Reading,
    all_read,
    delivery_metadata,
    hold_read,
    log_read,
    read,
    read_before,
)
from orchestration.defs.jobs import LIVRAISONS
from orchestration.defs.resources import ProgrammeRun
from orchestration.defs.retries import tried_again

GROUP = "extraits"


@dg.asset(
    deps=["landing"],
    partitions_def=LIVRAISONS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    group_name=GROUP,
    kinds={"polars", "pandera", "parquet"},
    description="Une livraison lue par son contrat et validée ligne à ligne : réponses au lac, rejets en quarantaine.",
    check_specs=[ACCEPTED_CHECK, *specs(of_extraction(), "reponses")],
)
@tried_again()
def reponses(context: dg.AssetExecutionContext, programme: ProgrammeRun) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Ingests the deliveries of this run's partitions; a refused delivery is recorded, not raised.

    Raises:
        Failure: some could not be read; the others were.
    """
    from orchestration.extracts.contracts import load_contracts
    from orchestration.extracts.deliveries import deliveries
    from orchestration.extracts.gates import refused
    from orchestration.extracts.inventory import take_inventory

    opened = programme.load()
    # Two files with the same bytes have the same identifier: as in the inventory, the first one counts.
    known = {d.id: d for d in reversed(deliveries(opened, load_contracts(opened)))}
    for key in context.partition_keys:
        if key not in known:
            context.log.warning(f"{key} : plus dans landing/, rien à lire.")
    read_now = list(read(context, opened, [known[key] for key in context.partition_keys if key in known]))
    records = [found for found in read_now if not isinstance(found, str)]
    if failures := [found for found in read_now if isinstance(found, str)]:
        for record in records:
            log_read(context, record)
        raise dg.Failure(" ".join(failures), allow_retries=False)
    for record in records:
        context.add_asset_metadata(delivery_metadata(record), partition_key=record.livraison)
    inventory = take_inventory(opened)
    unfit, kept = refused(inventory), {record.livraison: record for record in inventory.records}
    each = {key: accepted(kept.get(key), unfit) for key in context.partition_keys}
    if len(each) > 1:
        for key, result in each.items():
            log_accepted(context, result, key)
    worst = min(each.values(), key=lambda result: result.passed, default=accepted(None, unfit))
    return dg.MaterializeResult(check_results=[worst, *results(of_extraction(), inventory)])


@dg.asset(
    group_name="reference",
    kinds={"csv"},
    description="Les données de référence du programme, tenues à leur contrat.",
)
def donnees_de_reference(programme: ProgrammeRun) -> dg.MaterializeResult[None]:
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
    check_specs=[READ_CHECK, NONE_REFUSED_CHECK, *specs(of_plausibility(), "lots")],
    # Without new inputs it is not materialized, and Dagster skips the steps after it.
    output_required=False,
)
def lots(
    context: dg.AssetExecutionContext, config: Reading, programme: ProgrammeRun
) -> "Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]":
    """Reads what is left to read, judges the new lots, elects the versions in force, writes what dbt reads.

    Where all that makes no other edition than the current one, it ends there.

    Raises:
        NothingAccepted: no delivery is in force; what is published stays.
    """
    from orchestration.errors import NothingAccepted
    from orchestration.extracts.gates import refused
    from orchestration.operation.attentions import tell
    from orchestration.operation.refusals import nothing_accepted
    from orchestration.plausibility.deliveries import judge_lots
    from orchestration.publication.currency import ANYWAY, nothing_to_publish
    from orchestration.publication.inputs import prepare_inputs
    from orchestration.publication.losses import agree

    opened, inputs = programme.load(), None
    with tried_again():
        done = read_before(context, opened, config)
        inventory = judge_lots(opened, context.log.info)
        hold_read(inventory, done)
        unchanged = nothing_to_publish(opened, inventory, anyway=ANYWAY in context.run.tags)
        nothing = nothing_accepted(opened, inventory)
        if unchanged is None and nothing is None:
            if config.pertes:
                agree(opened, inventory, config.pertes)
            inputs = prepare_inputs(opened, inventory)
    for said in tell(opened, inventory):
        context.log.info(said)
    unfit = refused(inventory)
    log_checks(context, inventory, unfit)
    yield all_read(inventory, opened, context.instance)
    yield none_refused(unfit)
    yield from results(of_plausibility(), inventory)
    if nothing is not None:
        # Nothing to build from: dbt would build empty tables for minutes, and hide the reason.
        raise NothingAccepted(nothing)
    if inputs is None:
        context.log.info(str(unchanged))
        return
    yield dg.MaterializeResult(
        metadata={
            "organismes": len(inventory.election.elected),
            "entretiens": inventory.election.interviews,
            "edition": inputs.edition,
            "empreinte": inputs.fingerprint,
        }
    )
