"""What the night refuses: rows changed between two models, and a table or a column that shows organismes unasked.

A small programme is run by a copy of the project, to which each test adds what it has to refuse.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import PublicationRefused
from orchestration.publication.organismes import write_organisme_files
from orchestration.settings import Settings
from tests.support.small import small_programme

LEAK = "select\n    vague,\n    perimetre as code,\n    note_moyenne\nfrom {{ ref('int_satisfaction') }}\nwhere perimetre_type = 'organisme'\n"
LEAK_COLUMNS = """models:
  - name: fct_fuite
    description: "Une ligne de trop, où Trois est le pire."
    columns:
      - {name: vague, description: "Vague.", data_type: string}
      - {name: code, description: "Code.", data_type: string}
      - {name: note_moyenne, description: "Note.", data_type: double}
"""
SETTINGS = ("OBSERVATOIRE_", "DAGSTER_", "DBT_")


class Copy:
    """A programme, and the copy of the project that works on it."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.root, self.project, self.settings = root, folder, Settings(root)
        self.first: subprocess.CompletedProcess[str] | None = None

    @property
    def models(self) -> Path:
        return self.project / "dbt_project" / "models"

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
        dbt = Settings(self.root).dbt_executable
        own = {"PYTHONPATH": str(self.project), "OBSERVATOIRE_DBT": dbt, "OBSERVATOIRE_CLE": "clé d'essai"}
        return {**kept, **own, "OBSERVATOIRE_DATA": str(self.root), "COLUMNS": "200"}

    def run(self) -> subprocess.CompletedProcess[str]:
        """Runs the night, as the command line does."""
        command = [sys.executable, "-m", "orchestration.cli", "run"]
        return subprocess.run(
            command, env=self.environment(), cwd=self.project, capture_output=True, text=True, check=False
        )

    def failed_tests(self, warehouse: Path) -> set[str]:
        """Runs the data tests on the warehouse as it stands, all those that the night runs; returns those that fail."""
        project, target = str(self.project / "dbt_project"), warehouse / "atelier"
        command = [self.settings.dbt_executable, "test", "--exclude-resource-type", "unit_test"]
        command += ["--project-dir", project, "--profiles-dir", project]
        environment = {**self.environment(), **self.settings.environment(), "DBT_TARGET_PATH": str(target)}
        environment["OBSERVATOIRE_SEEDS"] = os.path.relpath(self.root / "reference", project)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
        assert len(results) > 40, done.stdout
        return {r["unique_id"].split(".")[2] for r in results if r["status"] not in ("pass", "success")}


@pytest.fixture(scope="module")
def copied(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """The programme after a night whose project publishes every organisme's note in a new mart."""
    folder = tmp_path_factory.mktemp("projet")
    for name in ("orchestration", "dbt_project", "expectations"):
        ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
        shutil.copytree(root / name, folder / name, ignore=ignored)
    for name in ("dagster.yaml", "workspace.yaml", "pyproject.toml"):
        shutil.copy(root / name, folder / name)
    copy = Copy(folder, small_programme(tmp_path_factory.mktemp("nuit") / "programme"))
    (copy.models / "marts/faits/fct_fuite.sql").write_text(LEAK, encoding="utf-8")
    (copy.models / "marts/faits/fct_fuite.yml").write_text(LEAK_COLUMNS, encoding="utf-8")
    copy.first = copy.run()
    yield copy


def test_a_new_mart_cannot_publish_the_organismes(copied: Copy) -> None:
    done = copied.first
    assert done is not None
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Rien n'a été publié" in done.stderr
    assert "fct_fuite.code porte « O1 », qui désigne un organisme" in done.stderr
    assert "fct_fuite désigne O3 par son nom, son commentaire ou son SQL" in done.stderr
    assert not (copied.root / "published" / "courante").exists()


OF_AN_ORGANISME = "perimetre_type = 'organisme' and perimetre = 'O2'"
DOUBLED = (
    f"insert into intermediaire.int_satisfaction select * from intermediaire.int_satisfaction where {OF_AN_ORGANISME}"
)
# what is done to an organisme's rows → the test that refuses it, and that no other of these changes makes fail
CHANGES = {
    "update intermediaire.int_sensibilite set note = 7 where rowid = (select min(rowid)"
    f" from intermediaire.int_sensibilite where {OF_AN_ORGANISME} and statut <> 'V')":
        "fait_tenu_fct_sensibilite_ref_int_sensibilite_",
    "update intermediaire.int_repartition set part = part / 2 where rowid = (select min(rowid)"
    f" from intermediaire.int_repartition where {OF_AN_ORGANISME} and type = 'unique' and part > 0)":
        "parts_font_un",
    f"update intermediaire.int_satisfaction set base_ponderee = 2 * base_ponderee where {OF_AN_ORGANISME}":
        "organismes_font_la_region",
    f"update intermediaire.int_evolution set ecart_taux = ecart_taux + 0.1 where {OF_AN_ORGANISME}":
        "ecarts_sont_des_differences",
    f"update intermediaire.int_evolution set base_brute = base_brute + 1 where {OF_AN_ORGANISME} and statut = 'V'":
        "lectures_suivent_la_satisfaction",
}  # fmt: skip


def test_rows_changed_in_the_warehouse_are_refused(copied: Copy) -> None:
    warehouse = copied.settings.warehouse
    whole = warehouse.read_bytes()

    def failed_after(*statements: str) -> set[str]:
        try:
            with duckdb.connect(str(warehouse)) as connection:
                for statement in statements:
                    [(changed,)] = connection.execute(statement).fetchall()
                    assert changed, statement
            return copied.failed_tests(warehouse.parent)
        finally:
            warehouse.write_bytes(whole)

    assert failed_after() == set()
    assert "fait_tenu_fct_satisfaction_ref_int_satisfaction_" in failed_after(DOUBLED)
    # the halved share makes the note differ from the one its shares give, too
    assert failed_after(*CHANGES) - {"notes_suivent_les_parts"} == set(CHANGES.values())


def test_a_column_added_to_what_organismes_share_is_refused(copied: Copy, tmp_path: Path) -> None:
    edition = Path(shutil.copy(copied.settings.candidate, tmp_path / "edition.duckdb"))
    with duckdb.connect(str(edition)) as connection:
        connection.execute("drop table observatoire.fct_fuite")

    def write() -> list[Path]:
        return write_organisme_files(edition, copied.settings.warehouse, lambda _: [], tmp_path / "organismes", ["O1"])

    [path] = write()
    with duckdb.connect(str(path), read_only=True) as own:
        rows = own.sql("select distinct perimetre_type, perimetre from observatoire.fct_satisfaction order by all")
        assert rows.fetchall() == [("organisme", "O1"), ("region", "region")]
    with duckdb.connect(str(edition)) as connection:
        connection.execute("alter table observatoire.dim_vague add column meilleur varchar")
        connection.execute("update observatoire.dim_vague set meilleur = 'Trois' where vague = 'V2'")
    with pytest.raises(PublicationRefused, match=r"dim_vague\.meilleur porte « Trois », qui désigne un organisme"):
        write()


def test_a_night_whose_rows_change_between_two_models_publishes_nothing(copied: Copy) -> None:
    for suffix in (".sql", ".yml"):
        (copied.models / f"marts/faits/fct_fuite{suffix}").unlink()
    model = copied.models / "intermediate/estimation/int_satisfaction.sql"
    hook = "insert into {{ this }} select * from {{ this }} where perimetre_type = 'organisme' and perimetre = 'O2'"
    text = model.read_text(encoding="utf-8")
    model.write_text('{{ config(post_hook="' + hook + '") }}\n' + text, encoding="utf-8")
    done = copied.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "fait_tenu_fct_satisfaction" in done.stdout + done.stderr
    assert not (copied.root / "published" / "courante").exists()
