"""What people decided about deliveries, in small CSV files beside them: a rebuild from `landing/` decides the same.

A line is added, none is changed: deleting it by hand takes the decision back. Who adds one holds the lists meanwhile
(`deciding`): each is read and written whole, and of two that wrote at once the first would lose its line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from orchestration.errors import DeliveryError
from orchestration.extracts.decision_lists import (
    COLUMNS,
    EXCLUSIONS,
    WITHDRAWALS,
    codes_of,
    decided,
    decision_faults,
    not_asked,
    refuse,
    write_decisions,
)
from orchestration.extracts.lake import Lake
from orchestration.files import alone, make_folder, settle, write_text
from orchestration.programme import Programme

# beside the lists; hidden, so that it is no delivery
_LOCK = ".decisions.verrou"

Excluded = Mapping[tuple[str, str, str], str]
Withdrawn = Mapping[str, Mapping[str, str]]


@contextmanager
def deciding(landing: Path) -> Iterator[None]:
    """Holds the lists of a landing folder while the block looks whether a decision stands, and adds it."""
    make_folder(landing)
    with alone(landing / _LOCK):
        yield


def begin(landing: Path, name: str) -> None:
    """Writes a list that is not there, without any decision in it."""
    with deciding(landing):
        if not (landing / name).exists():
            write_text(",".join(COLUMNS[name]) + "\n", landing / name)


def decide(path: Path, row: dict[str, str], reason: str, subject: str) -> None:
    """Adds a decision, dated today; the caller holds `deciding`.

    Args:
        path: the file of such decisions; made when absent.
        row: its columns; the date goes in the one that ends with `_le`, the reason in `motif`.
        reason: why, in a sentence.
        subject: what is decided upon, for the sentence of a refusal.

    Raises:
        DeliveryError: no reason is given, or a line that is there cannot be read.
    """
    if not reason.strip():
        raise DeliveryError("decision", f"{subject} : une telle décision se motive ; ajouter --motif.")
    today = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    # each list has one column that says when
    filled = {name: today if name.endswith("_le") else value for name, value in row.items()} | {"motif": reason.strip()}
    write_decisions([*decided(path), filled], path)
    # what is announced outlives a power cut
    settle(path.parent)


def withdrawn(lake: Lake) -> Withdrawn:
    """Returns the reason of each withdrawal, by SHA-256 of the withdrawn bytes, then by the name they were under.

    The file stays in the landing folder; the line beside it says that it no longer counts.
    """
    found: dict[str, dict[str, str]] = {}
    for row in decided(lake.landing / WITHDRAWALS):
        found.setdefault(row["sha256"], {})[row["fichier"]] = row["motif"]
    return found


def withdraw(lake: Lake, sha256: str, filename: str, reason: str) -> None:
    """Adds a delivery to the withdrawn ones.

    Args:
        lake: the programme's folders.
        sha256: the bytes that no longer count.
        filename: `<wave>/<file>`, for the reader of the list.
        reason: why, in a sentence.

    Raises:
        DeliveryError: it was withdrawn already, or no reason is given.
    """
    with deciding(lake.landing):
        if filename in withdrawn(lake).get(sha256, {}):
            raise DeliveryError("retrait", f"{filename} : cette livraison est déjà retirée.")
        row = dict.fromkeys(COLUMNS[WITHDRAWALS], "") | {"sha256": sha256, "fichier": filename}
        decide(lake.landing / WITHDRAWALS, row, reason, filename)


def excluded(lake: Lake) -> Excluded:
    """Returns the reason of each question left out by a person, by wave, organisme and question.

    The organisme's other answers count.
    """
    rows = decided(lake.landing / EXCLUSIONS)
    return {(row["vague"], row["organisme_code"], row["question_code"]): row["motif"] for row in rows}


def exclude(programme: Programme, wave: str, organisme: str, question: str, reason: str) -> None:
    """Leaves a question out for an organisme and wave.

    Args:
        programme: whose deliveries they are.
        wave: code of the wave.
        organisme: code of the organisme.
        question: code of the question.
        reason: why, in a sentence.

    Raises:
        DeliveryError: one of the codes is unknown, the wave did not ask the question, it is left out already, no reason
            is given, or a line of the lists of decisions cannot be.
    """
    named = dict(zip(("vague", "organisme_code", "question_code"), (wave, organisme, question), strict=True))
    for column, (file, codes) in codes_of(programme).items():
        if named[column] not in codes:
            noun = column.removesuffix("_code")
            raise DeliveryError("exclusion", f"{noun} {named[column]} : code inconnu ; les codes sont dans {file}.")
    if said := not_asked(programme, wave, question):
        raise DeliveryError("exclusion", f"{said} ; nommer une vague qui la pose.")
    subject = f"{question} de {organisme} en {wave}"
    lake = Lake(programme.root)
    with deciding(lake.landing):
        refuse(decision_faults(programme))
        if (wave, organisme, question) in excluded(lake):
            raise DeliveryError("exclusion", f"{subject} : déjà exclue.")
        decide(lake.landing / EXCLUSIONS, dict.fromkeys(COLUMNS[EXCLUSIONS], "") | named, reason, subject)
