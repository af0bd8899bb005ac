"""No word is broken in the middle: neither on a phone nor on a desk, neither in the letter nor in a leaflet."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from tests.browser.conftest import Open
from tests.support import paper
from tests.support.sentences import Reader
from tests.support.three_programmes import name_of_programme, reader_of_programme  # noqa: F401 - fixtures

# every word that is to be seen and stands on more than one line: the word, and the text that it is part of
BROKEN = r"""() => {
  const seen = new Map();
  const toBeSeen = e => {
    for (; e; e = e.parentElement) {
      const box = e.getBoundingClientRect();
      if (box.width <= 2 && box.height <= 2) return false;
    }
    return true;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const broken = [];
  let words = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const box = node.parentElement;
    if (['SCRIPT', 'STYLE', 'TEMPLATE', 'OPTION'].includes(box.tagName) || !box.checkVisibility()) continue;
    if (!seen.has(box)) seen.set(box, toBeSeen(box));
    if (!seen.get(box)) continue;
    for (const word of node.data.matchAll(/[\p{L}\p{N}]+/gu)) {
      words += 1;
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const parts = [...range.getClientRects()].filter(part => part.width > 0);
      if (parts.some(part => Math.abs(part.top - parts[0].top) > part.height / 2)) broken.push(`${word[0]}: ${node.data.trim().slice(0, 80)}`);
    }
  }
  return [words, broken];
}"""
# titles of tables that go on beyond the window, where a wide table is moved sideways
OUT_OF_SIGHT = """() => [...document.querySelectorAll("caption")].filter(
  title => title.getBoundingClientRect().width > 2 && title.getBoundingClientRect().right > innerWidth + 1
).map(title => title.textContent.trim().slice(0, 80))"""
LABELS = ("dim_question", "dim_modalite", "dim_theme", "dim_segment")
LEAST = 4


def _leaflets(root: Path) -> list[Path]:
    """The folders of the first leaflets; none where figures are public."""
    return sorted(path.parent for path in (root / "published" / "livrets" / "courant").glob("*/livret.pdf"))[:3]


@pytest.mark.parametrize("width", [360, 1280])
def test_no_word_of_a_page_is_broken_and_no_title_out_of_sight(reader: Reader, visit: Open, width: int) -> None:
    report = reader.root / "reports" / "courant"
    pages = [report / "index.html", report / "qualite.html"]
    pages += [folder / "index.html" for folder in _leaflets(reader.root)]
    for path in pages:
        page = visit(path, width=width).page
        page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true })")
        words, broken = page.evaluate(BROKEN)
        assert words > 200, path
        assert broken == [], path
        assert page.evaluate(OUT_OF_SIGHT) == [], path


def test_no_word_of_a_label_is_broken_on_paper(reader: Reader) -> None:
    """What is set full width, how to read a figure, is hyphenated, and names no question."""
    with duckdb.connect(str(reader.root / "published" / "observatoire.duckdb"), read_only=True) as connection:
        texts = [
            str(text)
            for table, column in (*((name, "libelle") for name in LABELS), ("dim_organisme", "nom"))
            for (text,) in connection.sql(f"select {column} from observatoire.{table}").fetchall()
        ]
    labels = {word for text in texts for word in re.findall(r"\w+", text) if len(word) >= LEAST}
    letter = paper.pages(reader.root / "reports" / "courant" / "lettre.pdf")
    leaflets = [page for folder in _leaflets(reader.root) for page in paper.pages(folder / "livret.pdf")]
    *printed, _ = letter
    text = "\n".join([*printed, *leaflets])
    assert len(labels & set(re.findall(r"\w+", text))) > LEAST
    cut = {start + end for start, end in re.findall(r"(\w+)[-\u00ad\u2010]\n(\w+)", text)}
    assert cut & labels == set()
