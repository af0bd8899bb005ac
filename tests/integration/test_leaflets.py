"""Leaflets and priorities as they are printed, every organisme's, read by code that shares nothing with the writers."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

from python_calamine import CalamineWorkbook

from tests.support.demo import Demo
from tests.support.grammars import ARROWS
from tests.support.leaflets import LISTED, PLACES, READINGS, Leaflet, places, prove_priorities, whole
from tests.support.paper import everything, squeezed
from tests.support.sentences import Reader
from tests.support.three_programmes import name_of_programme, reader_of_programme  # noqa: F401 - fixtures


def _printed(root: Path) -> Iterator[tuple[str, Reader, Leaflet]]:
    """Each organisme that has a leaflet: its code, the reader of its own file, its page."""
    for page in sorted((root / "published" / "livrets" / "courant").glob("*/index.html")):
        code = page.parent.name
        yield code, Reader(root, root / "published" / "organismes" / f"{code}.duckdb"), Leaflet(page)


def test_leaflets_say_of_each_organisme_what_its_own_file_proves(name: str, reader: Reader) -> None:
    """The change of each question and the word for it, and which intervals are only indicative."""
    if name == "tsm":
        assert not [*_printed(reader.root)], "public figures need no leaflet"
        return
    proven, marked, wave = 0, 0, reader.programme["vague_courante"]
    for code, own, leaflet in _printed(reader.root):
        printed = own.query(f"select vague_precedente from observatoire.dim_vague where vague = '{wave}'")
        for row in own.changes("organisme", code):
            verdict = own.ladder(row)
            if verdict is None:
                continue
            assert row["verdict"] == verdict, (code, row)
            proven += 1
            line = leaflet.lines.get(row["question_code"])
            if line and row["vague"] == wave and row["vague_precedente"] == printed[0]["vague_precedente"]:
                assert line.verdicts[-5] == f"{ARROWS[verdict]} {own.grammar.words[verdict]}", (code, row)
        fragile = _fragile(own, code)
        assert {c for c, line in leaflet.lines.items() if line.indicative} == fragile & leaflet.lines.keys()
        marked += len(fragile)
    assert proven > 30 and marked > 0


def test_a_place_beside_the_others_is_the_one_that_its_difference_proves(demo: Demo) -> None:
    """The published verdict and the printed one."""
    told: Counter[str] = Counter()
    for code, own, leaflet in _printed(demo.root):
        for row in places(own, code):
            assert row["said"] in ("", row["verdict"]), (code, row)
            line = leaflet.lines[row["question_code"]]
            assert line.verdicts[-3] == PLACES[own.programme["langue"]][row["verdict"]], (code, row)
            told[row["said"]] += 1
    assert min(told["au-dessus"], told["en dessous"], told["non significatif"]) > 100
    assert told[""] < 20


def test_a_figure_that_reads_as_a_quartile_is_equal_to_it(name: str, reader: Reader) -> None:
    """As a reader compares them, by number: 44.0 % is 44 %. The place that is told beside them would else contradict both."""
    compared = 0
    for page in sorted((reader.root / "published" / "livrets" / "courant").glob("*/*.html")):
        rows = re.findall(r'(?s)<tr id="Q-([^"]*)">(.*?)</tr>', page.read_text(encoding="utf-8"))
        for code, row in rows:
            own, place = (
                [
                    (float(exact), _read(text))
                    for exact, text in re.findall(r'data-valeur="([^"]*)"[^>]*>([^<]*)</data>', cell)
                ]
                for cell in (
                    "".join(re.findall(r'(?s)<td class="n courante">(.*?)</td>', row)[:1]),
                    "".join(re.findall(r'(?s)<td class="place">(.*?)</td>', row)[:1]),
                )
            )
            for exact, printed in place if own else ():
                assert printed != own[0][1] or exact == own[0][0], (page.parent.name, code, own[0], exact)
                compared += 1
    assert (compared == 0) if name == "tsm" else compared > 100


def _read(printed: str) -> float:
    """A printed figure as a number, a share in percent."""
    return float(re.sub(r"[±\s\u00a0\u202f%]", "", printed).replace("\u2212", "-").replace(",", "."))


def test_lists_are_whole_or_say_of_how_many_they_show_the_first(demo: Demo) -> None:
    """The questions of satisfaction that have a note, by what is proven of each, the largest difference first."""
    cut = 0
    wave = Reader(demo.root).programme["vague_courante"]
    for code, own, leaflet in _printed(demo.root):
        beside = [(row, row["said"] or row["verdict"]) for row in places(own, code)]
        scored = {
            row["question_code"] for row, _ in beside if row["nature"] == "satisfaction" and row["mesure"] == "note"
        }
        before = own.query(f"select vague_precedente from observatoire.dim_vague where vague = '{wave}'")[0][
            "vague_precedente"
        ]
        since = [
            (row, own.ladder(row) or "")
            for row in own.changes("organisme", code)
            if (row["vague"], row["vague_precedente"]) == (wave, before)
        ]
        wanted = [(beside, "au-dessus"), (beside, "en dessous"), (since, "hausse"), (since, "baisse")]
        assert len(leaflet.lists) == len(wanted)
        for (title, entries), (rows, way) in zip(leaflet.lists, wanted, strict=True):
            found = {
                row["question_code"]: abs(row["ecart"])
                for row, said in rows
                if way in said and row["question_code"] in scored
            }
            assert whole(title, len(entries)) == len(found), (code, title)
            cut += len(found) > LISTED
            sizes = sorted(found.values(), reverse=True)[:LISTED]
            assert [found[entry.code] for entry in entries] == sizes, (code, title)
            assert [abs(size) for entry in entries for size in entry.differences] == sizes, (code, title)
    assert cut > 20


def test_ranks_and_readings_of_priorities_are_those_of_their_importances_and_notes(name: str, reader: Reader) -> None:
    """The region's, all waves, and as the page prints them; in the demonstration every organisme's and its leaflet too."""
    assert prove_priorities(reader, "perimetre_type = 'region'") > 0 or name != "demo"
    wave = reader.programme["vague_courante"]
    current = (
        "select * from observatoire.fct_priorite where niveau = 'question' and statut = 'V' and"
        f" vague = '{wave}' and perimetre = '{{}}' order by rang"
    )
    page = (reader.root / "reports" / "courant" / "index.html").read_text(encoding="utf-8")
    section = page.partition('<section id="priorites"')[2].partition("</section>")[0]
    lines = re.findall(r'(?s)<tr class="question" data-q="([^"]+)">(.*?)</tr>', section)
    told = [(code, re.findall(r'\|lecture"[^>]*data-valeur="([^"]+)"', text)) for code, text in lines]
    assert [(code, read) for code, read in told if read] == [
        (row["code"], [row["lecture"]]) for row in reader.query(current.format("region"))
    ]
    if name != "demo":
        return
    proven = 0
    for code, own, leaflet in _printed(reader.root):
        proven += prove_priorities(own, f"perimetre = '{code}'")
        expected = [(row["code"], READINGS[row["lecture"]]) for row in own.query(current.format(code))]
        assert [(line.code, line.verdicts[-1]) for line in leaflet.priorities] == expected[: len(leaflet.priorities)]
        assert len(leaflet.priorities) == min(12, len(expected))
    assert proven > 500


def _fragile(own: Reader, code: str) -> set[str]:
    """The questions of the current wave on too small a base for a verdict, or of lone interviews that weigh too much there."""
    told = own.query(
        f"""
        select s.question_code, least(s.base_brute, s.base_efficace, s.ddl) < {own.thresholds["base_fragile"]}
            or (s.strates_reunies and s.intervalle_indicatif) as fragile
        from observatoire.fct_satisfaction as s
        where s.perimetre_type = 'organisme' and s.perimetre = '{code}' and s.axe = 'ensemble' and s.statut = 'V'
            and s.vague = '{own.programme["vague_courante"]}'
        """
    )
    return {row["question_code"] for row in told if row["fragile"]}


# what stands in a workbook for a figure that is not published
WORDS = {"S": "masqué", "D": "masqué", "E": "exclu", "Z": "n. p."}


def _plain(text: str) -> str:
    return re.sub(r"\s", " ", text).replace("’", "'")


def test_a_workbook_holds_the_figures_of_the_organismes_own_file(demo: Demo) -> None:
    """Its first sheet is held to the page's order of waves, its second to every segment of the current wave."""
    masked = 0
    for code, own, leaflet in _printed(demo.root):
        book = CalamineWorkbook.from_path(demo.root / "published/livrets/courant" / code / "livret.xlsx")
        names = book.sheet_names
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in names}
        legend, lines, segments = (sheets[name] for name in names[:3])
        heard = own.query(
            "select count(distinct (question_code, vague)) as n from observatoire.fct_satisfaction"
            " inner join observatoire.dim_vague using (vague) where not est_principale and base_brute > 0"
            f" and perimetre = '{code}' and perimetre_type = 'organisme' and axe = 'ensemble'"
        )[0]["n"]
        others = [name for name in names if name != "Vos prédécesseurs"]
        assert others == ["Lisez-moi", "Indicateurs", "Par segment", *(["Entre deux vagues"] if heard else [])]
        # of each question the periods, and the survey's last wave where it asked it
        assert not heard or len(sheets["Entre deux vagues"]) - 1 >= heard, code
        assert "Données de démonstration" in str(legend)
        published = own.query(
            "select q.libelle, s.axe_libelle, s.libelle as segment_libelle, f.* from observatoire.fct_satisfaction as f"
            " inner join observatoire.dim_question as q using (question_code)"
            " inner join observatoire.dim_segment as s using (axe, segment)"
            f" where f.perimetre = '{code}' and f.perimetre_type = 'organisme'"
        )
        wanted = {
            (row["axe_libelle"], row["segment_libelle"], _plain(row["libelle"])): row
            for row in published
            if row["vague"] == own.programme["vague_courante"] and row["axe"] != "ensemble"
        }
        found = {(row[0], row[1], _plain(row[2])): row[3:] for row in segments[1:]}
        assert len(found) == len(segments) - 1 and len(found) == len(wanted) > 1000, code
        for key, row in wanted.items():
            note, rate, base, question = found[key]
            assert question == row["question_code"]
            if row["statut"] != "V":
                masked += 1
                assert (note, rate, base) == ("masqué" if row["statut"] in "SD" else note, "", "") and isinstance(
                    note, str
                )
            else:
                assert (note or None, rate or None, base) == (
                    row["note_imprimee"],
                    row["taux_imprime"],
                    row["base_brute"],
                )
        assert len(lines) - 1 == len(leaflet.lines), code
        named = {row["question_code"]: _plain(row["libelle"]) for row in published}
        assert all(named[line[-1]] == _plain(line[1]) for line in lines[1:]), code
    assert masked > 100


# the upper end of an interval on a page, the file's table, key and column it was read from, and what follows in its cell
_UPPER = re.compile(
    r'<data [^>]*data-(?:table="(?P<table>[^"]+)" data-key="(?P<key>[^"]+)" data-mesure="(?P<column>\w*ic_haut)"'
    r'|cell="(?P<cell>[^"]+\w*ic_haut)")[^>]*>[^<]*</data>(?P<after>.*?)</(?:td|p)>',
    re.DOTALL,
)
_JUDGED = ("fct_satisfaction", "fct_moyenne_mobile")


def _intervals(page: Path) -> Iterator[tuple[str, dict[str, str], bool]]:
    """Each interval of a page that stands with both ends: its table, its key, and whether it is called indicative."""
    for found in _UPPER.finditer(page.read_text(encoding="utf-8")):
        table, key, _ = html.unescape(found["cell"]).split("|") if found["cell"] else (found["table"], found["key"], "")
        if table in _JUDGED:
            yield table, dict(parse_qsl(html.unescape(key))), re.search("indicati(f|ve)<", found["after"]) is not None


def test_every_interval_that_is_only_indicative_is_called_so(name: str, reader: Reader) -> None:
    """In every part of page and leaflets, and in the leaflet's PDF as often as on its page."""
    told: Counter[bool] = Counter()
    fragile = reader.programme["seuils"]["base_fragile"]
    pages = [(reader, reader.root / "reports" / "courant" / "index.html")]
    folder = reader.root / "published" / "livrets" / "courant"
    pages += [(own, folder / code / "index.html") for code, own, _ in _printed(reader.root)]
    for own, page in pages:
        for table, key, called in _intervals(page):
            where = " and ".join(f"{column} = '{value}'" for column, value in key.items())
            [row] = own.query(f"select intervalle_indicatif, base_brute from observatoire.{table} where {where}")
            is_so = row["intervalle_indicatif"]
            if is_so is None:
                is_so = row["base_brute"] is not None and row["base_brute"] < fragile
            # where nothing else is published, a line's verdict may say it too
            assert called == is_so or (called and row["intervalle_indicatif"] is None), (page, table, key)
            told[called] += 1
    assert told[False] > 20
    if name == "demo":
        assert told[True] > 20
    for page in folder.glob("*/index.html"):
        said = len(re.findall(r">indicati(?:f|ve)</small>", page.read_text(encoding="utf-8")))
        assert squeezed(everything(page.parent / "livret.pdf")).count(_word(reader)) == said, page


def _word(reader: Reader) -> str:
    return {"fr": "indicatif", "en": "indicative"}[reader.programme["langue"]]
