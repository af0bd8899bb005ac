"""A second dispositif beside the survey: it is consolidated as any wave, and changes nothing of what the survey prints."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from orchestration.programme import load_programme
from orchestration.reporting.between import listened
from orchestration.reporting.between_chart import line_drawing
from orchestration.reporting.cells import Edition
from orchestration.reporting.formats import Formats
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.leaflet.page import build_page
from orchestration.reporting.letter.content import letter
from orchestration.reporting.study import scope
from tests.support import small
from tests.support.between import (
    ORGANISMES,
    OWN_QUESTION,
    PERIODS,
    add_period,
    programme_with_calls,
    published_with_calls,
)
from tests.support.demo import observatoire
from tests.support.paper import everything, squeezed
from tests.support.small import small_programme

pytestmark = pytest.mark.slow
# what a mart says of a wave of the survey, by its columns; some tables tell of the edition as a whole
SURVEY = "vague in ('V1', 'V2')"
WITHOUT_WAVE = (
    "dim_modalite", "dim_motif", "dim_organisme", "dim_perimetre", "dim_segment", "dim_theme", "dim_verdict", "meta_edition",
)  # fmt: skip
OWN = OWN_QUESTION.split(",")[0]
# of an edition, when and from what it was made
MADE = {"publiee_le", "empreinte", "revision"}


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The small programme without its calls and with them, published on the same day; nobody changes them."""
    folder = tmp_path_factory.mktemp("dispositifs")
    before, after = small.published(folder / "sans"), published_with_calls().copy(folder / "avec").root
    while _day(before) != _day(after):
        # The two are kept from one run of the tests to the next, and a page tells the day of publication and the days
        # since the end of fieldwork: where midnight lies between the two, both are made again.
        folder = tmp_path_factory.mktemp("le-meme-jour")
        before, after = small_programme(folder / "sans"), programme_with_calls(folder / "avec")
        for root in (before, after):
            assert observatoire(root, "run").returncode == 0
    return before, after


def _day(root: Path) -> str:
    [(day,)] = _ask(
        root / "published/observatoire.duckdb", "select publiee_le::date::text from observatoire.meta_edition"
    )
    return str(day)


def _ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as edition:
        return edition.sql(sql).fetchall()


def _columns(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    sql = "select table_name, column_name from information_schema.columns where table_schema = 'observatoire' order by all"
    for table, column in _ask(path, sql):
        found.setdefault(table, []).append(column)
    return found


def _files(root: Path) -> list[Path]:
    published = root / "published"
    return [published / "observatoire.duckdb", *(published / "organismes" / f"{code}.duckdb" for code in ORGANISMES)]


def test_every_figure_of_the_survey_is_the_same_to_the_cell(roots: tuple[Path, Path]) -> None:
    looked_at = 0
    for before, after in zip(*map(_files, roots), strict=True):
        for table, columns in _columns(before).items():
            listed = ", ".join(f'"{column}"' for column in columns if column not in MADE | {"dispositif_code"})
            where = "true" if table in WITHOUT_WAVE else SURVEY if "vague" in columns else ""
            if table == "dim_question":
                where = "premiere_vague is not null"
            if table == "dim_modalite":
                where = f"question_code <> '{OWN}'"
            if not where:
                continue
            sql = f"select {listed} from observatoire.{table} where {where} order by all"
            assert _ask(after, sql) == _ask(before, sql), (before.name, table)
            looked_at += 1
    assert looked_at > 4 * 15


# the revision of the code: the two programmes are kept from one commit to the next, and may not be of the same one
REVISION = re.compile(r"\b[0-9a-f]{12}\b")
SECTION = re.compile(r'<section id="entre-vagues".*?</section>\s*', re.DOTALL)


def _page(path: Path) -> str:
    """A page without its part on the calls, the keys of its figures, which say their waves, its revision, the sizes of its files."""
    page = REVISION.sub("", SECTION.sub("", path.read_text(encoding="utf-8")))
    return re.sub(r'<li><a href="#entre-vagues">.*?</li>\s*| data-cell="[^"]*"|<small>[^<]*o</small>', "", page)


def test_the_page_tells_each_period_as_it_is_published(roots: tuple[Path, Path]) -> None:
    before, after = roots
    assert not SECTION.search((before / "reports/courant/index.html").read_text(encoding="utf-8"))
    section = SECTION.search((after / "reports/courant/index.html").read_text(encoding="utf-8"))
    assert section
    told = re.findall(r'<data value="([^"]+)" data-cell="([^"]+)"', section[0])
    tables = [cell.split("|")[0] for _, cell in told]
    # two questions, each period with its figure, interval and base; the survey's last wave beside one of them
    assert tables.count("fct_satisfaction") == (2 * len(PERIODS) + 1) * 4
    assert tables.count("fct_moyenne_mobile") == 2 * (len(PERIODS) - 3) * 3
    for value, cell in told:
        table, key, column = html.unescape(cell).split("|")
        where = " and ".join(f"{name} = '{of}'" for name, of in parse_qsl(key))
        [(found, status)] = _ask(
            after / "published/observatoire.duckdb", f"select {column}, statut from observatoire.{table} where {where}"
        )
        assert (float(found), status) == (float(value), "V"), cell


def test_a_period_that_is_masked_has_its_reason_and_no_figure(tmp_path: Path) -> None:
    """With a threshold above the base of the smallest period, that period is told without a figure, in words and drawing."""
    root = published_with_calls().copy(tmp_path / "masque").root
    path = root / "published/observatoire.duckdb"
    copied = tmp_path / "edition.duckdb"
    shutil.copyfile(path, copied)
    with duckdb.connect(str(copied)) as session:
        session.execute(
            "update observatoire.fct_satisfaction set note_moyenne = null, note_ic_bas = null, note_ic_haut = null,"
            " taux_satisfaits = null, base_brute = null, statut = 'S', motif_statut = 'moins de 30 réponses'"
            f" where vague = '{min(PERIODS)}'"
        )
    with Edition(copied) as edition:
        programme = load_programme(root)
        [calls] = listened(edition, scope(edition, programme.config))
        first = calls.lines[0].periods[0]
        assert not first.own.value.shown and first.own.value.motif == "moins de 30 réponses"
        drawn = line_drawing(Formats.of_programme(programme.config), calls.lines[0], "d")
    assert f"vague={min(PERIODS)}" not in html.unescape(drawn) and f"vague={max(PERIODS)}" in html.unescape(drawn)
    assert "masqué" in drawn


@pytest.mark.parametrize("name", ["index.html", "qualite.html", "explorateur.html"])
def test_the_printed_pages_are_the_same(roots: tuple[Path, Path], name: str) -> None:
    before, after = (_page(root / "reports/courant" / name) for root in roots)
    assert after == before


def _kept(content: dict[str, Any]) -> dict[str, Any]:
    """What a letter or a leaflet prints without its part on the calls, the keys of its figures, which say their waves, and how it is cited."""

    def plain(found: Any) -> Any:
        if isinstance(found, dict):
            return {name: plain(of) for name, of in found.items() if name not in ("cle", "citation")}
        return [plain(of) for of in found] if isinstance(found, list) else found

    kept: dict[str, Any] = plain({name: of for name, of in content.items() if name != "entre_vagues"})
    return kept


def _leaflet(root: Path, code: str) -> dict[str, Any]:
    return leaflet(root / f"published/organismes/{code}.duckdb", code, load_programme(root).config, root)


def test_letter_and_leaflets_say_the_same_beside_their_part_on_the_calls(roots: tuple[Path, Path]) -> None:
    before, after = (letter(root / "published/observatoire.duckdb", load_programme(root).config) for root in roots)
    assert before["entre_vagues"] is None and after["entre_vagues"] is not None
    assert _kept(after) == _kept(before)
    title = after["entre_vagues"]["titre"]
    assert [title in everything(root / "reports/courant/lettre.pdf") for root in roots] == [False, True]
    for code in ORGANISMES:
        before, after = (_leaflet(root, code) for root in roots)
        assert before["entre_vagues"] is None and after["entre_vagues"] is not None
        assert _kept(after) == _kept(before)


def test_a_leaflet_tells_its_organismes_periods_as_its_file_has_them(roots: tuple[Path, Path]) -> None:
    """Page and PDF tell each figure, interval and base of the organisme's own file, four periods together, the last wave."""
    root = roots[1]
    for code in ORGANISMES:
        folder = root / "published/livrets/courant" / code
        page = (folder / "index.html").read_text(encoding="utf-8")
        section = page[page.index('aria-labelledby="entre-vagues"') : page.index('aria-labelledby="qualite"')]
        told = re.findall(
            r'<data [^>]*data-table="([^"]+)" data-key="([^"]+)" data-mesure="([^"]+)" data-valeur="([^"]+)">([^<]+)',
            section,
        )
        tables = [table for table, *_ in told]
        assert tables.count("fct_satisfaction") == (2 * len(PERIODS) + 1) * 4
        assert tables.count("fct_moyenne_mobile") == 2 * (len(PERIODS) - 3) * 3
        text = squeezed(everything(folder / "livret.pdf"))
        for table, key, column, value, shown in told:
            wanted = dict(parse_qsl(html.unescape(key)))
            assert wanted["perimetre"] == code
            where = " and ".join(f"{name} = '{of}'" for name, of in wanted.items())
            sql = f"select {column}, statut from observatoire.{table} where {where}"
            [(found, status)] = _ask(folder / f"{code}.duckdb", sql)
            assert (float(found), status) == (float(value), "V"), (code, key)
            assert squeezed(shown) in text, (code, key)
        assert section.count('class="dessin dessin-large"') == 2
        book = CalamineWorkbook.from_path(folder / "livret.xlsx").get_sheet_by_name("Entre deux vagues").to_python()
        numbers = [cell for row in book[1:] for cell in row if isinstance(cell, float)]
        assert sorted(numbers) == pytest.approx(sorted(float(value) for _, _, _, value, _ in told), rel=1e-14)
        # a question that the survey asks has a row more, of its last wave
        assert len(book) == 1 + 2 * len(PERIODS) + 1 and book[0][2:4] == ["Période", "Valeur"]


def test_an_organisme_that_is_not_heard_between_two_waves_has_no_part_on_it(
    roots: tuple[Path, Path], tmp_path: Path
) -> None:
    root, copied = roots[1], tmp_path / "O3.duckdb"
    shutil.copyfile(root / "published/organismes/O3.duckdb", copied)
    with duckdb.connect(str(copied)) as session:
        for table in ("fct_satisfaction", "fct_moyenne_mobile"):
            session.execute(f"delete from observatoire.{table} where perimetre = 'O3' and not ({SURVEY})")
    content = leaflet(copied, "O3", load_programme(root).config, root)
    assert content["entre_vagues"] is None
    assert 'id="entre-vagues"' not in build_page(content, tmp_path / "index.html").read_text(encoding="utf-8")


def test_the_terminal_keeps_its_table_and_counts_the_other_dispositif_below() -> None:
    said = published_with_calls().said.stdout
    table = said[said.index("Vague  ") :]
    assert [line.split()[0] for line in table.splitlines()[1:3]] == ["V1", "V2"]
    assert "Appels de courtoisie ; vagues : 5 ; livraisons : 15 ; entretiens : 180 ; lignes rejetées : 0." in table


def test_periods_are_waves_of_their_dispositif(roots: tuple[Path, Path]) -> None:
    path = roots[1] / "published/observatoire.duckdb"
    told = "select dispositif_code, cadence, est_principal, evenement from observatoire.dim_dispositif order by ordre"
    assert _ask(path, told) == [
        ("ENQ", "triennale", True, None),
        ("APPELS", "trimestrielle", False, "Après un emménagement"),
    ]
    placed = "select vague, dispositif_code, vague_precedente, nb_entretiens from observatoire.dim_vague order by ordre, vague"
    periods = list(PERIODS)
    assert {row[0]: row[1:] for row in _ask(path, placed)} == {
        "V1": ("ENQ", None, 36),
        "V2": ("ENQ", "V1", 36),
        **{wave: ("APPELS", before, 36) for before, wave in zip([None, *periods], periods, strict=False)},
    }


def test_what_is_compared_stays_within_a_dispositif(roots: tuple[Path, Path]) -> None:
    path = roots[1] / "published/observatoire.duckdb"
    pairs = set(_ask(path, "select distinct vague, vague_precedente from observatoire.fct_evolution"))
    periods = list(PERIODS)
    within = {(after, before) for n, after in enumerate(periods) for before in periods[:n]}
    assert pairs == within | {("V2", "V1")}
    shared = _ask(
        path,
        "select distinct verdict is not null from observatoire.fct_evolution where question_code = 'G1' and axe = 'ensemble'"
        f" and vague = '{periods[1]}' and vague_precedente = '{periods[0]}' and perimetre_type = 'region'",
    )
    assert shared == [(True,)]


def test_a_question_that_a_dispositif_never_asks_has_no_cell_there(roots: tuple[Path, Path]) -> None:
    path = roots[1] / "published/observatoire.duckdb"
    asked = "select distinct question_code from observatoire.fct_satisfaction where {}"
    assert {code for (code,) in _ask(path, asked.format(SURVEY))} == {"G1", "C1", "D1", "D2", "M1"}
    assert {code for (code,) in _ask(path, asked.format(f"not ({SURVEY})"))} == {"G1", OWN}


def test_a_night_with_one_new_period_reads_that_period(tmp_path: Path) -> None:
    """Whatever was read before stays as it was read: the register gains the new period's deliveries, and loses none."""
    root = published_with_calls().copy(tmp_path / "nuit").root
    before = {path.name: path.read_bytes() for path in (root / "lake/registre").glob("*.json")}
    landed = add_period(root, "2022-T2", "2022-04-01", "2022-06-30")
    done = observatoire(root, "run")
    assert done.returncode == 0 and f"livraisons lues : {len(landed)}." in done.stdout, done.stdout + done.stderr
    after = {path.name: path.read_bytes() for path in (root / "lake/registre").glob("*.json")}
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + len(landed)
    edition = root / "published/observatoire.duckdb"
    served = (
        "select vague from observatoire.fct_moyenne_mobile where perimetre_type = 'region' group by all order by all"
    )
    assert _ask(edition, served) == [("2021-T4",), ("2022-T1",), ("2022-T2",)]
