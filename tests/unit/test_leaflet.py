"""An organisme's leaflet: hostile labels are text on page and PDF, a masked figure is a word, an organisme without answers has one too."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
from markupsafe import escape
from python_calamine import CalamineWorkbook

from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.leaflet.page import build_page, place
from orchestration.reporting.leaflet.workbook import write_workbook
from orchestration.reporting.letter.press import moment, press
from tests.support import paper
from tests.unit import reporting_fixture as fixture
from tests.unit import reporting_rows as rows

OWN = {"perimetre_type": "organisme", "perimetre": "UN"}


def own_file(folder: Path, hidden: float | None = None) -> Path:
    """The miniature edition with the region's figures as those of one organisme too."""
    tables = rows.tables()
    satisfaction = tables["fct_satisfaction"] + [row | OWN for row in tables["fct_satisfaction"]]
    for row in satisfaction:
        if hidden and row["perimetre"] == "UN" and row["question_code"] == "G4" and row["vague"] == "2022":
            row |= {"note_moyenne": hidden, "note_imprimee": hidden}
    return fixture.published(
        folder / "UN.duckdb",
        fct_satisfaction=satisfaction,
        fct_evolution=tables["fct_evolution"] + [row | OWN for row in tables["fct_evolution"]],
        obs_couverture=[row for row in tables["obs_couverture"] if row["organisme_code"] == "UN"],
        dim_organisme=[row for row in tables["dim_organisme"] if row["organisme_code"] == "UN"],
    )


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return leaflet(own_file(tmp_path_factory.mktemp("fichier")), "UN", fixture.PROGRAMME)


@pytest.fixture(scope="module")
def html(content: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    page = build_page(content, tmp_path_factory.mktemp("page") / "index.html")
    return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pdf(content: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = press("livret", content, tmp_path_factory.mktemp("pdf") / "livret.pdf", moment(content))
    assert found.accessible
    return found.path


def test_a_hostile_label_is_shown_and_not_executed(html: str, pdf: Path) -> None:
    assert "<script" not in html and "&lt;script&gt;alert(" in html
    text = paper.squeezed("\n".join(paper.pages(pdf)))
    for label in (rows.HOSTILE, rows.ENDLESS):
        assert paper.squeezed(label.replace("'", "’")) in text


def test_a_leaflet_is_about_its_organisme_and_says_for_whom_it_is(html: str, pdf: Path) -> None:
    text = "\n".join(paper.pages(pdf))
    for said in (html, text):
        assert "Un Habitat" in said and "réservé" in said
        assert "Trois Habitat" not in said and "DEUX" not in said


def test_the_regions_evolution_is_not_printed_as_the_organismes(content: dict[str, Any]) -> None:
    """The newsletter's table is the region's: an organisme has its own evolution, or none."""
    found = [
        x["evolution"] for t in content["themes"] for x in (*t["notes"], *t["taux"], *t["faits"]) if x["evolution"]
    ]
    assert found
    assert all(f["table"] == "fct_evolution" and "perimetre=UN" in f["cle"] for f in found)


def test_a_value_under_a_masked_status_is_nowhere(tmp_path: Path) -> None:
    content = leaflet(own_file(tmp_path, hidden=9.87654), "UN", fixture.PROGRAMME)
    html = build_page(content, tmp_path / "index.html").read_text(encoding="utf-8")
    text = "".join(paper.pages(press("livret", content, tmp_path / "livret.pdf").path))
    book = write_workbook(content, tmp_path / "UN.duckdb", fixture.PROGRAMME, tmp_path / "livret.xlsx")
    cells = str([sheet for _, sheet in _sheets(book)])
    for said in (html, text, cells):
        assert "masqué" in said and "moins de 30 réponses" in said
        assert not re.search(r"9[.,]8765|9,9\b", said)


def _sheets(book: Path) -> list[tuple[str, list[list[Any]]]]:
    opened = CalamineWorkbook.from_path(book)
    return [(name, opened.get_sheet_by_name(name).to_python()) for name in opened.sheet_names]


def test_a_workbook_repeats_the_tables_as_numbers_and_no_label_is_a_formula(
    content: dict[str, Any], tmp_path: Path
) -> None:
    content = json.loads(json.dumps(content, default=str))
    content["themes"][0]["notes"][0]["libelle"] = "=HYPERLINK(A1)"
    book = write_workbook(content, own_file(tmp_path), fixture.PROGRAMME, tmp_path / "livret.xlsx")
    [(_, told), (_, lines), _] = _sheets(book)
    assert any("fictif" in str(cell) for row in told for cell in row)
    words = [str(word) for word, _ in told]
    assert len(words) == len({*words}) and {"masqué", "exclu", "n. p.", "–", "(case vide)"} <= {*words}
    printed = [x for t in content["themes"] for x in (*t["notes"], *t["taux"], *t["faits"])]
    assert len(lines) == 1 + len(printed)
    assert lines[1][1] == "'=HYPERLINK(A1)"
    for row, line in zip(lines[1:], printed, strict=True):
        for cell, note in zip(row[2:], line["notes"], strict=False):
            assert cell == float(note["valeur"]) if "valeur" in note else cell.startswith(note["x"])
    with zipfile.ZipFile(book) as opened:
        assert not [name for name in opened.namelist() if b"<f>" in opened.read(name)]


def test_nothing_leaves_the_page_nor_covers_its_neighbour(pdf: Path) -> None:
    for number, width, _, found in paper.words(pdf):
        assert not [w for w in found if w.text and (w.left < 40 or w.right > width - 40)], number
        assert paper.collisions(found) == [], number


def test_the_page_reads_alone(html: str) -> None:
    assert "default-src 'none'" in html
    assert not re.findall(r'(?:src|href)="(?:https?:|//)', html)
    assert {*re.findall(r'href="([^"#]+)"', html)} == {"livret.pdf", "livret.xlsx", "UN.duckdb"}


def test_what_to_correct_is_said(content: dict[str, Any], html: str) -> None:
    found = content["qualite"]["lignes"]
    assert [(line["libelle"], line["lignes"]["t"]) for line in found] == [
        ("Entretien hors des dates de terrain", "1\u202f200"),
        ("Entretien hors des dates de terrain", "12"),
    ]
    assert "ou corriger leur date" in html and "2022/essai.csv" in html


def test_an_organisme_whose_delivery_was_refused_is_told_so(tmp_path: Path) -> None:
    database = fixture.published(tmp_path / "UN.duckdb")
    content = leaflet(database, "UN", fixture.PROGRAMME)
    assert content["face"] is None or content["face"]["ecart"] is None
    assert press("livret", content, tmp_path / "livret.pdf").accessible


def test_a_slight_change_is_not_rounded_away(content: dict[str, Any], tmp_path: Path) -> None:
    """An organisme's line has the decimals of the newsletter's table, and one more where its change is slight."""
    with duckdb.connect(str(own_file(tmp_path))) as connection:
        connection.execute(
            "update observatoire.fct_evolution set verdict = 'hausse légère' where perimetre = 'UN' and question_code = 'G1'"
        )
    slight = leaflet(tmp_path / "UN.duckdb", "UN", fixture.PROGRAMME)

    def notes(told: dict[str, Any]) -> list[str]:
        [line] = [line for theme in told["themes"] for line in theme["notes"] if line["ancre"] == "Q-G1"]
        return [note["t"] for note in line["notes"] if "t" in note]

    assert notes(content) and all(re.fullmatch(r"\d,\d", note) for note in notes(content))
    assert all(re.fullmatch(r"\d,\d\d", note) for note in notes(slight))


def test_a_figure_is_not_written_as_a_quartile_that_it_is_not(tmp_path: Path) -> None:
    """6.12 is above a quartile of 6.1: written 6.1, nothing would say so."""

    def notes(first: float) -> list[str]:
        place = {"vague": "2022", **OWN, "groupe_type": "region", "groupe": "region"}
        quartiles = {"quartile_1": first, "mediane": 7.9, "quartile_3": 8.8, "statut": "V"}
        row = {**place, "question_code": "G6", "mesure": "note", **quartiles}
        folder = tmp_path / str(first)
        folder.mkdir()
        own_file(folder)
        with duckdb.connect(str(folder / "UN.duckdb")) as connection:
            connection.execute("delete from observatoire.fct_quartile")
            columns = ", ".join(row)
            connection.execute(
                f"insert into observatoire.fct_quartile ({columns}) values ({', '.join('?' * len(row))})",
                [*row.values()],
            )
        told = leaflet(folder / "UN.duckdb", "UN", fixture.PROGRAMME)
        [line] = [line for theme in told["themes"] for line in theme["notes"] if line["ancre"] == "Q-G6"]
        return [note["t"] for note in line["notes"] if "t" in note]

    assert notes(6.1)[-1] == "6,12"
    assert notes(6.2)[-1] == "6,1"


def test_the_national_reference_stands_under_the_regions_figure(content: dict[str, Any], html: str) -> None:
    lines = [line for theme in content["themes"] for line in theme["notes"]]
    referred = [line for line in lines if line["reference"] is not None]
    assert referred and len(referred) < len(lines)
    assert html.count("<small>réf. ") == sum(
        line["reference"] is not None
        for theme in content["themes"]
        for name in ("notes", "taux", "faits")
        for line in theme[name]
    )
    assert str(escape(content["source"])) in html


def test_a_profile_is_printed_where_two_segments_have_a_figure(content: dict[str, Any], tmp_path: Path) -> None:
    assert content["profils"] is None, "one of two segments is masked"
    database = own_file(tmp_path)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "update observatoire.fct_satisfaction set statut = 'V', note_imprimee = 7.66, note_imprimee_ic_bas = 7.6,"
            " note_imprimee_ic_haut = 7.72 where perimetre = 'UN' and segment = 'DEHORS'"
        )
    found = leaflet(database, "UN", fixture.PROGRAMME)
    [axis] = [axis for half in found["profils"]["colonnes"] for axis in half]
    assert [(line["libelle"], line["valeur"]["t"]) for line in axis["lignes"]] == [
        ("En zone", "6,61"),
        ("Hors zone", "7,66"),
    ]
    page = build_page(found, tmp_path / "index.html").read_text(encoding="utf-8")
    assert paper.squeezed("Hors zone") in paper.squeezed(
        paper.everything(press("livret", found, tmp_path / "l.pdf").path)
    )
    assert re.search(r"Hors zone</th><td[^>]*><data [^>]*>7,66</data>", page)


def test_a_value_beyond_the_scale_stays_on_it() -> None:
    assert (place(5, [4, 8]), place(9, [4, 8]), place(1, [4, 8])) == (25.0, 100.0, 0.0)


def test_a_list_that_is_cut_says_of_how_many(content: dict[str, Any], tmp_path: Path) -> None:
    """On the page and in the PDF; a list that is whole has its title alone."""
    assert content["titres"]["hausses"] == "En hausse"
    with duckdb.connect(str(own_file(tmp_path))) as connection:
        connection.execute(
            "create temp table g1 as from observatoire.fct_evolution where perimetre = 'UN' and question_code = 'G1'"
        )
        connection.execute("delete from observatoire.fct_evolution where perimetre = 'UN'")
        connection.execute(
            "insert into observatoire.fct_evolution by name select g1.* replace (s.question_code as question_code, 'hausse' as verdict)"
            " from g1 cross join observatoire.fct_satisfaction as s"
            " where s.perimetre = 'UN' and s.vague = '2022' and s.note_imprimee is not null and s.statut = 'V'"
        )
        scored = connection.execute(
            "select count(distinct question_code) from observatoire.fct_evolution where perimetre = 'UN'"
        )
        [(questions,)] = scored.fetchall()
    told = leaflet(tmp_path / "UN.duckdb", "UN", fixture.PROGRAMME)
    assert questions > len(told["hausses"]) == 3
    html = build_page(told, tmp_path / "index.html").read_text(encoding="utf-8")
    text = "".join(paper.pages(press("livret", told, tmp_path / "livret.pdf").path))
    for said in (html, text):
        assert paper.squeezed(f"En hausse (3 sur {questions})") in paper.squeezed(said)
