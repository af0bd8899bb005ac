"""What a draft makes of the values of a column: only what is equal is decided, and nothing crosses to the other side.

Texts are made by transforming the shipped scales, or drawn; none is chosen for the code under test.
"""

from __future__ import annotations

import os
import random
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.extracts.draft.codes import Options, label_codage, question_options
from orchestration.programme import load_programme
from tests.support.contracts import faults_of

ROOT = Path(__file__).resolve().parents[2]
PROGRAMME = load_programme(ROOT / "data")
SIDED = {s: o for s in PROGRAMME.options if s != "TOUTES" and (o := question_options(PROGRAMME, s)).sided}
TEXTS = {s: o for s, o in SIDED.items() if all(re.search(r"[^\W\d]", label) for label in o.labels.values())}
GOOD = {
    (r["echelle"], r["modalite_code"]): r["est_satisfait"] == "oui"
    for r in PROGRAMME.rows("modalites")
    if r["est_satisfait"]
}
OPTIONS = [(scale, code) for scale, options in TEXTS.items() for code in options.codes]
SETTINGS = settings(deadline=None, derandomize="CI" in os.environ, max_examples=300)


def _read(text: str, options: Options) -> tuple[str | None, str | None]:
    """Returns the code that one value is given, and the one that is proposed."""
    exact, likely = label_codage({text: 10}, {}, options)
    return exact.get(text), likely.get(text, (None, ""))[0]


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


SAME: list[Callable[[str], str]] = [str.upper, str.lower, str.title, _bare, lambda t: f"  {t} .", lambda t: t.replace(" ", "  "), lambda t: f"3 - {t}", lambda t: f"(12) {t}", lambda t: f"1. {t}", lambda t: f"2={t}"]  # fmt: skip


@pytest.mark.parametrize(("scale", "code"), OPTIONS)
@pytest.mark.parametrize("change", range(len(SAME)))
def test_writing_a_label_otherwise_changes_nothing(scale: str, code: str, change: int) -> None:
    options = TEXTS[scale]
    assert _read(SAME[change](options.labels[code]), options)[0] == code


# How a language says the contrary of a predicate: what stands before it, or is glued to it.
NEGATIONS = ["pas ", "pas du tout ", "pas très ", "peu ", "très peu ", "jamais ", "aucunement ", "in", "très in", "plutôt in", "tout à fait in", "vraiment in", "plutôt non ", "absolument pas "]  # fmt: skip
DEGREES = ["", "très ", "plutôt ", "assez ", "tout à fait ", "entièrement ", "vraiment ", "extrêmement ", "parfaitement ", "un peu "]  # fmt: skip


def _predicates() -> list[tuple[str, str]]:
    """The words that a positive and a negative option of a scale share: what the scale says of its subject."""
    found = []
    for scale, options in TEXTS.items():
        sides = [{w for c, t in options.labels.items() if GOOD[scale, c] is side for w in t.lower().split()} for side in (True, False)]  # fmt: skip
        found += [(scale, w) for w in sides[0] & sides[1] if len(w) > 6]
    return found


def test_there_is_something_to_negate() -> None:
    assert _predicates()


@pytest.mark.parametrize(("scale", "word"), _predicates())
def test_a_negated_answer_is_never_given_to_the_satisfied(scale: str, word: str) -> None:
    for negation in NEGATIONS:
        for end in ("", "e", "s", "es", " !", " de tout"):
            decided, likely = _read(f"{negation}{word}{end}", TEXTS[scale])
            assert decided is None or not GOOD[scale, decided], negation
            assert likely is None or not GOOD[scale, likely], (negation, likely)


@pytest.mark.parametrize(("scale", "word"), _predicates())
def test_a_satisfied_answer_is_never_given_to_the_dissatisfied(scale: str, word: str) -> None:
    for degree in DEGREES:
        for end in ("", "e", "s", "es", " !", " de tout"):
            decided, likely = _read(f"{degree}{word}{end}", TEXTS[scale])
            assert decided is None or GOOD[scale, decided], degree
            assert likely is None or GOOD[scale, likely], (degree, likely)


@SETTINGS
@given(st.sampled_from(OPTIONS), st.randoms(use_true_random=False), st.integers(1, 3))
def test_a_slip_is_never_decided_and_never_crosses(option: tuple[str, str], chance: random.Random, slips: int) -> None:
    scale, code = option
    options = TEXTS[scale]
    letters = list(options.labels[code])
    for _ in range(slips):
        at = chance.randrange(len(letters))
        kind = chance.choice(("leave out", "repeat", "replace", "swap"))
        if kind == "leave out" and len(letters) > 1:
            del letters[at]
        elif kind == "repeat":
            letters.insert(at, letters[at])
        elif kind == "replace":
            letters[at] = chance.choice("abcdefghijklmnopqrstuvwxyz")
        elif at:
            letters[at - 1 : at + 1] = letters[at], letters[at - 1]
    text = "".join(letters)
    decided, likely = _read(text, options)
    plain = re.sub(r"\W+", "", _bare(text)).lower()
    named = {c for c, label in options.labels.items() if re.sub(r"\W+", "", _bare(label)).lower() == plain}
    assert decided is None or decided in named or decided in options.statuses
    if likely in options.codes:
        assert GOOD[scale, str(likely)] == GOOD[scale, code], text


@SETTINGS
@given(
    st.dictionaries(
        st.text("abcdefghijklmnopqrstuvwxyzéèàç +-<>0123456789", min_size=1, max_size=14), st.just(5), max_size=6
    )
)
def test_whatever_stands_in_the_cells_only_what_is_equal_is_decided(counts: dict[str, int]) -> None:
    for options in SIDED.values():
        exact, _ = label_codage(counts, {}, options)
        names = {_bare(n).lower() for c, t in options.labels.items() for n in (c, t)}
        names |= {_bare(n).lower() for listed in options.statuses.values() for n in listed}
        for value in exact:
            said = re.sub(r"[\W_]+", "", _bare(value).lower())
            assert said in {re.sub(r"[\W_]+", "", n) for n in names} or re.match(r"\s*\d+\s*[-=]", value), value


@pytest.mark.parametrize("scale", TEXTS)
def test_one_number_before_two_labels_decides_nothing(scale: str) -> None:
    labels = list(TEXTS[scale].labels.values())
    exact, _ = label_codage({f"1 - {labels[0]}": 9, f"1 - {labels[1]}": 9}, {}, TEXTS[scale])
    assert exact == {}
    exact, _ = label_codage({f"1 - {labels[0]}": 9, f"2 - {labels[0]}": 9}, {}, TEXTS[scale])
    assert exact == {}


@pytest.mark.parametrize("scale", TEXTS)
def test_a_contract_that_turns_shifts_or_merges_labels_is_refused(scale: str, tmp_path: Path) -> None:
    labels = TEXTS[scale].labels
    codes = list(labels)
    path = ROOT / "data/contracts/boreal-2022.yaml"
    body = yaml.safe_load(path.read_text(encoding="utf-8"))
    table = next(q["codage"] for c, q in body["questions"].items() if PROGRAMME.questions[c].scale == scale)

    def faults(said: list[str]) -> list[str]:
        own = dict(zip(labels.values(), said, strict=True))
        target = tmp_path / "boreal-2022.yaml"
        target.write_text(yaml.safe_dump({**body, "codages": {**body["codages"], table: own}}), encoding="utf-8")
        return faults_of(target, PROGRAMME)

    assert faults(codes) == []
    for wrong in (codes[::-1], codes[1:] + codes[:1], [codes[0], codes[0], *codes[2:]]):
        assert any(f"codages.{table}" in said for said in faults(wrong)), wrong


def test_a_contract_with_open_points_is_not_confirmed(tmp_path: Path) -> None:
    text = (ROOT / "data/contracts/boreal-2022.yaml").read_text(encoding="utf-8")
    path = tmp_path / "boreal-2022.yaml"
    path.write_text(text + "\na_decider: [codages.sat4 à dire]\n", encoding="utf-8")
    [fault] = faults_of(path, PROGRAMME)
    assert "a_decider" in fault
    assert "codages.sat4 à dire" in fault
    path.write_text(path.read_text(encoding="utf-8").replace("statut: confirme", "statut: brouillon"), encoding="utf-8")
    assert faults_of(path, PROGRAMME) == []
