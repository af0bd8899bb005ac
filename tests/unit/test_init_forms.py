"""Extracts of other forms become programmes that read every interview: value labels, workbooks, several answers to a question."""

from __future__ import annotations

import csv
import random
import re
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyreadstat
import pytest
import xlsxwriter
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.authoring.answers import held
from orchestration.authoring.draft_file import draft_text
from orchestration.authoring.extract_draft import draft_answers
from orchestration.authoring.new_programme import make_programme
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.ingest import ingest
from orchestration.extracts.records import Record
from orchestration.programme import Programme, load_programme

ROWS = 200
FACTS: dict[str, Any] = {"nom": "Essai", "langue": "fr", "mode_collecte": "postal", "institut": "Institut d'essai"}
LONE: dict[str, Any] = {"organismes": {"SEUL": "Le seul"}, "organismes_secrets": False}


def _programme(path: Path, facts: dict[str, Any], *edits: tuple[str, str]) -> tuple[Programme, Record]:
    """Drafts, decides all as proposed but for some edits, writes the programme and reads the extract with it."""
    text = draft_text(draft_answers(path, facts), path.parent / "programme")
    text = re.sub(r"(?s)a_decider:.*?\n\n", "", text, count=1).replace("#? ", "")
    for pattern, replacement in edits:
        text, found = re.subn(pattern, replacement, text)
        assert found, f"{pattern}\n{text}"
    root = path.parent / "programme"
    made = make_programme(root, held(yaml.safe_load(text), None), root)
    assert made.delivered == f"landing/{yaml.safe_load(text)['vague']}/{path.name}"
    programme = load_programme(root)
    [delivery] = deliveries(programme, load_contracts(programme))
    return programme, ingest(delivery, programme)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def test_value_labels_of_an_spss_file_are_its_options_and_segments(tmp_path: Path) -> None:
    chance = random.Random(3)
    scale = {1.0: "Très satisfait", 2.0: "Plutôt satisfait", 3.0: "Plutôt pas satisfait", 4.0: "Pas du tout satisfait", 8.0: "Ne sait pas"}  # fmt: skip
    rows = [
        [f"P{i:04d}", f"2025-03-{1 + i % 28:02d}", float(1 + i % 2), *(float(chance.choice([1, 2, 3, 4, 8])) for _ in range(2)), float(1 + i % 2), round(chance.uniform(0.5, 1.5), 3)]
        for i in range(ROWS)
    ]  # fmt: skip
    names = ["ID", "DATE_ENQ", "SEXE", "ACCUEIL", "ENSEMBLE", "REVENIR", "POIDS"]
    labels = {"SEXE": {1.0: "Homme", 2.0: "Femme"}, "REVENIR": {1.0: "Oui", 2.0: "Non"}, "ACCUEIL": scale, "ENSEMBLE": scale}  # fmt: skip
    path = tmp_path / "patients.sav"
    pyreadstat.write_sav(pd.DataFrame(rows, columns=names), str(path), variable_value_labels=labels)
    programme, record = _programme(path, FACTS | LONE)
    [lot] = record.lots
    assert (lot.lignes_acceptees, lot.lignes_rejetees) == (ROWS, 0)
    assert [band.label for band in programme.axes["sexe"]] == ["Homme", "Femme"]
    asked = {q.label: programme.options[q.scale] for q in programme.questions.values()}
    assert asked == {"ACCUEIL": ["1", "2", "3", "4"], "ENSEMBLE": ["1", "2", "3", "4"], "REVENIR": ["OUI", "NON"]}
    notes = {r["modalite_code"]: float(str(r["note"])) for r in programme.rows("baremes")}
    assert notes == {"1": 4, "2": 3, "3": 2, "4": 1}


def test_a_workbook_with_a_title_and_a_column_of_organismes(tmp_path: Path) -> None:
    chance = random.Random(4)
    schools = ["École A", "École B", "École C"]
    path = tmp_path / "eleves.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Réponses de 2025"])
        sheet.write_row(2, 0, ["Identifiant", "Date", "Établissement", "Âge", "On m'écoute", "La cantine"])
        for i in range(ROWS):
            row = [f"E{i:04d}", f"{1 + i % 28:02d}/03/2025", schools[i % 3], 11 + i % 20, chance.choice(["Bon", "Moyen", "Mauvais"]), chance.choice(["Bon", "Moyen", "Mauvais"])]  # fmt: skip
            sheet.write_row(3 + i, 0, row)
    age = (r"axes: \{\}", "axes:\n  age: {libelle: Âge, colonne: Âge, tranches: [0, 15, 20]}")
    programme, record = _programme(path, FACTS, age, (r"ignorees: \[Âge\]", "ignorees: []"))
    assert {lot.organisme_code: lot.lignes_acceptees for lot in record.lots} == {
        "ECOLE_A": 67,
        "ECOLE_B": 67,
        "ECOLE_C": 66,
    }
    assert sum(lot.lignes_rejetees for lot in record.lots) == 0
    assert [(b.code, b.low, b.high) for b in programme.axes["age"]] == [
        ("T0", 0, 14),
        ("T15", 15, 19),
        ("T20", 20, None),
    ]
    assert {q.scale: programme.options[q.scale] for q in programme.questions.values()} == {
        "E1": ["MAUVAIS", "MOYEN", "BON"]
    }


def test_an_extract_without_identifier_nor_date(tmp_path: Path) -> None:
    """Answers alone, as a web form exports them: each line is a respondent, and nothing says when."""
    chance = random.Random(6)
    marks = ["Awful", "Poor", "Good", "Excellent"]
    path = tmp_path / "canteen.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["How do you rate the canteen overall?", "How do you rate the queue?"])
        writer.writerows([chance.choice(marks), chance.choice(marks)] for _ in range(ROWS))
    told = {"langue": "en", "vague": "2025", "terrain_debut": "2025-03-01", "terrain_fin": "2025-03-31"}
    draft = draft_answers(path, FACTS | LONE | told)
    asked = [point for point in draft.points if point.startswith("extrait.")]
    assert [point.split(" : ")[0] for point in asked] == ["extrait.entretien", "extrait.date_entretien"]
    assert all("ôter la ligne s'il n'y en a pas" in point for point in asked)
    none = (r"  (entretien|date_entretien): …\n", "")
    better = (r"meilleure: \S+", "meilleure: derniere")
    programme, record = _programme(path, FACTS | LONE | told, none, better)
    [lot] = record.lots
    assert (lot.lignes_acceptees, lot.lignes_rejetees) == (ROWS, 0)
    assert {q.regle for q in record.qualite} == {"sans_identifiant", "sans_date"}
    rows = pl.read_parquet(programme.root / str(lot.fichier))
    assert rows["date_entretien"].null_count() == ROWS and rows["entretien"].n_unique() == ROWS


def test_several_answers_to_one_question(tmp_path: Path) -> None:
    chance = random.Random(5)
    kinds = ["Livres", "Films", "Jeux", "Presse"]
    path = tmp_path / "emprunts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["ID", "Date", "Q1 Ensemble", "Emprunts", "Q3_1", "Q3_2", "Q3_3"])
        for i in range(ROWS):
            borrowed = sorted(chance.sample(kinds, chance.randrange(1, 4)))
            flags = [chance.choice("01") for _ in range(3)]
            writer.writerow(
                [f"X{i:04d}", f"2025-03-{1 + i % 28:02d}", chance.choice("12345"), "|".join(borrowed), *flags]
            )
    side = (r"meilleure: …", "meilleure: derniere")
    programme, record = _programme(path, FACTS | LONE, side)
    [lot] = record.lots
    assert (lot.lignes_acceptees, lot.lignes_rejetees) == (ROWS, 0)
    several = {q.label: sorted(programme.options[q.scale]) for q in programme.questions.values() if q.multiple}
    assert several["Emprunts"] == ["FILMS", "JEUX", "LIVRES", "PRESSE"]
    assert sorted(map(len, several.values())) == [3, 4]


def test_options_that_are_chosen_by_the_second_code_are_read_so(tmp_path: Path) -> None:
    """Labels say it of one question; of the other, which has none, a person does."""
    chance = random.Random(6)
    said, coded = [f"Q2_{i}" for i in (1, 2, 3)], [f"Q3_{i}" for i in (1, 2, 3)]
    rows = {"ID": [f"X{i:04d}" for i in range(ROWS)], "DATE": [f"2025-03-{1 + i % 28:02d}" for i in range(ROWS)]}
    rows["Q1"] = [float(chance.randrange(1, 6)) for _ in range(ROWS)]
    rows |= {name: [float(chance.choice((1, 1, 2))) for _ in range(ROWS)] for name in (*said, *coded)}
    path = tmp_path / "usages.sav"
    labels = {name: {1.0: "Non", 2.0: "Oui"} for name in said}
    pyreadstat.write_sav(pd.DataFrame(rows), path, variable_value_labels=labels)
    [point] = [p for p in draft_answers(path, FACTS | LONE).points if "rien ne prouve" in p]
    assert point.startswith("questions.Q03 :")
    turned = r"(echelle: E\d, colonnes: \{Q3_1)", r'"oui": ["2"], \1'
    _, record = _programme(path, FACTS | LONE, (r"meilleure: …", "meilleure: derniere"), turned)
    assert [(lot.lignes_acceptees, lot.lignes_rejetees) for lot in record.lots] == [(ROWS, 0)]
    [written] = (tmp_path / "programme" / "contracts").glob("*.yaml")
    read = [q for q in yaml.safe_load(written.read_text(encoding="utf-8"))["questions"].values() if "oui" in q]
    assert [(q["oui"], q["non"]) for q in read] == [(["2"], ["1"])] * 2


def test_one_option_alone_and_days_that_may_be_months_are_told(tmp_path: Path) -> None:
    path = tmp_path / "venues.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["ID", "Date", "Q1", "Q2 [Amis]", "Q2 [Famille]", "Isolement"])
        for i in range(ROWS):
            day = f"{1 + i % 12:02d}/{1 + i % 11:02d}/2025"
            chosen = "Amis" if i % 2 else "", "Famille" if i % 3 else "", "Sans autre" if i % 5 else ""
            writer.writerow([f"X{i:04d}", day, 1 + i % 5, *chosen])
    draft = draft_answers(path, FACTS | LONE)
    assert "format_date" not in draft.extract
    assert any("%d/%m/%Y ou %m/%d/%Y ; écrire lequel" in point for point in draft.points)
    [several] = [q for q in draft.questions.values() if "colonnes" in q]
    assert list(several["colonnes"]) == ["AMIS", "FAMILLE"]
    assert draft.extract["ignorees"] == ["Isolement"]
    assert any(point.startswith("colonne « Isolement » : une seule valeur") for point in draft.points)


def test_labels_that_have_the_same_letters_keep_codes_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "essai.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ID", "Date", "Q1 Ensemble", "Présence"])
        for i in range(ROWS):
            writer.writerow([f"X{i:04d}", f"2025-03-{1 + i % 28:02d}", str(1 + i % 5), ("+ de 3 ans", "- de 3 ans", "日本", "中国")[i % 4]])  # fmt: skip
    programme, record = _programme(path, FACTS | LONE, (r"meilleure: …", "meilleure: derniere"))
    [lot] = record.lots
    assert (lot.lignes_acceptees, lot.lignes_rejetees) == (ROWS, 0)
    assert sorted(band.label for band in programme.axes["presence"]) == sorted(
        ["+ de 3 ans", "- de 3 ans", "日本", "中国"]
    )


def test_a_sheet_for_each_organisme(tmp_path: Path) -> None:
    path = tmp_path / "feuilles.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("Nord", "Sud", "Est"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["ID", "Date", "Q1 Ensemble", "Q2 Accueil"])
            for i in range(60):
                sheet.write_row(1 + i, 0, [f"{name}{i:04d}", f"2025-03-{1 + i % 28:02d}", 1 + i % 4, 1 + (i + 1) % 4])
    programme, record = _programme(path, FACTS, (r"meilleure: …", "meilleure: derniere"))
    assert {lot.organisme_code: lot.lignes_acceptees for lot in record.lots} == {"NORD": 60, "SUD": 60, "EST": 60}
    assert programme.populations("2025", "EST") == {"TOUS": 60}


FOUR = ["Very dissatisfied", "Dissatisfied", "Satisfied", "Very satisfied"]
YES_OR_NO = ["Yes", "No"]


@given(
    st.lists(st.permutations(FOUR), min_size=1, max_size=3),
    st.lists(st.permutations(YES_OR_NO), max_size=2),
    st.sampled_from(["numbers", "letters"]),
    st.integers(0, 1000),
)
@settings(deadline=None, max_examples=25)
def test_no_value_ever_means_what_its_own_label_does_not_say(
    fours: list[list[str]], twos: list[list[str]], codes: str, seed: int
) -> None:
    """Each question of a file may code the same answers in an order of its own: none borrows its neighbour's."""
    chance = random.Random(seed)
    labels: dict[str, dict[Any, str]] = {}
    for i, said in enumerate([*fours, *twos], start=1):
        values: list[Any] = (
            [float(k) for k in range(1, 1 + len(said))] if codes == "numbers" else list("ABCD"[: len(said)])
        )
        labels[f"Q{i}"] = dict(zip(values, said, strict=True))
    rows = [
        [f"P{i:04d}", f"2025-03-{1 + i % 28:02d}", *(chance.choice(list(own)) for own in labels.values())] for i in range(60)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sav"
        frame = pd.DataFrame(rows, columns=["ID", "DATE", *labels])
        pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
        text = draft_text(draft_answers(path, FACTS | LONE), Path(folder) / "programme")
        text = (
            re.sub(r"(?s)a_decider:.*?\n\n", "", text, count=1)
            .replace("#? ", "")
            .replace("meilleure: …", "meilleure: derniere")
        )
        root = Path(folder) / "programme"
        answers = held(yaml.safe_load(text), None)
        make_programme(root, answers, root)
        programme = load_programme(root)
        [contract] = load_contracts(programme).sound
        asked = {q.colonne: q for q in answers.questions.values()}
        assert set(labels) == set(asked) | {axis.colonne for axis in answers.axes.values()}
        rules = contract.questions("SEUL")
        for code, question in answers.questions.items():
            for value, label in labels[str(question.colonne)].items():
                delivered = f"{value:.0f}" if isinstance(value, float) else value
                read = contract.codes(rules[code])[delivered.casefold()]
                assert answers.echelles[question.echelle].modalites[read] == label, (code, delivered, label)
