"""Reports, printed from the published edition."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.defs.resources import ProgrammeRun
from orchestration.defs.retries import tried_again

if TYPE_CHECKING:
    from orchestration.publication.editions import Editions

Printer = Callable[[ProgrammeRun, "Editions", str], dict[str, Any]]


def _report(*kinds: str, description: str) -> Callable[[Printer], dg.AssetsDefinition]:
    """Makes an asset of what prints a report; what it returns is shown on the page of the asset, with the edition."""

    def asset(prints: Printer) -> dg.AssetsDefinition:
        @dg.asset(
            name=prints.__name__, deps=["edition"], group_name="rapports", kinds=set(kinds), description=description
        )
        @tried_again()
        def report(programme: ProgrammeRun) -> dg.MaterializeResult[None]:
            from orchestration.publication.editions import Editions

            editions = Editions(programme.settings.published)
            name = editions.current()
            if name is None:
                raise dg.Failure("Aucune édition publiée : rien à imprimer.", allow_retries=False)
            return dg.MaterializeResult(metadata={**prints(programme, editions, name), "edition": name})

        return report

    return asset


@_report("html", description="Le rapport régional de l'édition courante, une page qui se lit hors ligne.")
def rapport_regional(programme: ProgrammeRun, editions: "Editions", name: str) -> dict[str, Any]:
    """Prints the regional report of the current edition."""
    from orchestration.extracts.lake import Lake
    from orchestration.publication.editions import DATABASE
    from orchestration.reporting.printing import print_report
    from orchestration.reporting.workshop import write_workshop

    settings, config, database = programme.settings, programme.load().config, editions.folder(name) / DATABASE
    report = print_report(database, config, settings.reports, name, settings.root)
    workshop = write_workshop(Lake(settings.root), config, settings.warehouse.parent / "livraisons.html")
    return {
        "apercu": dg.MetadataValue.md(report.preview),
        "page": dg.MetadataValue.path(str(report.page)),
        "poids": report.size,
        "livraisons": dg.MetadataValue.path(str(workshop)),
    }


@_report("pdf", description="La lettre régionale de l'édition courante, en PDF.")
def lettre_regionale(programme: ProgrammeRun, editions: "Editions", name: str) -> dict[str, Any]:
    """Prints the regional letter of the current edition."""
    from orchestration.publication.editions import DATABASE
    from orchestration.reporting.letter.printing import print_letter

    settings, database = programme.settings, editions.folder(name) / DATABASE
    printed = print_letter(database, programme.load().config, settings.reports / name, settings.root)
    return {"pdf": dg.MetadataValue.path(str(printed.path)), "pdf_ua": printed.accessible}


@_report(
    "html", "pdf", description="Un livret par organisme de la vague courante, page et PDF, tiré de son seul fichier."
)
def livrets_organismes(programme: ProgrammeRun, editions: "Editions", name: str) -> dict[str, Any]:
    """Prints the leaflet of each organisme of the current wave, from its own file."""
    from orchestration.reporting.leaflet.printing import print_leaflets
    from orchestration.reporting.printed import leaflets_folder

    printed = print_leaflets(editions, name, programme.load().config, programme.settings.root)
    return {"dossier": dg.MetadataValue.path(str(leaflets_folder(editions) / name)), "livrets": len(printed)}
