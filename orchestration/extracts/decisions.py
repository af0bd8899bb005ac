"""What people decided about deliveries, in small CSV files beside them: a rebuild from `landing/` decides the same.

A line is added, none is changed: deleting it by hand takes the decision back. Who adds one holds the lists meanwhile
(`deciding`): each is read and written whole, and of two that wrote at once the first would lose its line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.lake import Lake
from orchestration.files import alone, make_folder, settle, write_text
from orchestration.programme import Programme

WITHDRAWALS, EXCLUSIONS = "retraits.csv", "exclusions.csv"
# written by orchestration.publication.losses
LOSSES = "pertes_acceptees.csv"
LISTS = (WITHDRAWALS, EXCLUSIONS, LOSSES)
# beside the lists; hidden, so that it is no delivery
_LOCK = ".decisions.verrou"
_WITHDRAWAL = ("sha256", "fichier", "retiree_le", "motif")
_EXCLUSION = ("vague", "organisme_code", "question_code", "exclue_le", "motif")

Excluded = Mapping[tuple[str, str, str], str]
Withdrawn = Mapping[str, Mapping[str, str]]


def decided(path: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    """Returns the decisions of a file, every column as text; none when there is no such file.

    Raises:
        DeliveryError: the file is not the CSV that the command line writes.
    """
    if not path.is_file():
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    try:
        return pl.read_csv(path, infer_schema=False).select(columns)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        raise DeliveryError(
            "decision_illisible",
            f"{path} : illisible ; y remettre l'en-tête « {','.join(columns)} », en UTF-8, séparé par des virgules.",
        ) from None


@contextmanager
def deciding(landing: Path) -> Iterator[None]:
    """Holds the lists of a landing folder while the block looks whether a decision stands, and adds it."""
    make_folder(landing)
    with alone(landing / _LOCK):
        yield


def begin(landing: Path, name: str) -> None:
    """Writes a list that is not there, without any decision in it."""
    columns = {WITHDRAWALS: _WITHDRAWAL, EXCLUSIONS: _EXCLUSION}
    with deciding(landing):
        if not (landing / name).exists():
            write_text(",".join(columns[name]) + "\n", landing / name)


def decide(path: Path, row: dict[str, str], reason: str, subject: str) -> None:
    """Adds a decision, dated today; the caller holds `deciding`.

    Args:
        path: the file of such decisions; made when absent.
        row: its columns; the date goes in the one that ends with `_le`, the reason in `motif`.
        reason: why, in a sentence.
        subject: what is decided upon, for the sentence of a refusal.

    Raises:
        DeliveryError: no reason is given.
    """
    if not reason.strip():
        raise DeliveryError("decision", f"{subject} : une telle décision se motive ; ajouter --motif.")
    today = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    # each list has one column that says when
    filled = {name: today if name.endswith("_le") else value for name, value in row.items()} | {"motif": reason.strip()}
    rows = decided(path, tuple(filled))
    write_text(pl.concat([rows, pl.DataFrame([filled]).select(rows.columns)]).write_csv(), path)
    # what is announced outlives a power cut
    settle(path.parent)


def withdrawn(lake: Lake) -> Withdrawn:
    """Returns the reason of each withdrawal, by SHA-256 of the withdrawn bytes, then by the name they were under.

    The file stays in the landing folder; the line beside it says that it no longer counts.
    """
    found: dict[str, dict[str, str]] = {}
    for sha256, filename, reason in (
        decided(lake.landing / WITHDRAWALS, _WITHDRAWAL).select("sha256", "fichier", "motif").iter_rows()
    ):
        found.setdefault(sha256, {})[filename] = reason
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
        row = dict.fromkeys(_WITHDRAWAL, "") | {"sha256": sha256, "fichier": filename}
        decide(lake.landing / WITHDRAWALS, row, reason, filename)


def excluded(lake: Lake) -> Excluded:
    """Returns the reason of each question left out by a person, by wave, organisme and question.

    The organisme's other answers count.
    """
    rows = decided(lake.landing / EXCLUSIONS, _EXCLUSION).select("vague", "organisme_code", "question_code", "motif")
    return {(wave, organisme, question): reason for wave, organisme, question, reason in rows.iter_rows()}


def exclude(programme: Programme, wave: str, organisme: str, question: str, reason: str) -> None:
    """Leaves a question out for an organisme and wave.

    Args:
        programme: whose deliveries they are.
        wave: code of the wave.
        organisme: code of the organisme.
        question: code of the question.
        reason: why, in a sentence.

    Raises:
        DeliveryError: one of the codes is unknown, the question is left out already, or no reason is given.
    """
    known = {
        "vague": (wave, set(programme.waves)),
        "organisme": (organisme, {str(r["organisme_code"]) for r in programme.rows("organismes")}),
        "question": (question, set(programme.questions)),
    }
    for name, (code, codes) in known.items():
        if code not in codes:
            raise DeliveryError("exclusion", f"{name} {code} : code inconnu ; les codes sont dans reference/.")
    subject = f"{question} de {organisme} en {wave}"
    lake = Lake(programme.root)
    with deciding(lake.landing):
        if (wave, organisme, question) in excluded(lake):
            raise DeliveryError("exclusion", f"{subject} : déjà exclue.")
        named = {"vague": wave, "organisme_code": organisme, "question_code": question}
        decide(lake.landing / EXCLUSIONS, dict.fromkeys(_EXCLUSION, "") | named, reason, subject)
