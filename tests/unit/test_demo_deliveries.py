"""The demo as a reader of its files sees it: totals, shapes, forms, planted rows, determinism, truth.

Files are read with library calls only, never with the pipeline's own readers. What is expected of each
file was worked out by hand from the sampling plan and the questionnaire: test_demo_livraisons.csv.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
import yaml
from python_calamine import CalamineWorkbook

from orchestration.demo import DemoSummary, write_demo

DATA = Path(__file__).parents[2] / "data"
EXPECTED = pl.read_csv(Path(__file__).with_name("test_demo_livraisons.csv"), infer_schema=False)
INTERVIEWS = {"2016": 12_358, "2019": 14_902, "2022": 16_471}
# of eight quarters: the survey of six organismes, the calls of three
BETWEEN = {"BAROMETRE": 4_926, "APPELS": 1_582}
DEFECTS = {
    "date_illisible": 5,
    "doublon": 19,
    "filtre_contredit": 13,
    "hors_fenetre": 11,
    "poids_invalide": 3,
    "valeur_inconnue": 20,
}


@dataclass(frozen=True)
class Demo:
    root: Path
    summary: DemoSummary


def programme_copy(target: Path) -> Path:
    for part in ("reference", "contracts"):
        shutil.copytree(DATA / part, target / part)
    shutil.copy(DATA / "programme.yaml", target)
    (target / "demo").mkdir()
    for name in ("scenario.yaml", "calibrage.csv", "options.csv"):
        shutil.copy(DATA / "demo" / name, target / "demo" / name)
    return target


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    root = programme_copy(tmp_path_factory.mktemp("programme"))
    return Demo(root, write_demo(root))


def waves_of(root: Path, body: dict[str, Any]) -> list[str]:
    """The wave of a contract, or those of its dispositif."""
    waves = pl.read_csv(root / "reference" / "vagues.csv", infer_schema=False)
    return [body["vague"]] if "vague" in body else waves.filter(dispositif=body["dispositif"])["vague"].to_list()


@cache
def contract_of(root: Path, path: str) -> dict[str, Any]:
    vague, name = Path(path).parts[1:]
    for file in (root / "contracts").glob("*.yaml"):
        body: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        if vague in waves_of(root, body) and any(Path(name).match(glob) for glob in body["fichiers"]):
            return body
    raise AssertionError(path)


def as_code(value: object) -> str | None:
    """A cell as a person would say it: 3.0 is 3, a blank is nothing."""
    if value is None or value == "":
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).replace("’", "'")


@cache
def records(root: Path, path: str) -> dict[str, list[dict[str, Any]]]:
    """Every record of a file, by sheet, cells as the library gives them."""
    contract = contract_of(root, path)
    form, file = contract["format"], root / path
    above = form.get("lignes_avant_entete", 0)
    if form["type"] == "csv":
        text = file.read_bytes().decode(form["encodage"])
        frame = pl.read_csv(
            text.encode(), separator=form["separateur"], quote_char=form["guillemet"], infer_schema=False
        )
    elif form["type"] == "sav":
        frame = pyreadstat.read_sav(str(file), user_missing=True, output_format="polars")[0]
    elif form["type"] == "parquet":
        frame = pl.read_parquet(file)
    else:
        book = CalamineWorkbook.from_path(str(file))
        sheets = {}
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python()
            body = [dict(zip(rows[above], row, strict=True)) for row in rows[above + 1 :]]
            footer = form.get("lignes_ignorees")
            sheets[name] = [r for r in body if not (footer and r[footer["colonne"]].startswith(("Total", "Source")))]
        return sheets
    return {"": frame.to_dicts()}


def test_totals_are_those_of_the_plan(demo: Demo) -> None:
    placed = dict(
        pl.read_csv(demo.root / "reference" / "vagues.csv", infer_schema=False).select("vague", "dispositif").rows()
    )
    found = demo.summary.interviews
    assert {wave: n for wave, n in found.items() if placed[wave] is None} == INTERVIEWS
    for dispositif, interviews in BETWEEN.items():
        periods = [n for wave, n in found.items() if placed[wave] == dispositif]
        assert (len(periods), sum(periods)) == (8, interviews)
    assert demo.summary.defects == DEFECTS
    late = yaml.safe_load((demo.root / "demo" / "scenario.yaml").read_text(encoding="utf-8"))["organismes_en_retard"]
    plan = pl.read_csv(demo.root / "reference" / "plan_sondage.csv", infer_schema=False).filter(
        ~pl.struct("vague", "organisme_code").is_in(
            [{"vague": x["vague"], "organisme_code": x["organisme"]} for x in late]
        )
    )
    aimed = plan.group_by("vague", "organisme_code").agg(
        pl.col("entretiens_vises").cast(pl.Int64).sum().cast(pl.String)
    )
    truth = pl.read_csv(demo.summary.truth / "entretiens.csv", infer_schema=False)
    assert sorted(aimed.rows()) == sorted(truth.rows())


def test_every_file_has_its_hand_checked_shape(demo: Demo) -> None:
    found = []
    for file in demo.summary.files:
        for sheet, rows in records(demo.root, file.path).items():
            assert {len(row) for row in rows} == {len(rows[0])}
            found.append((file.path, sheet or None, str(len(rows)), str(len(rows[0]))))
    assert sorted(found, key=str) == sorted(EXPECTED.rows(), key=str)
    assert sorted(p.name for p in (demo.root / "landing").glob("*/*")) == sorted(
        Path(f.path).name for f in demo.summary.files
    )


def test_forms_are_those_institutes_use(demo: Demo) -> None:
    forms = set()
    for file in demo.summary.files:
        contract, content = contract_of(demo.root, file.path), (demo.root / file.path).read_bytes()
        form = contract["format"]
        if form["type"] == "csv" and form["encodage"] == "cp1252":
            lines = content.decode("cp1252").split("\r\n")
            weight = lines[0].split(";").index(contract["ponderation"]["colonne"])
            assert "," in lines[1].split(";")[weight]
            forms.add("cp1252")
        elif form["type"] == "csv":
            if form["separateur"] == "\t":
                assert content.count(b"\t") > content.count(b"\n") and b"\r" not in content
                forms.add("tabs")
            else:
                assert content.startswith(b"\xef\xbb\xbf") and "d’" in content.decode() and "|" in content.decode()
                forms.add("utf-8")
        elif form["type"] == "sav":
            _, meta = pyreadstat.read_sav(str(demo.root / file.path), metadataonly=True, user_missing=True)
            ranges: list[Any] = [r for column in meta.missing_ranges.values() for r in column]
            assert {r["lo"] == r["hi"] for r in ranges} == {True, False} and meta.variable_value_labels
            forms.add("sav")
        elif form["type"] == "xlsx":
            rows = next(iter(records(demo.root, file.path).values()))
            numbers = {type(v) for row in rows for v in row.values()} & {float, int}
            assert bool(numbers) != bool(form.get("lignes_avant_entete"))
            forms.add("typed" if numbers else "text")
    assert forms == {"cp1252", "utf-8", "tabs", "sav", "typed", "text"}


def test_planted_rows_show_at_the_row_that_is_told(demo: Demo) -> None:
    defects = pl.read_csv(demo.summary.truth / "defauts.csv", infer_schema=False)
    cache = {f.path: records(demo.root, f.path) for f in demo.summary.files if f.defects}
    for d in defects.iter_rows(named=True):
        form = contract_of(demo.root, d["fichier"])["format"]
        header = form.get("lignes_avant_entete", 0) + 1 if form["type"] in ("csv", "xlsx") else 0
        sheet = d["feuille"] if form["type"] == "xlsx" else ""
        rows = cache[d["fichier"]][sheet or ""]
        index = int(d["ligne"]) - header - 1
        assert as_code(rows[index][d["colonne"]]) == as_code(d["valeur"]), d
        if d["regle"] == "doublon":
            assert rows[index] in rows[:index], d
    assert sum(f.defects for f in demo.summary.files) == defects.height == sum(DEFECTS.values())
    assert defects.select(pl.struct("fichier", "feuille", "ligne").is_duplicated().any()).item() is False


def test_truth_equals_an_independent_recount(demo: Demo) -> None:
    """Answered single choices, decoded straight from the files less the planted rows."""
    counts = pl.read_parquet(demo.summary.truth / "comptages.parquet")
    defects = pl.read_csv(demo.summary.truth / "defauts.csv", infer_schema=False).fill_null("")
    found: dict[tuple[str, str, str], int] = {}
    for file in demo.summary.files:
        contract = contract_of(demo.root, file.path)
        form = contract["format"]
        header = form.get("lignes_avant_entete", 0) + 1 if form["type"] in ("csv", "xlsx") else 0
        exceptions = [q for e in contract.get("particularites", {}).values() for q in e["questions"]]
        for sheet, rows in records(demo.root, file.path).items():
            bad = {int(n) - header - 1 for n in defects.filter(fichier=file.path, feuille=sheet)["ligne"].to_list()}
            kept = [row for i, row in enumerate(rows) if i not in bad]
            for code, rule in contract["questions"].items():
                if "multiple" in rule or code in exceptions:
                    continue
                codage = contract["codages"][rule["codage"]]
                for row in kept:
                    value = as_code(row[rule["colonne"]])
                    if value is not None:
                        key = (file.vague, code, codage[value])
                        found[key] = found.get(key, 0) + 1
    checked = {(v, c) for v, c, _ in found}
    excepted = {
        (body["vague"], q)
        for file in (demo.root / "contracts").glob("*.yaml")
        for body in [yaml.safe_load(file.read_text(encoding="utf-8"))]
        for e in body.get("particularites", {}).values()
        for q in e["questions"]
    }
    blanks = {"SR", "FILTRE", "NON_POSE"}
    truth = {
        (v, c, m): n
        for v, c, m, n in counts.group_by("vague", "question_code", "modalite_code").agg(pl.sum("n")).iter_rows()
        if (v, c) in checked - excepted and m not in blanks
    }
    assert truth == {k: n for k, n in found.items() if k[:2] not in excepted and k[2] not in blanks}
    assert len(truth) > 500


def test_counts_of_single_choices_add_up_to_interviews(demo: Demo) -> None:
    counts = pl.read_parquet(demo.summary.truth / "comptages.parquet")
    questions = pl.read_csv(demo.root / "reference" / "questions.csv", infer_schema=False)
    scales = pl.read_csv(demo.root / "reference" / "echelles.csv", infer_schema=False).filter(type="unique")
    single = questions.join(scales, on="echelle", how="semi")["question_code"]
    sums = (
        counts.filter(pl.col("question_code").is_in(single.implode()))
        .group_by("vague", "question_code")
        .agg(pl.sum("n"))
    )
    # one total for each wave, whatever the question
    assert {(v, n) for v, _, n in sums.rows()} == set(demo.summary.interviews.items())


def test_same_seed_same_bytes_whatever_the_other_waves(demo: Demo, tmp_path: Path) -> None:
    root = programme_copy(tmp_path / "autre")
    waves = pl.read_csv(root / "reference" / "vagues.csv", infer_schema=False)
    waves.tail(1).write_csv(root / "reference" / "vagues.csv")
    again = write_demo(root)
    assert again.files == demo.summary.files[-len(again.files) :]
    for file in again.files:
        digests = [hashlib.sha256((r / file.path).read_bytes()).hexdigest() for r in (root, demo.root)]
        assert digests[0] == digests[1], file.path


def test_another_seed_gives_other_answers(demo: Demo, tmp_path: Path) -> None:
    root = programme_copy(tmp_path / "autre")
    waves = pl.read_csv(root / "reference" / "vagues.csv", infer_schema=False)
    waves.tail(1).write_csv(root / "reference" / "vagues.csv")
    again = write_demo(root, seed=1, truth=tmp_path / "verite")
    assert again.truth == tmp_path / "verite" and not (root / "demo" / "verite").exists()
    assert [f.rows for f in again.files] == [f.rows for f in demo.summary.files[-len(again.files) :]]
    assert all((root / f.path).read_bytes() != (demo.root / f.path).read_bytes() for f in again.files)
