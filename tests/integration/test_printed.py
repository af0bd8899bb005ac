"""The letter and the leaflets of the demo: each figure printed is the published one, and a leaflet tells of one organisme only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from orchestration.programme import load_programme
from orchestration.programme.config import ProgrammeConfig
from orchestration.publication.editions import Editions
from orchestration.reporting import printed
from orchestration.reporting.cells import Edition
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.letter.content import letter
from tests.support import paper
from tests.support.demo import Demo, observatoire
from tests.support.small import published

Figure = dict[str, Any]


def figures(content: Any) -> Iterator[Figure]:
    """Every figure of a content, shown or masked, wherever it stands."""
    if isinstance(content, dict):
        if "table" in content and "mesure" in content:
            yield content
        for value in content.values():
            yield from figures(value)
    elif isinstance(content, list):
        for value in content:
            yield from figures(value)


def number(text: str) -> float:
    """A printed figure as a number: what a reader would type."""
    bare = re.sub(r"[\s\u00a0\u202f±%]|pt", "", text).replace("\u2212", "-").replace(",", ".")
    return float(bare)


def agrees(figure: Figure, value: Any) -> bool:
    """Whether a printed figure is the published value, rounded to the digits that are printed."""
    digits = len(figure["t"].partition(",")[2].rstrip("\u202f\u00a0 %pt")) if "," in figure["t"] else 0
    shown = number(figure["t"])
    unit = 100 if figure["t"].endswith(("%", "pt")) and "ecart_reference" not in figure["mesure"] else 1
    if figure["mesure"] == "reference":
        unit = 1
    return abs(shown - float(value) * unit) <= 0.5000001 * 10**-digits


@cache
def _programme(root: Path) -> ProgrammeConfig:
    return load_programme(root).config


@pytest.fixture(scope="module")
def reports(demo: Demo) -> Path:
    return demo.root / "reports" / "courant"


@pytest.fixture(scope="module")
def leaflets(demo: Demo) -> Path:
    return demo.root / "published" / "livrets" / "courant"


@pytest.fixture(scope="module")
def letter_text(reports: Path) -> str:
    return paper.squeezed("\n".join(paper.pages(reports / "lettre.pdf")))


@pytest.fixture(scope="module")
def content(demo: Demo) -> dict[str, Any]:
    return letter(demo.database, _programme(demo.root))


@cache
def _leaflet(root: Path, code: str) -> dict[str, Any]:
    return leaflet(root / "published" / "organismes" / f"{code}.duckdb", code, _programme(root))


def _own(demo: Demo, code: str) -> Path:
    return demo.root / "published" / "organismes" / f"{code}.duckdb"


def _read_back(database: Path, found: list[Figure]) -> None:
    """Asks the file again for every figure, a table and a measure at a time."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[Figure]] = {}
    for figure in found:
        columns = tuple(name for name, _ in parse_qsl(figure["cle"]))
        groups.setdefault((figure["table"], figure["mesure"], columns), []).append(figure)
    with Edition(database) as edition:
        for (table, measure, columns), asked in groups.items():
            if any(" " in column for column in columns) or "count(" in measure or "sum(" in measure:
                held = {figure["cle"]: edition.values(table, figure["cle"], measure) for figure in asked}
            else:
                held = _held(edition, table, measure, [dict(parse_qsl(figure["cle"])) for figure in asked])
            for figure in asked:
                values = held.get(figure["cle"], [])
                if "t" in figure:
                    assert len(values) == 1 and agrees(figure, values[0]), (figure, values)
                    assert figure["valeur"] == (repr(values[0]) if isinstance(values[0], float) else str(values[0]))
                else:
                    assert not any(value is not None for value in values) or figure["statut"] != "V", figure


def _held(edition: Edition, table: str, measure: str, keys: list[dict[str, str]]) -> dict[str, list[Any]]:
    """A measure of a table by key, of the rows that share what all these keys share."""
    columns = list(keys[0])
    shared = {column: keys[0][column] for column in columns if len({key[column] for key in keys}) == 1}
    names = ", ".join(f'"{column}"::text' for column in columns)
    where = " and ".join(f'"{column}"::text = ?' for column in shared) or "true"
    found = edition.connection.execute(f'select {names}, {measure} from "{table}" where {where}', [*shared.values()])
    held: dict[str, list[Any]] = {}
    for *key, value in found.fetchall():
        held.setdefault(urlencode(dict(zip(columns, key, strict=True))), []).append(value)
    return held


def test_every_figure_of_the_letter_is_the_published_one(demo: Demo, content: dict[str, Any]) -> None:
    found = list(figures(content))
    assert len(found) > 500
    _read_back(demo.database, found)


def test_the_letter_ends_with_its_method(demo: Demo) -> None:
    """How to cite it stands under the method, not alone on a page of its own."""
    *_, last = paper.pages(demo.root / "reports" / "courant" / "lettre.pdf")
    assert "Méthode et lecture" in last and "Citer cette édition" in last


def test_the_letter_prints_each_line_of_the_newsletters_table(content: dict[str, Any], letter_text: str) -> None:
    """Label, sentence, what the panel says otherwise, notes, precision, evolution, organismes, reference, base: in that order, on one line."""
    lines = [line for theme in content["themes"] for line in (*theme["notes"], *theme["taux"], *theme["faits"])]
    assert len(lines) == 52
    for line in lines:
        assert paper.squeezed(_line(line)) in letter_text, line["libelle"]


def _cell(cell: Figure | None) -> str:
    return "" if cell is None else cell.get("t") or cell["x"] + cell.get("n", "")


def _line(line: dict[str, Any]) -> str:
    def verdict(found: dict[str, Any] | None) -> str:
        return "" if found is None else found["signe"] + found["mot"] + found.get("n", "")

    precision = _cell(line["precision"]) if line["precision"] else "–".join(_cell(c) for c in line["bornes"] or [])
    parts = [line["libelle"], line["phrase"], line["panel"], *map(_cell, line["notes"]), precision]
    parts += [_cell(line["evolution"]), verdict(line["verdict"]) + line["evolution_selon_bareme"]]
    parts.append(" · ".join(map(_cell, line["organismes"])) if line["organismes"] else "–")
    if line["precision"] or not line["bornes"]:
        reference = (
            _cell(line["reference"]) + _cell(line["ecart"]) + verdict(line["verdict_reference"]) + line["selon_bareme"]
        )
        parts.append(reference or "–")
    return "".join([*parts, _cell(line["base"])])


def test_the_letter_says_who_is_in_it_and_who_is_not(demo: Demo, letter_text: str) -> None:
    rows = demo.query(
        "select c.nom, c.statut, c.motif from observatoire.obs_couverture as c where vague = '2022' and statut <> 'non_concerne'"
    )
    assert len(rows) == 19
    for row in rows.iter_rows(named=True):
        assert paper.squeezed(row["nom"].replace("'", "’")) in letter_text
        if row["statut"] in ("attendu", "rejete"):
            assert paper.squeezed(row["motif"].replace("'", "’")) in letter_text
    [(edition,)] = demo.query("select edition from observatoire.meta_edition").rows()
    assert paper.squeezed(f"édition {edition}") in letter_text


def test_what_is_printed_is_named_at_the_end_of_the_run(demo: Demo) -> None:
    assert "lettre.pdf" in demo.first.stdout and "livrets" in demo.first.stdout


def _members(demo: Demo) -> list[str]:
    return sorted(path.name for path in (demo.root / "published" / "livrets" / "courant").iterdir() if path.is_dir())


def test_there_is_a_leaflet_for_each_organisme_of_the_wave(demo: Demo, leaflets: Path) -> None:
    wave = demo.query(
        "select organisme_code from observatoire.obs_couverture where vague = '2022' and statut in ('inclus', 'reserve')"
    )
    assert _members(demo) == sorted(wave["organisme_code"]) and len(wave) == 18
    for code in _members(demo):
        folder = leaflets / code
        assert {p.name for p in folder.iterdir()} == {"index.html", "livret.pdf", "livret.xlsx", f"{code}.duckdb"}
        assert (folder / f"{code}.duckdb").samefile(demo.root / "published" / "organismes" / f"{code}.duckdb")


def test_no_leaflet_stands_below_the_regional_report(demo: Demo) -> None:
    assert not [p for p in (demo.root / "reports").rglob("*") if "livret" in p.name]


class Crawled(HTMLParser):
    """A leaflet's figures and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.figures: list[dict[str, str]] = []
        self.text, self._style = "", False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = tag == "style"
        given = {name: value or "" for name, value in attrs}
        assert given.get("src", "data:").startswith("data:"), given
        # a link that a reader may follow fetches nothing by itself
        assert tag == "a" or not given.get("href", "").startswith(("http", "//")), given
        if "data-mesure" in given:
            self.figures.append(given)

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.text += data


def test_a_leaflet_tells_of_one_organisme_only(demo: Demo, leaflets: Path) -> None:
    rows = demo.query("select organisme_code, nom from observatoire.dim_organisme")
    names: dict[str, set[str]] = {}
    for code, name in rows.iter_rows():
        names.setdefault(code, set()).add(name.removesuffix(" (fictif)"))
    assert len(names) > 18
    for code in _members(demo):
        page = (leaflets / code / "index.html").read_text(encoding="utf-8")
        text = Crawled(page).text + page + paper.everything(leaflets / code / "livret.pdf")
        text = text.replace("’", "'")
        assert _named(demo, code) in text
        others = "|".join(map(re.escape, sorted(names.keys() - {code})))
        assert re.findall(rf"(?<![\w-])(?:{others})(?![\w-])", text) == [], code
        for name in set().union(*(names[other] for other in names.keys() - {code})) - names[code]:
            assert name not in text, (code, name)


def _named(demo: Demo, code: str) -> str:
    [(name,)] = demo.query(
        f"select nom from observatoire.obs_couverture where vague = '2022' and organisme_code = '{code}'"
    ).rows()
    return str(name)


def test_every_figure_of_the_leaflets_is_in_the_organismes_own_file(demo: Demo, leaflets: Path) -> None:
    for code in _members(demo):
        own, content = _own(demo, code), _leaflet(demo.root, code)
        _read_back(own, list(figures(content)))
        crawled = Crawled((leaflets / code / "index.html").read_text(encoding="utf-8"))
        known = {(f["table"], f["cle"], f["mesure"], f["valeur"]) for f in figures(content) if "t" in f}
        printed_there = {(g["data-table"], g["data-key"], g["data-mesure"], g["data-valeur"]) for g in crawled.figures}
        assert len(printed_there) > 200 and printed_there <= known, code


def test_the_leaflets_pdf_prints_the_figures_of_its_page(demo: Demo, leaflets: Path) -> None:
    for code in ("RENONCULE", _members(demo)[0]):
        content = _leaflet(demo.root, code)
        text = paper.squeezed("\n".join(paper.pages(leaflets / code / "livret.pdf")))
        for theme in content["themes"]:
            for line in (*theme["notes"], *theme["taux"], *theme["faits"]):
                start = "".join([line["libelle"], *map(_cell, line["notes"])])
                assert paper.squeezed(start) in text, line["libelle"]
                for cell in (line["region"], line["ecart"], *(line["quartiles"] or [])):
                    assert cell is None or paper.squeezed(_cell(cell)) in text
        for failing in content["qualite"]["lignes"]:
            assert paper.squeezed(failing["libelle"] + failing["gravite"]) in text and failing["remede"]


def test_a_figure_on_few_answers_is_masked_with_its_reason_on_page_and_pdf(leaflets: Path) -> None:
    page = (leaflets / "RENONCULE" / "index.html").read_text(encoding="utf-8")
    pdf = paper.everything(leaflets / "RENONCULE" / "livret.pdf")
    for text in (page, pdf):
        assert "masqué" in text and "moins de 30 réponses exprimées" in text
        assert "moins de 200 entretiens complets" in text


def test_quartiles_only_where_they_are_published(demo: Demo) -> None:
    shown = masked = 0
    for code in _members(demo):
        own, content = _own(demo, code), _leaflet(demo.root, code)
        with Edition(own) as edition:
            published = {
                (r["question_code"], r["mesure"])
                for r in edition.rows("fct_quartile", vague="2022", groupe_type="region", perimetre=code)
                if r["statut"] == "V"
            }
        for theme in content["themes"]:
            for line in (*theme["notes"], *theme["taux"], *theme["faits"]):
                shown += line["quartiles"] is not None
                masked += line["quartiles"] is None
        lines = [x for t in content["themes"] for x in (*t["notes"], *t["taux"], *t["faits"]) if x["quartiles"]]
        assert len(lines) <= len(published)
    assert shown > 500 and masked > 0


@pytest.mark.parametrize("name", ["lettre", "livret"])
def test_pdf_is_tagged_whole_and_within_its_pages(demo: Demo, reports: Path, leaflets: Path, name: str) -> None:
    files = (
        [reports / "lettre.pdf"]
        if name == "lettre"
        else [leaflets / c / "livret.pdf" for c in ("RENONCULE", _members(demo)[0])]
    )
    for file in files:
        assert all(paper.fonts(file).values())
        for page, width, height, found in paper.words(file):
            assert paper.collisions(found) == [], (file, page)
            assert all(w.left > 0 and w.right < width and w.bottom > 0 and w.top < height for w in found if w.text) or (
                page == 1
            ), (file, page)


def test_the_letter_leaves_no_page_half_empty(reports: Path) -> None:
    pages = list(paper.words(reports / "lettre.pdf"))
    assert len(pages) <= 12
    foot = 60
    for page, _, height, found in pages:
        assert min(word.bottom for word in found if word.text and word.bottom > foot) < 0.4 * height or page == len(
            pages
        ), page


def test_a_lost_pdf_is_printed_again() -> None:
    root = published()
    editions = Editions(root / "published")
    name = str(editions.current())
    assert printed.is_whole(editions, name, root / "reports")
    lost = root / "published" / "livrets" / name / "O1" / "livret.pdf"
    index = lost.parents[1] / "livrets.json"
    kept, listed = lost.read_bytes(), index.read_bytes()
    lost.unlink()
    (root / "reports" / name / "lettre.pdf").unlink()
    assert not printed.is_whole(editions, name, root / "reports")
    again = observatoire(root, "run")
    assert again.returncode == 0, again.stderr
    assert printed.is_whole(editions, name, root / "reports")
    assert lost.read_bytes() == kept, "the same edition prints the same bytes"
    assert index.read_bytes() == listed
