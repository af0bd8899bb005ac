"""The example that docs/methode.md works by hand is the demo's, and the warehouse finds what the hand found."""

from __future__ import annotations

import duckdb
import pytest

from tests.support.demo import Demo
from tests.unit.test_method_page import NOTES, SATISFIED, stratified, worked_example

WAVE, ORGANISME, QUESTION = "2022", "RENONCULE", "PR01"


def test_the_counts_are_the_demos(demo: Demo) -> None:
    with duckdb.connect(str(demo.root / "warehouse" / "observatoire.duckdb"), read_only=True) as connection:
        counted = connection.execute(
            """
            select s.strate, s.population, c.modalite_code, c.n::bigint
            from intermediaire.comptage as c
            inner join intermediaire.int_strates as s using (vague, organisme_code, strate)
            where (c.vague, c.organisme_code, c.question_code, c.axe) = (?, ?, ?, 'ensemble') and c.modalite_code <> 'FILTRE'
            """,
            [WAVE, ORGANISME, QUESTION],
        ).fetchall()
    said = {
        (code, population, option, n)
        for code, population, _, answers in worked_example()
        for option, n in answers.items()
    }
    assert set(counted) == said


def test_the_warehouse_finds_what_the_hand_found(demo: Demo) -> None:
    asked = """
        select note_moyenne, note_erreur_type, taux_satisfaits, taux_erreur_type from {table}
        where perimetre_type = 'organisme' and axe = 'ensemble' and (vague, perimetre, question_code) = (?, ?, ?)
    """
    by_hand = [*stratified(NOTES), *stratified(SATISFIED)]
    with duckdb.connect(str(demo.root / "warehouse" / "observatoire.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute(asked.format(table="intermediaire.int_satisfaction"), [WAVE, ORGANISME, QUESTION])
        assert found.fetchone() == pytest.approx(by_hand, rel=1e-12)
    with duckdb.connect(str(demo.root / "published" / "organismes" / f"{ORGANISME}.duckdb"), read_only=True) as own:
        found = own.execute(asked.format(table="observatoire.fct_satisfaction"), [WAVE, ORGANISME, QUESTION])
        assert found.fetchone() == pytest.approx(by_hand, rel=5e-3, abs=5e-5)


def test_complete_interviews_count_for_what_their_weights_are_worth(demo: Demo) -> None:
    """Kish's size, of the interviews that answered every question of the model, told by the lake and the plan."""
    with duckdb.connect(str(demo.root / "warehouse" / "observatoire.duckdb"), read_only=True) as warehouse:
        told = warehouse.execute(
            "select code, question_globale, base, base_efficace from intermediaire.int_importances"
            " where (vague, perimetre, niveau) = (?, ?, 'question')",
            [WAVE, ORGANISME],
        ).fetchall()
        asked = {told[0][1], *(code for code, *_ in told)}
        scored: dict[str, list[str]] = {code: [] for code in asked}
        for code, option in warehouse.execute(
            "select question_code, modalite_code from intermediaire.int_modalites where note is not null"
        ).fetchall():
            if code in asked:
                scored[code].append(option)
        whole = " and ".join(f"{code} in {tuple(options)}" for code, options in scored.items())
        lake = demo.root / "lake" / "reponses" / f"vague={WAVE}" / f"organisme={ORGANISME}.parquet"
        [(base, size)] = warehouse.execute(
            f"select count(*), sum(poids * facteur) ** 2 / sum((poids * facteur) ** 2) from '{lake}'"
            " inner join (select strate, facteur from intermediaire.int_strates where (vague, organisme_code) = (?, ?))"
            f" using (strate) where {whole}",
            [WAVE, ORGANISME],
        ).fetchall()
    assert [(complete, kish) for *_, complete, kish in told] == [(base, pytest.approx(size, rel=1e-9))] * len(told)
    assert size < base
