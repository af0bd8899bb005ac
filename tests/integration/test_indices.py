"""An index of a programme that is run: its figures are those of a question whose answers are the respondents' own means."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from orchestration.reporting.cells import Edition
from orchestration.reporting.study import profile, scope
from tests.support.demo import observatoire
from tests.support.indices import INDEX, delivered, index_tables, mean_of
from tests.support.mini import HEADER, TABLES, mini_contract, mini_programme, row, write_contract, write_csv
from tests.support.small import LENIENT

ORGANISMES = {"O1": 60, "O2": 40, "O3": 20}
# dwellings of each stratum of an organisme, as the miniature's sampling plan has them
STOCK = {"O1": 400, "O2": 200, "O3": 100}


def _answers(organisme: str, year: int, number: int) -> list[dict[str, str]]:
    """Interviews in which an index has every number of components that it can have."""
    seed = int(organisme[1]) + year
    rows = []
    for i in range(number):
        k = (i * 11 + seed * 5) % 89
        collective, demand = "CI"[i % 2], "12"[k % 2]
        rows.append(
            row(
                str(i), ORG=organisme, DATE=f"15/10/{year}", TC=collective, AGE="40" if i % 5 else "60", Q1="12348"[k % 5],
                Q2="1234"[k // 5 % 4] if collective == "C" else "", Q3=demand, Q4="12349"[k // 2 % 5] if demand == "1" else "",
                Q5="",
            )
        )  # fmt: skip
    return rows


def test_an_index_is_published_like_a_question(tmp_path: Path) -> None:
    tables = index_tables()
    # five questions are asked in the second wave, beside the index
    tables["vagues"] = [line.replace(",I,,,,provisoire", ",I,,5,,provisoire") for line in TABLES["vagues"][1]]
    programme = mini_programme(
        tmp_path, tables=tables, composites={"IX": INDEX}, plausibility=LENIENT, base_minimale=12,
        secret={"protection": 0.1, "base_unanime": 0, "organismes_plein_chiffre": 3},
    )  # fmt: skip
    expected = {}
    for wave, year in (("V1", 2019), ("V2", 2022)):
        contract = mini_contract(wave, organisme={"nom_fichier": r"^(O\d)\.csv$"}, ignorees=["ORG"])
        write_contract(tmp_path, contract)
        header = [h for h in HEADER if wave == "V2" or h != "Q5"]
        said = []
        for organisme, number in ORGANISMES.items():
            rows = _answers(organisme, year, number)
            write_csv(tmp_path / f"landing/{wave}/{organisme}.csv", rows, header=header)
            # each stratum has half of the interviews
            weight = STOCK[organisme] / (number / 2)
            said += [(m, weight) for r in rows if (m := mean_of(delivered(r), INDEX["minimum"])) is not None]
        assert 0 < len(said) < sum(ORGANISMES.values())
        expected[wave] = sum(m * w for m, w in said) / sum(w for _, w in said), len(said)
    done = observatoire(tmp_path, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    with duckdb.connect(str(tmp_path / "published/observatoire.duckdb"), read_only=True) as edition:

        def ask(sql: str) -> list[tuple]:
            return edition.sql(sql).fetchall()

        figures = ask(
            "select vague, note_moyenne, base_brute, note_erreur_type, taux_satisfaits, statut"
            " from observatoire.fct_satisfaction"
            " where question_code = 'IX' and perimetre_type = 'region' and axe = 'ensemble' order by vague"
        )
        assert len(figures) == 2
        for wave, mean, base, error, rate, status in figures:
            # the region's notes are published to the thousandth
            assert (mean, base) == (pytest.approx(expected[wave][0], abs=5e-4), expected[wave][1])
            assert error > 0 and rate is None and status == "V"
        [(change, verdict)] = ask(
            "select ecart_note, verdict from observatoire.fct_evolution where question_code = 'IX'"
            " and perimetre_type = 'region' and axe = 'ensemble' and methode = 'publie'"
        )
        assert change == pytest.approx(expected["V2"][0] - expected["V1"][0], abs=1e-3) and verdict
        shares = ask(
            "select sum(part), sum(part * note) from observatoire.fct_distribution join observatoire.dim_modalite"
            " using (question_code, modalite_code) where question_code = 'IX' and vague = 'V2'"
            " and perimetre_type = 'region' and axe = 'ensemble'"
        )
        assert shares == [(pytest.approx(1, abs=2e-3), pytest.approx(expected["V2"][0], abs=2e-2))]
        # every scoring would make another index: none is given
        assert ask("select count(*) from observatoire.fct_sensibilite where question_code = 'IX'") == [(0,)]
        [(nature, sentence)] = ask("select nature, phrase from observatoire.obs_indicateur where question_code = 'IX' and vague = 'V2'")  # fmt: skip
        assert nature == "indice" and "sur 10" in sentence
        # with the index and its other components, a masked one would be known
        told = ask(
            "select component.motif_code, index.statut, index.motif_code from observatoire.fct_satisfaction as component"
            " join observatoire.fct_satisfaction as index using (vague, perimetre_type, perimetre, axe, segment)"
            f" where index.question_code = 'IX' and component.question_code in {tuple(INDEX['questions'])}"
            # a question that nobody in a segment is asked has nothing to protect there
            " and not (component.question_code = 'C1' and segment = 'IND')"
        )
        assert all(index != "V" for component, index, _ in told if component)
        assert ("base_minimale", "D", "deduction_cellule") in told and (None, "V", None) in told
    checks = json.loads((tmp_path / "warehouse/controles/candidat.json").read_text(encoding="utf-8"))
    assert [check["tenue"] for check in checks if check["regle"] == "questions_controle"] == [True]
    with Edition(tmp_path / "published/observatoire.duckdb") as read:
        assert profile(read, scope(read, programme.config)).questions.valeur == 5
    page = (tmp_path / "reports/courant/index.html").read_text(encoding="utf-8")
    assert 'data-q="IX"' in page
