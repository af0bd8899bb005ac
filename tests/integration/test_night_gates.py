"""What the night refuses: rows changed between two models, and a table or a column that shows organismes unasked.

A small programme is run by a copy of the project, to which each test adds what it has to refuse.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.errors import PublicationRefused
from orchestration.publication.organismes import write_organisme_files
from orchestration.settings import Settings
from tests.support import warm, warm_dbt
from tests.support.demo import REPOSITORY
from tests.support.facts import Fact
from tests.support.facts import facts as facts_of
from tests.support.small import small_programme

LEAK = "select\n    vague,\n    perimetre as code,\n    note_moyenne\nfrom {{ ref('int_satisfaction') }}\nwhere perimetre_type = 'organisme'\n"
LEAK_COLUMNS = """models:
  - name: fct_fuite
    description: "Une ligne de trop, où Trois est le pire."
    columns:
      - {name: vague, description: "Vague.", data_type: string}
      - {name: code, description: "Code.", data_type: string}
      - {name: note_moyenne, description: "Note.", data_type: double, config: {meta: {unite: note}}}
"""
SETTINGS = ("OBSERVATOIRE_", "DAGSTER_", "DBT_")
Failures = list[dict[str, Any]]


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
        dbt = warm_dbt.executable()
        own = {
            "PYTHONPATH": str(self.project),
            "OBSERVATOIRE_DBT": dbt,
            "OBSERVATOIRE_CLE": "clé d'essai, connue de tous et donc d'aucun secret",
        }
        return {**kept, **own, "OBSERVATOIRE_DATA": str(self.root), "COLUMNS": "200"}

    def run(self) -> subprocess.CompletedProcess[str]:
        """Runs the night, as the command line does."""
        return warm.run("orchestration.cli", ["run"], self.environment(), self.project)

    def dbt(self, *arguments: str) -> tuple[subprocess.CompletedProcess[str], Path]:
        """Runs one dbt command on the warehouse as it stands; returns it with its working folder."""
        project, target = str(self.project / "dbt_project"), self.settings.warehouse.parent / "atelier"
        command = [warm_dbt.executable(), *arguments, "--project-dir", project, "--profiles-dir", project]
        environment = {**self.environment(), **self.settings.environment(), "DBT_TARGET_PATH": str(target)}
        environment["OBSERVATOIRE_SEEDS"] = os.path.relpath(self.root / "reference", project)
        if not target.exists():
            # what the run has read of the project need not be read again
            target.mkdir()
            shutil.copy(self.settings.dbt_target / "partial_parse.msgpack", target)
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False), target

    def failures(self) -> dict[str, Failures]:
        """Runs the data tests on the warehouse as it stands, all those that the night runs; returns what those that fail found."""
        done, target = self.dbt("test", "--store-failures", "--exclude-resource-type", "unit_test")
        results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
        assert len(results) > 40, done.stdout
        assert {result["status"] for result in results} <= {"pass", "fail"}, done.stdout
        failed = [result for result in results if result["status"] == "fail"]
        with self.connected() as connection:
            return {r["unique_id"].split(".")[2]: _rows(connection, r["relation_name"]) for r in failed}

    @contextmanager
    def connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Opens the warehouse with the candidate beside it, as dbt does."""
        with duckdb.connect(str(self.settings.warehouse)) as connection:
            connection.execute(f"attach '{self.settings.candidate}' as publication")
            yield connection

    def failures_after(self, changes: list[str]) -> dict[str, Failures]:
        """Returns what the data tests find after each of these statements has changed rows; then undoes them."""
        databases = [self.settings.warehouse, self.settings.candidate]
        whole = [database.read_bytes() for database in databases]
        try:
            with self.connected() as connection:
                for change in changes:
                    [(changed,)] = connection.execute(change).fetchall()
                    assert changed, change
            return self.failures()
        finally:
            for database, content in zip(databases, whole, strict=True):
                database.write_bytes(content)


def _rows(connection: duckdb.DuckDBPyConnection, relation: str) -> Failures:
    found = connection.execute(f"select * from {relation}")
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """The programme after a night whose project publishes every organisme's note in a new mart."""
    folder = tmp_path_factory.mktemp("projet")
    for name in ("orchestration", "dbt_project", "expectations"):
        ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignored)
    for name in ("dagster.yaml", "workspace.yaml", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, folder / name)
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


REASON = "motif_code = {0}, motif_parametre = {0}, motif_statut = {0}"


def _other_status(connection: duckdb.DuckDBPyConnection, fact: Fact, place: tuple[str, str]) -> str | None:
    """Publishes a masked row with the figures of a published one; masks a published row where none is masked."""
    table, rows = place
    named = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
    measures = [name for name in fact.columns["mesure"] if name in named]
    count = dict(connection.execute(f"select statut = 'V', count(*) from {table} where {rows} group by all").fetchall())
    if False in count:
        figures = [f"{m} = (select any_value({m}) from {table} where statut = 'V' and {rows})" for m in measures]
        changed = ["statut = 'V'", REASON.format("null"), *figures]
        first = f"{rows} and statut <> 'V'"
    elif True in count:
        changed = ["statut = 'S'", REASON.format("'dominance'"), *(f"{m} = null" for m in measures)]
        first = f"{rows} and statut = 'V'"
    else:
        return None
    return f"update {table} set {', '.join(changed)} where rowid = (select min(rowid) from {table} where {first})"


def test_a_status_changed_after_the_decision_is_refused(copied: Copy) -> None:
    """In each fact, in a row of an organisme and in one of the region: the reason that int_secret and the thresholds give is missed."""
    with copied.connected() as connection:
        changes = {
            (fact.name, kind): change
            for fact in facts_of(connection)
            for kind, place in fact.places().items()
            if (change := _other_status(connection, fact, place))
        }
    assert len({name for name, _ in changes}) >= 9, changes
    failures = copied.failures_after(list(changes.values()))
    found = failures["raisons_refaites"] + failures["lectures_au_dessus_des_seuils"]
    assert {(row["fait"], "organisme" if row["perimetre_type"] == "organisme" else "region") for row in found} == set(
        changes
    )


def test_two_organismes_exchanged_in_every_table_are_refused(copied: Copy) -> None:
    exchange = "update intermediaire.{} set perimetre = case perimetre when 'O1' then 'O2' else 'O1' end where {}"
    where = "perimetre_type = 'organisme' and perimetre in ('O1', 'O2')"
    with copied.connected() as connection:
        models = sorted({fact.model for fact in facts_of(connection)})
        changes = [exchange.format(m, where) for m in models if _has_rows(connection, m, where)]
    failures = copied.failures_after(changes)
    assert {row["organisme_code"] for row in failures["bases_suivent_le_comptage"]} == {"O1", "O2"}


def _has_rows(connection: duckdb.DuckDBPyConnection, model: str, where: str) -> bool:
    return bool(connection.execute(f"select 1 from intermediaire.{model} where {where} limit 1").fetchall())


def test_rows_deleted_doubled_or_changed_are_refused(copied: Copy) -> None:
    """O3 is deleted everywhere; lower bounds are moved at O1, upper ones at O2, verdicts and reasons at both."""
    with copied.connected() as connection:
        facts = [fact for fact in facts_of(connection) if _has_rows(connection, fact.model, fact.of("O1"))]
        deleted = {f.name: f"delete from intermediaire.{f.model} where {f.of('O3')}" for f in facts}
        bounds = {
            (fact.name, organisme, column): f"update intermediaire.{fact.model} set {column} = {column} + 0.01"
            f" where {fact.of(organisme)} and {column} is not null"
            for fact in facts
            for organisme, suffix in (("O1", "_ic_bas"), ("O2", "_ic_haut"))
            for column in fact.having(suffix)
            if _has_rows(connection, fact.model, f"{fact.of(organisme)} and {column} is not null")
        }
        verdicts = {
            fact.name: f"update intermediaire.{fact.model} set verdict = '{verdict}' where {fact.of('O1')}"
            f" and statut = 'V' and verdict <> '{verdict}'"
            for fact, verdict in (
                (f, "hausse" if "evolution" in f.name or "sensibilite" in f.name else "au-dessus") for f in facts
            )
            if "verdict" in fact.columns["mesure"] + fact.columns.get("visible", [])
            and _has_rows(connection, fact.model, f"{fact.of('O1')} and statut = 'V' and verdict is not null")
        }
        codes = [
            (fact, column)
            for fact in facts
            for role in ("statut", "visible", "mesure")
            for column in fact.columns.get(role, [])
            if (column.endswith("motif_code") or column in ("motif_verdict_code", "verdict"))
            and _has_rows(connection, fact.model, f"{fact.of('O2')} and {column} is not null")
        ]
    unknown = {
        (f.name, c): f"update intermediaire.{f.model} set {c} = 'inventé' where {f.of('O2')} and {c} is not null"
        for f, c in codes
    }
    assert len(bounds) >= 12 and len(verdicts) >= 3 and len(unknown) >= 6
    doubled = (
        "insert into intermediaire.int_satisfaction select * from intermediaire.int_satisfaction"
        " where perimetre_type = 'organisme' and perimetre = 'O2'"
    )
    worded = (
        "update intermediaire.int_evolution set verdict = 'stable'"
        " where perimetre_type = 'organisme' and perimetre = 'O1' and statut <> 'V' and verdict is null"
    )
    failures = copied.failures_after(
        [doubled, worded, *deleted.values(), *bounds.values(), *verdicts.values(), *unknown.values()]
    )
    missing = {row["fait"] for row in failures["aucun_organisme_ne_manque"] if row["perimetre"] == "O3"}
    assert missing | {"fct_satisfaction"} == set(deleted)
    assert "O3" in {row["organisme_code"] for row in failures["bases_suivent_le_comptage"]}
    moved = {(row["colonne"], row["perimetre"]) for row in failures["bornes_autour_du_chiffre"]}
    assert len(moved) == len(bounds), (moved, set(bounds))
    judged = {row["fait"] for row in failures["verdicts_suivent_leurs_chiffres"] if row["perimetre"] == "O1"}
    assert judged == set(verdicts)
    for fact, column in unknown:
        rows = failures[next(name for name in failures if name.startswith(f"fait_tenu_{fact}_"))]
        assert any(row["perimetre"] == "O2" and column in row["defaut"] for row in rows), (fact, column)
    words = [
        row["defaut"] for row in failures["fait_tenu_fct_evolution_ref_int_evolution_"] if row["perimetre"] == "O1"
    ]
    assert any("verdict : doit être vide" in defaut for defaut in words)
    assert any("clé répétée" in r["defaut"] for r in failures["fait_tenu_fct_satisfaction_ref_int_satisfaction_"])


# what is done to figures of an organisme → the test that refuses it, and that no other of these changes makes fail
OF_AN_ORGANISME = "perimetre_type = 'organisme' and perimetre = 'O2'"
CHANGES = {
    "update publication.observatoire.fct_evolution set organismes_en_hausse = 3, organismes_stables = 0,"
    " organismes_non_significatifs = 0, organismes_en_baisse = 0, motif_comptes_code = null, motif_comptes_parametre = null,"
    " motif_comptes = null where rowid = (select min(rowid) from publication.observatoire.fct_evolution"
    " where perimetre_type = 'region' and methode = 'publie' and statut = 'V')":
        "comptes_des_organismes",
    "update intermediaire.int_sensibilite set note = 7 where rowid = (select min(rowid)"
    f" from intermediaire.int_sensibilite where {OF_AN_ORGANISME} and statut <> 'V')":
        "fait_tenu_fct_sensibilite_ref_int_sensibilite_",
    "update intermediaire.int_repartition set part = part / 2 where rowid = (select min(rowid)"
    f" from intermediaire.int_repartition where {OF_AN_ORGANISME} and type = 'unique' and part > 0)":
        "parts_font_un",
    f"update intermediaire.int_satisfaction set poids_satisfaits = 2 * poids_satisfaits where {OF_AN_ORGANISME}":
        "organismes_font_la_region",
    f"update intermediaire.int_evolution set ecart_taux = ecart_taux + 0.1 where {OF_AN_ORGANISME}":
        "ecarts_sont_des_differences",
    f"update intermediaire.int_profil set taux_satisfaits = taux_satisfaits + 0.1 where {OF_AN_ORGANISME} and statut = 'V'":
        "lectures_suivent_la_satisfaction",
}  # fmt: skip


def test_figures_changed_in_the_warehouse_are_refused(copied: Copy) -> None:
    assert copied.failures() == {}
    # the halved share makes the note differ from the one its shares give; a difference moved, its bounds and its verdict; a
    # published row that changed is no longer the one its model gives
    others = {"notes_suivent_les_parts", "bornes_autour_du_chiffre", "verdicts_suivent_leurs_chiffres"}
    others |= {"fait_tenu_fct_evolution_ref_int_evolution_"}
    assert set(copied.failures_after(list(CHANGES))) - others == set(CHANGES.values())


def test_a_key_that_is_not_of_its_row_or_leads_nowhere_is_refused(copied: Copy) -> None:
    one = "where rowid = (select min(rowid) from {0} where {1})"
    motif, profil = "publication.observatoire.fct_motif", "intermediaire.int_profil"
    failures = copied.failures_after(
        [
            f"update {motif} set modalite_cle = 'Q|autre' " + one.format(motif, "true"),
            f"update {profil} set perimetre = 'O9' " + one.format(profil, OF_AN_ORGANISME),
        ]
    )
    rows = {
        name: {row["defaut"] for row in failures[f"fait_tenu_fct_{name}_"]}
        for name in ("motif_ref_int_motif", "profil_comparable_ref_int_profil")
    }
    assert "modalite_cle : autre que les colonnes dont elle est faite" in rows["motif_ref_int_motif"]
    assert any("perimetre_cle : sans ligne à elle" in said for said in rows["profil_comparable_ref_int_profil"])


def test_a_fact_that_does_not_say_which_rows_are_organismes_does_not_compile(copied: Copy) -> None:
    fact = copied.models / "marts/faits/fct_sans_role"
    fact.with_suffix(".sql").write_text("{{ publier('int_satisfaction') }}\n", encoding="utf-8")
    fact.with_suffix(".yml").write_text(LEAK_COLUMNS.replace("fct_fuite", fact.name), encoding="utf-8")
    try:
        done, _ = copied.dbt("compile", "--select", fact.name)
    finally:
        for suffix in (".sql", ".yml"):
            fact.with_suffix(suffix).unlink()
    assert done.returncode != 0
    assert "fct_sans_role : une colonne, et une seule, dit de quelle nature est le périmètre" in done.stdout


def test_a_column_added_to_what_organismes_share_is_refused(copied: Copy, tmp_path: Path) -> None:
    edition = Path(shutil.copy(copied.settings.candidate, tmp_path / "edition.duckdb"))
    with duckdb.connect(str(edition)) as connection:
        connection.execute("drop table observatoire.fct_fuite")

    def write() -> list[Path]:
        return write_organisme_files(edition, copied.settings.warehouse, tmp_path / "organismes", ["O1"])

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
    # sums are held on the model itself, before anything is made of it
    assert "organismes_font_la_region" in done.stdout + done.stderr
    assert not (copied.root / "published" / "courante").exists()
