"""Quality schemes in the demonstration: who holds one, and what is said of their respondents beside the others'."""

from __future__ import annotations

import csv
import re
from datetime import date

import duckdb

from tests.support.demo import Demo


def _read(demo: Demo, table: str) -> list[dict[str, str]]:
    with (demo.root / f"reference/{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _held(demo: Demo) -> dict[str, set[tuple[str, str]]]:
    """Who held what on the first day of each wave's fieldwork, read from the reference files alone."""
    days = {row["vague"]: date.fromisoformat(row["terrain_debut"]) for row in _read(demo, "vagues")}
    return {
        wave: {
            (row["organisme_code"], row["intitule"])
            for row in _read(demo, "demarches_qualite")
            if date.fromisoformat(row["debut"]) <= day <= date.fromisoformat(row["fin"] or "9999-12-31")
        }
        for wave, day in days.items()
    }


def test_the_fact_has_who_held_what_among_those_consolidated(demo: Demo) -> None:
    with duckdb.connect(str(demo.root / "published/observatoire.duckdb"), read_only=True) as session:
        found = session.execute("select vague, organisme_code, intitule from observatoire.fct_demarche").fetchall()
        included = session.execute(
            "select vague, organisme_code from observatoire.obs_couverture where statut in ('inclus', 'reserve')"
        ).fetchall()
    wanted = {(wave, *one) for wave, held in _held(demo).items() for one in held if (wave, one[0]) in {*included}}
    assert len(found) == len({*found}) and {*found} == wanted
    assert len({wave for wave, *_ in found}) > 1


def test_a_gap_is_that_of_the_two_published_figures(demo: Demo) -> None:
    with duckdb.connect(str(demo.root / "published/observatoire.duckdb"), read_only=True) as session:
        pairs = session.execute(
            """
            select
                gaps.statut, holders.statut, others.statut,
                gaps.note_moyenne is not distinct from holders.note_moyenne,
                gaps.note_comparee is not distinct from others.note_moyenne,
                gaps.taux_satisfaits is not distinct from holders.taux_satisfaits,
                gaps.taux_compare is not distinct from others.taux_satisfaits,
                gaps.verdict is null
            from observatoire.fct_comparaison as gaps
            inner join observatoire.fct_satisfaction as holders
                using (vague, perimetre_type, perimetre, axe, segment, question_code)
            inner join observatoire.fct_satisfaction as others
                on others.perimetre_type = gaps.perimetre_type and others.perimetre = 'sans'
                and others.vague = gaps.vague and others.axe = gaps.axe and others.segment = gaps.segment
                and others.question_code = gaps.question_code
            where gaps.comparaison = 'demarche'
            """
        ).fetchall()
        asked = session.execute(
            "select count(*) from observatoire.fct_satisfaction where perimetre_type = 'demarche' and perimetre = 'avec'"
            " and statut <> 'Z' and segment <> 'NR'"
        ).fetchall()
    published = [row for row in pairs if row[0] == "V"]
    assert len(published) > 50 and len(pairs) - len(published) > 20
    assert all(row[1:] == ("V", "V", True, True, True, True, False) for row in published)
    # one of the two is masked, or both: no word is said of them
    assert all({*row[1:3]} != {"V"} for row in pairs if row[0] != "V")
    assert all(row[-1] for row in pairs if row[0] != "V")
    assert asked[0][0] >= len(pairs)


def test_the_change_is_that_of_todays_holders(demo: Demo) -> None:
    """Those who obtained a scheme since count on both sides of the change, as do those whom they were made of."""
    now = {code for code, _ in _held(demo)["2022"]}
    with duckdb.connect(str(demo.root / "warehouse/observatoire.duckdb"), read_only=True) as session:
        sides = session.execute(
            """
            select vague_mesuree, organisme_actuel, perimetre from intermediaire.int_perimetres
            where perimetre_type = 'demarche' and methode = 'pro_forma' and vague = '2022' and vague_precedente = '2019'
            """
        ).fetchall()
    assert {wave for wave, *_ in sides} == {"2019", "2022"}
    assert all((code in now) == (place == "avec") for _, code, place in sides)


def test_the_page_names_the_holders_and_counts_them(demo: Demo) -> None:
    page = (demo.root / "reports/courant/index.html").read_text(encoding="utf-8")
    section = re.search(r'<section id="demarches".*?</section>', page, re.DOTALL)
    assert section
    names = {row["organisme_code"]: row["nom"] for row in _read(demo, "organismes")}
    held = _held(demo)["2022"]
    assert all(names[code].replace("'", "’") in section[0] for code, _ in held)
    told = re.sub(r"<[^>]+>", "", section[0])
    assert f"en 2022 : {len({code for code, _ in held})} sur 18." in re.sub(r"\s+", " ", told)
