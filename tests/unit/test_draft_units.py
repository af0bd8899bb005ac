"""Numbers are put into an axis's bands only where they count in the unit of its bounds, or nothing says another."""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.extracts.draft.codes import axis_options
from orchestration.extracts.draft.lexicon import lexicon
from orchestration.extracts.draft.units import band_doubt, bounds_unit, named_units
from orchestration.extracts.draft.write import undecided
from orchestration.programme import load_programme
from tests.support.demo import delivered
from tests.support.drafting import draft

PROGRAMME = load_programme(Path(__file__).resolve().parents[2] / "data")
UNITS = lexicon()["unites"]
WORDS = [(unit, word) for unit, said in UNITS.items() for word in said["mots"]]
TIMES = {unit: said["vaut"] for unit, said in UNITS.items() if said["grandeur"] == "temps"}


@given(st.sampled_from(WORDS), st.sampled_from(["Machin ({})", "MACHIN {}", "Machin, en {} révolus", "machin_{}"]))
def test_a_title_names_one_unit(said: tuple[str, str], form: str) -> None:
    unit, word = said
    assert named_units([form.format(word)]) == {unit}
    assert named_units(["Machin", "AGE", "Q12", "Maison", "Manger"]) == frozenset()


@given(
    st.sampled_from(["mois", "jour", "semaine", "an"]),
    st.lists(st.integers(2, 40), min_size=2, max_size=5, unique=True).map(sorted),
)
def test_the_labels_of_bands_tell_the_unit_of_their_bounds(unit: str, years: list[int]) -> None:
    ratio = TIMES["an"] / TIMES[unit]
    marks = [0, *(round(y * ratio) for y in years), round(90 * ratio)]
    bands = {str(i): (float(low), float(high - 1)) for i, (low, high) in enumerate(pairwise(marks))}
    texts = [f"Moins de {years[0]} ans", *(f"{a} à moins de {b} ans" for a, b in pairwise(years))]
    labels = {str(i): text for i, text in enumerate([*texts, f"{years[-1]} ans et plus"])}
    assert bounds_unit(["truc", "Un truc"], labels, bands) == unit
    silent = {code: f"T{code}" for code in labels}
    assert bounds_unit(["truc", "Un truc"], silent, bands) == ""
    assert bounds_unit(["truc", "Un truc (en mois)"], silent, bands) == "mois"


@given(st.sampled_from(sorted(UNITS)), st.sampled_from(WORDS), st.integers(40, 900))
def test_a_title_that_counts_otherwise_than_the_bounds_is_named_with_both_units(
    unit: str, said: tuple[str, str], highest: int
) -> None:
    bands = {"A": (0.0, 35.0), "B": (36.0, 119.0), "C": (120.0, 1200.0)}
    doubt, contradicted = band_doubt([f"Truc ({said[1]})"], unit, bands, float(highest))
    assert contradicted is (said[0] != unit)
    assert not doubt or (UNITS[said[0]]["dit"] in doubt and UNITS[unit]["dit"] in doubt)


@cache
def _frame() -> pl.DataFrame:
    return pl.read_csv(delivered() / "2022/altair_aubepine.csv", separator=";", infer_schema=False)


CASES = [
    # axis, its column, the title that it gets, the highest number in it (its own numbers where none), whether it is sure
    ("anciennete", "ANC_MOIS", "Ancienneté (en années)", 53, False),
    ("anciennete", "ANC_MOIS", "Ancienneté en années", None, False),
    ("anciennete", "ANC_MOIS", "ANCIENNETE", 53, False),
    ("anciennete", "ANC_MOIS", "Nombre de semaines d'ancienneté", None, False),
    ("anciennete", "ANC_MOIS", "Ancienneté (mois)", None, True),
    ("anciennete", "ANC_MOIS", "ANCIENNETE", None, True),
    ("tranche_age", "AGE", "Âge : année de naissance", 95, False),
    ("tranche_age", "AGE", "Age (mois)", None, False),
    ("tranche_age", "AGE", "Age en années révolues", None, True),
    ("tranche_age", "AGE", "Age", None, True),
]


@pytest.mark.parametrize(("axis", "column", "title", "highest", "sure"), CASES)
def test_a_column_of_numbers_is_banded_in_the_bounds_unit_only(
    axis: str, column: str, title: str, highest: int | None, sure: bool, tmp_path: Path
) -> None:
    chance, frame = random.Random(title), _frame()
    if highest:
        frame = frame.with_columns(pl.Series(column, [str(chance.randint(0, highest)) for _ in range(frame.height)]))
    path = tmp_path / "altair_aubepine.csv"
    frame.rename({column: title}).write_csv(path, separator=";")
    proposal, lines, body = draft(path, PROGRAMME)
    [line] = [line for line in lines if line.section == "axes" and line.key == axis]
    assert line.decided is sure, line
    assert (axis in body["axes"]) is sure
    if not sure:
        [point] = [p for p in undecided(proposal, lines) if p.startswith(f"axes.{axis}")]
        assert UNITS[axis_options(PROGRAMME, axis).unit]["dit"] in point
