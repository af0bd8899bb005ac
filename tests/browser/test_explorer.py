"""The explorer, as people use it, and against plain SQL on the published file: every choice of a small programme."""

from __future__ import annotations

import html
import json
import random
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from orchestration.programme import load_programme
from orchestration.reporting.site import build_report
from tests.browser.conftest import Open, Report
from tests.browser.test_reading import AXE
from tests.support import explored
from tests.support.sentences import Reader
from tests.support.three_programmes import name_of_programme, reader_of_programme  # noqa: F401 - fixtures
from tests.unit import reporting_fixture as fixture

RANDOM_CHOICES = 300
READY = "() => document.getElementById('resultat')?.dataset.choix"


@pytest.fixture
def hostile(small: Report) -> Report:
    """The miniature edition's: hostile labels, values left under the mask."""
    return Report(small.page.with_name("explorateur.html"), small.database)


def opened(visit: Open, path: Path, anchor: str = "", **options: Any) -> Any:
    seen = visit(path, anchor=anchor, **options)
    seen.page.wait_for_function(READY)
    return seen


def _crawled(page: Page, choices: list[dict[str, str]] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(explored.CRAWL, {"choices": choices or [], "every": choices is None})
    return found


def _asked(visit: Open, report: Report, choices: list[dict[str, str]] | None, known: explored.Truth) -> dict[str, Any]:
    """Crawls, compares with the edition, and holds that nothing was asked for outside of the report's folder."""
    seen = opened(visit, report.page)
    crawled = _crawled(seen.page, choices)
    assert crawled["wrong"] == []
    assert explored.faults(known, crawled["found"]) == []
    assert seen.complaints == []
    home = report.page.resolve().parent.as_uri() + "/"
    assert [request for request in seen.requests if not request.startswith(home)] == []
    shown: dict[str, Any] = {"known": known, **crawled}
    return shown


def test_every_choice_of_a_small_programme_is_what_the_edition_says(visit: Open, petit: Report) -> None:
    shown = _asked(visit, petit, None, explored.truth(petit.database, "R"))
    assert shown["visited"] > 200
    seen = {tuple(name.split("\u0001")) for name, _ in shown["found"]}
    expected = {key for key, row in shown["known"].figures.items() if row["valeur"] is not None}
    assert expected - seen == set(), "each published figure is in some choice"
    assert any(rest["evolution"] for _, variants in shown["found"] for rest in variants)
    assert any(rest["reference"] for _, variants in shown["found"] for rest in variants)


def test_every_choice_of_the_miniature_edition_masks_what_is_masked(visit: Open, hostile: Report) -> None:
    seen = opened(visit, hostile.page)
    crawled = _crawled(seen.page)
    assert crawled["wrong"] == [] and seen.complaints == []
    masked = [rest for _, variants in crawled["found"] for rest in variants if rest["statut"] == "S"]
    assert masked and all(re.fullmatch(r"■ masqué \(.+\)", rest["raison"]) for rest in masked)
    assert any("moins de 30 réponses" in rest["raison"] for rest in masked)
    hidden = re.compile(r"9[.,]8765|9[.,]8123|8[.,]7654|98[.,]8|0[.,]98765|>9,[89]<|\b9,[89]\b")
    for file in (hostile.page, *hostile.page.with_name("explorateur").iterdir()):
        assert not hidden.search(file.read_text(encoding="utf-8")), file.name


@pytest.mark.parametrize("fault", explored.FAULTS)
def test_the_reader_catches_what_is_planted(visit: Open, petit: Report, tmp_path: Path, fault: str) -> None:
    plant, said = explored.FAULTS[fault]
    page = opened(visit, explored.planted(petit.page.resolve().parent, tmp_path / "rapport", plant)).page
    crawled = _crawled(page, [{"q": "G1", "p": "region|region", "a": "ensemble", "v": "V2", "m": "note"}])
    assert any(f": {said}" in told for told in explored.faults(explored.truth(petit.database, "R"), crawled["found"]))


@pytest.mark.slow
def test_random_choices_of_each_programme_are_what_the_edition_says(visit: Open, reader: Reader) -> None:
    """The demonstration; hospitals on a scale from 1 to 6, in English; public figures and published scores."""
    config = load_programme(reader.root).config
    source, language = config.rapport.reference_imprimee, config.langue
    report = Report(
        reader.root / "reports" / "courant" / "explorateur.html", reader.root / "published" / "observatoire.duckdb"
    )
    known = explored.truth(report.database, source, language)
    offered = _offered(report)
    drawn = random.Random(20221017)
    # the explorer is of the survey: what is heard between two of its waves has its part of the page
    survey = {row["vague"] for row in reader.query("select vague from observatoire.dim_vague where est_principale")}
    keys = sorted(
        key
        for key, row in known.figures.items()
        if key[5] in survey
        and key[1] in offered.get(key[0], ())
        and (row["valeur"] is not None or row["statut"] in ("S", "D", "E"))
    )
    choices = []
    for code, measure, place, axis, _, wave in drawn.sample(keys, min(RANDOM_CHOICES, len(keys))):
        kind = place.partition("|")[0]
        several = sum(key[2] != place and key[2].startswith(f"{kind}|") for key in keys)
        compared = several and drawn.random() < 0.3
        choices.append(
            {
                "q": code,
                "p": f"{kind}|*" if compared else place,
                "a": axis,
                "v": drawn.choice([wave, "*"]),
                "m": measure,
            }
        )
    shown = _asked(visit, report, choices, known)
    assert shown["visited"] == len(choices) and len(shown["found"]) > len(choices)


LINE = re.compile(
    r'<td role="cell" class="n(?: courante)?" data-label="[^"]*"><data value="[^"]*"'
    r' data-cell="fct_satisfaction\|([^|]*)\|(note_imprimee|taux_imprime)" data-genre="\w+">([^<]*)<'
)


@pytest.mark.slow
def test_a_line_of_the_page_is_written_alike_in_the_explorer(reader: Reader) -> None:
    folder = (reader.root / "reports" / "courant").resolve()
    index = json.loads(re.findall(r'id="index">(.*?)</script>', (folder / "explorateur.html").read_text("utf-8"))[0])
    files = {one["code"]: _read(folder / one["fichier"]) for one in index["questions"]}
    compared = 0
    for cell, column, text in LINE.findall((folder / "index.html").read_text(encoding="utf-8")):
        key = dict(parse_qsl(html.unescape(cell)))
        file = files[key["question_code"]]
        held = file["cellules"][column.partition("_")[0]][f"{key['perimetre_type']}|{key['perimetre']}"]
        rank, *_ = held["ensemble"]["tous"][index["vagues"].index(key["vague"])]
        assert file["nombres"][rank - 1][1] == html.unescape(text), cell
        compared += 1
    assert compared > 10


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text("utf-8").removeprefix("explorateur(").removesuffix(");\n"))
    return found


def _offered(report: Report) -> dict[str, set[str]]:
    """By question, the measures that its file has."""
    files = report.page.with_name("explorateur").glob("*.js")
    found = {}
    for file in files:
        text = file.read_text(encoding="utf-8")
        [code] = re.findall(r'^explorateur\(\{"question":"([^"]+)"', text)
        found[code] = set(re.findall(r'\{"code":"([^"]+)"', text.partition('"nombres"')[0]))
    return found


def test_an_address_brings_back_its_choice_and_one_goes_back_and_forth(visit: Open, petit: Report) -> None:
    chosen = "#q=G1&p=region%7Cregion&a=age&v=V2&m=taux"
    page = opened(visit, petit.page, chosen).page
    state = "() => ['question', 'mesure', 'perimetre', 'axe'].map(id => document.getElementById(id).value)"
    assert page.evaluate(state) == ["G1", "taux", "region|region", "age"]
    assert page.locator("#vagues input:checked").evaluate_all("all => all.map(e => e.value)") == ["V2"]
    assert page.locator("#avis").is_hidden()
    page.select_option("#mesure", "note")
    page.wait_for_function("() => document.getElementById('resultat').dataset.choix.endsWith('m=note')")
    page.go_back()
    page.wait_for_function("() => document.getElementById('resultat').dataset.choix.endsWith('m=taux')")
    assert page.evaluate(state)[1] == "taux"
    page.go_forward()
    page.wait_for_function("() => document.getElementById('resultat').dataset.choix.endsWith('m=note')")
    assert page.evaluate("() => document.getElementById('lien').href === location.href")


BAD = [
    "q=RIEN",
    "q=G1&m=rien",
    "q=G1&p=lune%7C1",
    "q=G1&a=rien",
    "q=G1&v=V9",
    "n=importe",
    "q=%3Cscript%3E",
    "q=G1&q=G1",
]


@pytest.mark.parametrize("bad", [*BAD, "q=G1&p=region%7C*"])
def test_an_address_that_asks_for_nothing_known_shows_the_default_and_says_so(
    visit: Open, petit: Report, bad: str
) -> None:
    page = opened(visit, petit.page, f"#{bad}").page
    assert page.locator("#avis").is_visible()
    assert page.inner_text("#avis").count(".") == 1 and "par défaut" in page.inner_text("#avis")
    assert page.input_value("#question") == "G1" and page.input_value("#axe") == "ensemble"
    page.select_option("#axe", "age")
    page.wait_for_function("() => document.getElementById('avis').hidden")


def test_a_choice_is_taken_away_as_a_table_that_equals_the_database(visit: Open, petit: Report, tmp_path: Path) -> None:
    page = opened(visit, petit.page, "#q=G1&p=region%7Cregion&a=age&v=*&m=note").page
    file, name = download(page, "csv", tmp_path)
    assert "G1" in name and "age" in name and "note" in name
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    table = pl.read_csv(file, separator=";", decimal_comma=True)
    known = explored.truth(petit.database, "R")
    assert table.height == len(page.query_selector_all("#resultat tbody tr[data-cle]"))
    for row in table.to_dicts():
        key = (row["question_code"], row["mesure"], f"{row['perimetre_type']}|{row['perimetre']}", row["axe"], row["segment"], row["vague"])  # fmt: skip
        held = known.figures[key]
        assert (row["valeur"], row["ic_bas"], row["ic_haut"], row["base"]) == (held["valeur"], held["bas"], held["haut"], held["base"])  # fmt: skip
        assert row["statut"] == held["statut"]
        change = known.changes.get((key[0], *key[2:]), {})
        assert (row["evolution"], row["verdict"]) == (change.get("ecart_note"), change.get("verdict")), key
        assert row["demonstration"] == "Données de démonstration"
        reference = known.references.get((key[0], row["perimetre_type"], row["perimetre"], row["vague"], "note_10"))
        assert row["reference"] == (reference if row["axe"] == "ensemble" else None)


def download(page: Page, end: str, folder: Path) -> tuple[Path, str]:
    """What a button of the explorer gives, saved in a folder, and the name that it bears."""
    with page.expect_download() as waited:
        page.click(f"#{end}")
    target = folder / f"choix.{end}"
    waited.value.save_as(target)
    assert waited.value.suggested_filename.endswith(f".{end}")
    return target, waited.value.suggested_filename


def test_a_formula_in_a_label_is_disarmed_in_the_table(visit: Open, hostile: Report, tmp_path: Path) -> None:
    page = opened(visit, hostile.page).page
    rows = []
    for code in page.locator("#question option").evaluate_all("all => all.map(e => e.value)"):
        page.select_option("#question", code)
        page.wait_for_function(f"() => document.getElementById('resultat').dataset.choix.startsWith('#q={code}&')")
        file, _ = download(page, "csv", tmp_path)
        rows += pl.read_csv(file, separator=";", infer_schema=False).rows()
    texts = [str(value) for row in rows for value in row if value]
    assert any("cmd" in text for text in texts)
    assert not [text for text in texts if re.match(r"\s*[=+@]", text)]


@pytest.fixture(scope="module")
def with_synonyms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("synonymes")
    (root / "reference").mkdir()
    (root / "reference" / "mots_cles.csv").write_text("question_code,mot\nG6,Courriél\nG6,voisins\n", encoding="utf-8")
    database = fixture.published(root / "edition.duckdb")
    return build_report(database, fixture.PROGRAMME, root / "rapport", root=root).page


def test_a_question_is_found_by_the_programme_s_other_words_for_it(visit: Open, with_synonyms: Path) -> None:
    page = opened(visit, with_synonyms.with_name("explorateur.html")).page
    offered = "() => [...document.querySelectorAll('#question option')].map(e => e.value)"
    everything = page.evaluate(offered)
    for asked in ("courriel", "VOISINS", "voisins courriel"):
        page.fill("#recherche", asked)
        assert page.evaluate(offered) == ["G6"], asked
        assert page.inner_text("#trouvees") == "1 question"
    page.fill("#recherche", "rien de tel")
    assert page.evaluate(offered) == [] and page.inner_text("#trouvees") == "Aucune question"
    page.fill("#recherche", "")
    assert page.evaluate(offered) == everything
    home = visit(with_synonyms).page
    home.fill("#recherche", "courriel")
    assert home.inner_text("#filtre-bilan") == "1 question"


def test_the_keyboard_alone_chooses_and_the_result_is_told(visit: Open, petit: Report) -> None:
    page = opened(visit, petit.page).page
    page.focus("#recherche")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.id") == "question"
    before = page.inner_text("#bilan")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.getElementById('resultat').dataset.choix.startsWith('#q=C1')")
    assert page.inner_text("#bilan") != before and "Collectif seulement" in page.inner_text("#bilan")
    assert page.evaluate("() => document.activeElement.id") == "question", "the focus stays where it was"
    expected = ["mesure", "perimetre", "axe", "vague-0", "vague-1", "csv", "svg", "png", "lien"]
    for name in expected:
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.id") == name
        ring = page.evaluate("() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, parseFloat(s.outlineWidth)] }")  # fmt: skip
        assert ring[0] != "none" and ring[1] >= 2
    page.focus("#vague-0")
    page.keyboard.press("Space")
    page.wait_for_function("() => document.getElementById('resultat').dataset.choix.includes('v=V2')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("anchor", ["", "#q=G1&a=age&m=note", "#q=G1&p=departement%7C*&a=age"])
def test_it_fits_and_axe_finds_no_violation(visit: Open, petit: Report, anchor: str, width: int, scheme: str) -> None:
    page = opened(visit, petit.page, anchor, width=width, color_scheme=scheme).page
    assert page.locator("#avis").is_hidden()
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()


def test_a_file_that_is_missing_is_said(visit: Open, petit: Report, tmp_path: Path) -> None:
    copied = tmp_path / "rapport"
    shutil.copytree(petit.page.resolve().parent, copied)
    (copied / "explorateur" / "Q-G1.js").unlink()
    page = visit(copied / "explorateur.html").page
    page.wait_for_function("() => !document.getElementById('avis').hidden")
    assert "explorateur/Q-G1.js" in page.inner_text("#avis")
    page.select_option("#question", "C1")
    page.wait_for_function(READY)
    assert page.locator("#avis").is_hidden()


def test_paper_has_the_result_and_not_the_form(visit: Open, petit: Report) -> None:
    page = opened(visit, petit.page).page
    page.emulate_media(media="print")
    assert page.locator(".choix").is_hidden() and page.locator(".emporter").is_hidden()
    assert page.locator(".explore").is_visible() and page.locator("#dessin svg").is_visible()


def test_without_script_it_says_where_the_figures_are(visit: Open, petit: Report) -> None:
    page = visit(petit.page, script=False).page
    assert page.locator(".atelier").is_hidden()
    assert "scripts" in page.inner_text("noscript")
