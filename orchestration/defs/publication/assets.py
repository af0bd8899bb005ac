"""`edition`: the candidate, once through its gates, becomes what readers see."""

from functools import partial
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.defs.resources import ProgrammeRun
from orchestration.defs.retries import tried_again

if TYPE_CHECKING:
    from orchestration.plausibility.run import Expectation

GROUP = "edition"
COVERAGE = dg.AssetKey("obs_couverture")
INDICATORS = dg.AssetKey("fct_evolution")


# what each gate of `publication.gates` holds the candidate to
_GATES = {
    "couverture_minimum": "La part du parc attendu qui est consolidée atteint le minimum du programme.",
    "aucun_organisme_nomme": "Seules les colonnes déclarées pour cela désignent des organismes, et tout ce qui sort est"
    " déclaré.",
    "rien_de_perdu": "Aucun organisme de l'édition courante ne perd ses entretiens sans retrait ni accord.",
    "rien_d_isole": "La différence avec une édition encore lisible n'isole ni organisme ni réponse, et ce qu'elles"
    " ont en commun est publié sous les mêmes règles.",
    "pas_ecartee": "Un retour en arrière n'a pas écarté l'édition faite de ces entrées.",
}


def gate_checks() -> list[dg.AssetChecksDefinition]:
    """Returns a check for each gate: one that does not pass refuses the publication, or only says so."""
    return [_gate_check(name, description) for name, description in _GATES.items()]


def _gate_check(name: str, description: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(name=name, asset=COVERAGE, blocking=True, description=description)
    def gate(context: dg.AssetCheckExecutionContext, programme: ProgrammeRun) -> dg.AssetCheckResult:
        """Holds the candidate to the gate."""
        from orchestration.publication.gates import GATES

        result = GATES[name](programme.load())
        return dg.AssetCheckResult(
            passed=result.passed or result.waived_by in context.run.tags,
            severity=dg.AssetCheckSeverity.ERROR if result.refuses else dg.AssetCheckSeverity.WARN,
            description=result.sentence,
            metadata=result.figures,
        )

    return gate


@dg.asset_check(
    asset=INDICATORS,
    blocking=True,
    description="Les suites Great Expectations sur l'édition candidate ; les Data Docs de tous les contrôles.",
)
def plausibilite(programme: ProgrammeRun) -> dg.AssetCheckResult:
    """Refuses the publication when a critical expectation fails; says so when a lesser one does."""
    from orchestration.plausibility.candidate import check_candidate
    from orchestration.plausibility.suites import CRITICAL

    settings = programme.settings
    entries = check_candidate(programme.load(), settings)
    failed = [e for e in entries if not e.passed]
    critical = [e for e in failed if e.severity == CRITICAL]
    sentence = " ".join(f"{e.suite} : {e.reason}{_cases(e)}" for e in critical or failed)
    return dg.AssetCheckResult(
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
        description=sentence or f"{len(entries)} attentes tenues.",
        metadata={
            "attentes": len(entries),
            "non_tenues": len(failed),
            # A page served by http may not lead to a file: the browser refuses such a link without a word.
            "data_docs": dg.MetadataValue.path(str(settings.checks / "index.html")),
        },
    )


def _cases(entry: "Expectation") -> str:
    """Returns how many cases an expectation does not hold for, and a few of them; empty where it is about no row."""
    if not entry.unexpected:
        return ""
    examples = f", par exemple {', '.join(map(str, entry.examples))}" if entry.examples else ""
    return f" ({entry.unexpected} cas{examples})."


def edition_asset(marts: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """Returns the `edition` asset, downstream of every published table.

    Args:
        marts: the published tables.
    """

    @dg.asset(
        deps=marts,
        group_name=GROUP,
        kinds={"duckdb"},
        description="L'édition : fichier régional, fichiers d'organismes, Parquet, manifeste ; courante d'un geste.",
    )
    @tried_again()
    def edition(context: dg.AssetExecutionContext, programme: ProgrammeRun) -> dg.MaterializeResult[None]:
        """Assembles the edition's folder, then switches readers to it."""
        from orchestration.publication.aside import take_back, unwanted
        from orchestration.publication.assemble import assemble
        from orchestration.publication.editions import NOTE, Editions
        from orchestration.publication.lost import forget

        declared, settings = programme.load(), programme.settings
        manifest = assemble(declared)
        editions = Editions(settings.published)
        before = editions.current()
        editions.switch(manifest["edition"])
        take_back(settings.published, manifest["empreinte"])
        aside = unwanted(settings.published)
        kept = declared.thresholds.editions_conservees
        dropped = editions.prune(kept, before, aside, partial(forget, settings))
        note = (editions.folder(manifest["edition"]) / NOTE).read_text(encoding="utf-8")
        state = "publiée" if manifest["edition"] != before else "déjà publiée"
        context.log.info(f"Édition {manifest['edition']} {state} ; retirées : {', '.join(dropped) or 'aucune'}.")
        return dg.MaterializeResult(
            metadata={
                "edition": manifest["edition"],
                "dossier": dg.MetadataValue.path(str(editions.folder(manifest["edition"]))),
                "changements": dg.MetadataValue.md(note),
                "organismes": len(manifest["organismes"]),
                "lignes": sum(manifest["tables"].values()),
            },
            data_version=dg.DataVersion(manifest["edition"]),
        )

    return edition
