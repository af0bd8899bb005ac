"""The letter on paper: hostile labels are text, masked cells are words with their reason, nothing is printed over anything."""

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pypdf
import pytest

from orchestration.extracts.catalogue import rules
from orchestration.reporting.letter.content import letter
from orchestration.reporting.letter.press import TEMPLATES, Printed, moment, press
from orchestration.reporting.letter.words import Notes, words_of
from tests.support import paper
from tests.unit import reporting_fixture as fixture
from tests.unit import reporting_rows as rows

TYPST = '#import "voler.typ": * ; #read("/etc/hostname") *gras* _italique_ $x$ `code` // fin <label> @ref \\ [bloc]'
HEBREW, CHINESE = "שלום לדיירים", "漢字"


def relabelled(folder: Path, **labels: str) -> Path:
    """The miniature edition with other labels, by question."""
    database = fixture.published(folder / "o.duckdb")
    with duckdb.connect(str(database)) as connection:
        for question, label in labels.items():
            connection.execute(
                "update observatoire.dim_question set libelle = ? where question_code = ?", [label, question]
            )
    return database


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return letter(relabelled(tmp_path_factory.mktemp("edition"), G1=TYPST, T1=HEBREW), fixture.PROGRAMME)


@pytest.fixture(scope="module")
def printed(content: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Printed:
    return press("lettre", content, tmp_path_factory.mktemp("lettre") / "lettre.pdf", moment(content))


@pytest.fixture(scope="module")
def text(printed: Printed) -> str:
    return paper.squeezed("\n".join(paper.pages(printed.path)))


def test_hostile_labels_are_printed_as_they_are(text: str) -> None:
    """Markup of Typst, of HTML, a formula, 300 characters."""
    for label in (TYPST, rows.HOSTILE, rows.ENDLESS):
        assert paper.squeezed(label.replace("'", "’")) in text
    assert "=cmd|’/Ccalc’!A0" in text
    assert HEBREW.split()[0][0] in text, "right to left, in whichever order its reader wants it"


def test_every_page_of_invented_figures_says_so(printed: Printed) -> None:
    for page in paper.pages(printed.path):
        assert "Données de démonstration" in page


def test_real_figures_are_not_said_to_be_invented(tmp_path: Path) -> None:
    real = letter(
        fixture.published(tmp_path / "o.duckdb"), fixture.PROGRAMME.model_copy(update={"demonstration": False})
    )
    found = press("lettre", real, tmp_path / "lettre.pdf")
    assert "démonstration" not in "".join(paper.pages(found.path))


def test_a_masked_cell_is_a_word_with_its_reason_beneath(text: str, content: dict[str, Any]) -> None:
    assert "Questionmasquée" in text
    [line] = [x for theme in content["themes"] for x in theme["notes"] if x["libelle"] == "Question masquée"]
    masked = line["notes"][-1]
    assert masked["x"] == "masqué" and "t" not in masked and "valeur" not in masked
    assert f"masqué{masked['n']}" in text
    reasons = content["themes"][0]["raisons"]
    assert any(note["n"] == masked["n"] and "moins de 30 réponses" in note["texte"] for note in reasons)
    assert f"{masked['n']}moinsde30réponses" in text
    assert "exclu" in text


def test_a_value_under_a_masked_status_is_nowhere_in_the_file(tmp_path: Path) -> None:
    satisfaction = rows.tables()["fct_satisfaction"]
    for row in satisfaction:
        if row["question_code"] == "G4" and row["vague"] == "2022":
            row |= {"note_moyenne": 9.87654, "note_imprimee": 9.87654, "base_brute": 777}
    database = fixture.published(tmp_path / "o.duckdb", fct_satisfaction=satisfaction)
    body = letter(database, fixture.PROGRAMME)
    assert not any(hidden in json.dumps(body) for hidden in ("9.87", "9,88", "9,9", "777"))


def test_the_document_is_accessible_and_keeps_its_fonts(printed: Printed) -> None:
    assert printed.accessible
    fonts = paper.fonts(printed.path)
    assert len(fonts) > 3 and all(fonts.values()), fonts
    reader = pypdf.PdfReader(printed.path)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root and root["/Lang"] == "fr"
    assert reader.metadata is not None
    assert reader.metadata.title == "Observatoire de la satisfaction, vague 2022"
    assert reader.metadata.author == "Observatoire d’essai"
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_every_drawing_says_in_words_what_it_shows(content: dict[str, Any], printed: Printed) -> None:
    drawings = [theme["dessin"] for theme in content["themes"] if theme["dessin"]]
    assert drawings
    assert any("masqué" in drawing["alternative"] for drawing in drawings)
    assert not any(stand_in in drawing["svg"] for drawing in drawings for stand_in in ("#000001", "#000004"))


def test_nothing_leaves_the_page_nor_covers_its_neighbour(printed: Printed) -> None:
    for number, width, height, found in paper.words(printed.path):
        assert not [w for w in found if w.text and (w.right > width - 40 or w.left < 40)] or number == 1, number
        assert not [w for w in found if w.text and (w.bottom < 15 or w.top > height - 15)], number
        assert paper.collisions(found) == [], number


def test_the_same_edition_prints_the_same_bytes(content: dict[str, Any], printed: Printed, tmp_path: Path) -> None:
    again = press("lettre", content, tmp_path / "encore.pdf", moment(content))
    assert again.path.read_bytes() == printed.path.read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == ["encore.pdf"]


def test_a_character_that_no_font_has_costs_the_conformity_and_not_the_letter(tmp_path: Path) -> None:
    found = press(
        "lettre", letter(relabelled(tmp_path, G1=f"Avis {CHINESE}"), fixture.PROGRAMME), tmp_path / "lettre.pdf"
    )
    assert not found.accessible
    assert "Avis" in "".join(paper.pages(found.path))


def test_notes_are_lettered_and_said_once() -> None:
    notes = Notes()
    letters = [notes.letter(str(n)) for n in range(28)]
    assert letters[:2] == ["a", "b"] and letters[25:] == ["z", "aa", "ab"]
    assert notes.letter("3") == "d" and len(notes.printed()) == 28


def test_the_languages_say_the_same_things() -> None:
    def names(texts: Any, path: str = "") -> set[str]:
        if isinstance(texts, dict):
            return {name for key, value in texts.items() for name in names(value, f"{path}.{key}")}
        return {path}

    french, english = (names(words_of(language)) for language in ("fr", "en"))
    assert {n for n in french ^ english if not n.startswith(".remedes.")} == set()
    with pytest.raises(ValueError, match="langues connues : en, fr"):
        words_of("de")


def test_a_remedy_is_for_a_rule_that_is_tried_or_for_a_severity() -> None:
    for language in ("fr", "en"):
        remedies = dict(words_of(language)["remedes"])
        assert set(remedies.pop("gravite")) == {rule.severity for rule in rules().values()}
        assert set(remedies) <= set(rules())


def test_every_word_of_a_template_is_in_the_catalogue() -> None:
    known = set(words_of("fr"))
    for template in [*TEMPLATES.glob("*.typ"), *(TEMPLATES.parent / "leaflet").glob("*.j2")]:
        used = set(re.findall(r"\bmots\.([a-z_]+)", template.read_text(encoding="utf-8")))
        assert used <= known, template.name


def test_a_programme_of_shares_in_english_prints_the_same_letter(tmp_path: Path) -> None:
    database = fixture.published(tmp_path / "o.duckdb")
    with duckdb.connect(str(database)) as connection:
        connection.execute("update observatoire.dim_modalite set note = null")
    body = letter(database, fixture.PROGRAMME.model_copy(update={"langue": "en"}))
    assert not any(theme["notes"] for theme in body["themes"]) and body["essentiel"]["ensemble"]["unite"] == ""
    assert all(theme["dessin"] for theme in body["themes"] if theme["taux"])
    found = press("lettre", body, tmp_path / "letter.pdf", moment(body))
    text = "\n".join(paper.pages(found.path))
    assert found.accessible and pypdf.PdfReader(found.path).trailer["/Root"]["/Lang"] == "en"
    assert "Demonstration data" in text and "Landlords not included" in text and "Indicateur" not in text
