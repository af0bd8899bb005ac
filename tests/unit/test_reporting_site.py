"""The page as a reader, a crawler and an attacker see it."""

import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from markdown_it import MarkdownIt

from orchestration.programme.config import PROGRAMME as PROGRAMME_MODEL
from orchestration.reporting.cells import Edition
from orchestration.reporting.formats import VERDICT_SIGNS, Formats
from orchestration.reporting.site import build_report
from orchestration.words import Words
from tests.unit import reporting_fixture as fixture
from tests.unit import reporting_rows as rows
from tests.unit.reporting_labels import HOSTILE

VOID = {"meta", "br", "hr", "img", "input", "link", "path", "rect", "line", "circle"}


class Page(HTMLParser):
    """Elements with their attributes and texts; complains about tags that do not match."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.errors: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.errors.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.text += data


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fixture.published(tmp_path_factory.mktemp("edition") / "observatoire.duckdb")


@pytest.fixture(scope="module")
def html(database: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("rapport")
    summary = build_report(database, fixture.PROGRAMME, out)
    files = ["dictionnaire.html", "donnees", "explorateur", "explorateur.html", "index.html", "qualite.html"]
    assert sorted(file.name for file in out.iterdir()) == files
    assert summary.page == out / "index.html"
    assert (summary.edition, summary.vague, summary.themes, summary.questions) == ("2022.1", "2022", 2, 9)
    assert summary.masked == 1
    return summary.page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_markup_is_balanced_and_anchors_resolve(page: Page) -> None:
    assert page.errors == [] and page.open == []
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"theme-a", "theme-b", "Q-G1", "Q-T1", "Q-M1", "methode", "couverture"} <= set(ids)
    for _, attributes in page.elements:
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in ids
        for relation in ("aria-labelledby", "aria-describedby"):
            assert set(attributes.get(relation, "").split()) <= set(ids)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), "no heading level is skipped"


def test_every_figure_equals_the_database(page: Page, database: Path) -> None:
    checked = 0
    with Edition(database) as edition:
        for tag, attributes in page.elements:
            if "data-cell" not in attributes or tag == "text":
                continue
            found = edition.find(attributes["data-cell"])
            assert len(found) == 1, attributes
            value = found[0]
            said = attributes.get("value") or attributes["data-valeur"]
            assert said == (repr(value) if isinstance(value, float) else str(value)), attributes
            checked += 1
    assert checked > 60


def test_a_masked_cell_is_said_with_its_reason_and_never_a_number(html: str, page: Page) -> None:
    row = re.search(r'<tr role="row" id="Q-G4"[^>]*>.*?</tr>', html, re.S)
    assert row is not None
    assert "masqué" in row[0] and "moins de 30 réponses" in row[0]
    assert not any("question_code=G4" in tag and "vague=2022" in tag for tag in re.findall(r"<data[^>]*>", html))
    assert "9,9" not in page.text and "9.87654" not in html
    assert "8.76543" not in html and "exclu" in page.text
    assert re.search(r"Question masquée[\s\u202f]: masqué", page.text), "the drawing says it too"


def test_why_cells_of_a_table_are_masked_is_said_once_under_it(html: str) -> None:
    """In words, whatever a reader's pointer can do: each reason, and how many cells give it."""
    tables = re.findall(r"<table.*?(?=<table|</section>)", html, re.S)
    told = 0
    for table in tables:
        reasons = re.findall(r'data-statut="[SDE]"[^>]*data-vide="[^"]*" title="([^"]*)"', table)
        note = re.search(r'<p class="note raisons">(.*?)</p>', table, re.S)
        for reason in set(reasons):
            assert note, reason
            assert note[1].count(reason) == 1, (reason, note[1])
            told += 1
    assert told


def test_a_value_under_a_masked_status_is_not_shown(tmp_path: Path) -> None:
    satisfaction = rows.tables()["fct_satisfaction"]
    for row in satisfaction:
        if row["question_code"] == "G4" and row["vague"] == "2022":
            row |= {
                "note_imprimee": 9.87654,
                "note_imprimee_ic_bas": 9.81234,
                "note_imprimee_ic_haut": 9.91234,
                "base_brute": 7,
            }
    database = fixture.published(tmp_path / "o.duckdb", fct_satisfaction=satisfaction)
    html = build_report(database, fixture.PROGRAMME, tmp_path / "out").page.read_text(encoding="utf-8")
    assert not re.search(r"9[.,]8765|9[.,]8123|9[.,]9123|>9,9<", html)


def test_what_a_sign_proves_is_said_before_the_first_table(html: str) -> None:
    assert html.index("Un signe dit ce qui est prouvé") < html.index('<table class="indicateurs')


def test_the_notice_of_a_demonstration_is_read_as_it_was_written(html: str) -> None:
    [notice] = re.findall(r'<aside class="demonstration".*?<span>(.*?)</span>', html)
    assert notice == "tout est fictif, jusqu’aux noms."


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_legend_has_the_sign_of_every_step_of_the_ladder(language: str) -> None:
    signs = {sign for code, sign in VERDICT_SIGNS.items() if code not in ("non comparable", "nouveau")}
    said = Formats(Words.in_language(language)).plain
    legend = said("verdicts_legende") + said("verdicts_legende_reference")
    assert {sign for sign in legend if sign in "↗↘=≈▲△▽▼≠✦"} == signs


def test_a_mask_without_a_published_reason_gives_the_general_one(html: str) -> None:
    motives = re.search(r'<section class="motifs question" id="Q-M2".*?</section>', html, re.S)
    assert motives is not None and "masqué" in motives[0] and "base trop faible" in motives[0]
    assert "<data" not in motives[0]


def test_the_sentence_drops_the_label_it_stands_under(page: Page) -> None:
    assert "La note progresse, voilà." in page.text and "» progresse" not in page.text


def test_not_asked_is_said(html: str) -> None:
    row = re.search(r'<tr role="row" id="Q-G3"[^>]*>.*?</tr>', html, re.S)
    assert row is not None and row[0].count("n. p.<") == 2
    assert "non posée dans cette vague" in row[0] and "question nouvelle" in row[0]


def test_hostile_labels_are_shown_not_executed(html: str, page: Page) -> None:
    assert [tag for tag, _ in page.elements].count("script") == 1, "the page's own"
    assert html.lower().count("<script") == 1
    assert "alert(’x’)" in page.text
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert "javascript:" not in html
    assert rows.ENDLESS.strip() in page.text
    assert "abc" in page.text


def test_nothing_is_fetched(html: str, page: Page) -> None:
    assert not {"link", "img", "iframe", "object", "embed"} & {tag for tag, _ in page.elements}
    assert not re.search(r"url\((?!data:)|@import", html)
    for tag, attributes in page.elements:
        assert "src" not in attributes and "srcset" not in attributes
        if tag != "a":
            assert "href" not in attributes and "xlink:href" not in attributes


def test_answers_given_as_examples_stay_in_the_warehouse(database: Path, html: str, tmp_path: Path) -> None:
    report = (build_report(database, fixture.PROGRAMME, tmp_path).page.parent / "qualite.html").read_text(
        encoding="utf-8"
    )
    assert "SECRET-42" not in html + report
    assert "1\u202f212" in report


def test_banner_only_for_a_demonstration(html: str, database: Path, tmp_path: Path) -> None:
    assert 'class="demonstration"' in html
    real = build_report(database, fixture.PROGRAMME.model_copy(update={"demonstration": False}), tmp_path)
    assert 'class="demonstration"' not in real.page.read_text(encoding="utf-8")


def test_organismes_left_out_are_named_with_the_reason(page: Page) -> None:
    assert "Trois Habitat" in page.text and "Livraison non reçue" in page.text
    assert re.search(r"Organismes consolidés\W+2 sur 3", page.text)


def test_edition_is_cited(page: Page) -> None:
    assert "édition 2022.1, 1er\u00a0novembre 2026" in page.text


def test_drawings_are_light_named_and_follow_the_theme(html: str) -> None:
    drawings = re.findall(r"<svg[^>]*role=\"img\".*?</svg>", html, re.S)
    assert len(drawings) == 8
    for svg in drawings:
        assert len(svg.encode()) < 40_000
        assert "<title" in svg and "<desc" in svg
        assert not re.search(r'(fill|stroke)="(?!none|transparent)', svg), "colours are classes"
        assert "font-family" not in svg
    assert len(html.encode()) < 1_000_000


def test_same_edition_same_page(database: Path, html: str, tmp_path: Path) -> None:
    page = build_report(database, fixture.PROGRAMME, tmp_path).page
    assert page.read_text(encoding="utf-8") == html
    explorer = {path: path.read_bytes() for path in _explorer(tmp_path)}
    assert len(explorer) > 9
    (tmp_path / "explorateur" / "reste.js").write_text("d'une édition d'avant")
    build_report(database, fixture.PROGRAMME, tmp_path)
    assert {path: path.read_bytes() for path in _explorer(tmp_path)} == explorer


def _explorer(out: Path) -> list[Path]:
    return [out / "explorateur.html", *sorted((out / "explorateur").iterdir())]


def test_a_failed_build_leaves_the_page_that_stood_there(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("avant")
    with pytest.raises(duckdb.Error):
        build_report(tmp_path / "absent.duckdb", fixture.PROGRAMME, tmp_path)
    assert (tmp_path / "index.html").read_text() == "avant"


def test_a_bare_programme_still_prints(database: Path, tmp_path: Path) -> None:
    summary = build_report(database, fixture.bare(), tmp_path)
    assert summary.questions == 9


def test_the_preview_says_the_figures_in_markdown_and_runs_nothing(database: Path, tmp_path: Path) -> None:
    preview = build_report(database, fixture.PROGRAMME, tmp_path).preview
    tokens = MarkdownIt("commonmark").enable("table").parse(preview)
    rows = [[] for token in tokens if token.type == "tr_open"]
    row = -1
    for token in tokens:
        row += token.type == "tr_open"
        if token.type == "inline" and row >= 0:
            assert {child.type for child in token.children or []} <= {"text", "text_special"}, token.content
            rows[row].append("".join(child.content for child in token.children or []))
    assert {len(cells) for cells in rows} == {7}
    said = {cells[1]: cells[2:] for cells in rows}
    assert said["Question masquée"][2:4] == ["masqué", "masqué"]
    assert next(cells for label, cells in said.items() if label.startswith("Satisfaction"))[2:] == [
        "7,4",
        "+0,23",
        "en hausse",
    ]
    assert any(label.startswith("<script>") for label in said)
    assert "Données de démonstration" in preview.replace("&#233;", "é")


def test_the_page_leads_to_the_letter_that_is_printed_beside_it(database: Path, html: str, tmp_path: Path) -> None:
    page = build_report(database, fixture.PROGRAMME, tmp_path, letter="lettre.pdf").page.read_text(encoding="utf-8")
    assert '<a href="lettre.pdf">' in page and "lettre.pdf" not in html


def test_a_choice_without_note_or_rate_shows_how_tenants_answered(tmp_path: Path) -> None:
    """One answer of several that are neither scored nor satisfied: its shares are those of the distribution."""
    database = fixture.published(tmp_path / "edition.duckdb")
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "update observatoire.dim_modalite set note = null, est_satisfait = null where question_code = 'G1'"
        )
    page = build_report(database, fixture.PROGRAMME, tmp_path / "rapport").page.read_text(encoding="utf-8")
    [block] = re.findall(r'<section class="motifs question" id="Q-G1".*?</section>', page, re.DOTALL)
    assert re.findall(r'data-cell="(fct_distribution)\|[^"]*modalite_code=\w+\|part"[^>]*>([^<]+)', block) == [
        ("fct_distribution", share) for share in ("47\u202f%", "31\u202f%", "14\u202f%", "8\u202f%")
    ]
    assert "non posée" not in block


def test_a_line_has_the_decimals_that_the_newsletters_table_gives_it(html: str, tmp_path: Path) -> None:
    lines = [{**row, "decimales": 2} for row in rows.tables()["obs_indicateur"]]
    edition = fixture.published(tmp_path / "edition.duckdb", obs_indicateur=lines)
    finer = build_report(edition, fixture.PROGRAMME, tmp_path / "out").page.read_text(encoding="utf-8")

    def notes(page: str) -> list[str]:
        """Those of a line, its reference, and those among the priorities."""
        [line] = re.findall(r'<tr role="row" id="Q-G1"[^>]*>.*?</tr>', page, re.S)
        priorities = re.findall(r'data-cell="fct_priorite\|[^"]*\|note"[^>]*>([^<]*)<', page)
        assert priorities
        return [*re.findall(r'\|(?:note_imprimee|reference)"[^>]*>([^<]*)<', line), *priorities]

    assert notes(html) and all(re.fullmatch(r"\d,\d", note) for note in notes(html))
    assert len(notes(finer)) == len(notes(html)) and all(re.fullmatch(r"\d,\d\d", note) for note in notes(finer))


@pytest.mark.parametrize(
    ("base", "assumed", "said"),
    [
        (1181, 1000, ""),
        (None, 1000, ". Elle ne donne pas sa précision\u202f: celle de 1\u202f000 réponses est supposée."),
        (None, 0, ". Elle ne donne pas sa précision\u202f: aucun écart n’est dit établi."),
    ],
)
def test_tables_say_how_exact_their_reference_is(tmp_path: Path, base: int | None, assumed: int, said: str) -> None:
    references = [{**row, "base_effectif": base} for row in rows.tables()["fct_reference_nationale"]]
    edition = fixture.published(tmp_path / "references.duckdb", fct_reference_nationale=references)
    programme = PROGRAMME_MODEL.validate_python({**fixture.CONFIG, "estimation": {"reference_base_supposee": assumed}})
    build_report(edition, programme, tmp_path / "out")
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    [told] = set(re.findall(r"<small>(Référence nationale[^<]*)</small>", page))
    assert unescape(told).endswith(unescape(Formats.of_programme(programme).typography(HOSTILE)) + said)
