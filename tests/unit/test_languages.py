"""A language is one file: with a third one, page, letter and leaflet hold no word of another.

The third language is the English file with a mark around each text. What is printed outside of marks must come from the
data; a letter that does not was written in code or in a template.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from orchestration import words
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.leaflet.page import build_page
from orchestration.reporting.letter.content import letter
from orchestration.reporting.letter.press import moment, press
from orchestration.reporting.site import build_report
from orchestration.words import catalogue
from tests.support import paper
from tests.unit import reporting_fixture as fixture
from tests.unit.test_leaflet import own_file

THIRD = "mi"
OPEN, CLOSE = "‹", "›"
# a text that a drawing cuts ends with an ellipsis
MARKED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*(?:{CLOSE}|…)")
# names of things that no language translates: file formats, and the numbers of months in a date
UNTRANSLATED = {"PDF", "XLSX", "DuckDB", "November", "October", "December"}
SAYING = ("title", "aria-label", "data-label", "alt", "content", "data-une", "data-plusieurs", "data-aucune")


def marked(texts: Any, section: str = "") -> Any:
    """A catalogue with a mark around every text; a pattern that recognises data stays as it is."""
    if isinstance(texts, dict):
        return {name: marked(value, section or str(name)) for name, value in texts.items()}
    if isinstance(texts, list) and section == "motifs" and all(isinstance(part, str) for part in texts):
        return [texts[0], marked(texts[1])]
    if isinstance(texts, list):
        return [marked(value, section) for value in texts]
    return f"{OPEN}{texts}{CLOSE}" if isinstance(texts, str) else texts


@pytest.fixture(scope="module", autouse=True)
def third(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The shipped catalogues, and beside them one file more."""
    folder = tmp_path_factory.mktemp("words")
    for language in words.languages():
        (folder / f"{language}.yaml").write_bytes(words.path_of(language).read_bytes())
    texts = marked(dict(catalogue("en")))
    texts["locale"] = catalogue("en")["locale"]
    texts["nombres"] = {**texts["nombres"], "decimale": ".", "milliers": ",", "premier_du_mois": ""}
    (folder / f"{THIRD}.yaml").write_text(yaml.safe_dump(texts, allow_unicode=True), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "FOLDER", folder)
        yield
    catalogue.cache_clear()


PROGRAMME = fixture.PROGRAMME.model_copy(update={"langue": THIRD})


def strange(printed: str, database: Path, spaced: bool = True) -> set[str]:
    """The words of a printed text that neither the catalogue nor the data hold."""
    printed, written = printed.replace("'", "’"), words_of_data(database)
    if not spaced:
        printed, written = paper.squeezed(printed), [paper.squeezed(text) for text in written]
    for text in sorted({text for text in written if re.search(r"[^\W\d_]{2}", text)}, key=len, reverse=True):
        # a kicker is printed in capitals
        printed = re.sub(re.escape(text), " ", printed, flags=re.IGNORECASE)
    while MARKED.search(printed):
        printed = MARKED.sub(" ", printed)
    # on paper, two letters may be those of two notes under a table
    return set(re.findall(r"[^\W\d_]{2,}" if spaced else r"[^\W\d_]{3,}", printed)) - UNTRANSLATED


def words_of_data(database: Path) -> list[str]:
    """Every text of a file and of the programme, as it is printed."""
    found = {text for _, text in _texts(fixture.CONFIG)}
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{database}' as edition (read_only)")
        for table, column in _columns(connection):
            rows = connection.execute(f'select distinct "{column}" from edition.observatoire."{table}"').fetchall()
            found |= {str(text) for (text,) in rows if text is not None}
    return [re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text).replace("'", "’") for text in found]


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The texts of a content, with the name each stands under."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, name)
    elif isinstance(value, str):
        yield name, value


def seen(page: str) -> str:
    """What a reader of a page sees or hears: its text, and the attributes that are said."""
    body = re.sub(r"<(style|script)\b.*?</\1>|<!doctype[^>]*>|<meta[^>]*http-equiv[^>]*>", " ", page, flags=re.S)
    body = re.sub(r'<meta name="(?:viewport|color-scheme|robots)"[^>]*>', " ", body)
    said = " ".join(re.findall(rf'\b(?:{"|".join(SAYING)})="([^"]*)"', body))
    return html.unescape(re.sub(r"<[^>]*>", " ", body) + " " + said)


def tame(database: Path) -> Path:
    """The miniature edition with a short name where it has a label that is cut, or set from right to left."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{database}' as edition")
        for table, column in _columns(connection):
            connection.execute(
                f'update edition.observatoire."{table}" set "{column}" = \'Libellé court\''
                f' where length("{column}") > 70 or contains("{column}", \'script\') or contains("{column}", chr(8238))'
            )
    return database


def _columns(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute(
        "select table_name, column_name from duckdb_columns() where database_name = 'edition' and data_type = 'VARCHAR'"
    ).fetchall()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tame(fixture.published(tmp_path_factory.mktemp("edition") / "observatoire.duckdb"))


def test_the_page_is_wholly_in_the_language(database: Path, tmp_path: Path) -> None:
    printed = build_report(database, PROGRAMME, tmp_path).page
    for page, texts in ((printed, 300), (printed.with_name("qualite.html"), 90)):
        said = page.read_text(encoding="utf-8")
        assert said.count(OPEN) > texts and f'lang="{THIRD}"' in said
        assert strange(seen(said), database) == set()


def test_the_explorer_is_wholly_in_the_language(database: Path, tmp_path: Path) -> None:
    page = build_report(database, PROGRAMME, tmp_path).page.with_name("explorateur.html").read_text(encoding="utf-8")
    [body] = re.findall(r'<script type="application/json" id="index">(.*?)</script>', page)
    index = json.loads(body)
    named = [one["nom"] for one in (*index["axes"], *index["perimetres"])] + [
        one["titre"] for one in index["perimetres"]
    ]
    said = [seen(page), *index["mots"].values(), *named, index["demonstration"]]
    for file in (tmp_path / "explorateur").iterdir():
        held = json.loads(file.read_text(encoding="utf-8").removeprefix("explorateur(").removesuffix(");\n"))
        said += [one["nom"] for one in held["mesures"]] + [
            text for _, _, *texts in held["mots"] for text in texts[:1] + texts[2:]
        ]
    assert " ".join(said).count(OPEN) > 60
    assert strange("\n".join(said), database) - {"CSV", "SVG", "PNG"} == set()


def test_the_letter_is_wholly_in_the_language(database: Path, tmp_path: Path) -> None:
    content = letter(database, PROGRAMME)
    found = press("lettre", content, tmp_path / "lettre.pdf", moment(content))
    text = "\n".join(paper.pages(found.path))
    assert text.count(OPEN) > 100
    assert strange(text, database, spaced=False) == set()
    alternatives = json.dumps([theme["dessin"]["alternative"] for theme in content["themes"]], ensure_ascii=False)
    assert strange(alternatives, database) == set()


def test_a_leaflet_is_wholly_in_the_language(tmp_path: Path) -> None:
    file = tame(own_file(tmp_path))
    content = leaflet(file, "UN", PROGRAMME)
    page = build_page(content, tmp_path / "index.html").read_text(encoding="utf-8")
    assert strange(seen(page), file) == set()
    found = press("livret", content, tmp_path / "livret.pdf", moment(content))
    text = "\n".join(paper.pages(found.path))
    assert text.count(OPEN) > 50
    assert strange(text, file, spaced=False) == set()
