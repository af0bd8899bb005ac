"""What a published file says agrees with itself: gaps, places and probabilities, in the region's file and in the organismes'."""

from __future__ import annotations

import duckdb
import pytest

from tests.support.demo import Demo

ESTABLISHED = """('hausse', 'hausse légère', 'baisse', 'baisse légère', 'au-dessus', 'légèrement au-dessus', 'en dessous',
 'légèrement en dessous')"""


def test_no_published_probability_contradicts_its_verdict(demo: Demo) -> None:
    """Rounded, a p-value stays on the side of alpha that its verdict says; a verdict also asks for a base, so others may be small."""
    files = [
        demo.root / "published" / "courante" / "edition.duckdb",
        *sorted((demo.root / "published" / "organismes").glob("*.duckdb")),
    ]
    seen = 0
    for path in files:
        with duckdb.connect(str(path), read_only=True) as opened:
            (alpha,) = opened.execute("select alpha from observatoire.meta_edition").fetchone() or (None,)
            for table in ("fct_evolution", "fct_comparaison", "fct_ecart_reference"):
                established, contradicted = opened.execute(
                    f"select count(*), count(*) filter (p_valeur_ajustee >= ?) from observatoire.{table}"
                    f" where verdict in {ESTABLISHED} and p_valeur_ajustee is not null",
                    [alpha],
                ).fetchone() or (0, 0)
                assert contradicted == 0, (path.name, table)
                seen += established
    assert seen > 1_000


def test_an_organisme_reads_its_place_among_the_quartiles_it_is_given(demo: Demo) -> None:
    seen = set()
    for path in sorted((demo.root / "published" / "organismes").glob("*.duckdb")):
        with duckdb.connect(str(path), read_only=True) as own:
            rows = own.execute(
                "select valeur, quartile_1, mediane, quartile_3, quart from observatoire.fct_quartile where quart is not null"
            ).fetchall()
        for value, *quartiles, quarter in rows:
            assert quarter == 1 + sum(value >= quartile for quartile in quartiles), (path.stem, value, quartiles)
            seen.add(quarter)
    assert seen == {1, 2, 3, 4}


def test_the_figure_of_the_others_is_said_once_in_an_organismes_file(demo: Demo) -> None:
    """The gap is the organisme's own figure minus the others' as printed, and its bounds are whole steps away.

    Of all tenants the others are as fine as the region, less the organisme, would have them anyway; of a segment they are coarse.
    """
    *_, path = sorted((demo.root / "published" / "organismes").glob("*.duckdb"))
    for figure, compared, gap, fine, coarse in (
        ("note_moyenne", "note_comparee", "ecart_note", 0.001, 0.01),
        ("taux_satisfaits", "taux_compare", "ecart_taux", 0.0001, 0.001),
    ):
        with duckdb.connect(str(path), read_only=True) as own:
            rows = own.execute(
                f"select axe, {figure}, {compared}, {gap}, {gap}_ic_bas, {gap}_ic_haut from observatoire.fct_comparaison"
                f" where perimetre_type = 'organisme' and comparaison = 'reste_region' and {gap} is not null"
            ).fetchall()
        assert len({row[0] for row in rows}) > 1
        for axis, mine, others, apart, low, high in rows:
            step = fine if axis == "ensemble" else coarse
            assert apart == pytest.approx(mine - others, abs=1e-9)
            for distance in (apart - low, high - apart):
                assert distance == pytest.approx(step * round(distance / step), abs=1e-9)


def test_an_organisme_is_on_the_same_side_of_the_others_and_of_the_region(demo: Demo) -> None:
    """Above the region, an organisme is above what is left of it without it: the printed gap never says otherwise."""
    region = {
        (row["vague"], row["question_code"]): row["note_moyenne"]
        for row in demo.query(
            "select vague, question_code, note_moyenne from observatoire.fct_satisfaction"
            " where perimetre_type = 'region' and axe = 'ensemble' and note_moyenne is not null"
        ).to_dicts()
    }
    seen = 0
    for path in sorted((demo.root / "published" / "organismes").glob("*.duckdb")):
        with duckdb.connect(str(path), read_only=True) as own:
            rows = own.execute(
                "select vague, question_code, note_moyenne, ecart_note from observatoire.fct_comparaison where axe = 'ensemble'"
                " and perimetre_type = 'organisme' and comparaison = 'reste_region' and ecart_note is not null"
            ).fetchall()
        for wave, question, mine, apart in rows:
            ahead = mine - region[wave, question]
            # both notes are rounded to a thousandth
            assert abs(ahead) <= 0.002 or ahead * apart > 0, (path.stem, wave, question)
            seen += 1
    assert seen > 1000


def test_an_organismes_file_has_all_that_is_estimated_of_it(demo: Demo) -> None:
    """Every row of it, and every figure to three digits or half a thousandth; the rest as it is."""
    *_, path = sorted((demo.root / "published" / "organismes").glob("*.duckdb"))
    with duckdb.connect() as session:
        session.execute(f"attach '{path}' as own (read_only)")
        session.execute(f"attach '{demo.root}/warehouse/observatoire.duckdb' as warehouse (read_only)")
        for fact, whole in (("fct_sensibilite", "int_sensibilite"), ("fct_evolution", "int_evolution")):
            # a key in one column is written when the table goes out
            own = session.sql(
                f"select columns(lambda c: not ends_with(c, '_cle')) from own.observatoire.{fact}"
                f" where perimetre = '{path.stem}'"
            ).pl()
            names = ", ".join(own.columns)
            there = session.sql(
                f"select {names} from warehouse.intermediaire.{whole} where perimetre = '{path.stem}'"
            ).pl()
            words = [name for name, kind in own.schema.items() if not kind.is_float()]
            figures = [name for name in own.columns if name not in words]
            own, there = own.sort(words), there.sort(words)
            assert len(own) > 100 and own.select(words).equals(there.select(words))
            for name in figures:
                told, full = own[name], there[name]
                assert told.is_null().equals(full.is_null())
                assert ((told - full).abs() <= 5e-4 + 5e-3 * full.abs()).fill_null(value=True).all(), name


def test_the_weight_of_one_answer_is_no_tenants_in_an_organismes_file(demo: Demo) -> None:
    """At all its digits a delivered weight would follow a tenant from one question to the next."""
    for path in sorted((demo.root / "published" / "organismes").glob("*.duckdb")):
        with duckdb.connect(str(path), read_only=True) as own:
            counted, finer = own.execute(
                """
                select count(*), count(*) filter (where poids <> round(poids) or abs(part - round(part, 4)) > 1e-9)
                from observatoire.fct_distribution where perimetre_type = 'organisme' and effectif = 1
                """
            ).fetchone()
        assert counted > 0 and finer == 0, path
