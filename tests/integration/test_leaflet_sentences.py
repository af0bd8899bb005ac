"""What a leaflet says of a theme, and of the organismes that its own comes from, held to the organisme's own file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from python_calamine import CalamineWorkbook

from tests.support import themes
from tests.support.demo import Demo
from tests.support.grammars import ARROWS, plain
from tests.support.leaflets import places
from tests.support.sentences import Reader
from tests.support.three_programmes import name_of_programme, reader_of_programme  # noqa: F401 - fixtures

# beside the others: of how many opinions of a theme, and how many are above and below
BESIDE = {
    "fr": r"Face aux autres \w+, sur (\d+) indicateurs de satisfaction\s: (\d+) au-dessus, (\d+) en dessous\.",
    "en": r"Beside the other \w+, of (\d+) satisfaction questions: (\d+) above, (\d+) below\.",
}
NOT_COMPARED = (None, "nouveau", "non comparable")


def _printed(root: Path) -> Iterator[tuple[str, Reader, str]]:
    """Each organisme that has a leaflet: its code, the reader of its own file, its page."""
    for page in sorted((root / "published" / "livrets" / "courant").glob("*/index.html")):
        code = page.parent.name
        own = Reader(root, root / "published" / "organismes" / f"{code}.duckdb")
        yield code, own, page.read_text(encoding="utf-8")


def _themes(html: str) -> dict[str, str]:
    """What is said under the heading of each theme, by its anchor; empty where nothing is."""
    found = re.findall(r'(?s)<h3 id="theme-([^"]*)">.*?</h3>\s*(?:<p>(.*?)</p>)?', html)
    return {code: plain(unescape(said)) for code, said in found}


def test_a_theme_is_said_to_do_what_the_organismes_own_questions_do(name: str, reader: Reader) -> None:
    """Since the wave before, and beside the others: each number is counted again from what the file proves."""
    told: Counter[str] = Counter()
    for code, own, html in _printed(reader.root):
        wave = own.programme["vague_courante"]
        opinions = {
            row["question_code"]: row["theme_code"].lower()
            for row in own.query("select * from observatoire.dim_question where nature = 'satisfaction'")
        }
        [before] = {
            row["vague_precedente"]
            for row in own.query(f"select vague_precedente from observatoire.dim_vague where vague = '{wave}'")
        }
        since: dict[str, list[str]] = {}
        for row in own.changes("organisme", code):
            compared = (row["vague"], row["vague_precedente"]) == (wave, before) and row["verdict"] not in NOT_COMPARED
            if compared and row["question_code"] in opinions:
                verdict = own.ladder(row) or row["verdict"]
                since.setdefault(opinions[row["question_code"]], []).append(verdict)
        beside: dict[str, list[str]] = {}
        for row in places(own, code):
            if row["nature"] == "satisfaction":
                beside.setdefault(opinions[row["question_code"]], []).append(row["said"] or row["verdict"])
        for theme, said in _themes(html).items():
            proven = themes.sentence(own, since.get(theme, []), before) if before else ""
            assert said.startswith(proven), (code, theme, said, proven)
            rest = said.removeprefix(proven).strip()
            found = beside.get(theme, [])
            counts = [len(found), sum("au-dessus" in v for v in found), sum("en dessous" in v for v in found)]
            read = re.fullmatch(BESIDE[own.programme["langue"]], rest)
            assert [*map(int, read.groups())] == counts if read else rest == "" and len(found) < 2, (code, theme, said)
            told.update({"since": bool(proven), "beside": bool(read)})
    assert (told == Counter()) if name == "tsm" else told["beside"] > 0
    assert told["since"] > 50 or name != "demo"


def _one(text: str) -> str:
    """A text whose blanks are all alike."""
    return re.sub(r"\s+", " ", text.replace("’", "'")).strip()


def test_an_organisme_reads_the_waves_of_its_predecessors(demo: Demo) -> None:
    """Only those waves that it knows by them alone; each line is the pro forma row of its own file, on page and in workbook."""
    seen = 0
    for code, own, html in _printed(demo.root):
        wave = own.programme["vague_courante"]
        here = f"perimetre_type = 'organisme' and perimetre = '{code}' and axe = 'ensemble'"
        rows = own.query(
            f"""
            select e.*, q.libelle, coalesce(e.note_precedente, e.taux_precedent) as avant,
                case when e.note_moyenne is not null then e.ecart_note else e.ecart_taux end as ecart
            from observatoire.fct_evolution as e
            inner join observatoire.dim_question as q using (question_code)
            where {here} and vague = '{wave}' and methode = 'pro_forma' and vague_precedente not in (
                select vague from observatoire.fct_satisfaction where {here}
            ) and coalesce(e.note_precedente, e.taux_precedent) is not null
            """
        )
        section = html.partition('<section aria-labelledby="predecesseurs">')[2].partition("</section>")[0]
        book = CalamineWorkbook.from_path(demo.root / "published/livrets/courant" / code / "livret.xlsx")
        assert bool(section) == ("Vos prédécesseurs" in book.sheet_names) == bool(rows), code
        if not rows:
            continue
        lines = re.findall(r"(?s)<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", section)
        printed = {_one(unescape(label)): re.findall(r'data-valeur="([^"]*)"', cells) for label, cells in lines}
        judged = {_one(unescape(label)): _one(unescape(re.sub(r"<[^>]*>", "", cells))) for label, cells in lines}
        sheet = {_one(str(row[1])): row for row in book.get_sheet_by_name("Vos prédécesseurs").to_python()[1:]}
        assert printed.keys() == sheet.keys() == {_one(row["libelle"]) for row in rows}
        for row in rows:
            label, now = _one(row["libelle"]), row["note_moyenne"]
            before, current, change, base = (float(value) for value in printed[label])
            assert (before, base) == (row["avant"], row["base_brute_precedente"]), (code, row)
            assert change == row["ecart"] and (now is None or current == now), (code, row)
            assert (
                row["verdict"] is None
                or f"{ARROWS[row['verdict']]} {own.grammar.words[row['verdict']]}" in judged[label]
            )
            assert sheet[label][3:6] == [before, current, change] and sheet[label][-1] == base
            seen += 1
    assert seen > 20
