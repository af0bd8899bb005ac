"""What `status` says of a programme that it cannot tell the state of: a sentence, and JSON under the keys of always."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.errors import ObservatoireError, ProgrammeError, PublicationRefused
from orchestration.files import write_text
from orchestration.installation.doctor import examine
from orchestration.programme import load_programme
from orchestration.programme.tables import dictionary
from orchestration.runs import run_all
from orchestration.settings import Settings
from orchestration.status import UNKNOWN, as_json, state_of
from tests.support.demo import KEY, REPOSITORY
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv

# a blank is no value of a column that every line must have
VALUES = ("x", "2022-13-45", "")
COMMANDS = (("status",), ("status", "--json"), ("purge", "--essai"), ("withdraw", "2022/a", "--motif", "x"))


def _told(root: Path, *command: str) -> tuple[BaseException | None, str]:
    done = CliRunner().invoke(app, [*command, "--data", str(root)])
    return done.exception, done.stdout


def _typed() -> dict[str, list[str]]:
    """The columns of each table of the demonstration whose values are numbers, dates, or yes and no."""
    found: dict[str, list[str]] = {}
    for table, rules in dictionary().items():
        columns = [c for c, rule in rules["colonnes"].items() if rule["type"] not in ("texte", "code")]
        path = REPOSITORY / "data/reference" / f"{table}.csv"
        there = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        if len(there) > 1:
            found[table] = [column for column in columns if column in there[0].split(",")]
    return {table: columns for table, columns in found.items() if columns}


@pytest.mark.parametrize("table", _typed())
def test_a_value_of_another_type_is_a_sentence_in_every_command(tmp_path: Path, table: str) -> None:
    shutil.copytree(REPOSITORY / "data/reference", tmp_path / "reference")
    shutil.copy(REPOSITORY / "data/programme.yaml", tmp_path)
    path = tmp_path / "reference" / f"{table}.csv"
    [head, *lines] = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    for column in _typed()[table]:
        rank = head.index(column)
        for value in VALUES:
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([head, *lines[:-1], [*lines[-1][:rank], value, *lines[-1][rank + 1 :]]])
            for command in COMMANDS:
                error, said = _told(tmp_path, *command)
                assert error is None or isinstance(error, SystemExit | ObservatoireError), (column, value, command)
                if "--json" in command:
                    assert set(json.loads(said)) == set(UNKNOWN)


def test_a_state_that_cannot_be_told_is_json_with_the_fault(tmp_path: Path) -> None:
    root = mini_programme(tmp_path).root
    assert set(as_json(state_of(load_programme(root)))) == set(UNKNOWN)
    path = root / "reference/vagues.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("V2,Vague 2,2,", "V2,Vague 2,x,"), encoding="utf-8")
    place = (
        "Données de référence refusées :\nvagues.csv, ligne 3, colonne ordre : « x » : un nombre entier est attendu."
    )
    error, said = _told(root, "status", "--json")
    assert isinstance(error, ProgrammeError) and str(error) == place
    assert {key: value for key, value in json.loads(said).items() if value is not None} == {
        "sain": False,
        "code": 1,
        "fautes": [place],
    }
    (root / "programme.yaml").write_text("programme: [", encoding="utf-8")
    error, said = _told(root, "status", "--json")
    assert json.loads(said)["fautes"] == [str(error)]


def _long_name(root: Path) -> None:
    path = root / "programme.yaml"
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    said["rapport"]["logo"] = f"{'x' * 300}.png"
    path.write_text(yaml.safe_dump(said), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_long_name, "n'est pas dans le dossier du programme"),
        (lambda root: (root / "editorial/T1/zz.md").mkdir(parents=True), "editorial/T1/zz.md : est un dossier"),
        (lambda root: (root / "contracts/zz.yaml").mkdir(parents=True), "contracts/zz.yaml"),
        (lambda root: write_text("[", root / "published/ecartees.json"), "ecartees.json est abîmé"),
        (lambda root: write_text("", root / "lake"), "Un fichier se trouve là où le chemin veut un dossier"),
        (lambda root: write_text("", root / "warehouse"), "Un fichier se trouve là où le chemin veut un dossier"),
    ],
)  # fmt: skip
def test_what_stops_every_run_is_told_in_json(tmp_path: Path, damage: Callable[[Path], object], said: str) -> None:
    root = mini_programme(tmp_path).root
    (root / "published").mkdir(exist_ok=True)
    (root / "contracts").mkdir(exist_ok=True)
    damage(root)
    error, told = _told(root, "status", "--json")
    found = json.loads(told)
    assert set(found) == set(UNKNOWN) and error is not None
    assert found["code"] == 1 and any(said in fault for fault in found["fautes"]), found["fautes"]


def test_a_run_refused_for_its_key_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programme = mini_programme(tmp_path)
    (tmp_path / "warehouse").mkdir()
    monkeypatch.setenv("OBSERVATOIRE_CLE", "court")
    with pytest.raises(ObservatoireError) as refused:
        run_all(programme, lambda *_: None)
    last = state_of(programme).last
    assert last is not None and last.phrase == str(refused.value)


@pytest.mark.parametrize(
    "name", ["warehouse/run.verrou", "warehouse/derniere_execution.json", "landing/retraits.csv", "published/x.json"]
)
def test_a_folder_where_a_file_is_kept_is_told(tmp_path: Path, name: str) -> None:
    root = mini_programme(tmp_path).root
    (root / name).mkdir(parents=True)
    said = f"Un dossier se trouve là où le chemin veut un fichier ({root / name})"
    state = state_of(load_programme(root))
    assert state.faults[0] == f"{said} ; l'ôter, puis relancer." and state.code == 1
    assert any(found.constat == f"{said}." for found in examine(Settings(root)).found)
    with pytest.raises(PublicationRefused, match="Un dossier se trouve là où le chemin veut un fichier"):
        run_all(load_programme(root), lambda *_: None)


def test_a_run_that_the_machine_refuses_before_it_begins_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", KEY)
    programme = mini_programme(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "plein"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "plein/dagster.yaml"))

    monkeypatch.setattr(Settings, "prepare", full)
    with pytest.raises(OSError, match="No space left"):
        run_all(programme, lambda *_: None)
    state = state_of(programme)
    assert state.code == 1 and state.last is not None
    assert state.last.phrase.startswith(f"Le disque est plein ({tmp_path / 'plein'}")


def _plainly(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs a command by an account to which modes apply: root's own right to pass over them is taken away."""
    plain = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    return subprocess.run(
        [*plain, str(REPOSITORY / ".venv/bin/python"), "-m", "orchestration.cli", *command, "--data", str(root)],
        env={**os.environ, "OBSERVATOIRE_CLE": KEY}, cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_delivery_that_this_account_cannot_read_is_told_and_no_withdrawal_is_said_of_it(tmp_path: Path) -> None:
    root = mini_programme(tmp_path).root
    path = write_csv(root / "landing/V2/a.csv", [row("1")])
    write_contract(root, mini_contract())
    path.chmod(0)
    done = _plainly(root, "withdraw", "V2/a.csv", "--motif", "essai")
    assert done.returncode == 1 and "V2/a.csv ne s'ouvre pas pour ce compte" in done.stderr
    assert not (root / "landing/retraits.csv").exists()
    looked = _plainly(root, "status", "--json")
    [one] = json.loads(looked.stdout)["livraisons"]
    assert (looked.returncode, one["fichier"], one["statut"]) == (3, "V2/a.csv", "rejete")
    assert "droits de lecture insuffisants" in one["motif"]
    (root / "lake/versions").mkdir(parents=True)
    (root / "lake/versions").chmod(0)
    done = _plainly(root, "doctor")
    (root / "lake/versions").chmod(0o700)
    assert "livraisons que ce compte ne peut pas lire (1) : V2/a.csv" in done.stdout
    assert f"{root / 'lake/versions'} n'est pas au compte du dossier du programme" in done.stdout
