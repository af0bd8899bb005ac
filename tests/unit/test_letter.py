"""The letter on paper: hostile labels are text, masked cells are words with their reason, nothing is printed over anything."""

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import pypdf
import pytest

from orchestration.programme.config import TileMap
from orchestration.reporting.letter.content import letter
from orchestration.reporting.letter.press import Printed, moment, press
from orchestration.reporting.letter.words import Notes
from orchestration.reporting.site import build_report
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


def test_what_a_sign_proves_is_said_beside_the_verdicts(text: str) -> None:
    assert paper.squeezed("Un signe dit ce qui est prouvé") in text


def test_every_page_of_invented_figures_says_so(printed: Printed) -> None:
    for page in paper.pages(printed.path):
        assert "Données de démonstration" in page


def _indicative(found: Any) -> int:
    """How many intervals of a letter's content are called indicative."""
    if isinstance(found, list):
        return sum(map(_indicative, found))
    if not isinstance(found, dict):
        return 0
    told = any(found.get(name) for name in ("bornes", "precision", "intervalle"))
    return int(bool(told and found.get("indicatif"))) + sum(map(_indicative, found.values()))


@pytest.mark.parametrize(("fragile", "told"), [(30, False), (1_000_000, True)])
def test_an_interval_that_is_only_indicative_is_called_so_on_paper(tmp_path: Path, fragile: int, told: bool) -> None:
    """In the tables, by profile and in the headline: as often as the content has it, and nowhere if no base is small."""
    programme = fixture.PROGRAMME.model_copy(
        update={"seuils": fixture.PROGRAMME.seuils.model_copy(update={"base_fragile": fragile})}
    )
    content = letter(fixture.published(tmp_path / "edition.duckdb"), programme)
    text = "".join(paper.pages(press("lettre", content, tmp_path / "lettre.pdf").path))
    lines = [line for column in content["profils"]["colonnes"] for axis in column for line in axis["lignes"]]
    assert any(line["bornes"] for line in lines)
    assert {bool(line["indicatif"]) for line in lines if line["bornes"]} == {told}
    assert bool(content["essentiel"]["ensemble"]["indicatif"]) == told
    # the catalogue of words has the word too, and prints nothing by itself
    said = _indicative({name: part for name, part in content.items() if name != "mots"})
    assert text.count("indicatif") == said and (said > 3) == told


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


def test_profiles_are_those_that_are_published(content: dict[str, Any], tmp_path: Path) -> None:
    """Every segment of the overall question, written or masked with its reason; the map says what the tables say."""
    printed = content["profils"]
    lines = {line["libelle"]: line for half in printed["colonnes"] for axis in half for line in axis["lignes"]}
    with duckdb.connect(str(fixture.published(tmp_path / "o.duckdb")), read_only=True) as connection:
        published = connection.execute(
            "select libelle, note_imprimee, statut from observatoire.fct_satisfaction join observatoire.dim_segment"
            " using (axe, segment) where perimetre_type = 'region' and vague = '2022' and question_code = 'G1'"
            " and axe <> 'ensemble' and (statut = 'V' or segment <> 'NR')"
        ).fetchall()
    assert {label.replace("'", "’"): note for label, note, statut in published if statut == "V"} == {
        label: float(line["valeur"]["valeur"]) for label, line in lines.items() if "t" in line["valeur"]
    }
    masked = [line for line in lines.values() if "x" in line["valeur"]]
    assert len(lines) == len(published) and masked
    assert all(line["trait"] is None and line["bornes"] is None and line["valeur"]["n"] for line in masked)
    low, high = printed["bornes"]
    assert all(low <= place <= high for line in lines.values() for place in line["trait"] or ())
    tiles = printed["carte"]["cases"]
    assert tiles and all(lines[tile["libelle"]]["valeur"].get("t") == tile["valeur"].get("t") for tile in tiles)


def test_a_map_of_segments_that_the_edition_has_not_is_left_out(tmp_path: Path) -> None:
    elsewhere = TileMap(axe="zone", cases={"AILLEURS": (1, 1)})
    report = fixture.PROGRAMME.rapport.model_copy(update={"carte": elsewhere})
    found = letter(fixture.published(tmp_path / "o.duckdb"), fixture.PROGRAMME.model_copy(update={"rapport": report}))
    assert found["profils"]["carte"] is None and any(found["profils"]["colonnes"])


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


def test_public_figures_are_said_to_be_public_and_no_threshold_protects_them(tmp_path: Path) -> None:
    database = fixture.published(tmp_path / "o.duckdb")
    secret = fixture.PROGRAMME.secret.model_copy(update={"organismes_secrets": False})
    public = fixture.PROGRAMME.model_copy(update={"secret": secret})
    kept, told = (letter(database, programme)["methode"] for programme in (fixture.PROGRAMME, public))
    said = "Les chiffres des organismes sont publics."
    assert [any(said in text["texte"] for text in found["textes"]) for found in (kept, told)] == [False, True]
    labels = [{line["libelle"] for line in found["seuils"]} for found in (kept, told)]
    assert labels[0] - labels[1] == {
        "Organismes en deçà desquels un résultat est masqué",
        "Part d’un organisme à partir de laquelle un résultat est masqué",
    }


def test_a_programme_words_its_own_texts_on_paper_too(tmp_path: Path) -> None:
    own = {"progressions": "Ce qui monte", "lire_une_note": "Lire une note", "modes.telephone": "Par téléphone"}
    report = fixture.PROGRAMME.rapport.model_copy(update={"textes": own})
    programme = fixture.PROGRAMME.model_copy(update={"rapport": report})
    found = press("lettre", letter(fixture.published(tmp_path / "o.duckdb"), programme), tmp_path / "lettre.pdf")
    text = "\n".join(paper.pages(found.path))
    assert "Ce qui monte" in text and "Lire une note" in text and "Par téléphone conduite" in text
    assert "Les plus fortes progressions" not in text and "Comment lire un résultat" not in text


def test_answers_have_the_colour_of_what_they_are_whatever_their_order(tmp_path: Path) -> None:
    """The page's own rule: a scale that begins with its worst answer has its colours the other way round."""
    parts = letter(fixture.published(tmp_path / "o.duckdb"), fixture.PROGRAMME)["essentiel"]["ensemble"]["repartition"]
    assert [part["ton"] for part in parts] == ["bon-1", "bon-2", "bas-2", "bas-1"]
    with duckdb.connect(str(tmp_path / "o.duckdb")) as connection:
        connection.execute("update observatoire.dim_modalite set ordre = 10 - ordre")
    content = letter(tmp_path / "o.duckdb", fixture.PROGRAMME)
    parts = content["essentiel"]["ensemble"]["repartition"]
    assert [(part["libelle"], part["ton"]) for part in parts] == [
        ("Pas du tout satisfait", "bas-1"),
        ("Plutôt pas satisfait", "bas-2"),
        ("Plutôt satisfait", "bon-2"),
        ("Très satisfait", "bon-1"),
    ]
    page = build_report(tmp_path / "o.duckdb", fixture.PROGRAMME, tmp_path / "page").page.read_text(encoding="utf-8")
    assert re.findall(r'class="part part-([a-z]+-\d)"', page) == [part["ton"] for part in parts]
    drawn = [colour for colour, _ in groupby(_fills(press("lettre", content, tmp_path / "lettre.pdf").path))]
    bars = [drawn[at : at + 4] for at, colour in enumerate(drawn) if colour == "#a23b16"]
    assert any(bar[-1] == "#1f4d74" for bar in bars), "the worst answer is on the left, in the warm colour"


def _fills(path: Path) -> list[str]:
    """The colours that the first page fills with, in their order."""
    stream = pypdf.PdfReader(path).pages[0].get_contents()
    assert stream is not None
    found = re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) scn?\b", stream.get_data().decode("latin-1"))
    return ["#" + "".join(f"{round(255 * float(part)):02x}" for part in colour) for colour in found]


def test_a_note_is_out_of_the_maximum_of_its_scale(tmp_path: Path) -> None:
    """One question, then all, are noted from 1 to 6: nothing says of them that they are out of 10."""
    database = fixture.published(tmp_path / "o.duckdb")
    with duckdb.connect(str(database)) as connection:
        connection.execute("update observatoire.dim_modalite set note = 1 + note / 2 where question_code = 'G1'")
    mixed = letter(database, fixture.PROGRAMME)
    first, other = mixed["themes"]
    assert mixed["essentiel"]["ensemble"]["unite"] == "sur 6"
    assert [line["unite"] for line in first["notes"][:2]] == ["sur 6", "sur 10"]
    assert first["dessin"]["titre"] == "Notes moyennes" and other["dessin"]["titre"] == "Notes moyennes sur 10"
    assert "en note selon" in mixed["methode"]["textes"][0]["texte"]
    pages = paper.pages(press("lettre", mixed, tmp_path / "melange.pdf").path)
    [table] = [page for page in pages if "Premier thème : notes" in page.replace("\u202f", " ")]
    assert "sur 6" in table and "sur 10" in table
    page = build_report(database, fixture.PROGRAMME, tmp_path / "page").page.read_text(encoding="utf-8")
    assert len(re.findall(r"<small> sur 6</small>", page)) >= 1 and ">Notes</th>" in page
    with duckdb.connect(str(database)) as connection:
        connection.execute("update observatoire.dim_modalite set note = 1 + note / 2 where question_code <> 'G1'")
        connection.execute("update observatoire.fct_reference_nationale set unite = 'pourcentage_satisfaits'")
    content = letter(database, fixture.PROGRAMME)
    text = "\n".join(paper.pages(press("lettre", content, tmp_path / "lettre.pdf").path))
    page = build_report(database, fixture.PROGRAMME, tmp_path / "page").page.read_text(encoding="utf-8")
    for said in (text, page):
        assert "sur 6" in said and "sur 10" not in said
    assert "Notes sur 6" in page and {line["unite"] for line in content["themes"][0]["notes"]} == {""}


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
    assert "Demonstration data" in text and "Not in the figures" in text and "Indicateur" not in text


@pytest.mark.parametrize(
    ("first", "verdict", "said"), [("2016", "baisse légère", True), ("2016", "stable", False), (None, None, False)]
)
def test_a_rise_that_stays_below_the_first_wave_says_so(
    first: str | None, verdict: str | None, said: bool, tmp_path: Path
) -> None:
    """Where that is established; the change since the last wave, alone, would hide it."""
    since = {"vague_premiere": first, "verdict_premiere": verdict}
    lines = [{**row, **since} if row["question_code"] == "G1" else row for row in rows.tables()["obs_indicateur"]]
    database = fixture.published(tmp_path / "o.duckdb", obs_indicateur=lines)
    page = build_report(database, fixture.PROGRAMME, tmp_path / "out").page.read_text(encoding="utf-8")
    [rise] = letter(database, fixture.PROGRAMME)["essentiel"]["progres"]
    assert (", encore sous 2016</span>" in page) == (rise["encore_sous"] == "encore sous 2016") == said
    assert said or not rise["encore_sous"]
