"""The English regulator's workbook through the same code: the figures it is known for, its statuses, its exclusions.

The workbook is not in the repository. It is looked for in ../shared/real-data, or where OBSERVATOIRE_DONNEES_REELLES says.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.gates import standing
from orchestration.extracts.ingest import ingest
from orchestration.extracts.inventory import take_inventory
from orchestration.programme import load_programme
from orchestration.programme.check import check_programme
from orchestration.trial.conduct import try_delivery
from tests.support.demo import KEY, REPOSITORY, observatoire
from tests.support.precision import required_sample

TSM = REPOSITORY / "programmes" / "tsm"
WAVE = "2023-24"
FOLDER = Path(os.environ.get("OBSERVATOIRE_DONNEES_REELLES") or REPOSITORY.parent / "shared" / "real-data")
WORKBOOK = FOLDER / f"tsm-{WAVE}.xlsx"
MEASURES = [f"TP{i:02d}" for i in range(1, 13)]

here = pytest.mark.skipif(
    not WORKBOOK.is_file(),
    reason=f"the regulator's workbook is not at {WORKBOOK}: put it there, or name its folder in OBSERVATOIRE_DONNEES_REELLES",
)

Rows = list[tuple[Any, ...]]


def copy_tsm(target: Path) -> Path:
    """Copies the programme as it is committed."""
    target.mkdir(parents=True)
    shutil.copy(TSM / "programme.yaml", target)
    for name in ("reference", "contracts"):
        shutil.copytree(TSM / name, target / name)
    return target


@pytest.fixture(scope="module")
def tsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The programme with the workbook dropped into its landing folder, run once."""
    root = copy_tsm(tmp_path_factory.mktemp("tsm") / "programme")
    (root / "landing" / WAVE).mkdir(parents=True)
    shutil.copy(WORKBOOK, root / "landing" / WAVE)
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    yield root


def _published(root: Path, sql: str) -> Rows:
    with duckdb.connect(str(root / "published" / "observatoire.duckdb"), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def _landlords(root: Path, question: str) -> dict[str, float]:
    """Satisfied share of each landlord, in percent, from the warehouse: no landlord stands in the published file."""
    with duckdb.connect(str(root / "warehouse" / "observatoire.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select perimetre, 100 * taux_satisfaits from intermediaire.int_satisfaction"
            " where perimetre_type = 'organisme' and question_code = ?",
            [question],
        ).fetchall()
    return dict(found)


def _country(root: Path, question: str, *columns: str) -> tuple[Any, ...]:
    names = ", ".join(f"100 * {c}" for c in columns)
    where = f"perimetre_type = 'region' and question_code = '{question}' and statut = 'V'"
    [row] = _published(root, f"select {names} from observatoire.fct_satisfaction where {where}")
    return row


def _sheet() -> list[dict[str, Any]]:
    """The landlords of the main tenure, read without any of the project's code."""
    rows = CalamineWorkbook.from_path(str(WORKBOOK)).get_sheet_by_name("TSM24_LCRA_Perception").to_python()
    top = next(i for i, row in enumerate(rows) if "Landlord code" in row)
    return [dict(zip(map(str, rows[top]), row, strict=True)) for row in rows[top + 1 :] if row[1] != ""]


def _published_rates(question: str) -> dict[str, float]:
    [column] = [c for c in _sheet()[0] if str(c).startswith("Proportion of respondents who report") and str(c).endswith(f"({question})")]  # fmt: skip
    return {_code(row): float(row[column]) for row in _sheet()}


def _lake(sql: str) -> Rows:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


def _code(row: dict[str, Any]) -> str:
    code = row["Landlord code"]
    return str(int(code)) if isinstance(code, float) else str(code)


def test_the_reference_files_keep_their_contract() -> None:
    programme = load_programme(TSM)
    assert check_programme(programme) == []
    [contract] = load_contracts(programme).sound
    assert contract.of_counts and contract.confirmed


@here
@pytest.mark.slow
def test_the_workbook_that_is_tried_is_told_what_its_run_said(tsm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", KEY)
    programme = load_programme(tsm)
    trial, inventory = try_delivery(programme, WORKBOOK), take_inventory(programme)
    [record] = inventory.records
    assert (trial.status, trial.reason) == standing(record, inventory)
    assert trial.accepted
    assert len(trial.parts) == len(record.lots) > 300
    assert sum(part.left_out for part in trial.parts) > 0


@here
@pytest.mark.slow
def test_every_published_percentage_is_recomputed_and_none_is_fixed(tsm: Path) -> None:
    told = _published(
        tsm, "select exemple from observatoire.obs_qualite where regle = 'pourcentage_publie' and not tenue"
    )
    off = []
    for question in MEASURES:
        counted, published = _landlords(tsm, question), _published_rates(question)
        assert len(counted) == len(published) == 355
        off += [(question, code) for code, rate in published.items() if abs(rate - counted[code]) > 0.05]
    assert off == [] and told == []


@here
@pytest.mark.slow
def test_overall_satisfaction(tsm: Path) -> None:
    rates = sorted(_landlords(tsm, "TP01").values())
    assert round(rates[len(rates) // 2], 4) == 71.2963
    simple, weighted, error = _country(
        tsm, "TP01", "taux_moyenne_organismes", "taux_moyenne_parc", "taux_moyenne_parc_erreur_type"
    )
    assert (round(simple, 4), round(weighted, 3), round(error, 4)) == (70.5733, 68.359, 0.0803)


@here
@pytest.mark.slow
def test_the_sectors_own_quartiles_and_headline_are_printed(tsm: Path) -> None:
    """Landlords' figures are public: their quartiles are those that NumPy interpolates, and the headline is by stock."""
    for question in MEASURES:
        rates = list(_landlords(tsm, question).values())
        [told] = _published(
            tsm,
            "select 100 * quartile_1, 100 * mediane, 100 * quartile_3 from observatoire.fct_quartile"
            f" where question_code = '{question}' and groupe_type = 'region' and perimetre_type = 'region'",
        )
        assert told == pytest.approx(tuple(np.percentile(rates, (25, 50, 75))), abs=1e-9)
    assert round(_country(tsm, "TP01", "taux_imprime")[0], 3) == 68.359
    assert round(_country(tsm, "TP09", "taux_imprime")[0], 3) == 32.699
    html = (tsm / "reports" / "courant" / "index.html").read_text(encoding="utf-8")
    assert "each weighted by its whole stock" in html


@here
@pytest.mark.slow
def test_a_filtered_question_has_two_averages_and_the_dictionary_says_which_is_printed(tsm: Path) -> None:
    domain, weighted, error = _country(
        tsm, "TP09", "taux_satisfaits", "taux_moyenne_parc", "taux_moyenne_parc_erreur_type"
    )
    assert (round(weighted, 3), round(error, 3)) == (32.699, 0.161)
    assert abs(domain - 31.8) < 0.05
    [(said,)] = _published(
        tsm,
        "select comment from duckdb_columns() where table_name = 'fct_satisfaction' and column_name = 'taux_imprime'",
    )
    assert "taux_satisfaits, taux_moyenne_parc ou taux_moyenne_organismes, selon estimateur_imprime" in said


@here
def test_the_required_sample_is_the_published_one() -> None:
    bands = ((2500, 0.05), (10_000, 0.04), (25_000, 0.03))
    wrong = []
    for row in _sheet():
        population = int(row["Relevant\u00a0tenant population size (LCRA)"])
        margin = next((margin for under, margin in bands if population < under), 0.02)
        if required_sample(population, margin) != row["Required minimum sample size2,3"]:
            wrong.append(_code(row))
    assert wrong == []


@here
@pytest.mark.slow
def test_a_status_is_kept_and_is_not_a_zero(tsm: Path) -> None:
    blanks = {
        (_code(row), question)
        for row in _sheet()
        for question in ("TP05", "TP06", "TP07", "TP08", "TP11", "TP12")
        if row[f"Number of respondents who report 'not applicable/ don't know' ({question})"] == "[X]"
    }
    told = _published(
        tsm,
        "select organisme_code, regexp_extract(exemple, '(TP\\d\\d) \\(DK\\) : vide', 1)"
        " from observatoire.obs_qualite where regle = 'statut_vide'",
    )
    assert set(told) == blanks and len(blanks) == 25
    files = f"{tsm}/lake/comptages/vague={WAVE}/*.parquet"
    zeros = _lake(f"select count(*) from read_parquet('{files}') where n = 0 or modalite_code like '[%'")
    assert zeros == [(0,)]


@here
@pytest.mark.slow
def test_landlords_left_out_are_in_the_coverage_with_the_published_reason(tsm: Path) -> None:
    sheet = CalamineWorkbook.from_path(str(WORKBOOK)).get_sheet_by_name("TSM24_Perception_Not_Inc").to_python()
    top = next(i for i, row in enumerate(sheet) if "Landlord code" in row)
    reasons = {
        str(row[1]).removesuffix(".0"): " ".join(str(row[2]).split()) for row in sheet[top + 1 :] if row[1] != ""
    }
    rows = _published(
        tsm,
        "select organisme_code, statut, motif, nb_entretiens from observatoire.obs_couverture where statut <> 'inclus'",
    )
    left_out = {code: motif for code, statut, motif, n in rows if statut == "rejete" and n == 0}
    assert left_out == reasons and len(reasons) == 3
    consolidated = "select count(*) from observatoire.obs_couverture where statut in ('inclus', 'reserve')"
    assert _published(tsm, consolidated) == [(355,)]


@here
@pytest.mark.slow
def test_its_report_is_in_english(tsm: Path) -> None:
    html = (tsm / "reports" / "courant" / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in html and "Key figures" in html and "68.4%" in html
    assert len(html.encode()) < 1_500_000


@here
@pytest.mark.slow
def test_having_made_a_complaint_is_no_low_rating(tsm: Path) -> None:
    html = (tsm / "reports" / "courant" / "index.html").read_text(encoding="utf-8")
    ranked = _text(html[html.index("Lowest rated") :].split("</section>")[0])
    assert "handling complaints" in ranked and "Made a complaint" not in ranked
    assert "Tenants concerned" in html


def _text(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(style|script)>.*?</\1>", "", html))


@here
@pytest.mark.slow
def test_every_interview_is_in_the_counts_of_every_question(tsm: Path) -> None:
    samples = {_code(row): int(row["Total sample size achieved"]) for row in _sheet()}
    files = f"{tsm}/lake/comptages/vague={WAVE}/*.parquet"
    totals = _lake(f"select organisme_code, question_code, sum(n) from read_parquet('{files}') group by all")
    assert len(totals) == 355 * 15
    assert [t for t in totals if abs(t[2] - samples[t[0]]) > 1e-6] == []


@here
@pytest.mark.slow
def test_next_years_workbook_moves_rows_adds_columns_and_is_still_read(tmp_path: Path) -> None:
    """The same table as a CSV, with title lines, shuffled columns, new ones, other footnotes and the headings mended."""
    import csv

    rows = _sheet()
    renamed = {
        c: str(c).replace("size2,3", "size7").replace("that that their landlord", "that they are very satisfied that their landlord")
        for c in rows[0]
    }  # fmt: skip
    root = copy_tsm(tmp_path / "programme")
    contract = root / "contracts" / "rsh-2023-24.yaml"
    text = contract.read_text(encoding="utf-8").replace('["*.xlsx"]', '["*.csv"]')
    form, rest = text.split("organisme: {colonne", 1)
    excluded = rest.index("  non_inclus:"), rest.index("  modeles:")
    rest = rest[: excluded[0]] + rest[excluded[1] :]
    form = form.split("format:")[0] + (
        'format:\n  type: csv\n  separateur: ","\n  entete: {cherche: "landlord code"}\n'
        '  lignes_ignorees: {colonne: Landlord code, motif: "^$"}\n'
    )
    contract.write_text(form + "organisme: {colonne" + rest, encoding="utf-8")
    path = root / "landing" / WAVE / "tsm.csv"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("Title\nGo back\n\nUpdated\n")
        writer = csv.writer(file, lineterminator="\n")
        columns = [*reversed(list(renamed)), "New column"]
        writer.writerow(renamed.get(c, c) for c in columns)
        writer.writerows([row.get(c, "[Z]") for c in columns] for row in rows)
        writer.writerow(["" if c != "Landlord name" else "1. A footnote, that moved" for c in columns])
    programme = load_programme(root)
    record = ingest(deliveries(programme, load_contracts(programme))[0], programme)
    assert (record.statut, record.lignes_lues, record.lignes_rejetees) == ("accepte", 355, 0)
    assert [q.exemple for q in record.qualite if q.regle == "pourcentage_publie"] == []
    assert sum(lot.interviews for lot in record.lots) == sum(int(row["Total sample size achieved"]) for row in rows)
