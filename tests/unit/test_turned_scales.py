"""A scale read upside down, shifted or merged does not pass: the check of the contract refuses it, or a gate withholds it.

Nor do options that are read under one another's names, or yes for no, where several may be given.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.election import Peers
from orchestration.extracts.ingest import ingest
from orchestration.extracts.inventory import Inventory
from orchestration.plausibility.contrariety import against_others
from orchestration.plausibility.deliveries import judge_lots
from orchestration.plausibility.questions import measure_questions
from orchestration.plausibility.several_answers import Usually, measures_of
from orchestration.plausibility.suites import thresholds
from orchestration.programme import Programme, load_programme
from tests.support.contracts import faults_of
from tests.support.demo import delivered

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "data/contracts/altair-2022.yaml"
ORGANISME = "AUBEPINE"
FILES = {"2019": ["altair2019_aubepine.csv"], "2022": ["altair_aubepine.csv", "boreal_2022_v1.csv"]}
PROGRAMME = load_programme(ROOT / "data")
BODY = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
TABLES = {q["codage"]: PROGRAMME.questions[c].scale for c, q in BODY["questions"].items() if "colonne" in q}


def _mutants() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yields each code map of the contract turned, shifted each way, and with each two neighbours under one code."""
    for table, scale in TABLES.items():
        own = {v: c for v, c in BODY["codages"][table].items() if c in PROGRAMME.options[scale]}
        values, codes = list(own), list(own.values())
        yield table, "turned", dict(zip(values, codes[::-1], strict=True))
        if len(codes) > 2:
            yield table, "shifted up", dict(zip(values, codes[1:] + codes[:1], strict=True))
            yield table, "shifted down", dict(zip(values, codes[-1:] + codes[:-1], strict=True))
        for one, other in pairwise(codes):
            yield table, f"{other} as {one}", {v: one if c == other else c for v, c in own.items()}


MUTANTS = list(_mutants())
SEVERAL = {c: q for c, q in BODY["questions"].items() if "multiple" in q}
# an option that excludes all others is missed at once under another name: these have none, so that the gates are alone
OPEN = ("CV08", "DN09", "PR05")


def _renamed(question: dict[str, Any], change: str) -> dict[str, Any]:
    """Returns a question of several answers whose options are read from one another's columns, or yes for no."""
    if change == "contrary":
        return {**question, "oui": question["non"], "non": question["oui"]}
    options, columns = zip(*question["colonnes"].items(), strict=True)
    order = {"shifted up": columns[1:] + columns[:1], "shifted down": columns[-1:] + columns[:-1]}.get(change)
    return {**question, "colonnes": dict(zip(options, order or columns[::-1], strict=True))}


def _contract(root: Path, table: str, changed: dict[str, str]) -> Path:
    codages = {**BODY["codages"], table: {**BODY["codages"][table], **changed}}
    # the check would refuse it: a reason is given, so that the gates are alone to see it
    own = {c: {**q, "codage_propre": "essai"} for c, q in BODY["questions"].items() if q["codage"] == table}
    return _written(root, {"codages": codages, "questions": {**BODY["questions"], **own}})


def _written(root: Path, changed: dict[str, Any]) -> Path:
    body = {**BODY, **changed}
    (root / "contracts").mkdir(parents=True, exist_ok=True)
    path = root / "contracts" / CONTRACT.name
    path.write_text(yaml.safe_dump(body, allow_unicode=True), encoding="utf-8")
    return path


# where codes are all there is to read, and a reason is given for them
PASSES_THE_CHECK = "turned", "shifted up", "shifted down"


@pytest.mark.parametrize(("table", "change", "codage"), MUTANTS)
def test_a_merged_scale_is_refused_by_the_check(
    table: str, change: str, codage: dict[str, str], tmp_path: Path
) -> None:
    faults = faults_of(_contract(tmp_path, table, codage), PROGRAMME)
    if change not in PASSES_THE_CHECK:
        assert any(f"codages.{table}" in said for said in faults)


def _judged(root: Path) -> tuple[Programme, Inventory]:
    programme = load_programme(root)
    for delivery in deliveries(programme, load_contracts(programme)):
        ingest(delivery, programme)
    return programme, judge_lots(programme)


def _held_back(programme: Programme, inventory: Inventory) -> set[str]:
    """Returns the questions of the organisme that are not published; all of them where its lot is refused."""
    if ("2022", ORGANISME) not in inventory.election.elected:
        return set(programme.questions)
    return {question for wave, organisme, question in inventory.excluded if (wave, organisme) == ("2022", ORGANISME)}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programme with the organisme's two waves, and other organismes of the second."""
    root = tmp_path_factory.mktemp("programme")
    for name in ("programme.yaml", "reference"):
        (root / name).symlink_to(ROOT / "data" / name)
    shutil.copytree(ROOT / "data/contracts", root / "contracts")
    for wave, names in FILES.items():
        (root / "landing" / wave).mkdir(parents=True)
        for name in names:
            shutil.copy(delivered() / wave / name, root / "landing" / wave)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
        assert _held_back(*_judged(root)) == set()
    return root


@pytest.mark.parametrize(("table", "change", "codage"), [m for m in MUTANTS if m[1] in PASSES_THE_CHECK])
def test_a_turned_or_shifted_scale_is_held_back_by_a_gate(
    table: str, change: str, codage: dict[str, str], lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    root = tmp_path / "programme"
    shutil.copytree(lake, root, symlinks=True)
    _contract(root, table, codage)
    held = _held_back(*_judged(root))
    questions = {c for c, q in BODY["questions"].items() if q["codage"] == table}
    print(table, change, len(held & questions), "of", len(questions))
    assert questions
    assert questions <= held


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("change", ["contrary", "shifted up", "shifted down", "turned"])
def test_options_read_under_other_names_are_held_back_by_a_gate(
    change: str, alone: bool, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Be they compared with the wave before or, without one, with what the other organismes answer."""
    assert not [
        r
        for r in PROGRAMME.rows("modalites")
        if r["echelle"] in {PROGRAMME.questions[c].scale for c in OPEN} and r["exclusive"] == "oui"
    ]
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    root = tmp_path / "programme"
    shutil.copytree(lake, root, symlinks=True)
    if alone:
        shutil.rmtree(root / "landing/2019")
    changed = {code: _renamed(SEVERAL[code], change) for code in OPEN}
    _written(root, {"questions": {**BODY["questions"], **changed}})
    print(change, alone, held := _held_back(*_judged(root)))
    # who is not asked says no: read as yes, that refuses the file
    assert held == (set(PROGRAMME.questions) if change == "contrary" else set(OPEN))


def test_one_question_that_goes_against_the_others_is_held_back_alone(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its codes are said to be its own, which they are not; in a first wave no distribution tells."""
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    root = tmp_path / "programme"
    shutil.copytree(lake, root, symlinks=True)
    shutil.rmtree(root / "landing/2019")
    turned = {"colonne": BODY["questions"]["CO05"]["colonne"], "codage": "sat4_inverse", "codage_propre": "essai"}
    body = {**BODY, "questions": {**BODY["questions"], "CO05": turned}}
    path = root / "contracts" / CONTRACT.name
    path.write_text(yaml.safe_dump(body, allow_unicode=True), encoding="utf-8")
    assert _held_back(*_judged(root)) == {"CO05"}


def test_independent_answers_go_against_nothing() -> None:
    programme = load_programme(ROOT / "data")
    asked = [c for c, q in programme.questions.items() if q.scale == "SAT4" and "2022" in q.waves]
    chance, worst = np.random.default_rng(5), -1.0
    for size in (10, 30, 60, 100, 400) * 12:
        answers = pl.DataFrame({c: chance.choice(["TS", "PS", "PPS", "PDT", "NSP"], size) for c in asked})
        worst = max(worst, *against_others(answers, programme, "2022").values())
    assert worst <= thresholds()["contresens_plafond"]


def test_an_organisme_without_a_wave_before_is_compared_with_the_others(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    root = tmp_path / "programme"
    shutil.copytree(lake, root, symlinks=True)
    shutil.rmtree(root / "landing/2019")
    programme, inventory = _judged(root)
    assert _held_back(programme, inventory) == set()
    assert all(candidate.peers != Peers() for candidate in inventory.election.candidates.values())
    # no filter looks at these answers: nothing but the others tells that they are turned
    _contract(root, "oui_non_encours", next(m[2] for m in MUTANTS if m[:2] == ("oui_non_encours", "turned")))
    held = _held_back(*_judged(root))
    assert held == {c for c, q in BODY["questions"].items() if q["codage"] == "oui_non_encours"}


def test_nothing_of_the_demonstration_is_withheld(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The organismes of the demonstration differ, and change, as organismes do."""
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    for name in ("programme.yaml", "reference", "contracts"):
        (tmp_path / name).symlink_to(ROOT / "data" / name)
    shutil.copytree(delivered(), tmp_path / "landing")
    _, inventory = _judged(tmp_path)
    rules = {
        "modalite_absente",
        "distribution_retournee",
        "echelle_retournee",
        "echelle_deplacee",
        "echelle_contraire",
        "echelle_etrangere",
        "question_a_contresens",
        "modalites_en_desordre",
        "echelle_a_moitie_vide",
        "modalite_delaissee",
        "modalites_permutees",
        "echelle_permutee",
        "modalites_etrangeres",
        "modalite_plus_citee",
    }
    suites = [c.suites for c in inventory.election.candidates.values() if c.suites]
    assert {r.rule for said in suites for r in said.rules if not r.held} & rules == set()
    assert rules <= {r.rule for said in suites for r in said.rules}


def test_chance_turns_no_question() -> None:
    """Two waves drawn from one population differ, and on which side of the middle they fall proves nothing."""
    programme = load_programme(ROOT / "data")
    chance = random.Random(11)
    yes_no = [c for c, q in programme.questions.items() if q.scale == "OUI_NON" and "2019" in q.waves][:3]
    sat = [c for c, q in programme.questions.items() if q.scale == "SAT4" and "2019" in q.waves][:10]
    worst = dict.fromkeys(("retournement", "retournement_echelle", "decalage_echelle", "attendues_absentes"), 0.0)
    for _ in range(300):
        size = chance.choice((30, 50, 100, 400))
        waves = []
        for _ in range(2):
            drawn = {c: Counter(chance.choices(["OUI", "NON"], k=size)) for c in yes_no}
            drawn |= {c: Counter(chance.choices(["TS", "PS", "PPS", "PDT"], [2, 3, 3, 2], k=size)) for c in sat}
            waves.append({c: {option: float(n) for option, n in found.items()} for c, found in drawn.items()})
        for row in measure_questions(waves[0], waves[1], {}, programme, "2019", 30, {}):
            worst = {name: max(value, row[name] or 0.0) for name, value in worst.items()}
    limits = thresholds()
    assert worst["retournement"] <= limits["retournement_plafond"]
    assert worst["retournement_echelle"] <= limits["retournement_echelle_plafond"]
    assert worst["decalage_echelle"] <= limits["decalage_echelle_plafond"]
    assert worst["attendues_absentes"] <= limits["attendues_absentes_plafond"]


@pytest.mark.parametrize("size", [50, 100, 300, 800])
@pytest.mark.parametrize("spread", [0.0, 0.2, 0.3])
def test_options_that_are_cited_more_or_less_are_not_taken_for_one_another(size: int, spread: float) -> None:
    """Options of generated questions, whose odds in another wave or at another organisme are e^spread times as high."""
    chance, limits = np.random.default_rng(size), thresholds()
    found = {"permutation": 0, "permutation_autres": 0}
    shifted, tries = 0, 400
    for _ in range(tries):
        odds = chance.normal(-1.2, 1, chance.integers(3, 12))
        before, now = _answered(chance, odds, size), _answered(chance, odds + chance.normal(0, spread, odds.size), size)
        names = [f"O{i}" for i in range(odds.size)]
        usual = [before[name] / before["*"] for name in names]
        moved = {"*": now["*"]} | {name: now[names[i - 1]] for i, name in enumerate(names)}
        for given, counts in ((now, False), (moved, True)):
            rows = {
                "permutation": measures_of(given, before, None, names, [], 30),
                "permutation_autres": measures_of(given, {}, Usually(usual, usual), names, [], 30),
            }
            told = {name: (row[name] or 0) > limits[f"{name}_plafond"] for name, row in rows.items()}
            if counts:
                shifted += told["permutation"]
            else:
                found = {name: found[name] + told[name] for name in found}
    assert max(found.values()) <= 0.005 * tries
    # few respondents tell little
    assert shifted >= (0.3 if size == 50 else 0.5) * tries


def _answered(chance: np.random.Generator, odds: np.ndarray[Any, Any], size: int) -> dict[str, float]:
    cited = chance.random((size, odds.size)) < 1 / (1 + np.exp(-odds))
    given = cited[cited.any(axis=1)]
    return {"*": float(len(given))} | {f"O{i}": float(n) for i, n in enumerate(given.sum(axis=0))}


@pytest.mark.parametrize("side", [["TS", "PS"], ["PPS", "PDT"]])
@pytest.mark.parametrize("size", [99, 100, 400])
def test_a_scale_of_which_one_side_is_empty_is_told_where_nothing_compares(side: list[str], size: int) -> None:
    programme = load_programme(ROOT / "data")
    sat = [c for c, q in programme.delivered_questions.items() if q.scale == "SAT4" and "2019" in q.waves][:6]
    yes_no = [c for c, q in programme.delivered_questions.items() if q.scale == "OUI_NON" and "2019" in q.waves]
    drawn = {c: {side[0]: size / 2, side[1]: size - size / 2, "NSP": 3.0} for c in sat} | {yes_no[0]: {"OUI": 500.0}}
    limit = thresholds()["cote_vide_maximum"]

    def told(now: dict[str, dict[str, float]], before: dict[str, dict[str, float]]) -> set[str]:
        rows = measure_questions(now, before, {}, programme, "2019", 30, {})
        return {row["question_code"] for row in rows if (row["cote_vide"] or 0) > limit}

    assert told(drawn, {}) == ({*sat} if size > 99 else set())
    # one answer of the other side is enough to know that it is read
    other = {"TS": "PDT", "PPS": "PS"}[side[0]]
    assert told({**drawn, sat[0]: {**drawn[sat[0]], other: 1.0}}, {}) == set()
    before = {c: dict.fromkeys(("TS", "PS", "PPS", "PDT"), 100.0) for c in sat}
    assert told(drawn, before) == set()
