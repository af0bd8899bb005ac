"""What a draft makes of the columns: a header that only resembles an axis or a question attaches nothing by itself.

Headers are made from the programme's own words, cut and mixed; none is chosen for the code under test.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.extracts.contract import Contract
from orchestration.extracts.draft.codes import question_options
from orchestration.extracts.draft.lexicon import plain
from orchestration.extracts.draft.line import DECIDED
from orchestration.extracts.draft.profile import Column
from orchestration.extracts.draft.roles import find_roles
from orchestration.extracts.draft.write import undecided
from orchestration.programme import load_programme
from orchestration.programme.texts import clean
from tests.support.contracts import load_contract
from tests.support.demo import delivered
from tests.support.drafting import draft, targets

ROOT = Path(__file__).resolve().parents[2]
PROGRAMME = load_programme(ROOT / "data")
QUESTIONS = {r["question_code"] or "": r for r in PROGRAMME.rows("questions")}
BINARY = [c for c, q in PROGRAMME.questions.items() if len(PROGRAMME.options[q.scale]) < 4 and not q.multiple]
SETTINGS = settings(deadline=None, derandomize="CI" in os.environ, max_examples=150)


@SETTINGS
@given(
    st.sampled_from(BINARY),
    st.sampled_from(["libelle", "formulation"]),
    st.sampled_from([("1", "2"), ("Oui", "Non"), ("O", "N")]),
    st.integers(4, 40),
    st.sampled_from(["{text}", "{code}", "{code}. {text}", "{code} {text}", "Q12 - {text}", "G1Q00012. {text}"]),
)
def test_a_question_of_yes_or_no_is_never_taken_for_an_axis(
    code: str, kind: str, values: tuple[str, str], words: int, form: str
) -> None:
    text = " ".join(str(QUESTIONS[code][kind]).split()[:words])
    header = form.format(code=code, text=text)
    counts = {values[0]: 400, values[1]: 500}
    roles = find_roles([Column(header, header, {}, counts, 900, "")], PROGRAMME, "2022")
    assert not any(role.role == "axe" and role.confidence >= DECIDED for role in roles.values()), roles


@SETTINGS
@given(st.lists(st.sampled_from(sorted({w for r in QUESTIONS.values() for w in plain(str(r["formulation"])).split() if len(w) > 3})), min_size=3, max_size=7), st.sampled_from([2, 3, 4]))  # fmt: skip
def test_words_of_a_header_attach_no_axis_by_themselves(words: list[str], options: int) -> None:
    header = " ".join(words)
    counts = {str(i): 100 + i for i in range(1, options + 1)}
    roles = find_roles([Column(header, header, {}, counts, sum(counts.values()), "")], PROGRAMME, "2022")
    assert not any(role.role == "axe" and role.confidence >= DECIDED for role in roles.values()), roles


def _boreal(tmp_path: Path, seed: int, *, shuffled: bool, dropped: float) -> tuple[Path, dict[str, str]]:
    """Writes the extract with headers cut to their first words, in another order or without some of its columns."""
    contract: Contract = load_contract(ROOT / "data/contracts/boreal-2022.yaml", PROGRAMME)
    truth = {**contract.known_columns(""), **dict.fromkeys(contract.ignored_columns(""), "ignorees")}
    frame = pl.read_csv(delivered() / "2022/boreal_2022_v1.csv", infer_schema=False).sample(500, seed=seed)
    chance = random.Random(seed)
    names = {
        c: " ".join(str(QUESTIONS[t]["libelle"]).split()[:4]) + f" {i}"
        for i, c in enumerate(frame.columns)
        if (t := truth.get(clean(c))) in QUESTIONS
    }
    kept = [c for c in frame.columns if c not in names or chance.random() >= dropped]
    if shuffled:
        chance.shuffle(kept)
    path = tmp_path / "boreal_2022_v1.csv"
    frame.select(kept).rename({c: n for c, n in names.items() if c in kept}).write_csv(path)
    return path, {clean(names.get(c, c)): truth[clean(c)] for c in kept}


def test_cut_headers_leave_open_what_nothing_else_tells(tmp_path: Path) -> None:
    for seed, shuffled, dropped in ((1, True, 0.0), (2, False, 0.15), (3, True, 0.15)):
        path, truth = _boreal(tmp_path, seed, shuffled=shuffled, dropped=dropped)
        found = targets(draft(path, PROGRAMME)[1])
        wrong = {c: (found[c], t) for c, t in truth.items() if c in found and found[c] != t}
        assert wrong == {}, seed
        # who has not their place is told by more than their words, or is left open
        assert any(t in QUESTIONS and c not in found for c, t in truth.items())


def _relabelled(tmp_path: Path, change: dict[str, str], share: float) -> tuple[str, dict[str, str]]:
    """Drafts the extract with some answers said otherwise; returns the text, and the code map of the first scale."""
    frame = pl.read_csv(delivered() / "2022/boreal_2022_v1.csv", infer_schema=False).sample(600, seed=4)
    said = pl.all().exclude("Identifiant").replace(change)
    kept = pl.int_range(pl.len()) >= share * pl.len()
    path = tmp_path / "boreal_2022_v1.csv"
    frame.with_columns(pl.when(kept).then(pl.all().exclude("Identifiant")).otherwise(said)).write_csv(path)
    proposal, lines, body = draft(path, PROGRAMME)
    return "\n".join(undecided(proposal, lines)), body["codages"]["sat4"]


def test_what_only_resembles_is_listed_with_its_reason_and_not_written(tmp_path: Path) -> None:
    labels = question_options(PROGRAMME, "SAT4").labels
    # the same answers, said by the contrary of the programme's word
    contrary = {labels["PDT"]: "Très insatisfait", labels["PPS"]: "Plutôt insatisfait"}
    listed, codage = _relabelled(tmp_path, contrary, 1.0)
    assert not {*contrary.values()} & {*codage}
    for code, label in labels.items():
        said = contrary.get(label)
        assert said is None or f"« {said} » (" in listed
        assert said is None or f"peut-être {code} : même sens que « {label} »" in listed


def test_two_values_under_one_code_are_always_listed(tmp_path: Path) -> None:
    labels = question_options(PROGRAMME, "SAT4").labels
    numbered = {label: f"{i} - {label}" for i, label in enumerate(labels.values(), start=1)}
    listed, codage = _relabelled(tmp_path, numbered, 0.5)
    for code, label in labels.items():
        assert (codage[label], codage[numbered[label]]) == (code, code)
        assert f"plusieurs valeurs pour un code, {code} = « {numbered[label]} », « {label} »" in listed
