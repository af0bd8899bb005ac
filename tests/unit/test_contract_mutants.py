"""Contracts edited as a tired person would: what is turned, swapped, shifted or merged, by codes and by words, is counted.

A mutant passes in silence only where nothing contradicts it: codes without words, in all the questions of a scale at once,
from a sender without an earlier contract.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from orchestration.programme import Programme
from tests.support.contracts import faults_of
from tests.support.mini import TABLES, mini_contract, mini_programme, write_contract

SCALES = {
    "fr": {
        "SAT": ["Très satisfait", "Plutôt satisfait", "Plutôt pas satisfait", "Pas du tout satisfait"],
        "QUAL": ["Très bonne", "Assez bonne", "Assez mauvaise", "Très mauvaise"],
        "ACC": ["Tout à fait d'accord", "Plutôt d'accord", "Plutôt pas d'accord", "Pas du tout d'accord"],
        "ON": ["Oui", "Non"],
    },
    "en": {
        "SAT": [
            "Very satisfied",
            "Fairly satisfied",
            "Neither satisfied nor dissatisfied",
            "Fairly dissatisfied",
            "Very dissatisfied",
        ],
        "QUAL": ["Very good", "Fairly good", "Fairly poor", "Very poor"],
        "ACC": ["Strongly agree", "Slightly agree", "Slightly disagree", "Strongly disagree"],
        "ON": ["Yes", "No"],
    },
}
# the same levels in words that are nobody's labels, by scale and place; the languages cross
SYNONYMS = {
    "fr": {
        "SAT": [
            ["Tout à fait satisfait", "Very satisfied"],
            ["Assez satisfait", "Fairly satisfied"],
            ["Peu satisfait", "Fairly dissatisfied"],
            ["Très insatisfait", "Very dissatisfied"],
        ],
        "QUAL": [["Very good", "Vraiment bonne"], ["Fairly good"], ["Fairly poor"], ["Very bad", "Vraiment mauvaise"]],
        "ON": [["O", "Yes", "Vrai"], ["N", "No", "Faux"]],
    },
    "en": {
        "SAT": [
            ["Extremely satisfied", "Très satisfait"],
            ["Quite satisfied", "Plutôt satisfait"],
            [],
            ["Quite dissatisfied", "Plutôt insatisfait"],
            ["Extremely dissatisfied", "Très insatisfait"],
        ],
        "QUAL": [["Extremely good"], ["Quite good", "Assez bien"], ["Quite poor"], ["Extremely poor", "Très mauvais"]],
        "ON": [["Y", "True"], ["N", "False"]],
    },
}
STATUSES = {
    "fr": {
        "NSP": ["Ne sait pas", "NSP", "Sans opinion"],
        "REFUS": ["Refus", "Ne souhaite pas répondre"],
        "NC": ["Non concerné", "Sans objet"],
    },
    "en": {
        "NSP": ["Don't know", "Not sure", "No opinion"],
        "REFUS": ["Refused", "Prefer not to say"],
        "NC": ["Not applicable", "Does not apply"],
    },
}
AXES = {
    "fr": {
        "zone": ["Ville centre", "Banlieue", "Campagne"],
        "age": ["Moins de 35 ans", "35 à 49 ans", "50 ans et plus"],
        "lift": ["Avec ascenseur", "Sans ascenseur"],
    },
    "en": {
        "zone": ["City centre", "Suburbs", "Country"],
        "age": ["Under 35", "35 to 49", "50 and over"],
        "lift": ["With a lift", "Without a lift"],
    },
}
# how other senders write these segments; none where only their labels say them
SEGMENTS = {
    "fr": {"age": ["< 35 ans", "35-49 ans", "plus de 50 ans"], "lift": ["O", "N"]},
    "en": {"age": ["under 35 years", "35-49", "over 50"], "lift": ["Yes", "No"]},
}
CODES, LABELS, OTHER_WORDS = "codes", "labels", "other words"
Table = dict[str, str]


@dataclass(frozen=True)
class Drawn:
    """A sound contract: how each scale and axis is written, and which of them a question is asked on."""

    language: str
    how: str
    tables: Mapping[str, Table]
    axes: Mapping[str, Table]
    questions: Mapping[str, str]
    history: bool


def _programme(root: Path, language: str) -> Programme:
    scales = SCALES[language]
    head, _ = TABLES["modalites"]
    assert head.startswith("echelle,modalite_code,ordre,libelle,statut_reponse,est_satisfait")
    options = []
    for scale, labels in scales.items():
        for at, label in enumerate(labels):
            side = "oui" if 2 * at + 1 < len(labels) else "non"
            options.append(f'{scale},{scale[0]}L{at},{at + 1},"{label}",exprime,{side},non,')
    names = {"NSP": "ne_sait_pas", "REFUS": "refus", "NC": "non_concerne"}
    common = [f'TOUTES,{c},{91 + i},"{STATUSES[language][c][0]}",{s},,oui,' for i, (c, s) in enumerate(names.items())]
    common += ["TOUTES,SR,94,Sans réponse,sans_reponse,,oui,", "TOUTES,FILTRE,95,Filtré,filtre,,oui,"]
    common += ["TOUTES,NON_POSE,96,Non posé,non_pose,,oui,"]
    asked = [(f"{scale}{i}", scale) for scale in scales for i in range(1, 6)]
    segments = ["ensemble,tous,1,Tous,,"]
    segments += [
        f'{axis},{axis[0].upper()}S{at},{at + 1},"{label}",,'
        for axis, labels in {"type_construction": ["Collectif", "Individuel"], **AXES[language]}.items()
        for at, label in enumerate(labels)
    ]
    return mini_programme(
        root,
        tables={
            "echelles": [f"{scale},unique,{scale},note sur 10" for scale in scales],
            "modalites": options + common,
            "questions": [
                f"{code},T1,{at},Question {code},Et {code} ?,proposition,{scale},,,{'oui' if at == 1 else 'non'},essai"
                for at, (code, scale) in enumerate(asked, 1)
            ],
            "questions_vagues": [
                f"{c},{v},{e}," for c, _ in asked for v, e in (("V1", "premiere"), ("V2", "identique"))
            ],
            "baremes": [f"B,1,Linéaire,SAT,SL{i},{10 - 2 * i}" for i in range(len(scales["SAT"]))],
            "axes": [f"{a},{i},{a},," for i, a in enumerate(["ensemble", "type_construction", *AXES[language]])],
            "segments": segments,
            "plan_sondage": [f"{v},O1,TS{i},100,10" for v in ("V1", "V2") for i in (0, 1)],
            "references_nationales": [],
        },
    )


def _draw(chance: random.Random, language: str) -> Drawn:
    how = chance.choice((CODES, LABELS, OTHER_WORDS))
    tables, scales = {}, dict(SCALES[language])
    if how == OTHER_WORDS:
        scales.pop("ACC")
    for scale, labels in scales.items():
        codes = [f"{scale[0]}L{at}" for at in range(len(labels))]
        if how == CODES:
            start, order = chance.choice((0, 1)), chance.choice((1, -1))
            table = dict(zip([str(start + i) for i in range(len(codes))], codes[::order], strict=True))
            tables[scale] = table | {"97": "REFUS", "98": "NC", "99": "NSP"}
            continue
        words = dict(zip(labels, codes, strict=True))
        if how == OTHER_WORDS:
            said = zip(SYNONYMS[language][scale], labels, codes, strict=True)
            words = {chance.choice(names) if names else label: code for names, label, code in said}
        tables[scale] = words | {chance.choice(names): code for code, names in STATUSES[language].items()}
    axes = {}
    for axis, labels in AXES[language].items():
        codes = [f"{axis[0].upper()}S{at}" for at in range(len(labels))]
        values = [str(i) for i in range(len(labels))] if how == CODES else labels
        if how == OTHER_WORDS:
            values = SEGMENTS[language].get(axis, values)
        axes[axis] = dict(zip(values, codes, strict=True))
    return Drawn(language, how, tables, axes, {}, chance.random() < 0.5)


def _body(drawn: Drawn, wave: str, own: Mapping[str, Table] | None = None) -> dict[str, Any]:
    """Returns the contract of a wave; `own` gives some questions a table of their own."""
    questions = {}
    for scale in SCALES[drawn.language]:
        for i in range(1, 6):
            table = drawn.tables.get(scale) or _fallback(drawn.language, scale)
            questions[f"{scale}{i}"] = {"colonne": f"Q_{scale}{i}", "codage": (own or {}).get(f"{scale}{i}", table)}
    axes: dict[str, Any] = {axis: {"colonne": f"X_{axis}", "codage": table} for axis, table in drawn.axes.items()}
    axes["type_construction"] = {"colonne": "TC", "codage": {"C": "TS0", "I": "TS1"}}
    return mini_contract(wave, questions=questions, axes=axes, codages={}, fichiers=[f"{wave}*"])


def _fallback(language: str, scale: str) -> Table:
    return {label: f"{scale[0]}L{at}" for at, label in enumerate(SCALES[language][scale])}


def _mutations(chance: random.Random, table: Table, statuses: set[str]) -> Iterator[tuple[str, Table]]:
    """Yields what a tired person makes of a table: its levels turned, two swapped, shifted, merged; its non-answers."""
    own = {value: code for value, code in table.items() if code not in statuses}
    values, codes = list(own), list(own.values())
    yield "turned", table | dict(zip(values, codes[::-1], strict=True))
    one, other = chance.sample(values, 2)
    yield "swapped", table | {one: own[other], other: own[one]}
    if len(codes) > 2:
        yield "shifted", table | dict(zip(values, codes[1:] + codes[:1], strict=True))
    silent = [value for value, code in table.items() if code in statuses]
    if silent:
        value = chance.choice(silent)
        yield "no answer as a level", table | {value: chance.choice(codes)}
        yield "level and no answer exchanged", table | {value: own[one], one: table[value]}


def _count(root: Path, rounds: int) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]], list[str]]:
    """Returns the mutants drawn and those that pass in silence, by kind; and what is said of contracts that are sound."""
    chance, wrongly = random.Random(7), []
    drawn_of: Counter[tuple[str, ...]] = Counter()
    silent: Counter[tuple[str, ...]] = Counter()
    statuses = {"NSP", "REFUS", "NC"}
    for language in SCALES:
        place = root / language
        programme = _programme(place, language)
        for _ in range(rounds):
            drawn = _draw(chance, language)
            for path in (place / "contracts").glob("*.yaml"):
                path.unlink()
            if drawn.history:
                write_contract(place, _body(drawn, "V1"))
            wrongly += faults_of(write_contract(place, _body(drawn, "V2")), programme)
            past = "history" if drawn.history else "no history"
            for scale, table in drawn.tables.items():
                for change, wrong in _mutations(chance, table, statuses):
                    alone = {f"{scale}{chance.randint(1, 5)}": wrong}
                    all_of_it = {f"{scale}{i}": wrong for i in range(1, 6)}
                    for where, own in (("one question", alone), ("the scale", all_of_it)):
                        kind = (drawn.how, where, past, change)
                        drawn_of[kind] += 1
                        silent[kind] += not faults_of(write_contract(place, _body(drawn, "V2", own)), programme)
            for axis, table in drawn.axes.items():
                for change, wrong in _mutations(chance, table, statuses):
                    kind = (drawn.how, "axis", past, change)
                    body = _body(replace(drawn, axes={**drawn.axes, axis: wrong}), "V2")
                    drawn_of[kind] += 1
                    silent[kind] += not faults_of(write_contract(place, body), programme)
    return drawn_of, silent, wrongly


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Counter, Counter, list[str]]:
    """What `_count` returns."""
    return _count(tmp_path_factory.mktemp("mutants"), 6)


def test_a_sound_contract_is_not_refused(counted: tuple[Counter, Counter, list[str]]) -> None:
    assert counted[2] == []


def test_only_what_nothing_contradicts_passes_in_silence(counted: tuple[Counter, Counter, list[str]]) -> None:
    drawn, silent, _ = counted
    for kind, passed in sorted(silent.items()):
        print(*kind, passed, "of", drawn[kind])
    blind = {kind for kind in drawn if kind[0] == CODES and kind[1] != "one question" and kind[2] == "no history"}
    print(sum(silent.values()), "of", sum(drawn.values()), "; elsewhere", sum(silent[k] for k in {*drawn} - blind))
    assert sum(drawn[kind] for kind in blind) > 0
    assert {kind: passed for kind, passed in silent.items() if passed and kind not in blind} == {}
