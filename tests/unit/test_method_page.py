"""docs/methode.md says every threshold and its value, and its worked example is right."""

from __future__ import annotations

import re
from fractions import Fraction
from math import sqrt
from pathlib import Path

import pytest
from scipy.stats import t as student

from orchestration.programme import load_programme

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "methode.md").read_text(encoding="utf-8")
SHIPPED = load_programme(ROOT / "data").config
NAMES = [
    (part, name) for part in ("seuils", "estimation", "secret") for name in type(getattr(SHIPPED, part)).model_fields
]
NOTES = {"TS": Fraction(10), "PS": Fraction(20, 3), "PPS": Fraction(10, 3), "PDT": Fraction(0)}
SATISFIED = {"TS": Fraction(1), "PS": Fraction(1), "PPS": Fraction(0), "PDT": Fraction(0)}


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_written, value))
    return (
        {True: "oui", False: "non"}[value]
        if isinstance(value, bool)
        else f"{value:g}".replace(".", ",")
        if isinstance(value, float)
        else str(value)
    )


@pytest.mark.parametrize(("part", "name"), NAMES)
def test_every_threshold_is_named_with_its_value(part: str, name: str) -> None:
    assert f"| `{name}` | {_written(getattr(getattr(SHIPPED, part), name))} |" in PAGE


def worked_example() -> list[tuple[str, int, int, dict[str, int]]]:
    """Returns the strata of the page's example: code, population, interviews, answers."""
    section = PAGE.split("## Un exemple à la main")[1].split("\n## ")[0]
    rows = re.findall(
        r"^\| ([A-Z_.]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", section, re.MULTILINE
    )
    return [(r[0], int(r[1]), int(r[2]), dict(zip(NOTES, map(int, r[3:]), strict=True))) for r in rows]


def stratified(values: dict[str, Fraction]) -> tuple[float, float]:
    """Returns the textbook's stratified mean and its standard error, everyone of a stratum having answered."""
    strata = worked_example()
    total = sum(population for _, population, _, _ in strata)
    mean = variance = Fraction(0)
    for _, population, n, answers in strata:
        inside = sum(answers[option] * value for option, value in values.items()) / n
        spread = sum(answers[option] * (value - inside) ** 2 for option, value in values.items()) / (n - 1)
        mean += Fraction(population, total) * inside
        variance += Fraction(population, total) ** 2 * (1 - Fraction(n, population)) * spread / n
    return float(mean), sqrt(variance)


def test_the_worked_example_is_right() -> None:
    strata = worked_example()
    assert len(strata) == 2
    assert all(n == sum(answers.values()) for _, _, n, answers in strata)
    n = sum(size for _, _, size, _ in strata)
    parts = [
        (
            float((1 - Fraction(size, population)) * Fraction(size, size - 1) * size * Fraction(population, size) ** 2),
            size,
        )
        for _, population, size, _ in strata
    ]
    freedom = sum(part for part, _ in parts) ** 2 / sum(part**2 / (size - 1) for part, size in parts)
    t = float(student.ppf(0.975, int(freedom)))
    note, error = stratified(NOTES)
    rate, rate_error = stratified(SATISFIED)
    c = t**2 * rate_error**2 / (rate * (1 - rate))
    wilson = [(rate + c / 2 + side * sqrt(c * rate * (1 - rate) + c**2 / 4)) / (1 + c) for side in (-1, 1)]
    plain = float(sum(answers[o] * NOTES[o] for _, _, _, answers in strata for o in NOTES)) / n
    weights = [Fraction(population, size) for _, population, size, _ in strata]
    kish = sum(population for _, population, _, _ in strata) ** 2 / sum(
        size * weight**2 for weight, (_, _, size, _) in zip(weights, strata, strict=True)
    )
    for said in (
        f"= **{note:.3f}**",
        f"erreur type **{error:.3f}**",
        f"de **{note - t * error:.2f}** à **{note + t * error:.2f}**",
        f"= **{100 * rate:.1f} %**, d'erreur {100 * rate_error:.2f} points",
        f"**{100 * wilson[0]:.1f} %** à **{100 * wilson[1]:.1f} %**",
        f"= {plain:.3f}.",
        f"= {float(kish):.1f}.",
        f"= {freedom:.1f}, donc {int(freedom)} (`survey` : {n} − {len(strata)} = {n - len(strata)})",
        f"et t = {t:.3f}",
    ):
        assert re.sub(r"(\d)\.(\d)", r"\1,\2", said) in PAGE, said
