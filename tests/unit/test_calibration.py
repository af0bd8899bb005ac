"""Weights calibrated to known margins: what they become, what stops them, what is said of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from orchestration.extracts.calibration import CannotCalibrate, calibrate
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.gates import fate
from orchestration.extracts.ingest import ingest
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.records import ACCEPTED, RESERVED
from orchestration.programme.config import Estimation
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv

Rows = list[tuple[str, str | None, str | None, float]]
# O1 has 400 tenants in each of its two strata
FOUR: Rows = [
    ("COL", "JEUNE", "COL", 1.0),
    ("COL", "JEUNE", "COL", 1.0),
    ("IND", "JEUNE", "IND", 1.0),
    ("IND", "AGE", "IND", 1.0),
]


def _calibrate(root: Path, rows: Rows, margins: list[str], *, delivered: bool = True, **choices: Any) -> pl.DataFrame:
    programme = mini_programme(root, tables={"marges": [f"V2,O1,{line}" for line in margins]})
    programme = dataclasses.replace(
        programme, config=programme.config.model_copy(update={"estimation": Estimation(**choices)})
    )
    frame = pl.DataFrame(rows, schema=["strate", "age", "type_construction", "poids"], orient="row")
    calibration = calibrate(frame, programme, "V2", "O1", delivered=delivered)
    assert calibration is not None
    return calibration


def _weights(calibrated: pl.DataFrame) -> list[float]:
    return [pytest.approx(w, rel=1e-11) for w in calibrated["poids"]]


def test_one_margin_is_poststratification(tmp_path: Path) -> None:
    done = _calibrate(tmp_path, FOUR, ["age,JEUNE,30", "age,AGE,70"])
    # four interviews of weight 1: 1.2 for the three young, 2.8 for the old one
    assert _weights(done) == [0.4, 0.4, 0.4, 2.8]


def test_weights_of_the_plan_keep_its_strata(tmp_path: Path) -> None:
    done = _calibrate(tmp_path, FOUR, ["age,JEUNE,700", "age,AGE,100"], delivered=False)
    # COL stands for 400, all young; of IND's 400, 300 are young
    assert _weights(done) == [200.0, 200.0, 300.0, 100.0]


def test_a_stratum_with_nobody_cedes_its_tenants(tmp_path: Path) -> None:
    rows: Rows = [("IND", "JEUNE", "IND", 1.0), ("IND", "AGE", "IND", 1.0)]
    done = _calibrate(tmp_path, rows, ["age,JEUNE,1", "age,AGE,3"], delivered=False)
    assert _weights(done) == [200.0, 600.0]


def test_the_last_stratum_with_nobody_cedes_its_tenants_to_the_one_before(tmp_path: Path) -> None:
    rows: Rows = [("COL", "JEUNE", "COL", 1.0), ("COL", "AGE", "COL", 1.0)]
    done = _calibrate(tmp_path, rows, ["age,JEUNE,1", "age,AGE,3"], delivered=False)
    assert _weights(done) == [200.0, 600.0]


def test_who_did_not_say_keep_their_share(tmp_path: Path) -> None:
    rows: Rows = [("COL", "JEUNE", "COL", 1.0), ("COL", "AGE", "COL", 1.0), ("IND", None, "IND", 2.0)]
    done = _calibrate(tmp_path, rows, ["age,JEUNE,1", "age,AGE,3"])
    assert _weights(done) == [0.5, 1.5, 2.0]


def test_the_order_of_delivery_changes_no_bit(tmp_path: Path) -> None:
    margins = ["age,JEUNE,37", "age,AGE,63", "type_construction,COL,41", "type_construction,IND,59"]
    rows: Rows = [(c, a, c, w) for c in ("COL", "IND") for a in ("JEUNE", "AGE", None) for w in (0.3, 1.1, 1.7)]
    one = _calibrate(tmp_path / "un", rows, margins)
    other = _calibrate(tmp_path / "deux", rows[::-1], margins)
    assert one["poids"].to_list() == other["poids"].to_list()[::-1]


def test_heavy_weights_are_trimmed_and_the_margins_still_met(tmp_path: Path) -> None:
    rows: Rows = [("COL", "JEUNE", "COL", w) for w in (1.0, 1.0, 1.0, 9.0)] + [("COL", "AGE", "COL", 1.0)] * 4
    done = _calibrate(tmp_path, rows, ["age,JEUNE,1", "age,AGE,1"], calage_poids_maximum=2.2)
    assert max(done["poids"]) <= 2.2 * 16 / 8 * (1 + 1e-9)
    sums = done.group_by("age").agg(pl.col("poids").sum())["poids"].to_list()
    assert sums == [pytest.approx(8.0, rel=1e-9)] * 2


@pytest.mark.parametrize(
    ("rows", "margins", "choices", "said"),
    [
        (FOUR, ["age,JEUNE,1"], {}, "age : AGE sans marge"),
        (FOUR[:3], ["age,JEUNE,1", "age,AGE,1"], {}, "age : aucun entretien en AGE"),
        (FOUR, ["age,JEUNE,1", "age,AGE,99"], {}, "un poids serait multiplié ou divisé par plus de 5"),
        (FOUR, ["age,JEUNE,1", "age,AGE,4"], {"calage_poids_maximum": 2}, "un poids dépasserait 2 fois le poids moyen"),
        (
            # those who live in COL are all young: there are more of them than of the young
            FOUR,
            ["age,JEUNE,1", "age,AGE,1", "type_construction,COL,7", "type_construction,IND,1"],
            {},
            "un poids serait multiplié ou divisé par plus de 5",
        ),
    ],
)
def test_what_cannot_be_met_is_said(
    tmp_path: Path, rows: Rows, margins: list[str], choices: dict[str, Any], said: str
) -> None:
    with pytest.raises(CannotCalibrate) as raised:
        _calibrate(tmp_path, rows, margins, **choices)
    assert str(raised.value) == said


@pytest.mark.parametrize(("margins", "weighting"), [(["age,JEUNE,3", "age,AGE,1"], "calee"), (["age,JEUNE,1"], "plan")])
def test_a_lot_that_cannot_be_calibrated_keeps_its_weights_with_a_reserve(
    tmp_path: Path, margins: list[str], weighting: str
) -> None:
    programme = mini_programme(tmp_path, tables={"marges": [f"V2,O1,{line}" for line in margins]})
    write_contract(tmp_path, mini_contract())
    write_csv(
        tmp_path / "landing/V2/o1.csv", [row("1", AGE="30"), row("2", AGE="70"), row("3", TC="I", Q2="", AGE="30")]
    )
    [delivery] = deliveries(programme, load_contracts(programme))
    record = ingest(delivery, programme)
    [lot] = record.lots
    assert lot.ponderation == weighting
    assert [r.regle for r in record.qualite] == ([] if weighting == "calee" else ["calage_impossible"])
    status, reason = fate(record, lot, take_inventory(programme))
    assert (status, reason) == (
        (ACCEPTED, None)
        if weighting == "calee"
        else (RESERVED, "Calage sur les marges impossible, poids laissés tels quels (age : AGE sans marge)")
    )
