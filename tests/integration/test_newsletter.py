"""docs/lettre.md: every place that it names exists in the edition of the demonstration."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.support.demo import REPOSITORY, Demo
from tests.support.paper import codes, everything, squeezed

LINES = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (REPOSITORY / "docs/lettre.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| élément"))
]
NOWHERE = "—"


class _Anchors(HTMLParser):
    """Every anchor of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {f"#{value}" for name, value in attrs if name == "id"}


def _named(column: int, pattern: str) -> set[str]:
    """What a column names; each cell names something, or is a dash."""
    found = set()
    for line in LINES:
        names = re.findall(pattern, line[column])
        assert names or line[column] == NOWHERE, line
        found |= {*names}
    return found


def test_the_table_has_a_line_per_element_and_is_honest() -> None:
    assert len(LINES) > 15 and {len(line) for line in LINES} == {6}
    for line in LINES:
        assert line[5] or NOWHERE not in line[1:4] or line[0] == "sommaire", f"{line[0]}: what is missing is not said"


def test_every_anchor_of_the_page_exists(demo: Demo) -> None:
    page = (demo.root / "reports/courant/index.html").read_text(encoding="utf-8")
    named = _named(1, r"`(#[\w-]+)`")
    assert len(named) > 10 and named - _Anchors(page).found == set()


@pytest.mark.parametrize(
    ("column", "folder", "name"), [(2, "reports/courant", "lettre.pdf"), (3, "published/livrets/courant", "livret.pdf")]
)
def test_every_title_is_printed(demo: Demo, column: int, folder: str, name: str) -> None:
    printed = [everything(path) for path in sorted((demo.root / folder).rglob(name))]
    text = squeezed("\n".join(printed)).casefold()
    named = _named(column, r"« (.+?) »")
    missing = {title for title in named if squeezed(title.replace("'", "’")).casefold() not in text}
    assert len(named) > 8 and missing == set()


def test_every_table_is_published(demo: Demo) -> None:
    there = set(demo.query("select table_name from duckdb_tables() where schema_name = 'observatoire'")["table_name"])
    named = _named(4, r"`(\w+)`")
    assert len(named) > 8 and named - there == set()


def test_whoever_reads_on_paper_reaches_what_a_story_leads_to(demo: Demo) -> None:
    """The codes are read from the printed pages as a telephone reads them."""
    led = {
        address
        for path in (demo.root / "editorial").glob("*/*.md")
        for address in re.findall(r"^lien: (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert led and set(codes(demo.root / "reports/courant/lettre.pdf")) == led
    page = (demo.root / "reports/courant/index.html").read_text(encoding="utf-8")
    assert all(f'<a href="{address}"' in page for address in led)
    printed = {path.parent: codes(path) for path in (demo.root / "published/livrets/courant").rglob("livret.pdf")}
    assert {code for found in printed.values() for code in found} == led
    for folder, found in printed.items():
        [own] = folder.glob("*.html")
        written = own.read_text(encoding="utf-8")
        assert [address for address in led if f'<a href="{address}"' in written] == found, folder
