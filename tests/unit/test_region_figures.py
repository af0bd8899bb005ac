"""Why the region's own figures have few digits: at all of a double's, a dozen organismes can be read off them."""

from __future__ import annotations

import flint
import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

ORGANISMES = 12
# the step of a share of the region, which docs/confidentialite.md gives, and what a double keeps of one
PUBLISHED, DOUBLE = 1e-4, 1e-16


class Region:
    """Satisfied tenants of twelve organismes, all of whom answered, and what is published of them.

    Attributes:
        interviews, satisfied: (strata,), by organisme and stratum.
        figures: (figures, strata): what each satisfied tenant adds to the number of satisfied, to the region's rate, to the
            mean of organismes' rates, and to their mean by stock.
    """

    def __init__(self, seed: int, strata: int = 1) -> None:
        random = np.random.default_rng(seed)
        self.interviews = random.integers(30, 300, ORGANISMES * strata)
        stock = random.integers(300, 9000, ORGANISMES * strata)
        rates = np.repeat(random.normal(0.75, 0.05, ORGANISMES), strata)
        self.satisfied = random.binomial(self.interviews, rates.clip(0.5, 0.95))
        weights = stock / self.interviews
        of = np.repeat(np.arange(ORGANISMES), strata)
        stocks = np.bincount(of, stock)[of]
        self.figures = np.array([
            np.ones(len(of)), weights / stock.sum(), weights / stocks / ORGANISMES, weights / stocks * stocks / stock.sum()
        ])  # fmt: skip
        self.of = of

    def least(self, step: float) -> float:
        """Below what length no change of the numbers leaves the figures what they are, within a step."""
        size = len(self.satisfied)
        steps = [1e-3, step, step, step]
        rows = [
            [int(i == j) for j in range(size)] + [round(f[i] / s) for f, s in zip(self.figures, steps, strict=True)]
            for i in range(size)
        ]
        basis = np.array([[float(int(x)) for x in row] for row in flint.fmpz_mat(rows).lll().tolist()])
        return float(np.abs(np.diag(np.linalg.qr(basis.T, mode="r"))).min())


@pytest.mark.parametrize("seed", range(3))
def test_at_full_digits_no_numbers_near_by_give_the_same_figures(seed: int) -> None:
    """No change is shorter than the least vector of the orthogonalised basis: that is more than five points in each organisme."""
    region = Region(seed)
    near = np.linalg.norm(0.05 * region.interviews)
    assert region.least(DOUBLE) > near > region.least(PUBLISHED)


@pytest.mark.parametrize("strata", [1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_at_the_published_digits_every_organisme_may_have_a_tenth_more_or_less(seed: int, strata: int) -> None:
    region = Region(seed, strata)
    told = region.figures @ region.satisfied
    half = np.array([0.0, *[PUBLISHED / 2] * 3])
    for organisme in range(ORGANISMES):
        mine = (region.of == organisme).astype(float)
        true = mine @ region.satisfied
        for ends in ((0, 0.9 * true), (min(1.1 * true, mine @ region.interviews), np.inf)):
            found = milp(
                np.zeros(len(mine)),
                integrality=np.ones(len(mine)),
                bounds=Bounds(0, region.interviews),
                constraints=[LinearConstraint(region.figures, told - half, told + half), LinearConstraint(mine, *ends)],
                options={"time_limit": 20},
            )
            assert found.success, (organisme, ends, found.message)


@pytest.mark.parametrize(("heavier", "told"), [(4, False), (20, True)])
@pytest.mark.parametrize("seed", range(3))
def test_the_effective_base_tells_of_a_lone_interview_that_weighs_much_more(
    seed: int, heavier: int, told: bool
) -> None:
    """The limit that docs/confidentialite.md names: whether who was alone in a stratum was asked a routed question."""
    random = np.random.default_rng(seed)
    interviews = random.integers(30, 200, ORGANISMES)
    weights = random.uniform(10, 60, ORGANISMES)
    interviews[0], weights[0] = 1, heavier * np.median(weights)
    asked = random.binomial(interviews, 0.4)
    asked[0] = seed % 2
    weight, squares = weights @ asked, weights**2 @ asked
    low, high = _four_digits(weight)
    least, most = _four_digits(weight**2 / squares)
    other = np.full(ORGANISMES, 1 - asked[0])
    found = milp(
        np.zeros(ORGANISMES),
        integrality=np.ones(ORGANISMES),
        bounds=Bounds(np.where(interviews > 1, 0, other), np.where(interviews > 1, interviews, other)),
        constraints=[
            LinearConstraint(np.ones(ORGANISMES), asked.sum(), asked.sum()),
            LinearConstraint(weights, low, high),
            LinearConstraint(weights**2, low**2 / most, high**2 / least),
        ],
        options={"time_limit": 20},
    )
    # told: no numbers with the other answer of the lone interview give the same figures
    assert found.status == (2 if told else 0), found.message


def _four_digits(value: float) -> tuple[float, float]:
    """Between what and what a figure lies that is published with four digits."""
    unit = 10.0 ** (np.floor(np.log10(value)) - 3)
    return (round(value / unit) - 0.5) * unit, (round(value / unit) + 0.5) * unit
