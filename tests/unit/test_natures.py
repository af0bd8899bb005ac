"""What a question asks decides where it is printed: only opinions are ranked, counted and coloured; a score has its groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestration.reporting.cells import Edition
from orchestration.reporting.figures import Figures
from orchestration.reporting.highlights import glance
from orchestration.reporting.letter.content import letter
from orchestration.reporting.letter.words import Notes, Writer
from orchestration.reporting.notices import answers, tones
from orchestration.reporting.site import build_report
from orchestration.reporting.study import scope
from tests.unit.reporting_fixture import PROGRAMME, published
from tests.unit.reporting_rows import tables

ASKED = "T1"  # the incidence of the miniature edition: rising, and lower than any rate once notes are taken away


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    """The miniature edition without any note: its opinions are rates, and an incidence is the lowest share of all."""
    rows = tables()
    options = [{**row, "note": None} for row in rows["dim_modalite"]]
    satisfaction = [
        {**row, "taux_imprime": 0.28} if row["question_code"] == ASKED and row["vague"] == "2022" else row
        for row in rows["fct_satisfaction"]
    ]
    evolution = [{**row, "ecart_taux": row.get("ecart_taux", row.get("ecart_note"))} for row in rows["fct_evolution"]]
    return published(
        tmp_path / "edition.duckdb", dim_modalite=options, fct_satisfaction=satisfaction, fct_evolution=evolution
    )


def test_an_incidence_is_neither_ranked_nor_counted(edition: Path) -> None:
    with Edition(edition) as read:
        figures = Figures(read, scope(read, PROGRAMME))
        themes = figures.themes()
        first = glance(figures, themes)
    facts = [item.code for theme in themes for item in theme.facts]
    rates = [item.code for theme in themes for item in theme.rates]
    assert facts == [ASKED] and len(rates) == 6 and not any(theme.notes for theme in themes)
    listed = [item.code for found in (first.lowest, first.highest, first.progress, first.vigilance) for item in found]
    assert listed and ASKED not in listed
    assert {item.code for item in first.progress} == {"G1"}


def test_what_calls_for_attention_is_ranked_by_shares_of_each_scale(tmp_path: Path) -> None:
    """A fall of 0.3 out of 10 is more than a gap of one per cent to the reference, though its number is smaller."""
    rows = tables()
    for row in rows["obs_indicateur"]:
        if row["question_code"] == "G1":
            row |= {"verdict": "stable", "verdict_reference": "en dessous", "ecart_reference": -1.0}
            row |= {"reference_unite": "pourcentage_satisfaits"}
        elif row["question_code"] == "G6":
            row |= {"verdict": "baisse", "evolution": -0.3}
    with Edition(published(tmp_path / "edition.duckdb", **rows)) as read:
        figures = Figures(read, scope(read, PROGRAMME))
        first = glance(figures, figures.themes())
    assert [item.code for item in first.vigilance if item.code in ("G1", "G6")] == ["G6", "G1"]


def test_a_verdict_on_an_incidence_has_no_colour_on_page_and_paper(edition: Path, tmp_path: Path) -> None:
    build_report(edition, PROGRAMME, tmp_path / "out")
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    line = page[page.index(f'data-q="{ASKED}"') :].split("</tr>")[0]
    assert "en hausse" in line and "verdict-hausse" not in line and "verdict-incertain" in line
    assert "Répondants concernés" in page
    writer = Writer.of_programme(PROGRAMME)
    with Edition(edition) as read:
        themes = Figures(read, scope(read, PROGRAMME)).themes()
        printed = {item.code: writer.line(item, Notes(), None) for theme in themes for item in theme.indicators}
    assert printed[ASKED]["verdict"]["famille"] == "incertain" and printed["G1"]["verdict"]["famille"] == "hausse"


def test_answers_of_an_incidence_are_neither_good_nor_bad() -> None:
    yes_no: list[dict[str, Any]] = [{"est_satisfait": True}, {"est_satisfait": False}]
    assert tones(yes_no) == ("bon-1", "bas-1")
    assert tones(yes_no, judged=False) == ("neutre-1", "neutre-3")


def test_questions_with_the_same_options_and_other_natures_have_tables_of_their_own(edition: Path) -> None:
    with Edition(edition) as read:
        rows = read.rows("fct_distribution")
        figures = Figures(read, scope(read, PROGRAMME))
        tables_of = [answers(figures, theme) for theme in figures.themes()]
    assert rows
    for group in [group for found in tables_of for group in found]:
        assert len({line.item.judged for line in group.lines}) == 1


def test_the_tally_of_a_theme_counts_opinions_only(edition: Path) -> None:
    with Edition(edition) as read:
        counts = [count for theme in Figures(read, scope(read, PROGRAMME)).themes() for count in theme.tally()]
    cells = [cell for count in counts for cell in (count.questions, count.slight) if cell]
    assert cells and all("nature=satisfaction" in cell.key_text for cell in cells)


@pytest.fixture
def recommended(tmp_path: Path) -> Path:
    """The miniature edition, in which a question of satisfaction asks for a recommendation from 0 to 10 instead."""
    rows = tables()
    questions = [
        {**row, "nature": "recommandation"} if row["question_code"] == "G6" else row for row in rows["dim_question"]
    ]
    options = [row for row in rows["dim_modalite"] if row["question_code"] != "G6"]
    options += [
        {
            "question_code": "G6",
            "modalite_code": f"N{n}",
            "ordre": n,
            "libelle": str(n),
            "note": float(n),
            "est_satisfait": n > 8,
            "groupe_nps": "detracteur" if n < 7 else "passif" if n < 9 else "promoteur",
            "statut_reponse": "exprime",
        }
        for n in range(11)
    ]
    score = {
        "nps": 21.94,
        "nps_ic_bas": 20.85,
        "nps_ic_haut": 23.04,
        "part_promoteurs": 0.404,
        "part_passifs": 0.4116,
        "part_detracteurs": 0.1846,
    }
    satisfaction = [
        {**row, **score} if row["question_code"] == "G6" and row["vague"] == "2022" else row
        for row in rows["fct_satisfaction"]
    ]
    shares = [{**row} for row in rows["fct_distribution"]]
    shares += [{**shares[0], "question_code": "G6", "modalite_code": f"N{n}", "part": 1 / 11} for n in range(11)]
    return published(
        tmp_path / "recommandation.duckdb",
        dim_question=questions,
        dim_modalite=options,
        fct_satisfaction=satisfaction,
        fct_distribution=shares,
    )


def test_a_score_is_printed_with_its_interval_and_its_three_groups(recommended: Path, tmp_path: Path) -> None:
    build_report(recommended, PROGRAMME, tmp_path / "out")
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    block = page[page.index('<section class="recommandation') :].split("</section>")[0]
    for printed in ("+21,9", "+20,9", "+23,0", "40\u202f%", "41\u202f%", "18\u202f%"):
        assert f">{printed}</data>" in block, printed
    for group in ("Promoteurs (9 à 10)", "Passifs (7 à 8)", "Détracteurs (0 à 6)"):
        assert group in block
    [said] = [block for theme in letter(recommended, PROGRAMME)["themes"] for block in theme["recommandations"]]
    assert [line["valeurs"][-1]["t"] for line in said["lignes"]][:2] == ["+21,9", "+20,9 à +23,0"]
    assert [part["ton"] for part in said["parts"]] == ["bon-1", "neutre-2", "bas-1"]


def test_a_scale_too_long_for_a_page_is_one_option_a_line(recommended: Path, tmp_path: Path) -> None:
    build_report(recommended, PROGRAMME, tmp_path / "out")
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    table = page[page.index('<table class="echelons') :].split("</table>")[0]
    assert table.count("<tr>") == 12  # the heads and eleven options, none beside another
    # whoever is passive is neither for nor against
    assert [table.count(f"ton-{tone}") for tone in ("bas-1", "bas-2", "neutre-2", "bon-2", "bon-1")] == [1, 6, 2, 1, 1]


def test_a_recommendation_is_not_ranked_among_opinions(recommended: Path) -> None:
    with Edition(recommended) as read:
        figures = Figures(read, scope(read, PROGRAMME))
        first = glance(figures, figures.themes())
    assert first.lowest and "G6" not in [item.code for item in (*first.lowest, *first.highest)]
