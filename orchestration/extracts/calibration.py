"""Weights made to agree with what is known of an organisme's people: raking on the margins of `marges.csv`.

Raking is iterative proportional fitting (Deming and Stephan 1940), the calibration whose adjustments multiply
(Deville and Särndal 1992): each margin in turn is met, until all are.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum

import polars as pl

from orchestration.programme import Programme

# largest relative gap to a margin once done, and sweeps it may take
TOLERANCE = 1e-12
SWEEPS = 10_000
TRIMMING_CYCLES = 100
UNKNOWN = "NR"
STRATUM = "strate"


class CannotCalibrate(Exception):
    """The margins cannot all be met within the bounds; the message is a French clause that says why."""


def calibrate(
    rows: pl.DataFrame, programme: Programme, wave: str, organisme: str, *, delivered: bool
) -> pl.DataFrame | None:
    """Calibrates the weights of one organisme's interviews.

    Delivered weights are only made to meet the margins; weights of the sampling plan keep its strata too, as one more
    margin. Interviews whose segment is unknown keep the share they have.

    Args:
        rows: one row per interview: `strate`, `poids`, one column per axis.
        programme: margins, populations of the strata, bounds.
        wave: the wave.
        organisme: the organisme.
        delivered: the weights come with the interviews; otherwise they follow from the plan.

    Returns:
        the interviews, their weights calibrated; None where no margin is declared for the organisme in the wave.

    Raises:
        CannotCalibrate: the margins cannot all be met.
    """
    margins = programme.margins(wave, organisme)
    if not margins:
        return None
    populations = _represented(programme.populations(wave, organisme), rows[STRATUM].to_list())
    if not delivered:
        margins = {**margins, STRATUM: populations}
    axes = list(margins)
    # an order that depends on nothing but what is weighed: neither the sender's nor the pseudonyms'
    ordered = rows.with_row_index("rang").sort(*axes, "poids")
    start = _start(ordered, populations, delivered=delivered)
    known = ordered.select(pl.col(axes).fill_null(UNKNOWN), start.alias("poids"))
    shares = {}
    for axis, margin in margins.items():
        weights = {s: fsum(w["poids"]) for (s,), w in known.partition_by(axis, as_dict=True).items()}
        missing, empty = sorted({*weights} - {*margin, UNKNOWN}), sorted({*margin} - {*weights})
        if missing or empty:
            said = f"{', '.join(missing)} sans marge" if missing else f"aucun entretien en {', '.join(empty)}"
            raise CannotCalibrate(f"{axis} : {said}")
        unknown = weights.get(UNKNOWN, 0.0) / fsum(weights.values())
        total = fsum(margin.values())
        shares[axis] = {s: (1 - unknown) * n / total for s, n in margin.items()} | (
            {UNKNOWN: unknown} if unknown else {}
        )
    raked = _rake(known, shares, programme)
    return ordered.with_columns(raked.alias("poids")).sort("rang").drop("rang")


def _represented(populations: Mapping[str, int], sampled: list[str]) -> dict[str, float]:
    """Returns the population each sampled stratum stands for: one without interview cedes its own to the next."""
    held = sorted(set(sampled))
    represented = dict.fromkeys(held, 0.0)
    for stratum, population in populations.items():
        represented[next((s for s in held if s >= stratum), held[-1])] += population
    return represented


def _start(rows: pl.DataFrame, populations: Mapping[str, float], *, delivered: bool) -> pl.Series:
    if delivered:
        return rows["poids"]
    interviews = rows.select(pl.len().over(STRATUM)).to_series()
    return rows[STRATUM].replace_strict(populations, return_dtype=pl.Float64) / interviews


def _rake(rows: pl.DataFrame, shares: dict[str, dict[str, float]], programme: Programme) -> pl.Series:
    from svy import Design, Sample
    from svy.errors import SvyError
    from svy.weighting import TrimConfig

    chosen = programme.config.estimation
    ratio, heaviest = chosen.calage_rapport_maximum, chosen.calage_poids_maximum
    mean = fsum(rows["poids"]) / rows.height
    try:
        sample = Sample(rows, Design(wgt="poids")).weighting.rake(
            shares=shares,  # type: ignore[arg-type]
            wgt_name="cale",
            tol=TOLERANCE,
            max_iter=SWEEPS,
            bounds=(1 / ratio, ratio),
            trimming=TrimConfig(upper=heaviest * mean, max_iter=TRIMMING_CYCLES),
        )
    except SvyError as error:
        said = _REASONS.get(error.code, "les marges ne se rejoignent pas").format(ratio=ratio, heaviest=heaviest)
        raise CannotCalibrate(said) from None
    return sample.data.lazy().collect()["cale"]


_REASONS = {
    "BOUNDS_EXCEEDED": "un poids serait multiplié ou divisé par plus de {ratio:g}",
    "TRIM_INFEASIBLE": "un poids dépasserait {heaviest:g} fois le poids moyen",
}
