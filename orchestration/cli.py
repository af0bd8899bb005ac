"""`observatoire`: a thin face on the Dagster jobs.

Exit code 0 = published, 1 = refused with the reason, 2 = usage, 130 = interrupted. Of `status`, 1 = the last run
published nothing and what was at fault is still there, or the edition cannot be read; 3 = something else asks for a
person. Of `doctor`, 1 = a fault, 3 = something to watch.
"""

from __future__ import annotations

import os
import sys
from itertools import chain
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from orchestration.cli_alerts import alerts
from orchestration.cli_author import author
from orchestration.cli_contract import Data, contract, err, opened, out, print_json, refuse_all
from orchestration.cli_deliveries import deliveries
from orchestration.cli_depots import depots
from orchestration.cli_installation import installation
from orchestration.cli_look import look
from orchestration.cli_words import COMMAND, FrenchGroup, UsageError, french, usage_error
from orchestration.errors import ObservatoireError
from orchestration.interrupts import INTERRUPTED, WORD, come_as_ctrl_c
from orchestration.machine import closed_journals, machine_refusal
from orchestration.settings import Settings, default_root
from orchestration.streams import speak_utf8

app = typer.Typer(
    cls=FrenchGroup,
    no_args_is_help=True,
    subcommand_metavar=COMMAND,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(alerts)
app.add_typer(look)
app.add_typer(author)
app.add_typer(depots)
app.add_typer(deliveries)
app.add_typer(installation)
app.add_typer(contract, name="contract")


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        from orchestration.publication.inputs import revision

        out.print(f"observatoire {version('observatoire')} ({revision()})")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Dit la version, et la révision du code."
        ),
    ] = False,
) -> None:
    """Consolide les enquêtes de satisfaction d'un programme."""


@app.command()
def run(
    pertes: Annotated[
        str | None,
        typer.Option(
            "--accepter-les-pertes",
            metavar="MOTIF",
            help="Publie même si des entretiens publiés manquent ; le motif reste.",
        ),
    ] = None,
    publier: Annotated[
        bool, typer.Option("--publier", help="Publie même ce qu'un retour en arrière a écarté.")
    ] = False,
    relire: Annotated[
        str | None,
        typer.Option(
            metavar="VAGUE/ORGANISME",
            help="Relit d'abord des livraisons déjà lues : d'une vague, de /ORGANISME, des deux, ou « tout ».",
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Lit ce qui est arrivé, consolide, publie et imprime les rapports."""
    from orchestration.extracts.inventory import stray_names
    from orchestration.extracts.lake import Lake
    from orchestration.operation.variables import refuse_bad_variables
    from orchestration.programme.vocabulary import words_of
    from orchestration.publication.lost import landing_lost
    from orchestration.runs import run_all
    from orchestration.settings import parse_meanwhile
    from orchestration.summary import print_stray, print_summary

    if pertes is not None and not pertes.strip():
        raise typer.BadParameter("une perte se motive", param_hint="--accepter-les-pertes")
    again = _again(relire)
    programme = opened(data)
    landing, stray = Lake(programme.root).landing, stray_names(Lake(programme.root))
    # Told before anything is read: whoever dropped a file there would otherwise learn it minutes later.
    print_stray(err, words_of(programme.config), stray)
    # what a disk that is not mounted leaves is no place for a demonstration
    empty = not any(landing.glob("*/*")) and not stray and not landing_lost(programme.settings)
    if programme.config.demonstration and (empty or (landing / _UNFINISHED).exists()):
        # A run that cannot go on leaves nothing behind, not even the demonstration that it would read.
        refuse_bad_variables()
        parse_meanwhile(programme.settings)
        _demo(programme.root)
    with _progress() as bar:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)

        try:
            outcome = run_all(programme, tell, pertes, anyway=publier, again=again)
        except ObservatoireError:
            from orchestration.operation.alerts import alert_last

            if said := alert_last(programme.settings):
                err.print(said, markup=False, soft_wrap=True)
            raise
    print_summary(out, programme, outcome)


def _again(asked: str | None) -> tuple[str | None, str | None] | None:
    """Returns the wave and the organisme to read again, None for all of them; None when nothing is asked for.

    Raises:
        BadParameter: no organisme is named after the bar, as by a variable of the shell that is not set.
    """
    if asked in (None, "tout"):
        return None if asked is None else (None, None)
    wave, bar, organisme = (part.strip() for part in asked.partition("/"))
    if bar and not organisme:
        raise typer.BadParameter(f"« {asked} » ne nomme aucun organisme après la barre", param_hint="--relire")
    return wave or None, organisme or None


@app.command()
def demo(data: Data = None) -> None:
    """Écrit des livraisons de démonstration dans landing/ et la vérité qu'elles portent."""
    _demo(opened(data).root)


@app.command()
def check(data: Data = None) -> None:
    """Tient les données de référence et les contrats à leurs règles."""
    from orchestration.extracts.contracts import load_contracts
    from orchestration.extracts.decision_lists import decision_advice, decision_faults
    from orchestration.extracts.planning import plan_advice
    from orchestration.extracts.pseudonyms import refuse_bad_key
    from orchestration.installation.holdings import lost_outside
    from orchestration.installation.readiness import programme_faults
    from orchestration.programme.advice import advice
    from orchestration.programme.texts import counted

    programme = opened(data)
    # what a decision names is sought in the reference data, which must hold first
    refuse_all(programme_faults(programme) or map(str, decision_faults(programme)))
    contracts = load_contracts(programme)
    refuse_bad_key()
    # one of a dispositif is a file, however many waves it stands for
    files = {contract.path for contract in contracts.sound}
    name, contracts_told = programme.config.programme, counted(len(files), "contrat")
    out.print(f"Programme {name} : données de référence et {contracts_told} en règle.")
    warned = (plan_advice(programme, contracts), advice(programme), decision_advice(programme))
    for sentence in (*chain.from_iterable(warned), *lost_outside(programme.root)):
        out.print(f"Avertissement, {sentence}", markup=False, soft_wrap=True)


@app.command()
def schema() -> None:
    """Écrit le schéma JSON de programme.yaml, pour les éditeurs."""
    from orchestration.programme.config import PROGRAMME
    from orchestration.programme.declared import json_schema

    print_json(json_schema(PROGRAMME))


@app.command()
def rollback(
    edition: Annotated[
        str | None,
        typer.Argument(help="Édition à remettre en place ; par défaut la dernière qui ait d'autres chiffres."),
    ] = None,
    motif: Annotated[str, typer.Option(metavar="MOTIF", help="Pourquoi l'édition courante est écartée.")] = "",
    data: Data = None,
) -> None:
    """Remet une édition gardée à la place de l'édition courante, qui ne revient pas tant que rien ne change."""
    from orchestration.installation.rollback import roll_back
    from orchestration.programme.vocabulary import words_of

    programme = opened(data)
    words, done = words_of(programme.config), roll_back(programme, edition, motif)
    said = [words.say("retour_passee", raison=passed) for passed in done.choice.passed]
    before = done.before or words.say("aucune_edition")
    again = done.before == done.choice.edition
    said.append(words.say("retour_deja" if again else "retour_fait", edition=done.choice.edition, avant=before))
    if not done.aside:
        said.append(words.say("retour_sans_trace", edition=done.before))
    for line in said:
        out.print(escape(line), soft_wrap=True)


@app.command()
def prepare(data: Data = None) -> None:
    """Prépare les dossiers d'un programme et son instance Dagster, avant que le démon ou l'interface ne démarrent."""
    from orchestration.installation.journals import reach
    from orchestration.operation.variables import refuse_bad_variables
    from orchestration.settings import ensure_manifest, in_production

    refuse_bad_variables()
    settings = opened(data).settings
    if in_production():
        # Its tables are `doctor`'s to look at: another service may be making them at this very moment.
        reach()
    settings.prepare()
    ensure_manifest(settings)
    out.print(f"Instance Dagster : {settings.environment()['DAGSTER_HOME']}.", soft_wrap=True)


def main() -> None:
    """Runs the command line; a refusal is one sentence on stderr and exit code 1, Ctrl-C a word and 130."""
    speak_utf8()
    if COMPLETION in os.environ:
        # Typer's own options that install it are in English, and would stand among the commands of each help.
        from typer.completion import completion_init  # type: ignore[attr-defined]

        completion_init()
    try:
        come_as_ctrl_c()
        sys.exit(french(app)(standalone_mode=False) or 0)
    except UsageError as error:
        if said := usage_error(error):
            err.print(said, markup=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except ObservatoireError as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        err.print(WORD)
        sys.exit(INTERRUPTED)
    except SystemExit as ended:
        # Typer has turned Ctrl-C into this already
        if ended.code == INTERRUPTED:
            err.print(WORD)
        raise
    except Exception as error:
        told = machine_refusal(error, Settings(default_root()).written) or closed_journals(error)
        if told is None:
            raise
        _refuse(told)


def _refuse(reason: str) -> NoReturn:
    err.print(f"[bold red]Refusé[/] : {escape(reason)}", soft_wrap=True)
    sys.exit(1)


# set by the shell that asks what a command line begun may go on with
COMPLETION = "_OBSERVATOIRE_COMPLETE"

# while it stands, the demo's deliveries are not all written
_UNFINISHED = ".demonstration-en-cours"


def _demo(root: Path) -> None:
    from orchestration.demo import write_demo

    marker = root / "landing" / _UNFINISHED
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.touch()

    with _progress() as bar:
        task = bar.add_task("Livraisons de démonstration", total=None)
        written = write_demo(root, progress=lambda _: bar.advance(task))
        bar.update(task, total=1, completed=1)
    marker.unlink()
    out.print(
        f"Données de démonstration : {len(written.files)} fichiers écrits dans {root / 'landing'}.",
        soft_wrap=True,
    )


def _progress() -> Progress:
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err)


if __name__ == "__main__":
    main()
