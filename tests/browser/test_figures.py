"""Every figure of the page is the published one, written as it should be; a masked one is masked everywhere."""

from __future__ import annotations

import re
import zipfile
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from orchestration.reporting.cells import Edition
from orchestration.reporting.formats import Formats
from orchestration.reporting.pages import written
from orchestration.words import Words
from tests.browser.conftest import Open, Report
from tests.unit import reporting_fixture as fixture
from tests.unit import reporting_rows as rows

F = Formats(Words.in_language("fr"))
CRAWL = """() => [...document.querySelectorAll("[data-cell]")].map(e => ({
  cell: e.dataset.cell, genre: e.dataset.genre || "dessin", mark: e.tagName === "path", value: e.value ?? e.dataset.valeur ?? null,
  text: e.dataset.genre === "verdict" || e.dataset.genre === "lecture"
    ? e.querySelector(".verdict").lastChild.textContent.trim() : e.textContent }))"""
BARE = """() => [...document.querySelectorAll("table td, .chiffres dd, .note-globale, .bilan span, .case strong")].filter(e => {
  const copy = e.cloneNode(true);
  copy.querySelectorAll("[data-cell], .absent, .bareme > span:first-child, small").forEach(x => x.remove());
  return !e.closest("[data-hors-base]") && /\\d/.test(copy.textContent);
}).map(e => e.outerHTML.slice(0, 300))"""


@pytest.fixture(params=["small", "printed"])
def report(request: pytest.FixtureRequest) -> Report:
    found: Report = request.getfixturevalue(request.param)
    return found


def _drawn(cell: str, tables: dict[str, str]) -> str:
    """How a drawing writes the measure that a cell names: as a table does, where one prints it."""
    measure = cell.rsplit("|", 1)[1]
    ordinary = "entier" if measure == "rang" else "taux" if measure.startswith("taux") else "note"
    return tables.get(cell, ordinary)


def test_every_figure_is_the_published_one(report: Report, visit: Open) -> None:
    figures: list[dict[str, Any]] = visit(report.page).page.evaluate(CRAWL)
    wrong = []
    lines = ("note", "note_publiee", "borne", "taux", "taux_publie", "taux_fin")
    tables = {f["cell"]: f["genre"] for f in reversed(figures) if f["genre"] in lines}
    with Edition(report.database) as edition:
        known: dict[str, list[Any]] = {}
        for figure in figures:
            values = known.setdefault(figure["cell"], edition.find(figure["cell"]))
            genre = _drawn(figure["cell"], tables) if figure["genre"] == "dessin" else figure["genre"]
            exact = str(values[0]) if len(values) == 1 else None
            text = written(F, values[0], genre) if len(values) == 1 and values[0] is not None else None
            if figure["mark"]:
                # a point of a drawing writes nothing: its place says the figure, which must be there
                text = None if text is None else ""
            same = figure["value"] is None or figure["value"] == exact or float(figure["value"]) == values[0]
            if text != figure["text"] or not same:
                wrong.append((figure, values, text))
    assert wrong == []
    assert len(figures) > (100 if report.page.parent.name == "rapport" else 2_000)


def test_no_cell_of_a_table_holds_a_figure_of_unknown_origin(report: Report, visit: Open) -> None:
    assert visit(report.page).page.evaluate(BARE) == []


def test_sentences_are_the_published_ones(printed: Report, visit: Open) -> None:
    shown = visit(printed.page).page.evaluate(
        '() => [...document.querySelectorAll("tr[id]")].map(e => [e.dataset.q, e.querySelector(".phrase")?.textContent ?? ""])'
    )
    with Edition(printed.database) as edition:
        published = {r["question_code"]: r for r in edition.rows("obs_indicateur", vague="2022")}
    assert len(shown) > 40
    for code, sentence in shown:
        assert sentence == F.typography(published[code]["phrase_sans_libelle"]), code


def test_an_empty_cell_says_why(report: Report, visit: Open) -> None:
    empty = visit(report.page).page.evaluate(
        '() => [...document.querySelectorAll("[data-vide]")].map(e => [e.dataset.vide, e.dataset.statut, e.title, e.textContent])'
    )
    assert empty
    with Edition(report.database) as edition:
        for cell, statut, title, text in empty:
            table, key, _ = cell.split("|", 2)
            found = edition.values(table, key, "statut") if "statut" in _columns(edition, table) else []
            assert not found or found[0] not in F.statuses or found[0] == (statut or "V"), cell
            assert title and title in text, cell
            if statut in ("S", "D"):
                assert "masqué" in text, cell


def test_what_is_masked_is_nowhere(small: Report, visit: Open) -> None:
    html = small.page.read_text(encoding="utf-8")
    hidden = re.compile(r"9[.,]8765|9[.,]8123|8[.,]7654|98[.,]8|0[.,]98765|>9,[89]<|\b9,[89]\b")
    assert not hidden.search(html)
    page = visit(small.page).page
    words = page.evaluate(
        '() => [...document.querySelectorAll("svg[role=img] desc")].map(e => e.textContent).join(" ")'
    )
    assert re.search(r"Question masquée\s?: masqué \(moins de 30 réponses\)", words)
    assert re.search(r"Hors zone\s?: masqué \(moins de 30 réponses\)", words)
    titles = page.evaluate('() => [...document.querySelectorAll("[title]")].map(e => e.title).join(" ")')
    assert not hidden.search(titles) and "moins de 30 réponses" in titles


def test_a_drawing_says_in_words_what_it_shows(report: Report, visit: Open) -> None:
    drawings = visit(report.page).page.evaluate(
        """() => [...document.querySelectorAll("svg[role=img]")].map(e => ({
          title: e.querySelector("title").textContent, words: e.querySelector("desc").textContent,
          shown: [...e.querySelectorAll("[data-cell]")].filter(x => !x.dataset.cell.endsWith("|rang")).map(x => x.textContent),
          named: [e.getAttribute("aria-labelledby"), e.getAttribute("aria-describedby")].every(id => document.getElementById(id)) }))"""
    )
    assert drawings
    for drawing in drawings:
        assert drawing["title"] and drawing["named"]
        assert [text for text in drawing["shown"] if text not in drawing["words"]] == [], drawing["title"]


def test_downloads_are_disarmed_and_say_what_is_masked(small: Report, visit: Open) -> None:
    folder = small.page.parent / "donnees"
    links = visit(small.page).page.evaluate(
        '() => [...document.querySelectorAll("a[download]")].map(e => e.getAttribute("href"))'
    )
    assert {f"donnees/{path.name}" for path in folder.iterdir()} == set(links)
    [book] = folder.glob("*.xlsx")
    [archive] = folder.glob("*csv.zip")
    sheets = {name: CalamineWorkbook.from_path(str(book)).get_sheet_by_name(name).to_python() for name in CalamineWorkbook.from_path(str(book)).sheet_names}  # fmt: skip
    cells = [str(cell) for sheet in sheets.values() for row in sheet for cell in row]
    assert any("cmd" in cell for cell in cells)
    assert not [cell for cell in cells if re.match(r"[\s\x00-\x1f\u202e]*[=+@]", cell)]
    with zipfile.ZipFile(book) as parts:
        assert not [
            name for name in parts.namelist() if name.startswith("xl/worksheets/") and b"<f>" in parts.read(name)
        ]
    head, *lines = sheets["fct_satisfaction"]
    masked = [dict(zip(head, line, strict=True)) for line in lines if "S" in line]
    assert masked and all(row["note_imprimee"] == "[S] masqué" for row in masked)
    with zipfile.ZipFile(archive) as parts:
        texts = {name: parts.read(name).decode() for name in parts.namelist()}
    assert set(texts) == {f"{table}.csv" for table in fixture_tables()}
    assert not re.search(r"(?m)(?:^|,)\"?[=@]", "\n".join(texts.values()))
    assert "moins de 30 réponses" in texts["fct_satisfaction.csv"]


def fixture_tables() -> set[str]:
    return set(re.findall(r"create table (\w+)", fixture.DDL))


def test_hostile_labels_are_read_not_run(small: Report, visit: Open) -> None:
    seen = visit(small.page)
    text = seen.page.evaluate("() => document.body.textContent")
    assert F.typography(rows.HOSTILE) in text and rows.ENDLESS.strip() in text
    assert seen.complaints == []
    assert seen.page.evaluate("() => document.scripts.length") == 1
    isolated = seen.page.evaluate(
        """() => [...document.querySelectorAll("*")].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.includes("\\u202e")))
             .filter(e => e.namespaceURI.endsWith("xhtml") && !["isolate", "plaintext"].includes(getComputedStyle(e).unicodeBidi))
             .map(e => e.outerHTML.slice(0, 200))"""
    )
    assert isolated == [], "a label written from right to left turns nothing else around"


def _columns(edition: Edition, table: str) -> set[str]:
    return {name for name, *_ in edition.connection.execute(f'describe "{table}"').fetchall()}
