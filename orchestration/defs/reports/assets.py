"""Reports, printed from the published edition."""

import dagster as dg

from orchestration.defs.resources import ProgrammeLock, ProgrammeResource
from orchestration.defs.retries import tried_again


@dg.asset(
    deps=["edition"],
    group_name="rapports",
    kinds={"html"},
    description="Le rapport régional de l'édition courante, une page qui se lit hors ligne.",
)
@tried_again()
def rapport_regional(programme: ProgrammeResource, verrou: ProgrammeLock) -> dg.MaterializeResult[None]:
    """Prints the regional report of the current edition."""
    from orchestration.publication.editions import DATABASE, Editions
    from orchestration.reporting.shelf import print_report

    settings = programme.settings
    editions = Editions(settings.published)
    name = editions.current()
    if name is None:
        raise dg.Failure("Aucune édition publiée : rien à imprimer.", allow_retries=False)
    page = print_report(
        editions.folder(name) / DATABASE, programme.load().config, settings.reports, name, settings.root
    )
    return dg.MaterializeResult(metadata={"page": dg.MetadataValue.path(str(page)), "edition": name})
