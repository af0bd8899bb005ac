"""The explorer's files: what is masked is not in them, each text is the page's, and any programme has one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.programme import load_programme
from orchestration.programme.check import check_programme
from orchestration.reporting.explorer.page import synonyms_of
from orchestration.reporting.site import build_report
from tests.support.mini import mini_programme
from tests.unit import reporting_fixture as fixture
from tests.unit.reporting_labels import HOSTILE
from tests.unit.reporting_rows import tables


def _index(out: Path) -> dict[str, Any]:
    page = (out / "explorateur.html").read_text(encoding="utf-8")
    [body] = re.findall(r'<script type="application/json" id="index">(.*?)</script>', page)
    found: dict[str, Any] = json.loads(body)
    return found


def _file(out: Path, code: str) -> dict[str, Any]:
    text = (out / "explorateur" / f"Q-{code}.js").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text.removeprefix("explorateur(").removesuffix(");\n"))
    return found


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rapport")
    build_report(fixture.published(folder / "edition.duckdb"), fixture.PROGRAMME, folder / "rapport")
    return folder / "rapport"


def test_a_masked_cell_has_a_reason_and_no_number_whatever_stands_under_the_mask(tmp_path: Path) -> None:
    rows = tables()
    under = {"note_imprimee": 9.87654, "note_imprimee_ic_bas": 9.8, "note_imprimee_ic_haut": 9.9, "base_brute": 12}
    for row in rows["fct_satisfaction"]:
        if (row["question_code"], row["vague"]) == ("G4", "2022"):
            row |= under
    database = fixture.write(tmp_path / "edition.duckdb", rows)
    build_report(database, fixture.PROGRAMME, tmp_path / "rapport")
    file = _file(tmp_path / "rapport", "G4")
    *_, masked = file["cellules"]["note"]["region|region"]["ensemble"]["tous"]
    assert masked[:4] == [0, 0, 0, 0] and len(masked) == 5
    code, sign, word, family, reason, _ = file["mots"][masked[4] - 1]
    assert (code, sign, word, family, reason) == ("S", "■", "masqué", "masque", "moins de 30 réponses")
    assert not {pair[0] for pair in file["nombres"]} & {str(value) for value in under.values()}


def test_a_figure_stands_beside_the_text_of_the_page(out: Path) -> None:
    file, page = _file(out, "G1"), (out / "index.html").read_text(encoding="utf-8")
    *_, now = file["cellules"]["note"]["region|region"]["ensemble"]["tous"]
    value, text = file["nombres"][now[0] - 1]
    shown = re.search(r'id="Q-G1".*?class="n courante"[^>]*><data value="([^"]*)"[^>]*>([^<]*)<', page, re.S)
    assert shown is not None and (value, text) == (shown[1], shown[2])


def test_what_labels_hold_ends_no_script_and_no_element(out: Path) -> None:
    names = [one["nom"] for one in _index(out)["questions"]]
    assert any("script" in name for name in names) and "<script>" in HOSTILE
    page = (out / "explorateur.html").read_text(encoding="utf-8")
    assert page.count("<script") == page.count("</script>") == 2
    for file in (out / "explorateur").iterdir():
        assert "<" not in file.read_text(encoding="utf-8")


def test_questions_whose_codes_differ_in_signs_or_case_have_files_of_their_own(tmp_path: Path) -> None:
    rows = tables()
    renamed = {"G2": "G 1", "G6": "g1"}
    for table in rows.values():
        for row in table:
            if row.get("question_code") in renamed:
                row["question_code"] = renamed[row["question_code"]]
    database = fixture.write(tmp_path / "edition.duckdb", rows)
    build_report(database, fixture.PROGRAMME, tmp_path / "rapport")
    files = {one["code"]: one["fichier"] for one in _index(tmp_path / "rapport")["questions"]}
    assert len({name.lower() for name in files.values()}) == len(files)
    for code, name in files.items():
        assert f'{{"question":"{code}"' in (tmp_path / "rapport" / name).read_text(encoding="utf-8")


def test_an_edition_with_one_wave_and_no_reference_has_an_explorer(tmp_path: Path) -> None:
    rows = tables() | {"fct_ecart_reference": [], "fct_reference_nationale": [], "fct_evolution": []}
    rows["dim_vague"] = [row for row in rows["dim_vague"] if row["vague"] == "2022"]
    database = fixture.write(tmp_path / "edition.duckdb", rows)
    build_report(database, fixture.bare(), tmp_path / "rapport")
    assert _index(tmp_path / "rapport")["vagues"] == ["2022"]
    file = _file(tmp_path / "rapport", "G1")
    [cell] = file["cellules"]["note"]["region|region"]["ensemble"]["tous"]
    assert len(cell) == 4, "value, bounds and base; no change, no reference"


SCORES = """
    create table observatoire.fct_score (vague text, perimetre_type text, perimetre text, score_code text, theme_code text, libelle text, ordre int, unite text,
        minimum double, maximum double, nb_organismes int, base bigint, valeur double, erreur_type double, ic_bas double, ic_haut double, classe text, classe_libelle text,
        vague_precedente text, ecart double, p_valeur double, verdict text, statut text, motif_statut text);
    insert into observatoire.fct_score (vague, perimetre_type, perimetre, score_code, libelle, ordre, unite, minimum, maximum, base, valeur, ic_bas, ic_haut, vague_precedente, ecart,
        verdict, statut, motif_statut) values
        ('2019', 'region', 'region', 'G1', 'Indice', 1, 'sur 100', 0, 100, 800, 71.2, 70, 72.4, null, null, null, 'V', null),
        ('2022', 'region', 'region', 'G1', 'Indice', 1, 'sur 100', 0, 100, 900, 73.4, 72.1, 74.7, '2019', 2.2, 'hausse', 'V', null),
        ('2022', 'region', 'region', 'S2', 'Masqué', 2, 'sur 100', 0, 100, 900, 98.76, 98, 99, null, null, null, 'S', 'moins de 3 organismes')
"""


def test_a_score_that_others_publish_is_explored_beside_the_questions(tmp_path: Path) -> None:
    """Under an address of its own: its code is a question's too."""
    database = fixture.published(tmp_path / "edition.duckdb")
    with duckdb.connect(str(database)) as connection:
        connection.execute(SCORES)
    build_report(database, fixture.PROGRAMME, tmp_path / "rapport")
    codes = [one["code"] for one in _index(tmp_path / "rapport")["questions"]]
    assert "G1" in codes and codes[-2:] == ["score.G1", "score.S2"]
    file = _file(tmp_path / "rapport", "score-G1")
    assert file["code"] == "G1" and file["mesures"][0]["nom"] == "Score (sur 100)"
    none, before, now = file["cellules"]["valeur"]["region|region"]["ensemble"]["tous"]
    assert none[0] == 0 and before[0] and file["nombres"][now[0] - 1] == ["73.4", "73,4"]
    assert file["nombres"][now[6] - 1][1] == "+2,20" and file["mots"][now[7] - 1][0] == "hausse"
    text = (tmp_path / "rapport" / "explorateur" / "Q-score-S2.js").read_text(encoding="utf-8")
    assert "98.76" not in text and "moins de 3 organismes" in text


def test_an_edition_without_a_figure_has_a_page_that_says_so(tmp_path: Path) -> None:
    rows = tables() | {name: [] for name in ("fct_satisfaction", "fct_distribution", "fct_motif")}
    database = fixture.write(tmp_path / "edition.duckdb", rows)
    build_report(database, fixture.PROGRAMME, tmp_path / "rapport")
    page = (tmp_path / "rapport" / "explorateur.html").read_text(encoding="utf-8")
    assert "Cette édition n’a aucun chiffre à explorer." in page and 'id="question"' not in page
    assert list((tmp_path / "rapport" / "explorateur").iterdir()) == []


def test_other_words_for_a_question_are_checked_and_read(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    assert synonyms_of(tmp_path, programme.config) == {}
    path = programme.reference_path("mots_cles")
    path.write_text("question_code,mot\nG1,satisfait\nG1,content\nD1,réclamation\n", encoding="utf-8")
    assert check_programme(load_programme(tmp_path)) == []
    assert synonyms_of(tmp_path, programme.config) == {"G1": "satisfait content", "D1": "réclamation"}
    path.write_text("question_code,mot\nZZ,rien\nG1,deux fois\nG1,deux fois\n", encoding="utf-8")
    told = [str(problem) for problem in check_programme(load_programme(tmp_path))]
    assert len(told) == 2 and all("mots_cles.csv" in said for said in told)
    assert any("ZZ" in said for said in told) and any("figure déjà plus haut" in said for said in told)
