"""What may happen to a programme between two runs, each as a change of its files: the steps of random histories.

`Programme` here is a folder; nothing is read or consolidated. A clean rebuild keeps what `given` copies.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import yaml

from orchestration.extracts.decision_lists import EXCLUSIONS, WITHDRAWALS
from orchestration.extracts.receptions import REGISTER
from tests.support.mini import HEADER, SAT, mini_contract, mini_programme, row, write_contract, write_csv

WAVES = {"V1": 2019, "V2": 2022}
ORGANISMES = ("O1", "O2", "O3")
# `o` is another name than `O`, of which the delivery's identifier keeps no trace
NAMES = tuple(f"{organisme}{suffix}.csv" for organisme in ORGANISMES for suffix in ("", "_bis", "_BIS"))
# times of files: two alike, one older than all that the programme begins with
AGES = (0, 0, 60, 3600, -86_400)
_BEGINNING = 1_700_000_000
_KEPT = ("landing", "reference", "contracts", "programme.yaml")


def begin(root: Path) -> Path:
    """Writes three organismes and two waves, a delivery for each, none of which the suites reproach with anything."""
    # a handful of answers each: deliveries are let through, whatever they say
    lenient = {
        "plan_minimum": 0.1,
        "decalage_median_plafond": 1,
        "decalage_plafond": 1,
        "part_identique_plafond": 1,
        "strates_vides_plafond": 1,
    }
    mini_programme(root, plausibility=lenient, couverture_minimum=0, editions_conservees=2)
    for wave in WAVES:
        write_contract(root, contract_of(wave))
        for organisme in ORGANISMES:
            deliver(root, wave, f"{organisme}.csv")
    return root


def given(root: Path, target: Path) -> Path:
    """Copies what a programme is rebuilt from, times of files included, and nothing that was produced."""
    target.mkdir(parents=True)
    for name in _KEPT:
        if (root / name).is_dir():
            shutil.copytree(root / name, target / name)
        else:
            shutil.copy2(root / name, target / name)
    return target


# Deliveries


def deliver(root: Path, wave: str, name: str, *, lines: int = 12, turn: int = 0, bad: int = 0, age: int = 0) -> None:
    """Writes a delivery, in the place of one of the same name.

    Args:
        root: the programme.
        wave: wave's folder.
        name: file name; its first two characters are the organisme.
        lines: interviews in it.
        turn: which of the answers are given; two deliveries with the same figures are the same bytes.
        bad: how many of the lines hold a code that no contract knows.
        age: seconds by which the file's time follows the programme's beginning.
    """
    rows = [
        row(
            str(i),
            ORG=name[:2],
            DATE=f"15/10/{WAVES[wave]}",
            TC="CI"[i % 2],
            Q1="Z" if i < bad else str(1 + (i + turn) % 4),
            Q2="" if i % 2 else "2",
            Q4="34"[turn % 2],
        )
        for i in range(lines)
    ]
    header = [h for h in HEADER if wave == "V2" or h != "Q5"]
    _set_time(write_csv(root / "landing" / wave / name, rows, header=header), age)


def spoil(path: Path) -> None:
    """Overwrites a delivery with what no reader can read."""
    time = path.stat().st_mtime
    path.write_bytes(b"\x00\x01\x02 rien de lisible")
    os.utime(path, (time, time))


def delivered(root: Path) -> list[Path]:
    """Returns the files in the waves' folders, in name order."""
    return sorted(root.glob("landing/*/*"))


def copy(path: Path, name: str) -> None:
    """Delivers the same bytes again, under another name (or in the place of another file)."""
    if path.name != name:
        shutil.copy2(path, path.with_name(name))


def rename(path: Path, name: str) -> None:
    """Gives a delivery another name (which may be another file's, then replaced)."""
    path.rename(path.with_name(name))


def forget_receptions(root: Path) -> None:
    """Loses the register of receptions."""
    (root / "landing" / REGISTER).unlink(missing_ok=True)


# Decisions: the command line adds lines, a person deletes them


def undo(root: Path, name: str) -> None:
    """Deletes the last decision of a file of decisions, as a person does by hand."""
    path = root / "landing" / name
    if path.is_file():
        rows = pl.read_csv(path, infer_schema=False)
        rows.head(max(0, rows.height - 1)).write_csv(path)


UNDONE = (WITHDRAWALS, EXCLUSIONS)


# Contracts, questionnaire, thresholds


def contract_of(wave: str, **changes: object) -> dict[str, object]:
    """Returns the contract of a wave: the file's name tells the organisme."""
    return mini_contract(wave, organisme={"nom_fichier": r"^(O\d)"}, ignorees=["ORG"], fichiers=["O*.csv"], **changes)


CONTRACTS: dict[str, Callable[[str], dict[str, object]]] = {
    "as it was": contract_of,
    "its version alone": lambda wave: contract_of(wave, version=2),
    "a code read otherwise": lambda wave: contract_of(wave, codages={"sat": {**SAT, "4": "PPS"}}),
    "a code no longer known": lambda wave: contract_of(
        wave, codages={"sat": {k: v for k, v in SAT.items() if k != "3"}}
    ),
    "a draft": lambda wave: contract_of(wave, statut="brouillon"),
    "at fault": lambda wave: contract_of(wave, surprise=True),
    "fewer files": lambda wave: contract_of(wave) | {"fichiers": ["O[12]*.csv"]},
}


def edit_contract(root: Path, wave: str, how: str) -> None:
    """Replaces the contract of a wave by one of `CONTRACTS`."""
    write_contract(root, CONTRACTS[how](wave))


# reference file, what stands there, what may stand there instead
EDITS: dict[str, tuple[str, str, str]] = {
    "a label": ("questions", ",Globale,", ",Globale et entière,"),
    "a theme": ("themes", ",Thème un,", ",Premier thème,"),
    "an order": ("questions", "D2,T1,4,", "D2,T1,6,"),
    "a filter": ("questions", "D1 = 'OUI'", "D1 <> 'NON'"),
    "an option's note": ("baremes", "PS,6.6666666666666667", "PS,6.5"),
    "an option's label": ("modalites", "Plutôt satisfait", "Assez satisfait"),
    "a population": ("plan_sondage", "V2,O1,COL,400", "V2,O1,COL,900"),
    "what is planned": ("plan_sondage", "V1,O2,IND,200,10", "V1,O2,IND,200,500"),
    "an organisme's name": ("organismes", "O3,Trois,", "O3,Le Troisième,"),
    "age classes": (
        "segments",
        "Moins de 50 ans,0,49\nage,AGE,2,50 ans et plus,50",
        "Moins de 35 ans,0,34\nage,AGE,2,35 ans et plus,35",
    ),
    "a wave is final": ("vagues", ",,,,provisoire,", ",,,,definitive,"),
    "a participation": ("participations", "V1,O3,attendu,", "V1,O3,non_concerne,"),
    "a national figure": ("references_nationales", ",2022,7.0,", ",2022,7.4,"),
}


def edit_reference(root: Path, what: str) -> None:
    """Makes one of `EDITS`, or undoes it where it was made."""
    table, old, new = EDITS[what]
    path = root / "reference" / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text or new in text
    path.write_text(text.replace(new, old) if new in text else text.replace(old, new), encoding="utf-8")


# threshold and the values it may take, the first one the programme's own
THRESHOLDS = {
    "relivraison_perte_maximum": (0.05, 0.5),
    "rejets_maximum": (0.9, 0.2),
    "rejets_reserve": (0.2, 0.05),
    "base_minimale": (1, 14),
}


def set_threshold(root: Path, name: str, value: float) -> None:
    """Gives a threshold of `programme.yaml` a value."""
    path = root / "programme.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["seuils"][name] = value
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")


# What is produced, and may be deleted or damaged


def produced(root: Path) -> Iterator[Path]:
    """Yields the files of the lake, in name order."""
    yield from sorted(p for p in (root / "lake").rglob("*") if p.is_file())


def lose_folder(root: Path, name: str) -> None:
    """Deletes a produced folder."""
    shutil.rmtree(root / name, ignore_errors=True)


def cut_short(path: Path) -> None:
    """Leaves of a produced file its first half, and beside it what a killed writer leaves."""
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: len(content) // 2])
    path.with_name(f".{path.name}.abcd1234").write_bytes(content[:9])


def _set_time(path: Path, age: int) -> None:
    os.utime(path, (_BEGINNING + age, _BEGINNING + age))
