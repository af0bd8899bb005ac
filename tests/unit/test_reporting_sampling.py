"""Every report says whether its answers are weighted, and what of the sampling plan its intervals know."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from orchestration.programme.config import PROGRAMME
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.leaflet.page import build_page
from orchestration.reporting.letter.content import letter
from orchestration.reporting.letter.press import moment, press
from orchestration.reporting.site import build_report
from orchestration.words import Words
from tests.support import paper
from tests.unit import reporting_fixture as fixture
from tests.unit.test_leaflet import own_file

WEIGHTS = ("reponses_ponderees", "reponses_sans_poids")
PLANS = ("plan_pondere", "plan_pondere_sans_taux", "plan_sans_poids", "plan_sans_poids_ni_taux")
# what an answer stands for, effective answers, whether the population counts; and the texts that say so
CASES = {
    "weighted": ("8 * base_brute", "base_brute", True, ("reponses_ponderees", "plan_pondere")),
    "unequal weights of mean one": (
        *("base_brute", "0.8 * base_brute", True),
        ("reponses_ponderees", "plan_pondere"),
    ),
    "weighted, an unknown population": (
        *("8 * base_brute", "base_brute", False),
        ("reponses_ponderees", "plan_pondere_sans_taux"),
    ),
    "unweighted": ("base_brute", "base_brute", True, ("reponses_sans_poids", "plan_sans_poids")),
    "unweighted, an interview lost": (
        "1.01 * base_brute",
        "base_brute",
        True,
        ("reponses_sans_poids", "plan_sans_poids"),
    ),
    "no population at all": ("base_brute", "base_brute", False, ("reponses_sans_poids", "plan_sans_poids_ni_taux")),
}


def _words(text: str) -> str:
    """A text without tags, and with one space between words, whatever typography made of it."""
    return paper.squeezed(re.sub(r"<[^>]+>|&#\d+;|\\u202f|\\u00a0", " ", text).replace("'", "’"))


@pytest.mark.parametrize("language", ["fr", pytest.param("en", marks=pytest.mark.long)])
@pytest.mark.parametrize("case", CASES)
def test_every_report_says_how_answers_are_weighted(case: str, language: str, tmp_path: Path) -> None:
    people, effective, finite, (weights, plan) = CASES[case]
    database = own_file(tmp_path)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            f"update observatoire.fct_satisfaction set base_ponderee = {people}, base_efficace = {effective}"
        )
    programme = PROGRAMME.validate_python(
        {**fixture.CONFIG, "langue": language, "estimation": {"population_finie": finite}}
    )
    page = build_report(database, programme, tmp_path / "page").page
    booklet = leaflet(database, "UN", programme)
    printed = press("livret", booklet, tmp_path / "livret.pdf", moment(booklet)).path
    whole = {
        "page": page.read_text(encoding="utf-8"),
        "letter": json.dumps(letter(database, programme)["methode"], ensure_ascii=False),
        "quality report": page.with_name("qualite.html").read_text(encoding="utf-8"),
        "leaflet": build_page(booklet, tmp_path / "livret.html").read_text(encoding="utf-8"),
        "leaflet on paper": "\n".join(paper.pages(printed)),
    }
    said = {name: _words(Words.in_language(language).said[name]) for name in (*WEIGHTS, *PLANS)}
    for report, text in whole.items():
        found = _words(text)
        assert [name for name in WEIGHTS if said[name] in found] == [weights], report
        if "leaflet" not in report:
            # one wording begins like another: what follows it must be the stop
            assert [name for name in PLANS if said[name] + "." in found] == [plan], report


def test_an_interval_is_indicative_where_the_edition_says_so_whatever_it_is_compared_with(tmp_path: Path) -> None:
    """Of a first wave, or where a few lone interviews make the error: no verdict tells it, and no published base either."""
    database = own_file(tmp_path)
    said = f">{Words.in_language('fr').said['indicatif']}</small>"
    programme = PROGRAMME.validate_python(fixture.CONFIG)
    printed = {}
    for told in (False, True):
        with duckdb.connect(str(database)) as connection:
            connection.execute("delete from observatoire.fct_evolution")
            connection.execute("update observatoire.fct_satisfaction set intervalle_indicatif = ?", [told])
        page = build_report(database, programme, tmp_path / f"page {told}").page.read_text(encoding="utf-8")
        booklet = leaflet(database, "UN", programme)
        printed[told] = said in page, any(line["indicatif"] for theme in booklet["themes"] for line in theme["notes"])
    assert printed == {False: (False, False), True: (True, True)}
