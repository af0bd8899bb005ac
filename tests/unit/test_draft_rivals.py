"""What speaks against a number, a likeness or a name is heard: other words, another word, another column."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from orchestration.extracts.draft.line import Line
from orchestration.extracts.draft.write import undecided
from orchestration.programme import load_programme
from tests.support.contracts import load_contract
from tests.support.demo import delivered
from tests.support.drafting import draft, targets, without_contracts

ROOT = Path(__file__).resolve().parents[2]
PROGRAMME = load_programme(ROOT / "data")
LABELS = {r["question_code"] or "": r["libelle"] or "" for r in PROGRAMME.rows("questions")}
OPTIONS = {(r["echelle"], r["modalite_code"]): r["libelle"] or "" for r in PROGRAMME.rows("modalites")}


def _coded() -> pl.DataFrame:
    return pl.read_csv(delivered() / "2022/altair_aubepine.csv", separator=";", infer_schema=False)


def _in_words() -> pl.DataFrame:
    return pl.read_csv(delivered() / "2022/boreal_2022_v1.csv", infer_schema=False)


def _drafted(frame: pl.DataFrame, root: Path) -> tuple[list[Line], list[str]]:
    path = root / "inconnu_2022.csv"
    frame.write_csv(path, separator=";")
    proposal, lines, _ = draft(path, without_contracts(root))
    return lines, undecided(proposal, lines)


def test_a_title_in_other_words_is_held_against_its_number(tmp_path: Path) -> None:
    """Who was asked tells these questions from all others, but not what they were asked."""
    codes = load_contract(ROOT / "data/contracts/altair-2022.yaml", PROGRAMME).known_columns("")
    filters = [condition.sql for condition in PROGRAMME.conditions.values()]
    alone = {code for code, condition in PROGRAMME.conditions.items() if filters.count(condition.sql) == 1}
    words = ["Élus", "Parking", "Potager partagé", "Journal", "Rapidité des travaux", "Fanfare municipale", "Kiosque"]
    columns = [c for c, code in codes.items() if code in alone and not PROGRAMME.questions[code].multiple]
    renamed = {c: f"{c} {word}" for c, word in zip(columns, words, strict=False)}
    assert len(renamed) >= 5
    lines, points = _drafted(_coded().rename(renamed), tmp_path)
    sure = targets(lines, confirmed=False)
    assert {c: sure[c] for c in renamed.values() if c in sure} == {}
    assert all(any(codes[c] in point for point in points) for c in renamed)


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Sentiment de sécurité dans le quartier", "Sentiment de sécurité dans le logement"),
        ("Qualité de vie dans le quartier", "Qualité de vie dans le logement"),
        ("Propreté des espaces extérieurs", "Propreté des espaces communs"),
    ],
)
def test_a_word_of_many_questions_in_the_place_of_another_is_another_question(
    title: str, other: str, tmp_path: Path
) -> None:
    lines, _ = _drafted(_in_words().rename({title: other}), tmp_path)
    assert targets(lines).get(other) not in LABELS


@pytest.mark.parametrize("first", [True, False])
def test_the_very_name_of_an_axis_comes_before_a_word_of_it(first: bool, tmp_path: Path) -> None:
    frame, chance = _in_words().rename({"Tranche d'âge": "Âge du titulaire du bail"}), random.Random(5)
    ages = pl.Series("Âge", [str(chance.randint(18, 95)) for _ in range(frame.height)])
    lines, points = _drafted(frame.insert_column(1 if first else frame.width, ages), tmp_path)
    assert targets(lines).get("Âge du titulaire du bail") == "tranche_age"
    assert "Âge" not in targets(lines)
    assert any("« Âge »" in point for point in points)


def test_two_columns_that_could_be_the_organisme_are_both_open(tmp_path: Path) -> None:
    frame = _in_words()
    own = sorted(frame["Organisme"].unique())
    before = pl.Series("Organisme précédent", random.Random(5).choices(own, k=frame.height))
    numbered = frame.with_columns(pl.col("Organisme").replace_strict({n: str(i) for i, n in enumerate(own, start=1)}))
    lines, points = _drafted(numbered.insert_column(4, before), tmp_path)
    assert not {"Organisme", "Organisme précédent"} & set(targets(lines))
    assert any("« Organisme »" in point and "« Organisme précédent »" in point for point in points)


def test_a_code_beside_its_label_is_no_rival(tmp_path: Path) -> None:
    frame = _in_words()
    own = sorted(frame["Organisme"].unique())
    codes = frame["Organisme"].replace_strict({n: str(i) for i, n in enumerate(own, start=1)}).alias("Code organisme")
    lines, _ = _drafted(frame.insert_column(4, codes), tmp_path)
    assert targets(lines)["Organisme"] == "organisme"


def test_a_cell_that_says_not_asked_is_no_column(tmp_path: Path) -> None:
    """A tool writes « N/A » in the columns of options of those who were not asked."""
    contract = load_contract(ROOT / "data/contracts/altair-2022.yaml", PROGRAMME)
    frame = _coded()
    written = {}
    for code, rule in contract.questions("").items():
        for option, column in getattr(rule, "colonnes", {}).items():
            label = OPTIONS[PROGRAMME.questions[code].scale, option]
            written[column] = f"{LABELS[code]} [{label}]"
    said = [pl.col(c).replace({"O": "Oui", "N": "Non"}).fill_null("N/A") for c in written]
    lines, _ = _drafted(frame.with_columns(said).rename(written), tmp_path)
    options = [line.value["colonnes"] for line in lines if line.section == "questions" and "oui" in (line.value or {})]
    assert options
    assert {c for columns in options for c in columns.values()} <= {*written.values()}
