"""What stands in a programme's reference folder and is no table of it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.errors import ProgrammeError
from orchestration.extracts.contracts import load_contracts
from orchestration.installation.doctor import examine
from orchestration.programme import load_programme
from orchestration.programme.advice import advice
from orchestration.programme.check import check_programme
from orchestration.programme.reference_file import read_table
from orchestration.programme.texts import day, finite, whole
from orchestration.settings import Settings
from tests.support.mini import mini_contract, mini_programme, write_contract

NOWHERE = "est un lien qui ne mène à rien"
CIRCLE = "est un lien qui revient à lui-même"


def test_a_file_that_is_no_table_is_named_before_dbt_meets_it(tmp_path: Path) -> None:
    """dbt loads every CSV of the folder, at any depth, and stops the whole night at a name that it does not like."""
    programme = mini_programme(tmp_path)
    folder = tmp_path / "reference"
    shutil.copy(folder / "vagues.csv", folder / "vagues - Copie.csv")
    (folder / "ancien").mkdir()
    shutil.copy(folder / "vagues.csv", folder / "ancien" / "vagues.csv")
    (folder / "zz.csv").symlink_to("/etc/hostname")
    (folder / "notes.txt").write_text("rien", encoding="utf-8")
    assert [str(problem) for problem in check_programme(programme)] == [
        "ancien/vagues.csv : aucune table du programme n'a ce nom ; l'ôter de reference/, ou le nommer vagues.csv s'il"
        " doit l'être",
        "vagues - Copie.csv : aucune table du programme n'a ce nom ; l'ôter de reference/, ou le nommer vagues.csv s'il"
        " doit l'être",
        "zz.csv : aucune table du programme n'a ce nom ; l'ôter de reference/",
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", " : fichier vide ; le reprendre d'une sauvegarde"),
        (b"\n  \n", " : fichier vide ; le reprendre d'une sauvegarde"),
        (b"vague,note\nV1,bon\nV2,tr\xe8s bon\n", ", ligne 3 : « V2,très bon » n'est pas de l'UTF-8"),
        ("vague,note\nV1,été\n".encode("utf-16"), ", ligne 1 : « "),
        (b"vague,note\nV1,bon,mais\n", ", ligne 2 : 3 valeurs pour 2 colonnes"),
        (b'vague,note\n"V\n1",bon\nV2,bon,mais\n', ", ligne 4 : 3 valeurs pour 2 colonnes"),
        (b'vague,note\nV1,bon\nV2,"bon\nV3,bon\n', ", ligne 3 : un guillemet ouvert n'est pas fermé"),
        (b"vague,note\nV1,b\0on\n", ", ligne 2 : un caractère de contrôle s'y trouve (U+0000)"),
        (b"vague,note\rV1,bon\r", " : fins de ligne d'un ancien Mac"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_its_line(tmp_path: Path, body: bytes, said: str) -> None:
    (tmp_path / "vagues.csv").write_bytes(body)
    with pytest.raises(ProgrammeError) as told:
        read_table(tmp_path / "vagues.csv")
    assert str(told.value).startswith(f"{tmp_path}/vagues.csv{said}")


@pytest.mark.parametrize("value", ["nan", "-nan", "inf", "1_000", "1e400", "0,5", "5 %", ""])
def test_what_python_takes_for_a_number_and_nobody_compares_is_none(value: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        finite(value)
    assert [finite(said) for said in ("0.5", " 12 ", "-3.", ".25", "1e-3")] == [0.5, 12, -3, 0.25, 0.001]


@pytest.mark.parametrize(("read", "value"), [(whole, "1_000"), (whole, "٣"), (whole, "1.0"), (whole, ""), (day, "2022-W05-1"), (day, "20220101"), (day, "2022-13-01")])  # fmt: skip
def test_what_python_reads_otherwise_is_no_whole_number_and_no_date(read: Callable[[str], object], value: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read(value)
    assert (whole("-12"), whole("+3"), day("2022-10-01")) == (-12, 3, dt.date(2022, 10, 1))


@pytest.mark.parametrize(("target", "said"), [("programme.yaml", CIRCLE), ("/nulle/part", NOWHERE)])
def test_a_programme_that_is_a_link_to_nothing_is_told_as_one(tmp_path: Path, target: str, said: str) -> None:
    path = mini_programme(tmp_path).root / "programme.yaml"
    path.unlink()
    path.symlink_to(target)
    with pytest.raises(ProgrammeError, match=rf"programme.yaml {said}"):
        load_programme(tmp_path)
    assert any(f"programme.yaml {said}" in finding.constat for finding in examine(Settings(tmp_path)).found)


def test_an_empty_programme_and_an_empty_contract_are_told_as_empty(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract())
    [contract] = (tmp_path / "contracts").glob("*.yaml")
    contract.write_bytes(b"")
    assert [said for said in load_contracts(programme).faults if "fichier vide ; le reprendre" in said]
    (tmp_path / "programme.yaml").write_bytes(b"\n")
    with pytest.raises(ProgrammeError, match=r"programme.yaml : fichier vide ; le reprendre"):
        load_programme(tmp_path)


@pytest.mark.parametrize("more", ["statut: brouillon\n", "---\nstatut: brouillon\n"])
def test_a_contract_that_is_said_to_be_both_is_no_draft(tmp_path: Path, more: str) -> None:
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract())
    [contract] = (tmp_path / "contracts").glob("*.yaml")
    contract.write_text(contract.read_text(encoding="utf-8") + more, encoding="utf-8")
    assert len(load_contracts(programme).faults) == 1


def test_a_folder_in_place_of_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "vagues.csv").mkdir()
    with pytest.raises(ProgrammeError, match=r"vagues.csv : un dossier a ce nom ; l'ôter, puis le reprendre"):
        read_table(tmp_path / "vagues.csv")


@pytest.mark.parametrize(("target", "said"), [("segments.csv", CIRCLE), ("../ailleurs.csv", NOWHERE)])
def test_a_link_that_leads_nowhere_is_no_table_left_out(tmp_path: Path, target: str, said: str) -> None:
    """A table that may be left out would be read as one without a line."""
    mini_programme(tmp_path)
    link = tmp_path / "reference" / "segments.csv"
    link.unlink()
    link.symlink_to(target)
    with pytest.raises(ProgrammeError, match=rf"reference/segments.csv {said}"):
        load_programme(tmp_path)


def test_a_blank_line_is_to_be_taken_out_and_no_line_to_complete(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    path = programme.reference_path("organismes")
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join((*lines, "", ",,,,,,,,,"[: lines[0].count(",")], "")), encoding="utf-8")
    said = [str(problem) for problem in check_programme(load_programme(tmp_path))]
    first = len(lines) + 1
    assert said == [f"organismes.csv, ligne {line} : ligne vide ; l'ôter." for line in (first, first + 1)]


def test_a_file_that_cannot_be_read_is_a_problem_of_its_line(tmp_path: Path) -> None:
    path = mini_programme(tmp_path).reference_path("organismes")
    path.write_bytes(path.read_bytes() + b"\xe9,\n")
    lines = path.read_bytes().count(b"\n")
    [said] = [str(problem) for problem in check_programme(load_programme(tmp_path)) if "UTF-8" in str(problem)]
    assert said.startswith(f"organismes.csv, ligne {lines} : « é, » n'est pas de l'UTF-8 ; l'enregistrer en UTF-8")


def test_a_wave_that_expects_nobody_and_has_a_plan_is_told(tmp_path: Path) -> None:
    path = mini_programme(tmp_path).reference_path("participations")
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    told = list(advice(load_programme(tmp_path)))
    assert [said.partition(" : ")[0] for said in told if "n'attend aucun organisme" in said] == ["V1", "V2"]
