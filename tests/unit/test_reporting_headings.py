"""Headings name what stands below them: a programme of one wave has no changes, one without a reference none beside its figures."""

from __future__ import annotations

import html
import re
from pathlib import Path

import duckdb
import pytest

from orchestration.programme.config import PROGRAMME, ProgrammeConfig
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.leaflet.page import build_page
from orchestration.reporting.letter.content import letter
from orchestration.reporting.letter.press import moment, press
from orchestration.reporting.site import build_report
from orchestration.words import Words
from tests.support import paper
from tests.unit import reporting_fixture as fixture
from tests.unit import reporting_rows as rows
from tests.unit.test_leaflet import own_file

TITLES = {
    (True, True): "titre_notes",
    (True, False): "titre_notes_evolution",
    (False, True): "titre_notes_reference",
    (False, False): "titre_notes_seules",
}
LEGENDS = ("verdicts_legende", "verdicts_legende_reference")


def _programme(language: str, *, referenced: bool) -> ProgrammeConfig:
    report = {**fixture.CONFIG["rapport"], "reference_imprimee": "REF" if referenced else ""}
    return PROGRAMME.validate_python({**fixture.CONFIG, "langue": language, "rapport": report})


def _edition(folder: Path, *, compared: bool) -> Path:
    """The miniature edition, or its last wave alone, where no question has anything to be compared with."""
    tables = rows.tables()
    if compared:
        return fixture.published(folder / "o.duckdb")
    last = {name: [row for row in found if row.get("vague", "2022") == "2022"] for name, found in tables.items()}
    last["fct_evolution"] = []
    last["obs_indicateur"] = [
        row | {"evolution": None, "verdict": None, "note_precedente": None, "vague_precedente": None}
        if "vague_precedente" in row
        else row | {"evolution": None, "verdict": None}
        for row in last["obs_indicateur"]
    ]
    return fixture.published(folder / "o.duckdb", **last)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(("compared", "referenced"), TITLES)
def test_headings_name_the_columns_that_there_are(
    compared: bool, referenced: bool, language: str, tmp_path: Path
) -> None:
    database, programme = _edition(tmp_path, compared=compared), _programme(language, referenced=referenced)
    written = build_report(database, programme, tmp_path / "page").page.read_text(encoding="utf-8")
    page = html.unescape(re.sub(r"<[^>]+>", "", written))
    said = {name: _plain(text) for name, text in Words.in_language(language).said.items()}
    ends = {key: said[name].split("}", 1)[1] for key, name in TITLES.items()}
    scored = [theme for theme in letter(database, programme)["themes"] if theme["notes"]]
    assert scored
    for theme in scored:
        assert _plain(theme["titre_notes"]).endswith(ends[compared, referenced])
        assert _plain(theme["libelle"]) + ends[compared, referenced] in _plain(page)
        # up, stable and down are counted of questions that may have changed
        assert bool(theme["bilan"]) == compared
    assert [name for name in LEGENDS if said[name] in _plain(page)] == [
        name for name, there in zip(LEGENDS, (compared, referenced), strict=True) if there
    ]
    # what a first wave offers is the beginning of what the others do
    assert said["lectures_secondes_aide"].startswith(said["lectures_secondes_aide_une_vague"])
    assert (said["lectures_secondes_aide"] in _plain(page)) == compared
    assert said["lectures_secondes_aide_une_vague"] in _plain(page)


def _plain(text: str) -> str:
    """A text with one kind of blank and apostrophe, whatever typography made of them."""
    return " ".join(text.replace("’", "'").replace(" :", ":").replace("\u202f:", ":").replace("\u00a0:", ":").split())


@pytest.mark.parametrize("compared", [True, False], ids=["several waves", "one wave"])
def test_a_leaflet_tells_of_changes_where_there_may_be_some(compared: bool, tmp_path: Path) -> None:
    """Its lists of rises and falls, and the column of changes, on the page as on paper."""
    database = own_file(tmp_path)
    if not compared:
        with duckdb.connect(str(database)) as connection:
            connection.execute("delete from observatoire.dim_vague where vague <> '2022'")
            connection.execute("delete from observatoire.fct_evolution")
    content = leaflet(database, "UN", _programme("fr", referenced=False))
    page = build_page(content, tmp_path / "index.html").read_text(encoding="utf-8")
    printed = "\n".join(paper.pages(press("livret", content, tmp_path / "livret.pdf", moment(content)).path))
    change = content["mots"]["evolution"]
    for text in (_plain(re.sub(r"<[^>]+>", " ", html.unescape(page))), _plain(printed)):
        assert _plain(content["titres"]["forces"]) in text
        assert (_plain(content["titres"]["hausses"]) in text, change in text) == (compared, compared)


def test_a_programme_without_a_territory_has_no_mark_for_it(tmp_path: Path) -> None:
    programme = _programme("fr", referenced=False).model_copy(update={"region": None})
    text = build_report(_edition(tmp_path, compared=False), programme, tmp_path / "page").page.read_text(
        encoding="utf-8"
    )
    [above] = re.findall(r'<p class="surtitre">([^<]*)</p>', text)[:1]
    assert above.strip() and not above.strip().startswith("·")
