"""A trend over three waves is rejected as seldom as said, and so are evolutions and trends of waves that share tenants, once declared.

Nothing changes from wave to wave. The table is printed in docs/methode.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import duckdb
import polars as pl
import pytest

from tests.simulation import printed
from tests.simulation.draws import SEED, estimate, population
from tests.simulation.panel import draw_panel
from tests.simulation.programme import plan, question_codes, simulated_programme

WAVES = ("2016", "2019", "2022")
DRAWS = 800
LEVELS = (0.10, 0.50, 0.95)
SHARE, CORRELATION = 0.5, 0.5
# were waves as far from each other, a trend over three would be the evolution from the first to the last
SECOND = "2018-10-01"
# four organismes: those of the shipped plan, or two of two strata of which the lesser sample stands for half of the tenants and
# two that have an interview for 5 % of theirs
HARD = (((20000, 60), (20000, 3000)), ((200, 1), (3800, 200)))
NICE, DIFFICULT = "plan de la démonstration", "plan difficile"
# what is said of the tenants whom the first and the last wave have in common
NONE, HIDDEN, SAID = "aucun", "la moitié, non déclarée", "la moitié, déclarée"
UNDECLARED, DECLARED = (NONE, HIDDEN), (SAID,)
SCALES = {"taux": "OUI_NON", "note": "SAT4"}

# by plan, kind, measure and what is tested
Shares = dict[tuple[str, str, str, str], float]

pytestmark = pytest.mark.long


def _design(name: str) -> pl.DataFrame:
    codes = plan()["organisme_code"].unique(maintain_order=True).to_list()[:4]
    if name == NICE:
        return plan().filter(pl.col("organisme_code").is_in(codes))
    rows = [
        (code, f"S{place}", tenants, interviews)
        for code, strata in zip(codes, HARD * 2, strict=True)
        for place, (tenants, interviews) in enumerate(strata)
    ]
    return pl.DataFrame(rows, schema=plan().schema, orient="row").sort("organisme_code", "strate")


def _panel(design: pl.DataFrame) -> pl.DataFrame:
    return (
        design.select("organisme_code")
        .unique(maintain_order=True)
        .with_columns(vague=pl.lit(WAVES[-1]), vague_precedente=pl.lit(WAVES[0]), part=SHARE, correlation=CORRELATION)
    )


def _rejected(name: str, measure: str, kinds: Sequence[str]) -> Shares:
    """Returns, for each kind, how often a test at 5 % rejects: the evolution from the first to the last wave of the region and of an
    organisme, and the trend of the region.
    """
    design, scale = _design(name), SCALES[measure]
    number = len(kinds) * len(LEVELS) * DRAWS
    panel = _panel(design) if kinds == DECLARED else None
    root = simulated_programme(scale, number, design, masking=False, grouped=False, waves=WAVES, panel=panel)
    waves = pl.read_csv(root / "reference" / "vagues.csv", infer_schema=False)
    second = pl.when(pl.col("vague") == WAVES[1]).then(pl.lit(SECOND)).otherwise("terrain_debut")
    waves.with_columns(second.alias("terrain_debut")).write_csv(root / "reference" / "vagues.csv")
    counts, asked = [], []
    for place, (kind, rate) in enumerate(product(kinds, LEVELS)):
        questions = question_codes(place * DRAWS, DRAWS)
        share = 0.0 if kind == NONE else SHARE
        tenants = population(scale, rate, design)
        counts.append(draw_panel(scale, tenants, questions, [SEED, place], design, WAVES, share, CORRELATION))
        asked.append(pl.DataFrame({"question_code": questions}).with_columns(kind=pl.lit(kind)))
    estimate(root, pl.concat(counts), models=("int_tendance",))
    with duckdb.connect(str(root / "warehouse" / "observatoire.duckdb"), read_only=True) as connection:
        connection.register("asked", pl.concat(asked))
        rows = connection.sql(
            f"""
            select kind, perimetre_type, avg((p_valeur < 0.05)::int)
            from intermediaire.int_evolution inner join asked using (question_code)
            where methode = 'publie' and perimetre_type in ('region', 'organisme') and axe = 'ensemble'
                and vague = '{WAVES[-1]}' and vague_precedente = '{WAVES[0]}'
            group by all
            union all
            select kind, 'tendance', avg((p_valeur < 0.05)::int)
            from intermediaire.int_tendance inner join asked using (question_code) where vague = '{WAVES[-1]}' group by all
            """
        ).fetchall()
    return {(name, kind, measure, of): share for kind, of, share in rows}


@pytest.fixture(scope="module")
def rejected() -> Shares:
    return {
        key: share
        for name, kinds, measure in product((NICE, DIFFICULT), (UNDECLARED, DECLARED), SCALES)
        for key, share in _rejected(name, measure, kinds).items()
    }


def test_nothing_is_established_more_often_than_said(rejected: Shares) -> None:
    for (name, kind, measure, of), share in rejected.items():
        assert share <= 0.06, (name, kind, measure, of)
        if name == NICE and kind != HIDDEN:
            assert share >= 0.04, (kind, measure, of)


def test_tenants_in_common_that_are_not_declared_make_tests_see_less(rejected: Shares) -> None:
    """Prudent, never too bold: what is not said makes errors too large."""
    assert max(share for (name, kind, *_), share in rejected.items() if (name, kind) == (NICE, HIDDEN)) < 0.04


def test_the_page_prints_these_figures(rejected: Shares) -> None:
    printed.holds("methode.md", _lines(rejected))


def _lines(rejected: Shares) -> Iterator[str]:
    for name, kind in product((NICE, DIFFICULT), (*UNDECLARED, *DECLARED)):
        shares = [rejected[name, kind, measure, of] for of in ("region", "organisme", "tendance") for measure in SCALES]
        yield f"| {name} | {kind} | {' | '.join(map(printed.percent, shares))} |"
