"""Every sentence, verdict and rank that is printed, read by code that shares nothing with the writers, on three programmes.

The demonstration, in French; hospitals on a scale from 1 to 6, the worst answer first, in English; and the regulator's workbook with a
second wave made for the tests, where figures are public and every small change is established.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl

import pytest

from orchestration.programme import load_programme
from orchestration.reporting.letter.content import letter
from orchestration.words import catalogue
from tests.support import paper, quality
from tests.support.grammars import ARROWS, WORD, plain, words
from tests.support.page import Page
from tests.support.sentences import Reader, Row
from tests.support.three_programmes import KINDS, name_of_programme, page_of_programme, reader_of_programme  # noqa: F401 - fixtures


def test_every_sentence_says_what_the_figures_prove(name: str, reader: Reader) -> None:
    """Levels, size, direction, strength and certainty, all worked out anew."""
    kinds: Counter[str] = Counter()
    for row in reader.said:
        kinds += reader.prove(row)
    assert [kind for kind in KINDS[name] if not kinds[kind]] == [], kinds
    # two questions that follow one another in a theme have other words for the same verdict
    words = {
        (kind, row["phrase_sans_libelle"].split()[2]) for row in reader.said for kind in [reader.read(row["phrase"])[0]]
    }
    sentences = sum(count for kind, count in kinds.items() if not kind.startswith("since-"))
    assert sentences == len(reader.said) >= len(KINDS[name])
    assert name != "demo" or Counter(kind for kind, _ in words).most_common(1)[0][1] >= 3


def test_a_place_beside_the_reference_is_that_of_the_figures(name: str, reader: Reader) -> None:
    """Above and below are established, the error of the source counted; a level is proven; nothing else is said."""
    told = Counter(reader.prove_place(row) for row in reader.said)
    # under a source taken for exact, twice as many would be said
    expected = {"demo": (10, 10), "six": (0, -1), "tsm": (-1, -1)}[name]
    assert told[True] > expected[0] and told[False] > expected[1]


def _near(name: str, value: float) -> Any:
    """As near as the published figures let one compute: a secret programme's have three or four digits, the others all."""
    return pytest.approx(value, rel=0.06, abs=1e-3) if name == "demo" else pytest.approx(value, rel=1e-6, abs=1e-9)


def test_a_gap_has_the_error_of_both_sides(name: str, reader: Reader) -> None:
    for key, row in reader.gaps.items():
        assert row["erreur"] == _near(name, row["erreur_type"]), key
        assert row["p"] == _near(name, row["p_valeur"]), key
        assert row["adjusted"] == _near(name, row["p_valeur_ajustee"]), key


def test_every_published_verdict_is_the_one_that_its_difference_proves(reader: Reader) -> None:
    proven = 0
    for key, change in reader.evolutions.items():
        verdict = reader.ladder(change)
        # a difference that is withheld, or not comparable, proves nothing
        assert verdict is None or change["verdict"] == verdict, key
        proven += verdict is not None
    assert proven >= 8


def test_a_trend_is_the_line_through_all_comparable_waves(name: str, reader: Reader) -> None:
    """Slope and error by NumPy, p and verdict by the reader; nothing is said of fewer than three waves."""
    published = {
        (row["question_code"], row["vague"]): row
        for row in reader.query("select * from observatoire.obs_indicateur where tendance is not null")
    }
    assert published.keys() == reader.trends.keys()
    for key, row in reader.trends.items():
        told = published[key]
        assert told["tendance_vagues"] == row["n"]
        assert told["tendance"] == _near(name, row["pente"]), key
        assert told["tendance_erreur_type"] == _near(name, row["pente_erreur"]), key
        assert told["tendance_p_valeur"] == _near(name, row["p"]), key
        assert told["tendance_p_valeur_ajustee"] == _near(name, row["adjusted"]), key
        assert told["tendance_verdict"] == reader.ladder(row), key
    verdicts = {row["tendance_verdict"] for row in published.values()}
    expected: dict[str, set[str]] = {"demo": {"hausse", "baisse"}, "six": {"hausse"}, "tsm": set()}
    assert verdicts >= expected[name]


@pytest.fixture(scope="module")
def current(reader: Reader) -> dict[str, Row]:
    wave = reader.programme["vague_courante"]
    return {row["question_code"]: row for row in reader.said if row["vague"] == wave}


def test_the_page_prints_the_sentences_beside_figures_that_agree_with_them(
    reader: Reader, page: Page, current: dict[str, Row]
) -> None:
    seen = 0
    for line in page.lines:
        row = current.get(line["code"])
        if row is None or not line["phrase"]:
            continue
        seen += 1
        said = plain(line["phrase"])
        kind, found, _ = reader.read_under(said, row)
        measure = "note_imprimee" if row["note"] is not None else "taux_imprime"
        by_wave = {
            dict(parse_qsl(figure["cell"].split("|")[1]))["vague"]: plain(figure["text"])
            for figure in line["figures"]
            if figure["cell"].startswith("fct_satisfaction|") and figure["cell"].endswith(f"|{measure}")
        }
        assert found["level"] == by_wave[row["vague"]], said
        if found.get("before"):
            assert found["before"] == by_wave[row["vague_precedente"]], said
        if kind in ("rise", "fall", "up", "down"):
            assert by_wave[row["vague"]] != by_wave[row["vague_precedente"]], said
        if found.get("first"):
            assert by_wave[row["vague"]] != by_wave[found["first"]], said
        short = "note" if row["note"] is not None else "taux"
        reader.within(by_wave[row["vague"]], row[f"{short}_bas"], row[f"{short}_haut"], said)
    assert seen == len(current)


def test_the_page_names_each_verdict_by_its_word_and_sign(reader: Reader, page: Page, current: dict[str, Row]) -> None:
    named = 0
    for line in page.lines:
        for verdict in line["verdicts"]:
            if verdict["code"] not in ARROWS or re.search("verdict_reference|panel_constant", verdict["cell"]):
                continue
            words = f"{ARROWS[verdict['code']]} {reader.grammar.words[verdict['code']]}"
            assert " ".join(verdict["text"].split()) == words, line["code"]
            key = dict(parse_qsl(verdict["cell"].split("|")[1]))
            before = key.get("vague_precedente") or current[line["code"]]["vague_precedente"]
            change = reader.evolutions.get((line["code"], key["vague"], before))
            assert change is None or reader.ladder(change) in (None, verdict["code"]), line["code"]
            named += 1
    assert named >= 4


def _ranked(reader: Reader, current: dict[str, Row], way: int) -> list[str]:
    """The questions of satisfaction by their figure, scored ones if any are."""
    opinions = [row for row in current.values() if row["nature"] == "satisfaction"]
    scored = [row for row in opinions if row["note"] is not None] or opinions
    measure = "note" if scored[0]["note"] is not None else "taux"
    return [row["question_code"] for row in sorted(scored, key=lambda row: way * row[measure])]


def test_ranks_are_those_of_the_figures(reader: Reader, page: Page, current: dict[str, Row]) -> None:
    """The lowest by their figure, the rises by their size; a rise is established and nothing established is left out."""
    lowest = _ranked(reader, current, 1)
    assert page.lists["basses"] == lowest[:5]
    changes = {
        code: reader.evolutions[code, row["vague"], row["vague_precedente"]]
        for code, row in current.items()
        if (code, row["vague"], row["vague_precedente"]) in reader.evolutions
    }
    rises = [code for code in lowest if code in changes and (reader.ladder(changes[code]) or "").startswith("hausse")]
    expected = sorted(rises, key=lambda code: -changes[code]["ecart"])[:5]
    assert page.lists.get("progres", []) == expected
    for code in expected:
        first = reader.since_the_first(current[code])
        below = [first[0]] if first and not first[1] else []
        assert re.findall(rf", {reader.grammar.still_below} (\S+)", page.rises[code]) == below, code
    falls = {code for code in lowest if code in changes and (reader.ladder(changes[code]) or "").startswith("baisse")}
    below = {code for code in lowest if str(current[code]["verdict_reference"]).endswith("en dessous")}
    # a fall and a gap to a reference may be in different units: the larger share of the scale comes first
    severe = {
        code: _setback(current[code], changes.get(code) if code in falls else None, code in below)
        for code in falls | below
    }
    told = page.lists.get("vigilance", [])
    assert [severe[code] for code in told] == pytest.approx(sorted(severe.values())[:5], abs=1e-4)


def _setback(row: Row, fall: Row | None, below: bool) -> float:
    """The larger of a fall and of a place below the reference, as a negative share of the scale."""
    scale = row["maximum"] if row["note"] is not None else 1
    shares = [fall["ecart"] / scale] if fall else []
    if below and row["ecart_reference"] is not None:
        shares.append(row["ecart_reference"] / (scale if row["reference_unite"] == "note_10" else 100))
    return float(min(shares, default=0))


def test_the_letter_prints_what_the_page_prints(reader: Reader, page: Page, current: dict[str, Row]) -> None:
    content = letter(reader.database, load_programme(reader.root).config)
    text = paper.squeezed("\n".join(paper.pages(reader.root / "reports" / "courant" / "lettre.pdf")))
    lines = [line for theme in content["themes"] for line in (*theme["notes"], *theme["taux"], *theme["faits"])]
    printed = {line["phrase"] for line in page.lines if line["phrase"]}
    assert {line["phrase"] for line in lines if line["phrase"]} == printed
    for line in lines:
        assert paper.squeezed(line["libelle"] + line["phrase"]) in text, line["libelle"]
        if line["verdict"]:
            words = {f"{ARROWS[code]} {word}" for code, word in reader.grammar.words.items()}
            assert f"{line['verdict']['signe']} {line['verdict']['mot']}" in words
    labels = {row["question_code"]: row for row in reader.query("select * from observatoire.dim_question")}
    named = [entry["libelle"] for entry in content["essentiel"]["basses"]]
    lowest = [labels[code]["libelle"].replace("'", "’") for code in page.lists["basses"]]
    assert list(map(paper.squeezed, named)) == list(map(paper.squeezed, lowest))


def test_the_quality_report_is_worked_out_again_from_the_tables(name: str, reader: Reader) -> None:
    """Each of its figures under its name, all of them and no other; the periods of fieldwork too."""
    assert (
        quality.prove(reader, reader.root / "reports" / "courant" / "qualite.html")
        > {"demo": 60, "six": 38, "tsm": 40}[name]
    )


def test_an_english_report_holds_no_french_word(reader: Reader) -> None:
    """Every word of page, quality report, letter and leaflets that only the French catalogue knows comes from the programme's data."""
    if reader.programme["langue"] != "en":
        return
    french = words(catalogue("fr")) - words(catalogue("en"))
    own = {
        word.casefold()
        for path in [*(reader.root / "reference").glob("*.csv"), reader.root / "programme.yaml"]
        for word in WORD.findall(path.read_text(encoding="utf-8"))
    }
    leaflets = reader.root / "published" / "livrets" / "courant"
    pages = [reader.root / "reports" / "courant" / page for page in ("index.html", "explorateur.html", "qualite.html")]
    pages += sorted(leaflets.glob("*/index.html"))
    html = "".join(path.read_text(encoding="utf-8") for path in pages)
    # what a browser is told to load is nobody's to read: « font » is a word of both languages
    seen = re.sub(r"(?s)<(style|script|code)\b.*?</\1>|<meta http-equiv[^>]*>", " ", html)
    said = re.findall(r'(?:title|aria-label|alt|data-label|content|data-une|data-plusieurs)="([^"]*)"', seen)
    texts = [*said, *re.sub(r"<[^>]*>", "\n", seen).split("\n")]
    for printed in (reader.root / "reports" / "courant" / "lettre.pdf", *sorted(leaflets.glob("*/*.pdf"))):
        texts += paper.everything(printed).split("\n")
    leaks = {text.strip() for text in texts if {w.casefold() for w in WORD.findall(text)} & (french - own)}
    assert leaks == set()
