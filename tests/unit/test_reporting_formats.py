"""French as it is printed."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from disclosure.admission import Held

from orchestration.extracts.catalogue import rules
from orchestration.plausibility.suites import suites
from orchestration.reporting import formats
from orchestration.reporting.formats import Formats
from orchestration.reporting.pages import WRITTEN
from orchestration.words import Words, catalogue

f = Formats(Words.in_language("fr"))
en = Formats(Words.in_language("en"))


@pytest.mark.parametrize(
    ("value", "digits", "signed", "text"),
    [
        (7.44999, 1, False, "7,4"),
        (7.25, 1, False, "7,3"),
        (7.05, 1, False, "7,1"),
        (-7.35, 1, True, "\u22127,4"),
        (0.5, 0, False, "1"),
        (10, 1, False, "10,0"),
        (1234567.891, 2, False, "1\u202f234\u202f567,89"),
        (-0.26, 2, True, "\u22120,26"),
        (0.26, 2, True, "+0,26"),
        (-0.001, 2, True, "0,00"),
        (0.001, 2, True, "0,00"),
        (Decimal("16471"), 0, False, "16\u202f471"),
        (999, 0, False, "999"),
        (1e-9, 1, False, "0,0"),
    ],
)
def test_numbers(value: float, digits: int, signed: bool, text: str) -> None:
    assert f.decimal(value, digits, signed) == text


def test_shares() -> None:
    assert f.percent(0.794) == "79\u202f%"
    assert f.percent(0.07, 1) == "7,0\u202f%"
    assert f.points(0.023) == "+2,3\u00a0pt"
    assert f.points(-0.023) == "\u22122,3\u00a0pt"


def test_a_figure_has_the_decimals_it_is_published_with() -> None:
    assert [written(f, 7.4) for written in (WRITTEN["note_publiee"], WRITTEN["borne"])] == ["7,4", "7,40"]
    assert [WRITTEN["note_publiee"](f, value) for value in (7.0, 7.35, 7.349)] == ["7,0", "7,35", "7,35"]
    assert [WRITTEN["taux_publie"](f, value) for value in (0.7, 0.684, 0.68359)] == [
        "70\u202f%",
        "68,4\u202f%",
        "68,4\u202f%",
    ]
    assert [WRITTEN["pourcentage"](f, value) for value in (84.35, 84, 84.0)] == [
        "84,4\u202f%",
        "84\u202f%",
        "84\u202f%",
    ]


def test_exact_values_are_those_of_the_database() -> None:
    assert formats.exact(7.1234567) == "7.1234567"
    assert formats.exact(12) == "12"
    assert f.full(-0.5) == "\u22120,5"


def test_dates() -> None:
    assert f.long_date(date(2024, 1, 1)) == "1er\u00a0janvier 2024"
    assert f.long_date(datetime(2026, 11, 24, 7, 0)) == "24\u00a0novembre 2026"
    assert f.period(date(2022, 10, 17), date(2022, 12, 23)) == "du 17\u00a0octobre au 23\u00a0décembre 2022"
    assert f.period(date(2022, 12, 1), date(2023, 1, 2)) == "du 1er\u00a0décembre 2022 au 2\u00a0janvier 2023"
    assert f.long_date(None) == ""


@pytest.mark.parametrize(
    ("raw", "printed"),
    [
        ("Satisfait ?", "Satisfait\u202f?"),
        ("Menuiseries : portes", "Menuiseries\u202f: portes"),
        ("« oui »", "«\u202foui\u202f»"),
        ("à 12:30", "à 12:30"),
        ("85 % d'entre eux", "85\u202f% d’entre eux"),
    ],
)
def test_typography(raw: str, printed: str) -> None:
    assert f.typography(raw) == printed
    assert f.typography(f.typography(raw)) == printed


def test_verdicts_have_a_sign_and_a_word() -> None:
    for label in [*f.verdicts.values(), *en.verdicts.values()]:
        assert label.symbol and label.word and label.reason
    assert f.verdict("hausse").word == "en hausse"
    assert f.verdict("mot_inconnu").word == "mot inconnu"
    assert f.verdict(None) == f.no_value


def test_statuses_are_explained() -> None:
    assert {"V", "S", "D", "E", "Z"} == set(f.statuses)
    assert "base" in f.status("S").reason


def test_slug() -> None:
    assert formats.slug("CV01") == "cv01"
    assert formats.slug('"><script>') == "script"
    assert formats.slug("é") == "sans-code"


def test_anchors_are_permanent_and_harmless() -> None:
    assert formats.anchor("CV01") == "Q-CV01"
    assert formats.anchor('"><script>') == "Q-script"


def test_another_language_writes_its_own_way() -> None:
    assert en.decimal(1234567.891, 2) == "1,234,567.89"
    assert en.percent(0.794) == "79%"
    assert en.period(date(2022, 10, 17), date(2022, 12, 23)) == "from 17\u00a0October to 23\u00a0December 2022"
    assert en.typography("Is it so ? 85 %") == "Is it so ? 85 %"
    assert en.verdict("hausse").word == "up"


def test_a_masked_cell_says_its_published_reason_or_what_its_status_means() -> None:
    assert f.why("S", "moins de 30 réponses : peu") == "moins de 30 réponses\u202f: peu"
    assert f.why("S", "") == f.status("S").reason


def test_what_holds_a_cell_back_has_its_words() -> None:
    assert {str(why) for why in Held} <= catalogue("fr")["motifs"].keys()


def test_every_rule_and_every_measure_of_a_delivery_has_its_words() -> None:
    columns = {rule["arguments"]["column"] for suite in suites() if suite.frame for rule in suite.expectations}
    for language in ("fr", "en"):
        words = catalogue(language)
        assert words["regles"].keys() == rules().keys()
        assert words["mesures"].keys() == columns
    assert rules(Words.in_language("en"))["sans_avis"].label == "Too many answers without an opinion"


def test_codes_have_their_sign_and_their_words() -> None:
    french = catalogue("fr")
    assert formats.VERDICTS.keys() == french["verdicts"].keys()
    assert formats.STATUSES.keys() == french["statuts"].keys()
    assert formats.READINGS.keys() == french["lectures"].keys()
    assert formats.COVERAGE.keys() == french["couverture"].keys()


def test_a_programme_words_its_own_texts() -> None:
    assert (
        Formats(Words.in_language("fr", {"essentiel": "Ce qu'il faut retenir"})).t("essentiel")
        == "Ce qu’il faut retenir"
    )


def test_a_note_is_out_of_its_maximum() -> None:
    assert [f.out_of(maximum) for maximum in (10.0, 6, 7.5, None)] == [" sur 10", " sur 6", " sur 7,5", ""]
    assert en.out_of(10.0) == " out of 10"


def test_what_fills_a_text_is_escaped_unless_it_is_markup() -> None:
    assert str(f.t("theme_numero", n="<b>")) == "Thème &lt;b&gt;"
