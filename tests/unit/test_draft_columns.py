"""What a draft makes of the columns: a header that only resembles an axis or a question attaches nothing by itself.

Headers are made from the programme's own words, cut and mixed; none is chosen for the code under test.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.extracts.contract import Contract
from orchestration.extracts.draft.align import _posterior
from orchestration.extracts.draft.codes import question_options, readings
from orchestration.extracts.draft.decide import choose
from orchestration.extracts.draft.groups import Answers
from orchestration.extracts.draft.lexicon import plain
from orchestration.extracts.draft.line import DECIDED
from orchestration.extracts.draft.profile import Column
from orchestration.extracts.draft.roles import find_roles, organisme_aliases
from orchestration.extracts.draft.routing import Source, Support
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
SCALE = next(s for s in PROGRAMME.options if {"0", "10"} <= {*question_options(PROGRAMME, s).labels.values()})
NOTE = next(code for code, q in PROGRAMME.questions.items() if q.scale == SCALE)
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


def _extract(
    tmp_path: Path, change: Callable[[pl.DataFrame, dict[str, str]], pl.DataFrame]
) -> tuple[str, dict[str, Any]]:
    """Drafts the extract after a change, told the column of each question; returns the open points and the draft."""
    contract: Contract = load_contract(ROOT / "data/contracts/boreal-2022.yaml", PROGRAMME)
    frame = pl.read_csv(delivered() / "2022/boreal_2022_v1.csv", infer_schema=False)
    known = contract.known_columns("")
    columns = {known[clean(c)]: c for c in frame.columns if clean(c) in known}
    path = tmp_path / "boreal_2022_v1.csv"
    change(frame, columns).write_csv(path)
    proposal, lines, body = draft(path, PROGRAMME)
    return "\n".join(undecided(proposal, lines)), body


def _numbers(turn: Callable[[int], int]) -> Callable[[pl.DataFrame, dict[str, str]], pl.DataFrame]:
    def change(frame: pl.DataFrame, columns: dict[str, str]) -> pl.DataFrame:
        name = columns[NOTE]
        turned = {str(n): str(turn(n)) for n in range(11)}
        return frame.with_columns(pl.col(name).replace(turned))

    return change


@pytest.mark.parametrize(
    ("turn", "why"), [(lambda n: n + 1, "note peut-être décalée"), (lambda n: 10 - n, "retournée")]
)
def test_a_note_that_is_shifted_or_turned_round_has_no_code(
    turn: Callable[[int], int], why: str, tmp_path: Path
) -> None:
    points, body = _extract(tmp_path, _numbers(turn))
    table = body["questions"][NOTE]["codage"]
    assert not set(body["codages"].get(table, {}).values()) & {*question_options(PROGRAMME, SCALE).labels}
    assert why in points
    straight, right = _extract(tmp_path, _numbers(lambda n: n))
    assert why not in straight
    assert len(right["codages"][right["questions"][NOTE]["codage"]]) >= 11


def test_answers_that_the_filters_they_command_contradict_are_open(tmp_path: Path) -> None:
    """Yes stands where no was meant: the questions put to those who said yes were put to the others."""
    points, body = _extract(
        tmp_path, lambda f, c: f.with_columns(pl.col(c["DT01"], c["DT03"]).replace({"Oui": "Non", "Non": "Oui"}))
    )
    tables = [body["questions"].get(code, {}).get("codage") for code in ("DT01", "DT03")]
    assert not any({"OUI", "NON"} & {*body["codages"].get(table, {}).values()} for table in tables if table)
    assert "que les filtres contredisent" in points


def test_a_reading_that_no_row_of_its_filters_confirms_is_not_sure() -> None:
    options = question_options(PROGRAMME, PROGRAMME.questions["DT01"].scale)
    column = Column("DT01", "DT01", {}, {"Oui": 40, "Non": 60}, 100, "")
    answers = Answers("unique", (column,), pl.DataFrame({"DT01": ["Oui"] * 40 + ["Non"] * 60}))
    source = Source(answers, options, readings(column.counts, {}, options, {}, ordered=True), False)
    for fit, sure in ((1.0, True), (0.0, False)):
        choice = choose(source, [Support(fit, ("DT02",))])
        assert choice is not None
        assert (choice.confidence >= DECIDED) is sure


def test_a_header_whose_code_is_another_question_s_is_open(tmp_path: Path) -> None:
    turned = {"CV02": "CV03", "CV03": "CV02"}

    def change(frame: pl.DataFrame, columns: dict[str, str]) -> pl.DataFrame:
        names = {
            c: f"{turned.get(q, q)} {QUESTIONS[q]['libelle']}" for q, c in columns.items() if q in turned or q == "CV04"
        }
        return frame.rename(names)

    points, body = _extract(tmp_path, change)
    assert not {*turned} & {*body["questions"]}
    assert "CV04" in body["questions"]
    assert "mais son en-tête porte le code de CV03" in points


def test_options_of_a_question_of_their_own_are_never_left_out_in_silence(tmp_path: Path) -> None:
    names = [f"Ce que vous faites le dimanche [{own}]" for own in ("Lecture", "Marche", "Cuisine")]

    def change(frame: pl.DataFrame, _: dict[str, str]) -> pl.DataFrame:
        said = pl.int_range(pl.len())
        marks = (pl.when(said % (i + 2) == 0).then(pl.lit("Oui")).otherwise(pl.lit("Non")) for i in range(3))
        return frame.with_columns(mark.alias(name) for mark, name in zip(marks, names, strict=True))

    points, body = _extract(tmp_path, change)
    assert all(f"colonne « {name} » : la rattacher, ou la laisser sous ignorees" in points for name in names)
    assert not {*names} & {*body["ignorees"]}


@pytest.mark.parametrize("code", ["PR04", "DT07", "CO09"])
def test_a_missing_column_leaves_open_the_words_that_it_shared(code: str, tmp_path: Path) -> None:
    """Two questions put to the same people by the same filter, their columns cut to the words that both have."""
    twins = [c for c, q in PROGRAMME.questions.items() if q.condition == PROGRAMME.questions[code].condition]
    shared = " ".join(str(QUESTIONS[code]["libelle"]).split()[:2])

    def change(frame: pl.DataFrame, columns: dict[str, str]) -> pl.DataFrame:
        names = {columns[c]: f"{shared} {i}" for i, c in enumerate(twins) if c in columns and c != code}
        return frame.drop(columns[code]).rename(names)

    _, body = _extract(tmp_path, change)
    seen = {f"{shared} {i}" for i in range(len(twins))}
    assert not {c: rule for c, rule in body["questions"].items() if rule.get("colonne") in seen}


@pytest.mark.parametrize("moved", [(0, 1), *(pytest.param(pair, marks=pytest.mark.long) for pair in ((1, 3), (2, 4)))])
@pytest.mark.parametrize("code", ["CV08", "PR05", "DN09"])
def test_options_without_a_label_are_in_no_order(code: str, moved: tuple[int, int], tmp_path: Path) -> None:
    """The order of another question's options, proved by filters, says nothing of these."""
    contract: Contract = load_contract(ROOT / "data/contracts/altair-2022.yaml", PROGRAMME)
    frame = pl.read_csv(delivered() / "2022/altair_aubepine.csv", separator=";", infer_schema=False)
    columns = list(contract.questions("")[code].colonnes.values())
    one, other = (columns[i % len(columns)] for i in moved)
    turned = frame.with_columns(pl.col(one).alias(other), pl.col(other).alias(one))
    for seen in (frame, turned):
        path = tmp_path / "altair_aubepine.csv"
        seen.write_csv(path, separator=";")
        proposal, lines, body = draft(path, PROGRAMME)
        assert code not in body["questions"]
        assert any(point.startswith(f"questions.{code} ") for point in undecided(proposal, lines))
        # filters look at each of these options but one
        assert "CO01" in body["questions"]


@pytest.mark.parametrize("write", [str, str.upper, lambda name: name.replace(" ", "  ")])
def test_the_official_name_of_an_organisme_names_it(write: Callable[[str], str]) -> None:
    rows = PROGRAMME.rows("organismes")
    official = {write(str(r["nom"])): r["organisme_code"] for r in rows}
    assert not {name.casefold() for name in official} & {*PROGRAMME.organisme_names}
    for kept in (rows[:1], rows[2:9], rows):
        counts = {
            name: 30 + i for i, name in enumerate(official) if official[name] in {r["organisme_code"] for r in kept}
        }
        roles = find_roles([Column("Bailleur", "Bailleur", {}, counts, sum(counts.values()), "")], PROGRAMME, "2022")
        role = roles["Bailleur"]
        assert (role.role, role.confidence >= DECIDED) == ("organisme", True), role
        # a contract does not know these names by itself: its line says them
        assert role.detail == {name: official[name] for name in counts}


def test_an_official_name_that_two_organismes_share_names_none(tmp_path: Path) -> None:
    for name in ("programme.yaml", "reference"):
        source = ROOT / "data" / name
        shutil.copytree(source, tmp_path / name) if source.is_dir() else shutil.copy(source, tmp_path)
    path = tmp_path / "reference/organismes.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    shared = lines[3].split(",")[1]
    cells = lines[4].split(",")
    lines[4] = ",".join([cells[0], shared, *cells[2:]])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    names = organisme_aliases(load_programme(tmp_path), official=True)
    assert not any(shared in said for said in names.values())
    assert any(lines[5].split(",")[1] in said for said in names.values())


@pytest.mark.parametrize(
    "others", [("Premier appel",), ("Premier appel", "Naissance"), ("Date d'entretien", "Premier appel")]
)
def test_two_dates_of_the_fieldwork_leave_that_of_the_interview_open(others: tuple[str, ...]) -> None:
    window = PROGRAMME.waves["2022"]
    days = [str(window.start + dt.timedelta(days=n % 50)) for n in range(120)]
    old = [str(dt.date(1950, 1, 1) + dt.timedelta(days=90 * n)) for n in range(120)]
    moment = Column("Fin", "Fin", {}, Counter(days), 120, "")
    alone = find_roles([moment, Column("Naissance", "Naissance", {}, Counter(old), 120, "")], PROGRAMME, "2022")
    assert alone["Fin"].role == "date_entretien" and alone["Fin"].confidence >= DECIDED
    said = [Column(n, n, {}, Counter(old if n == "Naissance" else days[::-1]), 120, "") for n in others]
    roles = find_roles([moment, *said], PROGRAMME, "2022")
    [held] = [role for role in roles.values() if role.role == "date_entretien"]
    assert held.confidence < DECIDED
    assert "« Fin »" in held.reason and "« Premier appel »" in held.reason and "« Naissance »" not in held.reason


def test_alignment_spreads_its_doubt_where_nothing_tells_two_places_apart() -> None:
    weights = np.array([[5.0, 5.0, -40.0], [-40.0, -40.0, 5.0]])
    posterior = _posterior(weights)
    assert posterior[0, 0] == pytest.approx(posterior[0, 1], abs=0.001)
    assert posterior[0, 0] == pytest.approx(0.5, abs=0.01)
    assert posterior[1, 2] > 0.99
