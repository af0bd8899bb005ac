"""Makes a programme of a person's answers: files are checked aside, then put where no file stands yet."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from orchestration.authoring.answers import Answers
from orchestration.authoring.first_contract import contract_name, first_contract, interviews_by_organisme
from orchestration.authoring.programme_files import programme_files
from orchestration.authoring.together import write_all
from orchestration.errors import ProgrammeError
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.draft.sniff import sniff
from orchestration.extracts.planning import plan_faults
from orchestration.programme import load_programme
from orchestration.programme.check import check_programme
from orchestration.programme.texts import capped

_SHOWN = 3


@dataclass(frozen=True)
class Made:
    """What was written.

    Attributes:
        files: paths in the programme's folder, in order.
        delivered: the extract's place in `landing/`; None without an extract.
    """

    files: tuple[str, ...]
    delivered: str | None


def make_programme(folder: Path, answers: Answers, base: Path) -> Made:
    """Writes a programme into a folder, and the extract it was drafted from into its `landing/`.

    Args:
        folder: the programme's folder, there already or not.
        answers: what a person said.
        base: folder that the path of the extract starts from.

    Raises:
        ProgrammeError: a file stands there already, or the answers do not make a sound programme; nothing is written.
        DeliveryError: the extract cannot be read.
    """
    population, files = dict(answers.population), {}
    extract = answers.extrait
    path = (base / extract.fichier).resolve() if extract else None
    if extract is not None and path is not None:
        if not path.is_file():
            raise ProgrammeError(f"extrait.fichier : {path} n'est pas un fichier ; corriger le chemin.")
        sniffed = sniff(path)
        files[f"contracts/{contract_name(answers)}.yaml"] = first_contract(answers, extract, path, sniffed)
        population = population or interviews_by_organisme(answers, extract, sniffed)
    files = programme_files(answers, population, known=bool(answers.population)) | files
    delivered = f"landing/{answers.vague}/{path.name}" if path else None
    # an extract that stands in landing/ already stays where it is
    copied = {delivered: path} if path and delivered and path != (folder / delivered).resolve() else {}
    refuse_standing(folder, (*files, *copied))
    _hold(files)
    placed: dict[Path, str | Path] = {folder / name: text for name, text in files.items()}
    placed |= {folder / name: source for name, source in copied.items()}
    write_all(placed, [folder / "contracts", folder / "landing" / answers.vague])
    return Made(tuple(files), delivered)


def refuse_standing(folder: Path, names: Iterable[str]) -> None:
    """Refuses a folder where one of the files stands already: it is somebody's work.

    Raises:
        ProgrammeError: one does.
    """
    if there := [name for name in names if (folder / name).exists()]:
        raise ProgrammeError(
            f"{folder} : {capped(there, most=_SHOWN)} existe déjà ; rien n'est écrasé. Choisir un autre"
            " dossier, ou les ôter d'abord."
        )


def _hold(files: dict[str, str]) -> None:
    """Holds the files to the rules of every programme, in a folder of their own.

    Raises:
        ProgrammeError: what they break, every fault with its file and line.
    """
    with tempfile.TemporaryDirectory(prefix="observatoire-") as aside:
        write_all({Path(aside) / name: text for name, text in files.items()})
        programme = load_programme(Path(aside))
        found = [str(problem) for problem in check_programme(programme)]
        if not found:
            contracts = load_contracts(programme)
            found = [*contracts.faults, *plan_faults(programme, contracts)]
    if found:
        raise ProgrammeError("\n".join(f"Ces réponses ne font pas un programme en règle : {said}" for said in found))
