"""Reports, printed from the published edition."""

from typing import TYPE_CHECKING

import dagster as dg

from orchestration.defs.resources import ProgrammeRun
from orchestration.defs.retries import tried_again

if TYPE_CHECKING:
    from orchestration.publication.editions import Editions


@dg.asset(
    deps=["edition"],
    group_name="rapports",
    kinds={"html"},
    description="Le rapport régional de l'édition courante, une page qui se lit hors ligne.",
)
@tried_again()
def rapport_regional(programme: ProgrammeRun) -> dg.MaterializeResult[None]:
    """Prints the regional report of the current edition."""
    from orchestration.publication.editions import DATABASE, Editions
    from orchestration.reporting.printing import print_report
    from orchestration.reporting.workshop import write_workshop

    settings = programme.settings
    editions = Editions(settings.published)
    name = _current(editions)
    report = print_report(
        editions.folder(name) / DATABASE, programme.load().config, settings.reports, name, settings.root
    )
    workshop = write_workshop(
        editions.folder(name) / DATABASE,
        programme.load().config,
        settings.root / "quarantine",
        settings.warehouse.parent / "livraisons.html",
    )
    return dg.MaterializeResult(
        metadata={
            "apercu": dg.MetadataValue.md(report.preview),
            "page": dg.MetadataValue.path(str(report.page)),
            "poids": dg.MetadataValue.int(report.size),
            "livraisons": dg.MetadataValue.path(str(workshop)),
            "edition": name,
        }
    )


@dg.asset(
    deps=["edition"],
    group_name="rapports",
    kinds={"pdf"},
    description="La lettre régionale de l'édition courante, en PDF.",
)
@tried_again()
def lettre_regionale(programme: ProgrammeRun) -> dg.MaterializeResult[None]:
    """Prints the regional letter of the current edition."""
    from orchestration.publication.editions import DATABASE, Editions
    from orchestration.reporting.letter.printing import print_letter

    settings = programme.settings
    editions = Editions(settings.published)
    name = _current(editions)
    printed = print_letter(
        editions.folder(name) / DATABASE, programme.load().config, settings.reports / name, settings.root
    )
    return dg.MaterializeResult(
        metadata={"pdf": dg.MetadataValue.path(str(printed.path)), "pdf_ua": printed.accessible, "edition": name}
    )


@dg.asset(
    deps=["edition"],
    group_name="rapports",
    kinds={"html", "pdf"},
    description="Un livret par organisme de la vague courante, page et PDF, tiré de son seul fichier.",
)
@tried_again()
def livrets_organismes(programme: ProgrammeRun) -> dg.MaterializeResult[None]:
    """Prints the leaflet of each organisme of the current wave, from its own file."""
    from orchestration.publication.editions import Editions
    from orchestration.reporting.leaflet.printing import print_leaflets
    from orchestration.reporting.printed import leaflets_folder

    editions = Editions(programme.settings.published)
    name = _current(editions)
    printed = print_leaflets(editions, name, programme.load().config)
    folder = leaflets_folder(editions) / name
    return dg.MaterializeResult(
        metadata={"dossier": dg.MetadataValue.path(str(folder)), "livrets": len(printed), "edition": name}
    )


def _current(editions: "Editions") -> str:
    name = editions.current()
    if name is None:
        raise dg.Failure("Aucune édition publiée : rien à imprimer.", allow_retries=False)
    return name
