"""Words that are no label of the programme's are held all the same: each in its place passes, and mirrored is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.extracts.contract_body import AxisRule
from orchestration.extracts.contract_questions import SingleQuestion
from orchestration.extracts.contract_words import axis_words, question_words
from orchestration.programme import Programme, load_programme
from tests.support.demo import SHIPPED
from tests.support.mini import TABLES, mini_programme

SAID: dict[Any, Any] = yaml.safe_load(Path(__file__).with_name("contract_synonyms.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme(SHIPPED)


def _scales(programme: Programme, levels: int) -> dict[str, list[str]]:
    """Returns the codes of the scales that have sides and so many levels, best first."""
    best: dict[str, list[str]] = {}
    sided = {row["echelle"] or "" for row in programme.rows("modalites") if row["est_satisfait"] == "oui"}
    for scale in sorted(sided):
        rows = [row for row in programme.rows("modalites") if row["echelle"] == scale]
        codes = [row["modalite_code"] or "" for row in rows]
        if len(codes) == levels:
            best[scale] = codes if rows[0]["est_satisfait"] == "oui" else codes[::-1]
    assert best
    return best


def _faults(programme: Programme, scale: str, codage: Mapping[str, str], reason: str | None = None) -> list[str]:
    own: dict[str, Any] = {"codage_propre": reason} if reason else {}
    rule = SingleQuestion(colonne="Q", codage=dict(codage), **own)
    assert not isinstance(rule.codage, str)
    return [told for _, told in question_words("questions.X", "codages.x", rule, rule.codage, scale, programme)]


LISTS = [(n, family, listed) for n in (2, 3, 4) for family, lists in SAID[n].items() for listed in lists]


@pytest.mark.parametrize(("levels", "family", "listed"), LISTS, ids=[f"{n}-{f}-{said[0]}" for n, f, said in LISTS])
def test_each_word_passes_in_its_place_and_not_in_the_mirrored_one(
    programme: Programme, levels: int, family: str, listed: list[str]
) -> None:
    for scale, codes in _scales(programme, levels).items():
        right = dict(zip(listed, codes, strict=True))
        assert _faults(programme, scale, right) == []
        mirrored = dict(zip(listed, codes[::-1], strict=True))
        told = _faults(programme, scale, mirrored)
        moved = [value for value, code in right.items() if mirrored[value] != code]
        assert [value for value in moved if not any(f"« {value.casefold()} »" in said for said in told)] == []


@pytest.mark.parametrize("ends", SAID["ends"])
def test_the_ends_of_a_scale_of_numbers_are_held(programme: Programme, ends: list[str]) -> None:
    for scale, codes in _scales(programme, 11).items():
        assert _faults(programme, scale, dict(zip(ends, (codes[0], codes[-1]), strict=True))) == []
        assert len(_faults(programme, scale, dict(zip(ends, (codes[-1], codes[0]), strict=True)))) == 2


@pytest.mark.parametrize("value", SAID["demi"])
def test_a_weak_degree_has_both_places_in_the_middle(programme: Programme, value: str) -> None:
    for scale, codes in _scales(programme, 4).items():
        for code in codes[1:3]:
            assert _faults(programme, scale, {value: code}) == []
        for code in (codes[0], codes[3]):
            [told] = _faults(programme, scale, {value: code})
            assert "codage_propre" in told
            assert _faults(programme, scale, {value: code}, "échelle de l'institut") == []


TSM = SHIPPED.parent / "programmes" / "tsm"


@pytest.fixture(scope="module")
def programmes(programme: Programme) -> list[tuple[Programme, str]]:
    """Programmes that name their statuses otherwise, each with a scale."""
    return [(programme, "SAT4"), (load_programme(TSM), "SAT5")]


@pytest.mark.parametrize("nature", SAID["statuses"])
def test_a_word_that_names_a_status_is_not_given_another(programmes: list[tuple[Programme, str]], nature: str) -> None:
    for programme, scale in programmes:
        for code, given in programme.statuses.items():
            for value in SAID["statuses"][nature] if given in {*SAID["statuses"], "sans_reponse"} else ():
                told = _faults(programme, scale, {value: code})
                # a label that names two statuses takes the words of both
                both = given == "ne_sait_pas" and nature == "non_concerne" and scale == "SAT5"
                assert bool(told) == (given != nature) or both, (value, code, told)
                assert _faults(programme, scale, {value: code}, "codes de l'institut") == []


def test_a_word_that_names_no_reason_has_any_status_and_no_level(programmes: list[tuple[Programme, str]]) -> None:
    for programme, scale in programmes:
        for value in SAID["doubtful"]:
            assert [code for code in programme.statuses if _faults(programme, scale, {value: code})] == []
            assert [code for code in programme.options[scale] if not _faults(programme, scale, {value: code})] == []


@pytest.mark.parametrize("value", SAID["closed"])
def test_a_closed_answer_is_no_reason_not_to_answer(programmes: list[tuple[Programme, str]], value: str) -> None:
    for programme, scale in programmes:
        held = [code for code, nature in programme.statuses.items() if nature in ("ne_sait_pas", "refus")]
        assert [code for code in held if not _faults(programme, scale, {value: code})] == []


@pytest.mark.parametrize("axis", SAID["axes"])
def test_a_segment_is_not_given_the_words_of_another(programme: Programme, axis: str) -> None:
    segments = SAID["axes"][axis]
    for code, values in segments.items():
        for value in values:
            for given in segments:
                rule = AxisRule(colonne="X", codage={value: given})
                assert not isinstance(rule.codage, str)
                told = list(axis_words("axes.x", rule, rule.codage, axis, programme))
                assert bool(told) == (given != code), (value, given, told)


def test_a_reason_lets_agreement_with_a_contrary_statement_through(programme: Programme) -> None:
    codage = {"Tout à fait d'accord": "PDT", "Pas du tout d'accord": "TS"}
    assert len(_faults(programme, "SAT4", codage)) == 2
    assert _faults(programme, "SAT4", codage, "énoncé à l'envers") == []


def test_a_segment_of_another_axis_is_no_segment_of_this_one(programme: Programme) -> None:
    segments = [(axis, band) for axis, bands in programme.axes.items() for band in bands if len(bands) > 1]
    for _, band in segments:
        for other, given in segments:
            rule = AxisRule(colonne="X", codage={band.label: given.code})
            told = list(axis_words("axes.x", rule, {band.label: given.code}, other, programme))
            assert bool(told) == (band != given), (band, given)


def _axis_faults(programme: Programme, axis: str, value: str, code: str) -> list[str]:
    rule = AxisRule(colonne="X", codage={value: code})
    assert not isinstance(rule.codage, str)
    return [told for _, told in axis_words("axes.x", rule, rule.codage, axis, programme)]


@pytest.mark.parametrize("said", SAID["told_apart"], ids=[said["value"] for said in SAID["told_apart"]])
def test_a_segment_is_told_from_another(programme: Programme, said: dict[str, str]) -> None:
    assert _axis_faults(programme, said["axis"], said["value"], said["own"]) == []
    assert len(_axis_faults(programme, said["axis"], said["value"], said["other"])) == 1


def test_words_that_contradict_no_segment_pass(programme: Programme) -> None:
    for axis, values in SAID["anywhere"].items():
        for value in values:
            assert [b.code for b in programme.axes[axis] if _axis_faults(programme, axis, value, b.code)] == []


@pytest.mark.parametrize("listed", SAID["neighbours"], ids=[said[0] for said in SAID["neighbours"]])
def test_two_neighbours_that_change_places_are_told(programme: Programme, listed: list[str]) -> None:
    codes = _scales(programme, 4)["SAT4"]
    assert _faults(programme, "SAT4", dict(zip(listed, codes, strict=True))) == []
    for at in range(3):
        moved = [*codes[:at], codes[at + 1], codes[at], *codes[at + 2 :]]
        wrong = dict(zip(listed, moved, strict=True))
        assert _faults(programme, "SAT4", wrong), wrong


@pytest.mark.parametrize("listed", SAID["sound"], ids=[said[0] for said in SAID["sound"]])
def test_an_order_that_no_word_contradicts_passes(programme: Programme, listed: list[str]) -> None:
    codes = _scales(programme, 4)["SAT4"]
    assert _faults(programme, "SAT4", dict(zip(listed, codes, strict=True))) == []


def test_the_order_of_a_statement_turned_round_has_its_reason(programme: Programme) -> None:
    codes = _scales(programme, 4)["SAT4"][::-1]
    turned = dict(zip(["Completely agree", "Agree", "Disagree", "Completely disagree"], codes, strict=True))
    assert len(_faults(programme, "SAT4", turned)) == 4
    assert _faults(programme, "SAT4", turned, "énoncé à l'envers") == []


def test_the_worst_of_a_scale_is_no_reason_not_to_answer(programme: Programme) -> None:
    assert [value for value in SAID["worst"] if not _faults(programme, "SAT4", {value: "NSP"})] == []
    assert [value for value in SAID["reasons"] if _faults(programme, "SAT4", {value: "NSP"})] == []


def test_an_answer_to_a_statement_has_no_side_where_the_scale_names_what_is_bad(tmp_path: Path) -> None:
    said = SAID["statements"]
    levels = [
        f"SALE,L{at},{at},{label},exprime,{'non' if at < 3 else 'oui'},non,"
        for at, label in enumerate(said["scale"], 1)
    ]
    scales = [*TABLES["echelles"][1], "SALE,unique,Propreté,note sur 10"]
    opened = mini_programme(tmp_path, tables={"echelles": scales, "modalites": [*TABLES["modalites"][1], *levels]})
    codes = ["L1", "L2", "L3", "L4"]
    for listed in said["lists"]:
        assert _faults(opened, "SALE", dict(zip(listed, codes, strict=True))) == []
    assert len(_faults(opened, "SALE", dict(zip(said["wrong"], codes, strict=True)))) == 4


def _cuts(label: str) -> list[str]:
    """Returns a label with one of its words cut short, with a dot and without, as far as it stays one word's."""
    words = label.split()
    return [
        " ".join([*words[:at], word[:kept] + dot, *words[at + 1 :]])
        for at, word in enumerate(words)
        for kept in range(3, len(word) - 1)
        for dot in (("", ".") if kept > 4 else (".",))
    ]


@pytest.mark.parametrize("scale", ["SAT4"])
def test_a_label_with_a_word_cut_short_is_held_as_the_label(programme: Programme, scale: str) -> None:
    labels = {
        c: row["libelle"] or ""
        for row in programme.rows("modalites")
        if (c := row["modalite_code"] or "") in programme.options[scale]
    }
    for code, label in labels.items():
        for cut in _cuts(label):
            assert _faults(programme, scale, {cut: code}) == [], cut
            assert [c for c in labels if c != code and not _faults(programme, scale, {cut: c})] == [], cut


@pytest.mark.parametrize("word", ["difficile", "mécontent", "agréable", "inutile", "confortable", "dangereux"])
def test_a_word_cut_short_keeps_its_side(programme: Programme, word: str) -> None:
    codes = _scales(programme, 4)["SAT4"]
    for value in (f"Très {word[:kept]}{dot}" for kept in range(6, len(word) - 1) for dot in ("", ".")):
        refused = [bool(_faults(programme, "SAT4", {value: code})) for code in (codes[0], codes[3])]
        assert refused == [bool(_faults(programme, "SAT4", {f"Très {word}": code})) for code in (codes[0], codes[3])]
        assert any(refused), value


def test_one_star_is_the_least(programme: Programme) -> None:
    codes = _scales(programme, 4)["SAT4"]
    for value in ("1 étoile", "1 star"):
        assert [not _faults(programme, "SAT4", {value: code}) for code in codes] == [False, False, True, True]


def test_a_number_of_as_many_as_the_scale_has_is_that_number(programme: Programme) -> None:
    for scale, codes in _scales(programme, 11).items():
        words = {0: "zéro", 3: "trois", 10: "dix"}
        for at, code in enumerate(codes[::-1]):
            for value in (f"{at}/10", f"{at} / 10", f"{at} sur 10", *([words[at]] if at in words else [])):
                assert [c for c in codes if not _faults(programme, scale, {value: c})] == [code], value
            # of another scale, a number says nothing here
            assert not any(_faults(programme, scale, {f"{at}/20": c}) for c in codes)


@pytest.mark.parametrize("scale", ["OUI_NON", "OUI_NON_ENCOURS"])
def test_a_no_that_says_to_what_is_no_yes(programme: Programme, scale: str) -> None:
    assert [value for value in SAID["a_no"] if not _faults(programme, scale, {value: "OUI"})] == []
    assert [value for value in SAID["a_no"] if _faults(programme, scale, {value: "NON"})] == []
    assert [value for value in SAID["a_yes_to_some"] if _faults(programme, scale, {value: "OUI"})] == []
    assert [v for v in SAID["a_no"] if _faults(programme, scale, {v: "OUI"}, "question posée à l'envers")] == []


def test_two_reasons_for_no_answer_have_any_status_and_no_level(programmes: list[tuple[Programme, str]]) -> None:
    for programme, scale in programmes:
        for value in SAID["joined"]:
            assert [code for code in programme.statuses if _faults(programme, scale, {value: code})] == []
            assert [code for code in programme.options[scale] if not _faults(programme, scale, {value: code})] == []


def test_a_length_of_time_is_in_its_own_band(programme: Programme) -> None:
    bands = {b.code: b for b in programme.axes["anciennete"]}
    ends = {"MOINS_3_ANS": (0, 36), "3_9_ANS": (36, 120), "10_19_ANS": (120, 240), "20_ANS_PLUS": (240, 1200)}
    for months in (1, 6, 24, 36, 48, 120, 180, 240, 300):
        own = [code for code, (low, high) in ends.items() if low <= months <= high]
        written = [f"{months} mois", *([f"{months // 12} ans"] if months % 12 == 0 else [])]
        for value in written:
            assert [c for c in bands if not _axis_faults(programme, "anciennete", value, c)] == own, value
    for value in ("moins d'un an", "Moins d'1 an", "less than one year"):
        assert [c for c in bands if not _axis_faults(programme, "anciennete", value, c)] == ["MOINS_3_ANS"], value


def test_a_household_of_one_is_no_couple(programme: Programme) -> None:
    for value in ("1 personne", "Une personne", "1 pers."):
        passed = [
            b.code for b in programme.axes["type_menage"] if not _axis_faults(programme, "type_menage", value, b.code)
        ]
        assert passed == ["SEUL", "MONOPARENTAL"]
