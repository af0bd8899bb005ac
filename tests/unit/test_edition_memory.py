"""What the lake remembers of editions, and what the gate says of the next one by it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration.extracts.lake import Lake
from orchestration.programme import Programme
from orchestration.publication.editions import DATABASE, Editions
from orchestration.publication.gates import GATES, GateResult
from orchestration.publication.losses import Standing, standings
from orchestration.publication.memory import REGION, brought, perimeters, remember, remembered, rules, with_memory
from tests.support.mini import TABLES, mini_programme

STANDINGS = {("V1", code): Standing(100, f"{code}-1") for code in "AB"}
FAMILLES = {"A": "F", "B": "F", "C": "F", "D": "G", "E": "G", "H": "G"}


def _known(stamp: str) -> dict[tuple[str, str], Standing]:
    return {("V1", "A"): replace(STANDINGS["V1", "A"], brought=stamp, perimeters=frozenset({REGION, "famille F"}))}


def test_what_an_edition_was_made_of_is_kept_as_long_as_the_edition(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    remember(lake, "V1-0.0", _known("x"), {"plancher": ["5"]}, [])
    remember(lake, "V1-0.1", _known("y"), {}, ["V1-0.0"])
    assert remembered(lake, "V1-0.0", STANDINGS) == (STANDINGS | _known("x"), {"plancher": ["5"]})
    remember(lake, "V1-0.2", STANDINGS, {}, ["V1-0.1"])
    assert remembered(lake, "V1-0.0", STANDINGS) == remembered(lake, "V1-0.2", STANDINGS) == (STANDINGS, {})


def test_what_older_code_remembered_is_read(tmp_path: Path) -> None:
    path = tmp_path / "lake/apports/V1-0.0.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"V1/A": "x"}), encoding="utf-8")
    stamped = STANDINGS | {("V1", "A"): replace(STANDINGS["V1", "A"], brought="x")}
    assert remembered(Lake(tmp_path), "V1-0.0", STANDINGS) == (stamped, {})
    path.write_text("{", encoding="utf-8")
    assert remembered(Lake(tmp_path), "V1-0.0", STANDINGS) == (STANDINGS, {})


def _warehouse(path: Path, familles: Mapping[str, str], weight: float = 2.0, n: float = 1.0) -> Path:
    """A warehouse of one wave: each organisme gave one answer of that weight; A alone weighs what `weight` says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema intermediaire")
        connection.execute(
            "create table intermediaire.int_comptage_extrapole (vague varchar, organisme_code varchar, strate varchar,"
            " unite_primaire varchar, axe varchar, segment varchar, question_code varchar, modalite_code varchar,"
            " n double, w double)"
        )
        connection.execute(
            "create table intermediaire.int_perimetres (methode varchar, vague varchar, vague_mesuree varchar,"
            " perimetre_type varchar, perimetre varchar, vague_precedente varchar, organisme_code varchar)"
        )
        for code, famille in familles.items():
            w = weight if code == "A" else 2.0
            count = ["V1", code, "COL", "", "ensemble", "tous", "G1", "TS", n, w]
            connection.execute(f"insert into intermediaire.int_comptage_extrapole values ({','.join('?' * 10)})", count)
            sets = [("publie", "V1", "region", "region", None), ("publie", "V1", "famille", famille, None),
                    ("panel_constant", "V2", "region", "region", "V1"),
                    ("publie", "V1", "organisme", code, None), ("reste", "V1", "organisme", "Z", None)]  # fmt: skip
            for method, wave, kind, name, former in sets:
                line = [method, wave, "V1", kind, name, former, code]
                connection.execute("insert into intermediaire.int_perimetres values (?, ?, ?, ?, ?, ?, ?)", line)
    return path


def _stamps(path: Path) -> dict[tuple[str, str], str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return brought(connection)


def test_another_weight_or_count_is_another_fingerprint(tmp_path: Path) -> None:
    """Margins act on weights, the plan too: what they change is seen there."""
    first, *others = [
        _stamps(_warehouse(tmp_path / "w.duckdb", FAMILLES, **values))
        for values in ({}, {"weight": 2.1}, {"n": 2.0}, {})
    ]
    assert [sorted(code for (wave, code) in first if first[wave, code] != other[wave, code]) for other in others] == [
        ["A"], [*FAMILLES], [],
    ]  # fmt: skip


def test_sets_are_those_of_which_figures_are_published(tmp_path: Path) -> None:
    with duckdb.connect(str(_warehouse(tmp_path / "w.duckdb", FAMILLES)), read_only=True) as connection:
        assert perimeters(connection)["V1", "D"] == {REGION, "famille G", "région, panel constant V1 - V2"}


def test_rules_are_what_makes_figures_of_answers(tmp_path: Path) -> None:
    def of(name: str, **choices: object) -> dict[str, list[str]]:
        return rules(mini_programme(tmp_path / name, **choices))  # type: ignore[arg-type]

    def told(other: dict[str, list[str]]) -> set[str]:
        return {name for name in before if before[name] != other[name]}

    secret = {"protection": 0.1, "base_unanime": 0}
    before = of("a", secret=secret, base_minimale=30)
    assert told(of("b", secret=secret | {"plancher": 6}, base_minimale=30)) == {"plancher"}
    assert told(of("c", secret=secret, base_minimale=20)) == {"base_minimale"}
    assert (
        told(of("d", secret=secret | {"editions_successives": "refuser"}, base_minimale=30, editions_conservees=9))
        == set()
    )
    scorings = [line.replace(",TS,10", ",TS,9") for line in TABLES["baremes"][1]]
    assert told(of("e", secret=secret, base_minimale=30, tables={"baremes": scorings})) == {"baremes.csv"}
    reworded = [line.replace("Linéaire", "Tout droit") for line in TABLES["baremes"][1]]
    assert told(of("f", secret=secret, base_minimale=30, tables={"baremes": reworded})) == set()


def _candidate(path: Path, codes: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema observatoire")
        connection.execute(
            "create table observatoire.obs_couverture as select 'V1' as vague, code as organisme_code, 100 as"
            " nb_entretiens, code || '-1' as livraison, 'inclus' as statut from unnest(?) as t(code)",
            [list(codes)],
        )


def _gate(programme: Programme, familles: Mapping[str, str]) -> GateResult:
    _warehouse(programme.settings.warehouse, familles)
    _candidate(programme.settings.candidate, "".join(familles))
    return GATES["rien_d_isole"](programme)


@pytest.mark.parametrize("choice", ["signaler", "refuser"])
def test_the_gate_tells_who_moved_and_which_rules_are_others(tmp_path: Path, choice: str) -> None:
    def programme(**secret: object) -> Programme:
        shared = {"protection": 0.1, "base_unanime": 0, "editions_successives": choice}
        return mini_programme(tmp_path, secret=shared | secret, organismes_minimum=3, dominance_maximum=0.85)

    before = programme()
    assert _gate(before, FAMILLES).sentence == "Première édition : rien à en soustraire."
    editions, lake = Editions(before.settings.published), Lake(tmp_path)
    _candidate(editions.folder("V2-0.0") / DATABASE, "".join(FAMILLES))
    (editions.folder("V2-0.0") / "manifeste.json").touch()
    made_of = with_memory(standings(before.settings.candidate), before.settings.warehouse)
    remember(lake, "V2-0.0", made_of, rules(before), [])
    assert _gate(before, FAMILLES).passed

    moved = _gate(before, FAMILLES | {"A": "G"})
    assert (moved.passed, moved.refuses, moved.figures) == (False, choice == "refuser", {"isoles": 1, "regles": 0})
    assert (
        "ont changé depuis une édition encore lisible (A en V1 (famille F) depuis l'édition V2-0.0) :" in moved.sentence
    )

    other = _gate(programme(plancher=6), FAMILLES)
    assert (other.passed, other.refuses, other.figures) == (False, choice == "refuser", {"isoles": 0, "regles": 1})
    assert other.sentence.startswith("Des règles ne sont plus celles d'une édition encore lisible")
    assert "(plancher depuis l'édition V2-0.0)" in other.sentence
