"""The main job on the demo: counts equal the generator's truth, defects are found, and what is published keeps its contract."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml

from tests.support.demo import REPOSITORY, Demo, observatoire
from tests.support.small import published

CONTRACT: dict[str, list[str]] = yaml.safe_load(
    (REPOSITORY / "tests/integration/public_contract.yaml").read_text(encoding="utf-8")
)


def _warehouse(demo: Demo, sql: str) -> pl.DataFrame:
    with duckdb.connect(str(demo.root / "warehouse" / "observatoire.duckdb"), read_only=True) as connection:
        return pl.DataFrame(connection.sql(sql).to_arrow_table())


def test_counts_equal_the_truth(demo: Demo) -> None:
    counted = _warehouse(
        demo,
        "select vague, organisme_code, question_code, modalite_code, sum(n)::bigint as n from intermediaire.comptage where axe = 'ensemble' group by all",
    )
    key = ["vague", "organisme_code", "question_code", "modalite_code"]
    truth = (
        pl.read_parquet(demo.truth / "comptages.parquet")
        .select(*key, pl.col("n").cast(pl.Int64))
        .filter(pl.col("n") > 0)
    )
    compared = truth.join(counted.filter(pl.col("n") > 0), on=key, how="full", suffix="_compte", coalesce=True)
    assert compared.filter(pl.col("n").ne_missing(pl.col("n_compte"))).is_empty()
    assert truth.height > 5_000


def test_planted_defects_are_found_all_and_only_those(demo: Demo) -> None:
    planted = {
        tuple(r)
        for r in pl.read_csv(demo.truth / "defauts.csv", infer_schema=False)
        .select("fichier", "feuille", "ligne", "regle")
        .rows()
    }
    found = set()
    for path in (demo.root / "quarantine").glob("*/rejets.csv"):
        record = json.loads((demo.root / "lake" / "registre" / f"{path.parent.name}.json").read_text(encoding="utf-8"))
        rejects = pl.read_csv(path, separator=";", infer_schema=False)
        found |= {(Path(record["fichier"]).name, r["feuille"], r["ligne"], r["regle"]) for r in rejects.to_dicts()}
    planted = {(Path(str(f)).name, s or None, line, rule) for f, s, line, rule in planted}
    assert found == planted
    assert len({rule for *_, rule in planted}) >= 4


def test_every_row_is_accounted_for(demo: Demo) -> None:
    livraisons = pl.read_parquet(demo.root / "lake" / "livraisons.parquet")
    kept = livraisons["lignes_acceptees"] + livraisons["lignes_rejetees"] + livraisons["lignes_remplacees"]
    assert kept.to_list() == livraisons["lignes_lues"].to_list()
    assert livraisons["lignes_rejetees"].sum() == pl.read_csv(demo.truth / "defauts.csv", infer_schema=False).height


def test_the_wave_has_the_newsletters_totals(demo: Demo) -> None:
    covered = demo.query(
        "select sum(nb_entretiens) as n, count(*) as o from observatoire.obs_couverture where vague = '2022' and statut in ('inclus', 'reserve')"
    )
    assert covered.row(0) == (16471, 18)
    assert demo.query("select count(*), count(distinct theme_code) from observatoire.dim_question").row(0) == (57, 6)
    status = dict(
        demo.query("select statut, count(*) from observatoire.obs_couverture where vague = '2022' group by all").rows()
    )
    assert status["attendu"] == 1
    assert status["non_concerne"] == 1


def test_the_published_file_keeps_its_contract(demo: Demo) -> None:
    columns = demo.query("select table_name, column_name from duckdb_columns() where schema_name = 'observatoire'")
    present: dict[str, set[str]] = {}
    for table, column in columns.rows():
        present.setdefault(table, set()).add(column)
    for table, expected in CONTRACT.items():
        assert set(expected) <= present.get(table, set()), (table, set(expected) - present.get(table, set()))


def test_every_table_and_column_is_commented(demo: Demo) -> None:
    bare = demo.query(
        """
        select table_name || '.' || column_name as place from duckdb_columns()
        where schema_name = 'observatoire' and coalesce(comment, '') = ''
        union all
        select table_name from duckdb_tables() where schema_name = 'observatoire' and coalesce(comment, '') = ''
        """
    )
    assert bare["place"].to_list() == []


def test_no_organisme_result_stands_in_the_regional_file(demo: Demo) -> None:
    tables = demo.query(
        "select distinct table_name from duckdb_columns() where schema_name = 'observatoire' and column_name = 'perimetre_type'"
    )
    for table in tables["table_name"]:
        assert demo.query(f"select count(*) from observatoire.{table} where perimetre_type = 'organisme'").item() == 0


@pytest.mark.parametrize(
    ("table", "more"), [("fct_satisfaction", ""), ("fct_evolution", ", vague_precedente, methode")]
)
def test_the_number_of_organismes_does_not_tell_who_answered(demo: Demo, table: str, more: str) -> None:
    """Every organisme of the demonstration asks every question of a wave: all the questions of a segment show the same number."""
    told = demo.query(
        f"""
        select count(distinct nb_organismes) as numbers, count(*) as questions from observatoire.{table}
        where statut = 'V' group by vague, perimetre_type, perimetre, axe, segment{more}
        """
    )
    assert told["questions"].max() > 1
    assert told["numbers"].unique().to_list() == [1]


def test_a_question_not_asked_is_z_and_a_masked_cell_is_empty(demo: Demo) -> None:
    measures = "note_moyenne, note_erreur_type, note_ic_bas, note_ic_haut, taux_satisfaits, taux_erreur_type, note_non_ponderee, base_ponderee, base_brute"
    shown = " + ".join(f"({m.strip()} is not null)::int" for m in measures.split(","))
    assert (
        demo.query(f"select count(*) from observatoire.fct_satisfaction where statut <> 'V' and {shown} > 0").item()
        == 0
    )
    new = demo.query(
        """
        select distinct s.statut from observatoire.fct_satisfaction as s
        inner join observatoire.dim_question as q on s.question_code = q.question_code
        where s.vague < q.premiere_vague
        """
    )
    assert new["statut"].to_list() == ["Z"]
    assert demo.query("select count(*) from observatoire.fct_satisfaction where statut = 'S'").item() > 0


def test_directions_of_the_newsletter_come_out(demo: Demo) -> None:
    directions = yaml.safe_load(
        (REPOSITORY / "tests/integration/newsletter_directions.yaml").read_text(encoding="utf-8")
    )
    rows = demo.query(
        """
        select question_code, ecart_note, verdict from observatoire.fct_evolution
        where vague = '2022' and vague_precedente = '2019' and perimetre_type = 'region' and axe = 'ensemble' and methode = 'publie'
        """
    )
    verdicts = {code: verdict for code, _, verdict in rows.rows()}
    for code in directions["hausse"]:
        assert verdicts[code] == "hausse", (code, verdicts[code])
    for code in directions["constante"]:
        assert verdicts[code] in ("stable", "non significatif"), (code, verdicts[code])
    for code in directions["nouveau"]:
        assert verdicts[code] == "nouveau", (code, verdicts[code])
    gaps = dict(
        demo.query(
            """
            select question_code, ecart from observatoire.fct_ecart_reference
            where vague = '2022' and perimetre_type = 'region' and unite = 'note_10' and ecart is not null
            """
        ).rows()
    )
    for code in directions["au_dessus_du_national"]:
        assert gaps[code] > 0, code
    for code in directions["sous_le_national"]:
        assert gaps[code] < 0, code


@pytest.mark.parametrize("version", ["1.4.4", "1.5.6", "2.0.0"])
def test_bi_versions_of_duckdb_open_the_file_and_see_the_comments(demo: Demo, duckdb_reader, version: str) -> None:  # type: ignore[no-untyped-def]
    read = duckdb_reader(version)
    bi = demo.root / "published" / "bi.duckdb"
    rows = demo.query("select count(*) from observatoire.fct_satisfaction").item()
    assert read(bi, "select count(*) as n from observatoire.fct_satisfaction") == [{"n": rows}]
    if version != "1.4.4":  # 1.4 takes the entrance's name for the catalog's, and finds the schema ambiguous
        assert read(demo.database, "select count(*) as n from observatoire.fct_satisfaction") == [{"n": rows}]
    comments = "select count(comment) as n from duckdb_columns() where schema_name = 'observatoire'"
    columns = demo.query("select count(*) from duckdb_columns() where schema_name = 'observatoire'").item()
    assert read(demo.database, comments) == [{"n": columns}]


def test_a_second_run_with_nothing_new_changes_nothing(demo: Demo) -> None:
    before = {p: p.lstat().st_mtime_ns for p in demo.root.rglob("*") if p.is_file() and "published" in p.parts}
    again = observatoire(demo.root, "run")
    assert again.returncode == 0, again.stderr
    assert "rien de nouveau" in again.stdout
    assert {p: p.lstat().st_mtime_ns for p in demo.root.rglob("*") if p.is_file() and "published" in p.parts} == before


def test_the_summary_says_what_was_done_and_where(demo: Demo) -> None:
    said = demo.first.stdout.replace("\u202f", "")
    assert "16471" in said
    assert "Données de démonstration" in said
    for place in ("published/observatoire.duckdb", "reports/courant/index.html"):
        assert str(demo.root / place) in said
        assert (demo.root / place).exists()


def test_each_organisme_has_its_own_file_that_shows_no_other(demo: Demo) -> None:
    files = sorted((demo.root / "published" / "organismes").glob("*.duckdb"))
    included = demo.query(
        "select distinct organisme_code from observatoire.obs_couverture where statut in ('inclus', 'reserve')"
    )
    assert {f.stem for f in files} == set(included["organisme_code"])
    # interviews are exported where a programme asks for them, and this one does not
    assert not (demo.root / "published" / "courante" / "donnees_personnelles").exists()
    codes = {f.stem for f in files}
    for path in files[:3]:
        with duckdb.connect(str(path), read_only=True) as own:
            perimeters = own.execute(
                "select distinct perimetre_type, perimetre from observatoire.fct_satisfaction order by all"
            ).fetchall()
            assert perimeters == [("organisme", path.stem), ("region", "region")]
            others = codes - {path.stem}
            texts = own.execute(
                "select table_name, column_name from duckdb_columns() where schema_name = 'observatoire' and data_type = 'VARCHAR'"
            ).fetchall()
            for table, column in texts:
                listed = ", ".join(f"'{c}'" for c in others)
                assert own.execute(
                    f"select count(*) from observatoire.{table} where {column} in ({listed})"
                ).fetchone() == (0,), (table, column)
            answers = "select count(*) from duckdb_columns() where table_name = 'reponses' or column_name = 'entretien'"
            assert own.execute(answers).fetchone() == (0,)
            assert own.execute("select count(*) from observatoire.meta_entree").fetchone() == (0,)


@pytest.mark.slow
def test_a_rebuild_of_a_small_programme_exports_the_same_bytes(tmp_path: Path) -> None:
    _exports_are_the_same_rebuilt(published(), tmp_path / "programme")


@pytest.mark.long
def test_a_rebuild_of_the_demo_exports_the_same_bytes(demo: Demo, tmp_path: Path) -> None:
    _exports_are_the_same_rebuilt(demo.root, tmp_path / "programme")


def _exports_are_the_same_rebuilt(before: Path, rebuilt: Path) -> None:
    shutil.copytree(
        before, rebuilt, symlinks=True,
        ignore=shutil.ignore_patterns("lake", "quarantine", "warehouse", "published", "reports", ".dagster"),
    )  # fmt: skip
    # cold: Python orders sets and texts otherwise in each process that it starts
    done = observatoire(rebuilt, "run", cold=True)
    assert done.returncode == 0, done.stdout + done.stderr
    first, again = (
        json.loads((folder / "published/courante/manifeste.json").read_text(encoding="utf-8"))["fichiers"]
        for folder in (before, rebuilt)
    )
    # the row that says when the edition was published, and the descriptions that repeat it
    described = ("datapackage.json", "csvw-metadata.json", "dcat.jsonld", "ddi.xml")
    dated = {"donnees/meta_edition.parquet", *(f"donnees/{name}" for name in described)}
    exports = {name for name in first if name.startswith("donnees/")}
    assert exports > dated
    assert {name for name in exports - dated if first[name] != again[name]} == set()
    for name in described:
        assert _undated(before, name) == _undated(rebuilt, name), name


def _undated(root: Path, name: str) -> str:
    """What a description says, but the instant of publication and the size of the table that holds it."""
    edition = root / "published/courante"
    made = json.loads((edition / "manifeste.json").read_text(encoding="utf-8"))["publiee_le"]
    size = (edition / "donnees/meta_edition.parquet").stat().st_size
    text = (edition / "donnees" / name).read_text(encoding="utf-8")
    assert made[:10] in text
    return re.sub(rf"\b{size}\b", "…", text.replace(made, "…").replace(made[:10], "…"))


def test_the_manifest_accounts_for_every_file(demo: Demo) -> None:
    from orchestration.files import file_sha256

    folder = (demo.root / "published" / "courante").resolve()
    manifest = json.loads((folder / "manifeste.json").read_text(encoding="utf-8"))
    files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} - {"manifeste.json"}
    assert files == set(manifest["fichiers"])
    for name in ("edition.duckdb", "donnees/fct_satisfaction.parquet"):
        assert manifest["fichiers"][name] == file_sha256(folder / name)


# what the guide's table calls the axes of tenants
AXES = {
    "ensemble": "ensemble",
    "QPV": "qpv",
    "construction": "type_construction",
    "ancienneté": "anciennete",
    "ascenseur": "ascenseur",
    "âge": "tranche_age",
    "type de ménage": "type_menage",
    "département du logement": "departement",
}


def test_the_guide_tells_how_many_cells_are_published(demo: Demo) -> None:
    """Of its table, what is published now; of the region by département of the dwelling, two thirds at least."""
    guide = (REPOSITORY / "docs/confidentialite.md").read_text(encoding="utf-8")
    row = re.compile(r"^\| (\S[^|]*) \| ([^|]+) \| ([\d ]+) \| [\d ]+ \(\d+ %\) \| ([\d ]+) \((\d+) %\) \|$", re.M)
    told = row.findall(guide)
    assert len(told) == 8
    for perimeter, axes, cells, published_cells, share in told:
        kind = {"région": "region", "famille": "famille", "département de siège": "departement"}[
            perimeter.split(",")[0]
        ]
        chosen = (
            f"in ({', '.join(repr(AXES[axis]) for axis in axes.split(', '))})"
            if axes != "segments"
            else "<> 'ensemble'"
        )
        wave = "and vague = '2022'" if perimeter.endswith("2022") else ""
        (found,) = demo.query(
            "select count(*) as n from observatoire.fct_satisfaction"
            f" where statut = 'V' and perimetre_type = '{kind}' and axe {chosen} {wave}"
            " and vague in (select vague from observatoire.dim_vague where est_principale)"
        )["n"]
        assert found == int(published_cells.replace(" ", "")), (perimeter, axes)
        assert int(share) == round(100 * found / int(cells.replace(" ", ""))), (perimeter, axes)
        assert not wave or found >= 231
