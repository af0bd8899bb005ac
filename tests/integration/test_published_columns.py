"""Every published column says what protects it: in the regional file, in an organisme's, and in what a reader takes away.

Most of it is declared in the YAML of the table. What a table of another kind says is listed here: a column that neither declares nor
lists an answer is refused.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml
from python_calamine import CalamineWorkbook

from orchestration.settings import Settings
from tests.support import warm_dbt
from tests.support.demo import REPOSITORY, Demo

PROJECT = REPOSITORY / "dbt_project"
MARTS = PROJECT / "models" / "marts"
Columns = dict[tuple[str, str], str]

# What a column's role says of it; a measure says how finely it goes out.
ROLES = {
    "cle": "key",
    "perimetre": "key",
    "attribut": "words of the questionnaire or of a source",
    "statut": "status",
}
# Where answers, and what was delivered, enter the warehouse: a table that comes from none of these has neither.
ENTRANCES = {"comptage", "stg_lots", "stg_livraisons", "stg_qualite", "stg_edition", "stg_scores_livres"}
# What the newsletter's table repeats of a fact, where its cell is published.
REPEATED = {
    "fct_satisfaction": {
        "nb_organismes": "nb_organismes", "base_brute": "base_brute", "note_moyenne": "note_imprimee",
        "note_ic_bas": "note_imprimee_ic_bas", "note_ic_haut": "note_imprimee_ic_haut", "taux_satisfaits": "taux_imprime",
        "taux_ic_bas": "taux_imprime_ic_bas", "taux_ic_haut": "taux_imprime_ic_haut",
        "statut": "statut", "motif_code": "motif_code", "motif_parametre": "motif_parametre", "motif_statut": "motif_statut",
    },
    "fct_evolution": {
        "evolution": "ecart_note", "evolution_taux": "ecart_taux", "p_valeur": "p_valeur", "p_valeur_ajustee": "p_valeur_ajustee",
        "verdict": "verdict", "verdict_sensible_bareme": "verdict_sensible_bareme", "organismes_en_hausse": "organismes_en_hausse",
        "organismes_stables": "organismes_stables", "organismes_non_significatifs": "organismes_non_significatifs",
        "organismes_en_baisse": "organismes_en_baisse",
    },
}  # fmt: skip
# What everybody knows (docs/confidentialite.md), by table; what is made of published figures, and of the region only; and words.
KNOWN = "known to everybody: who took part, how many were interviewed, the plan, the thresholds"
MADE = "made of the region's published figures, in as many digits"
WORDS = "words, made of what the line publishes"
LISTED: dict[str, dict[str, str]] = {
    "meta_edition": dict.fromkeys((
        "edition", "publiee_le", "revision", "empreinte", "vague_courante", "nb_vagues", "nb_entretiens", "nb_entretiens_vague_courante",
        "nb_organismes_vague_courante", "est_demonstration", "reference_imprimee", "alpha", "confiance", "materialite_note",
        "materialite_taux", "base_minimale", "base_fragile", "organismes_minimum", "dominance_maximum", "couverture_minimum",
        "protection", "plancher", "organismes_plein_chiffre",
    ), KNOWN),
    "meta_entree": dict.fromkeys(("edition", "sha256"), KNOWN),
    "obs_couverture": dict.fromkeys((
        "vague", "famille", "departement", "statut", "motif_code", "institut", "nb_entretiens", "entretiens_vises", "lignes_rejetees",
        "parc", "part_parc",
    ), KNOWN),
    "obs_qualite": dict.fromkeys(("vague", "porte", "regle", "libelle", "gravite", "tenue", "nb_lignes"), KNOWN),
    "dim_vague": {
        **dict.fromkeys(("vague", "libelle", "ordre", "terrain_debut", "terrain_fin", "mode_collecte", "institut", "source"), ROLES["attribut"]),
        **dict.fromkeys(("dispositif_code", "est_principale", "vague_principale"), ROLES["attribut"]),
        **dict.fromkeys(("vague_precedente", "est_courante", "etat", "nb_organismes", "nb_entretiens"), KNOWN),
        **dict.fromkeys(("appeles", "joints", "refus", "entretiens_des_appeles"), "fieldwork of as many organismes as a cell needs"),
        **dict.fromkeys(("entretiens_controle", "questions_controle", "organismes_controle"), KNOWN),
    },
    "obs_indicateur": {
        **dict.fromkeys(("vague_premiere", "tendance_vagues"), "key"),
        **dict.fromkeys(("decimales", "ecart_reference", "verdict_reference", "verdict_reference_sensible_bareme"), MADE),
        **dict.fromkeys(("tendance", "tendance_erreur_type", "tendance_p_valeur", "tendance_p_valeur_ajustee", "tendance_verdict"), MADE),
        "verdict_premiere": WORDS,
        **{name: f"the figure of {fact}" for fact, columns in REPEATED.items() for name in columns},
    },
}  # fmt: skip


def _declared() -> list[dict[str, Any]]:
    """Every mart with the columns that its YAML declares."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(MARTS.rglob("*.yml"))]
    return [model for file in files for model in file.get("models") or () if model.get("columns")]


@cache
def _reads(model: str) -> frozenset[str]:
    """All models that one is made from."""
    paths = list((PROJECT / "models").rglob(f"{model}.sql")) + list((PROJECT / "models").rglob(f"{model}.py"))
    named = re.findall(r"""(?:ref|publier)\(['"](\w+)['"]""", paths[0].read_text(encoding="utf-8")) if paths else []
    return frozenset(named).union(*map(_reads, named))


def answers(models: Iterable[Mapping[str, Any]]) -> Columns:
    """What protects each column of some tables; a column that nothing protects is not there."""
    found: Columns = {}
    for model in models:
        table = model["name"]
        said = {column["name"]: column.get("config", {}).get("meta", {}) for column in model["columns"]}
        for name, meta in said.items():
            # a key made of other columns says no more than they do, if each is of the row's key or depends on it alone
            parts = meta["de"] if meta.get("role") == "composee" else [name]
            told = {_answer(table, part, said.get(part, {})) for part in parts}
            if parts == [name] or told <= {ROLES["cle"], ROLES["attribut"]}:
                found.update(((table, name), answer) for answer in told if answer)
    return found


def _answer(table: str, column: str, meta: Mapping[str, Any]) -> str | None:
    if "visible" in meta:
        return f"status, but it stays: {meta['visible']}"
    if meta.get("role") in ROLES:
        return ROLES[meta["role"]]
    if "precision" in meta:
        return "withheld" if meta["precision"] == "retenue" else f"status, and precision: {meta['precision']}"
    if meta.get("organismes"):
        return "declared to name organismes, of which nothing else is said"
    if table.startswith(("fct_", "dim_")) and not ENTRANCES & _reads(table):
        return ROLES["attribut"]
    return LISTED.get(table, {}).get(column)


def _unanswered(models: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    listed = list(models)
    told = answers(listed)
    return [key for m in listed for c in m["columns"] if (key := (m["name"], c["name"])) not in told]


def test_every_column_says_what_protects_it() -> None:
    assert _unanswered(_declared()) == []


@pytest.mark.parametrize("table", ["fct_evolution", "fct_profil_comparable", "obs_indicateur", "dim_vague", "nouvelle"])
def test_a_new_column_without_an_answer_is_found(table: str) -> None:
    new = {"name": table, "columns": [{"name": "nouvelle", "config": {"meta": {"autrui": "oui"}}}]}
    assert _unanswered([*_declared(), new]) == [(table, "nouvelle")]


def test_a_key_made_of_a_measure_is_found() -> None:
    composed = {"name": "cle", "config": {"meta": {"role": "composee", "de": ["question_code", "note_moyenne"]}}}
    fact = {"name": "fct_nouveau", "columns": [*_columns_of("fct_satisfaction"), composed]}
    assert _unanswered([fact]) == [("fct_nouveau", "cle")]
    composed["config"]["meta"]["de"] = ["question_code", "segment"]  # type: ignore[index]
    assert _unanswered([fact]) == []


def _columns_of(table: str) -> list[Any]:
    [found] = [model["columns"] for model in _declared() if model["name"] == table]
    return list(found)


def test_what_is_listed_here_is_there() -> None:
    """An answer about a column that is gone, or that its table declares itself, is no answer any more."""
    models = {model["name"]: {c["name"]: c for c in model["columns"]} for model in _declared()}
    for table, columns in LISTED.items():
        undeclared = {
            name for name, c in models[table].items() if not set(c.get("config", {}).get("meta", {})) & {"organismes"}
        }
        assert set(columns) <= undeclared, table


def _columns(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    return set(connection.execute("select table_name, column_name from duckdb_columns() where not internal").fetchall())


def test_no_file_that_is_handed_out_has_another_column(demo: Demo) -> None:
    told = set(answers(_declared()))
    published = demo.root / "published/courante"
    seen = {"regional": _file_columns(published / "edition.duckdb")}
    seen |= {path.stem: _file_columns(path) for path in sorted((published / "organismes").glob("*.duckdb"))}
    downloads = demo.root / "reports/courant/donnees"
    for path in published.glob("donnees/*.parquet"):
        seen[path.name] = {(path.stem, name) for name in pl.read_parquet_schema(path)}
    for archive in downloads.glob("*.zip"):
        with zipfile.ZipFile(archive) as opened:
            for name in sorted(name for name in opened.namelist() if name.endswith((".csv", ".parquet"))):
                body = io.BytesIO(opened.read(name))
                schema = (
                    pl.read_parquet_schema(body) if name.endswith("parquet") else pl.read_csv(body, n_rows=0).schema
                )
                seen[f"{archive.name}/{name}"] = {(Path(name).stem, column) for column in schema}
    for book in downloads.glob("*.xlsx"):
        opened_book = CalamineWorkbook.from_path(book)
        for sheet in opened_book.sheet_names[1:]:  # the first one says how to read the others
            first = opened_book.get_sheet_by_name(sheet).to_python(nrows=1)[0]
            seen[f"{book.name}/{sheet}"] = {(sheet, str(name)) for name in first if name}
    for path in downloads.glob("*.duckdb"):
        seen[path.name] = _file_columns(path)
    assert {name: columns - told for name, columns in seen.items() if columns - told} == {}
    assert seen["regional"] == told
    kinds = {Path(name).suffix for name in seen} | {Path(name.split("/")[0]).suffix for name in seen}
    assert kinds >= {"", ".parquet", ".csv", ".zip", ".xlsx", ".duckdb"}


def _file_columns(path: Path) -> set[tuple[str, str]]:
    with duckdb.connect(str(path), read_only=True) as file:
        return _columns(file)


def test_a_zero_has_no_sign(demo: Demo) -> None:
    """It would say on which side of zero the figure lies that was rounded to it."""
    published = Settings(demo.root).published
    for path in (published / "observatoire.duckdb", *sorted((published / "organismes").glob("*.duckdb"))):
        with duckdb.connect(str(path), read_only=True) as edition:
            columns = edition.execute(
                "select table_name, column_name from duckdb_columns()"
                " where schema_name = 'observatoire' and data_type = 'DOUBLE'"
            ).fetchall()
            zeros = [
                f"count(*) filter ({name} = 0), count(*) filter ({name} = 0 and signbit({name}))" for _, name in columns
            ]
            found = [
                edition.execute(f"select {counts} from observatoire.{table}").fetchone()
                for (table, _), counts in zip(columns, zeros, strict=True)
            ]
        assert sum(row[0] for row in found if row) > 100
        assert [name for name, row in zip(columns, found, strict=True) if row and row[1]] == []


def test_what_protects_a_column_is_so_in_what_is_published(demo: Demo) -> None:
    """A measure is empty where its cell is not published; what is withheld is empty but of the region; what is repeated is the same."""
    tried = 0
    with duckdb.connect(str(demo.root / "published/courante/edition.duckdb"), read_only=True) as file:
        there = _columns(file)
        for (table, column), answer in answers(_declared()).items():
            if not table.startswith("fct_") or answer in ROLES.values():
                continue
            where = "statut <> 'V'" if answer.startswith("status, and") else "perimetre_type <> 'region'"
            if answer == "withheld" and (table, "axe") in there:
                where += " or axe <> 'ensemble'"
            if not answer.startswith("status, but"):
                [(told,)] = file.execute(f"select count({column}) from observatoire.{table} where {where}").fetchall()
                assert told == 0, (table, column)
                tried += 1
        for fact, columns in REPEATED.items():
            same = " and ".join(f"i.{here} is not distinct from f.{there_}" for here, there_ in columns.items())
            only = "and f.axe = 'ensemble' and f.perimetre_type = 'region'"
            if fact == "fct_evolution":
                only += " and f.methode = 'publie' and f.vague_precedente = i.vague_precedente"
            [(lines, alike)] = file.execute(
                f"select count(*), count(*) filter ({same}) from observatoire.obs_indicateur i"
                f" inner join observatoire.{fact} f on f.vague = i.vague and f.question_code = i.question_code {only}"
            ).fetchall()
            assert lines == alike > 50, fact
    assert tried > 100


@pytest.mark.parametrize(
    ("file", "said", "left", "model", "told"),
    [
        (
            "faits/_faits.yml",
            "      - name: part_promoteurs\n        config: {meta: {precision: part}}\n",
            "      - name: part_promoteurs\n",
            "fct_satisfaction",
            "fct_satisfaction.part_promoteurs : à quelle précision sort-elle ? La déclarer dans son YAML",
        ),
        (
            "observatoire/_observatoire.yml",
            "      - name: parc\n        config: {meta: {unite: population}}\n",
            "      - name: parc\n",
            "int_declarations",
            "obs_couverture.parc : en quelle unité est ce nombre ? La déclarer dans son YAML",
        ),
    ],
    ids=["precision", "unit"],
)
def test_a_number_that_does_not_say_how_finely_or_in_what_it_goes_out_does_not_compile(
    file: str, said: str, left: str, model: str, told: str, demo: Demo, tmp_path: Path
) -> None:
    project, settings = tmp_path / "dbt_project", Settings(demo.root)
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
    path = project / "models/marts" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(said) == 1
    path.write_text(text.replace(said, left), encoding="utf-8")
    environment = {
        **os.environ, **settings.environment(), "OBSERVATOIRE_SEEDS": os.path.relpath(demo.root / "reference", project),
        "DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "target"),
    }  # fmt: skip
    command = [warm_dbt.executable(), "compile", "--select", model, "--no-use-colors"]
    done = subprocess.run(
        [*command, "--project-dir", str(project), "--profiles-dir", str(project)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert told in " ".join(done.stdout.split())
