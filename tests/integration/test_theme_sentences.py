"""What is said of a whole theme and of the answers that lead, read by code that shares nothing with the writers."""

from __future__ import annotations

import re
from html import unescape

from orchestration.programme import load_programme
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.letter.content import letter
from tests.support import themes
from tests.support.grammars import plain
from tests.support.page import Page
from tests.support.sentences import Reader
from tests.support.three_programmes import KINDS, name_of_programme, page_of_programme, reader_of_programme  # noqa: F401 - fixtures

# what the counts of a theme are of
OPINIONS = {"fr": "Questions de satisfaction", "en": "Satisfaction questions"}


def test_a_theme_is_said_to_do_what_its_questions_do(reader: Reader) -> None:
    html = (reader.root / "reports" / "courant" / "index.html").read_text(encoding="utf-8")
    said = re.findall(r'id="theme-([^"]*)" aria(?:(?!</header>).)*?<p class="dit">([^<]*)</p>', html, re.S)
    wave = reader.programme["vague_courante"]
    [before] = {row["vague_precedente"] for row in reader.said if row["vague"] == wave and row["vague_precedente"]}
    told = {code.lower(): sentence for code, sentence in themes.sentences(reader, wave, before).items()}
    assert {code: plain(unescape(sentence)) for code, sentence in said} == told


def test_the_counts_of_a_theme_say_how_many_changes_are_slight(name: str, reader: Reader) -> None:
    """Each count stands under its word; where it holds slight changes, it says how many, and its explanation names them."""
    html = (reader.root / "reports" / "courant" / "index.html").read_text(encoding="utf-8")
    told = {code.lower(): counts for code, counts in themes.counts(reader, reader.programme["vague_courante"]).items()}
    seen: dict[str, dict[str, tuple[int, int]]] = {}
    for code, tally in re.findall(r'id="theme-([^"]*)" aria(?:(?!</header>).)*?<p class="bilan">(.*?)</p>', html, re.S):
        what, *chips = tally.strip().splitlines()
        assert what == f"<small>{OPINIONS[reader.programme['langue']]}</small>"
        for chip in chips:
            [(why, word)] = re.findall(r'title="([^"]*)"><span[^>]*>.</span> ([^<]*)<', chip)
            questions, *slight = map(int, re.findall(r">(\d+)</data>", chip))
            seen.setdefault(code, {})[word] = (questions, sum(slight))
            moves = word in (reader.grammar.words["hausse"], reader.grammar.words["baisse"])
            assert moves == bool(re.search("légère|slight", why)) and (moves or not slight), chip
        seen.get(code, {}).pop(reader.grammar.words["nouveau"], None)
    assert told.items() <= seen.items()
    assert not any(map(sum, (count for code in seen.keys() - told.keys() for count in seen[code].values())))
    assert any(slight for counts in told.values() for _, slight in counts.values()) == ("rise-slight" in KINDS[name])


def test_a_change_says_where_agencies_changed_and_where_the_same_organismes_say_otherwise(
    name: str, reader: Reader, page: Page
) -> None:
    """In the heading of each theme, and under the sentence of each question, page and letter alike."""
    wave = reader.programme["vague_courante"]
    [before] = {row["vague_precedente"] for row in reader.said if row["vague"] == wave and row["vague_precedente"]}
    told, other = themes.agencies(reader, wave, before), themes.on_panel(reader, wave, before)
    html = (reader.root / "reports" / "courant" / "index.html").read_text(encoding="utf-8")
    headings = r'id="theme-([^"]*)" aria(?:(?!</header>).)*?<p class="note instituts">([^<]*)</p>'
    said = {code: plain(unescape(sentence)) for code, sentence in re.findall(headings, html, re.S)}
    assert said == {code.lower(): sentence for code, sentence in told.items()}
    asides = {line["code"]: line["panel"] for line in page.lines if line["panel"]}
    assert asides.keys() == other.keys() and all(word in asides[code] for code, word in other.items())
    content = letter(reader.database, load_programme(reader.root).config)
    assert sorted(plain(theme["instituts"]) for theme in content["themes"] if theme["instituts"]) == sorted(
        told.values()
    )
    lines = [line for theme in content["themes"] for line in (*theme["notes"], *theme["taux"], *theme["faits"])]
    assert sum(bool(line["panel"]) for line in lines) == len(other)
    # the demonstration changes agencies; the country without the landlords that left moves where those that stay do not
    assert (name != "demo" or told) and (name != "tsm" or other)


def test_what_two_waves_have_not_in_common_is_said(name: str, reader: Reader) -> None:
    """On the page and in the letter: how many organismes are in one of the two only, and what those that left weighed."""
    wave = reader.programme["vague_courante"]
    [before] = {row["vague_precedente"] for row in reader.said if row["vague"] == wave and row["vague_precedente"]}
    [first, *_] = sorted({row["vague"] for row in reader.said})
    told = themes.composition(reader, wave, before)
    since = themes.composition(reader, wave, first) if first != before else ""
    assert (name == "six") == (told == "")
    assert (name == "demo") == (since != "")
    html = (reader.root / "reports" / "courant" / "index.html").read_text(encoding="utf-8")
    [opening] = re.findall(r'<section id="etude".*?<p class="chapo">(.*?)</p>', html, re.S)
    printed = [
        unescape(re.sub("<[^>]*>", "", opening)),
        letter(reader.database, load_programme(reader.root).config)["profil"]["composition"],
    ]
    for text in printed:
        said = re.sub(r"\s+", " ", plain(text))
        assert told in said and since in said and "{" not in said, text
        assert bool(told) == (before in said) and bool(since) == (first in said if first != before else False), text


def test_a_verdict_that_another_scoring_would_change_says_so(name: str, reader: Reader) -> None:
    """Beside the change, and beside the gap to the reference, of each line of the page; not where nothing was proven."""
    wave = reader.programme["vague_courante"]
    changed = {
        (row["question_code"], row["vague_precedente"])
        for row in reader.query(
            "select question_code, vague_precedente from observatoire.fct_sensibilite where change_verdict"
            f" and vague = '{wave}' and perimetre_type = 'region' and axe = 'ensemble'"
        )
    }
    lines = reader.query(
        "select question_code, vague_precedente, verdict, verdict_reference, verdict_reference_sensible_bareme"
        f" from observatoire.obs_indicateur where vague = '{wave}'"
    )
    moved = {
        row["question_code"]
        for row in lines
        if (row["question_code"], row["vague_precedente"]) in changed and row["verdict"] != "non significatif"
    }
    beside = {
        row["question_code"]
        for row in lines
        if row["verdict_reference_sensible_bareme"] and row["verdict_reference"] != "non significatif"
    }
    html = (reader.root / "reports" / "courant" / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r'<tr role="row" id="[^"]*" class="question" data-q="([^"]*)"[^>]*>(.*?)</tr>', html, re.S)
    words = {"fr": "selon le barème", "en": "depends on scoring"}[reader.programme["langue"]]

    def marked(kind: str) -> set[str]:
        cells = {code: re.findall(rf'class="{kind}"(.*?)</td>', row, re.S) for code, row in rows}
        return {code for code, found in cells.items() if any(words in cell for cell in found)}

    assert (marked("evolution"), marked("reference")) == (moved, beside)
    assert name != "demo" or (moved and beside)


def test_answers_that_lead_are_named_where_their_shares_prove_it(name: str, reader: Reader) -> None:
    """Under each question of several answers, in the page, in the letter, and in leaflets from their own file."""
    wave, config = reader.programme["vague_courante"], load_programme(reader.root).config
    html = (reader.root / "reports" / "courant" / "index.html").read_text(encoding="utf-8")
    blocks = re.findall(r'<section class="motifs question" id="Q-([^"]*)"((?:(?!</section>).)*?)<table', html, re.S)
    found = {code: re.findall(r'<p class="dit">(.*?)</p>', block, re.S) for code, block in blocks}
    said = {code: plain(unescape(re.sub("<[^>]*>", "", told[0]))) for code, told in found.items() if told}
    proven = themes.leading(reader, wave, found.keys())
    assert said == {code: plain(sentence) for code, sentence in proven.items()}
    printed = [block for theme in letter(reader.database, config)["themes"] for block in theme["motifs"]]
    assert sorted(plain(block["dit"]) for block in printed if block["dit"]) == sorted(said.values())
    if name != "demo":
        return
    assert {"deux" in sentence for sentence in said.values()} == {True, False}
    unsaid = 0
    for path in sorted((reader.root / "published" / "organismes").glob("*.duckdb"))[:5]:
        own = themes.leading(Reader(reader.root, path), wave, found.keys(), "organisme", path.stem)
        printed = [block for theme in leaflet(path, path.stem, config)["themes"] for block in theme["motifs"]]
        assert sorted(plain(block["dit"]) for block in printed if block["dit"]) == sorted(map(plain, own.values()))
        unsaid += sum(not block["dit"] for block in printed if not block["absent"])
    assert unsaid > 0, "a small organisme does not tell all its answers apart"
