"""All that is published, read at once, gives no organisme away; without protection it would."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml

from orchestration.extracts.inventory import take_inventory
from orchestration.programme import load_programme
from orchestration.publication.inputs import prepare_inputs
from tests.support.dbt import dbt
from tests.support.demo import KEY, Demo
from tests.support.joint_attack.attack import attack
from tests.support.joint_attack.figures import Reader
from tests.support.joint_attack.filters import routed
from tests.support.joint_attack.findings import FLOOR, PARTS, PROTECTION, WHOLE, Finding, learned
from tests.support.joint_attack.known import Known
from tests.support.joint_attack.system import System
from tests.support.joint_attack.verdicts import counted_verdicts

ALL = (*WHOLE, *PARTS)


def _questions(known: Known, wave: str) -> list[str]:
    posed = known.table("fct_satisfaction", f"vague = '{wave}' and statut = 'V'")["question_code"]
    return sorted(posed.unique().to_list())


def _sample(known: Known, wave: str, number: int, start: int = 0) -> list[str]:
    """As many questions of a wave, spread over the questionnaire."""
    posed = _questions(known, wave)
    return posed[start :: max(1, len(posed) // number)][:number]


def _waves(known: Known) -> list[str]:
    """The waves of the survey, and the newest period of each other dispositif; `make test-long` tries all."""
    told = known.table("dim_vague").filter(pl.col("vague").is_in(list(known.takers))).sort("ordre")
    newest = told.filter(~pl.col("est_principale")).group_by("dispositif_code", maintain_order=True).last()
    return [*_survey(known), *newest["vague"]]


def _survey(known: Known) -> list[str]:
    told = known.table("dim_vague", "est_principale").sort("ordre")
    return [wave for wave in told["vague"] if wave in known.takers]


def _most_exposed(known: Known, wave: str) -> list[str]:
    """The organismes of the smallest perimeter that is published: each faces the fewest unknown ones."""
    where = f"vague = '{wave}' and axe = 'ensemble' and statut = 'V'"
    published = known.table("fct_satisfaction", where).select("perimetre_type", "perimetre").unique()
    groups = [sorted(known.within(wave, kind, code)) for kind, code in published.iter_rows()]
    return min(groups, key=lambda group: (len(group), group))


def _attacked(
    reader: Reader,
    wave: str,
    questions: Sequence[str],
    attackers: Sequence[str | None],
    axis: str | None = None,
    kinds: Sequence[str] = WHOLE,
    secret: tuple[float, float] = (PROTECTION, FLOOR),
    **read: bool,
) -> list[Finding]:
    found = []
    for question in questions:
        found += attack(reader, wave, question, attackers, axis, kinds, secret=secret, **read)[0]
    return found


@pytest.fixture(scope="module")
def reader(demo: Demo) -> Reader:
    return Reader(Known(demo.root))


@pytest.fixture(scope="module")
def bare(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """The demonstration as it would be published without protection."""
    root = tmp_path_factory.mktemp("nu") / "programme"
    shutil.copytree(demo.root, root, symlinks=True, ignore=shutil.ignore_patterns("reports", "quarantine", "livrets"))
    _unprotect(root)
    with pytest.MonkeyPatch.context() as patch:
        # what the deliveries were read under, or they would count as not read yet
        patch.setenv("OBSERVATOIRE_CLE", KEY)
        prepare_inputs(load_programme(root), take_inventory(load_programme(root)))
    dbt(root, "build", "--exclude-resource-type", "test", "unit_test")
    return Reader(Known(root, database=root / "warehouse/candidat.duckdb"))


def _unprotect(root: Path) -> None:
    path = root / "programme.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    # quartiles of six organismes are withheld for their own sake: they bound each of them
    config["secret"] |= {"protection": 0, "organismes_repartition": 6}
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")


@pytest.mark.slow
def test_an_outsider_learns_nothing_of_an_organisme(reader: Reader) -> None:
    for wave in _waves(reader.known):
        posed = _sample(reader.known, wave, 2)
        assert learned(_attacked(reader, wave, posed, [None], verdicts=True, errors=True)) == {}


@pytest.mark.long
def test_no_member_learns_anything_of_another(reader: Reader) -> None:
    """Every second one of the current wave's, and those who face the fewest unknown ones in the others; each reads another question."""
    for wave in _waves(reader.known):
        posed = _questions(reader.known, wave)
        readers = (
            sorted(reader.known.takers[wave])[::2]
            if wave == reader.known.current
            else _most_exposed(reader.known, wave)
        )
        for place, taker in enumerate(readers):
            question = posed[place * len(posed) // len(readers)]
            assert learned(_attacked(reader, wave, [question], [taker], errors=True)) == {}, (wave, question, taker)


@pytest.mark.long
def test_nor_from_a_question_and_those_that_it_leads_to(reader: Reader) -> None:
    """The shortest questionnaire of that kind: one that another leads to, and the one that leads to it."""
    wave = reader.known.current
    questions = [q for q in _questions(reader.known, wave) if len(routed(reader.known, q, wave)) == 1]
    led = [(first, *routed(reader.known, first, wave)) for first in questions]
    pair = min(led, key=lambda codes: sum(len(reader.known.options[code]) for code in codes))
    readers = (None, _most_exposed(reader.known, wave)[0])
    assert learned(_attacked(reader, wave, pair[:1], readers, filters=True)) == {}
    assert learned(_attacked(reader, wave, pair[1:], readers, kinds=("routed answers",), filters=True)) == {}
    # together they say more of the first than it says alone
    assert _known_of(System(reader, wave, pair[0], filters=True)) < _known_of(System(reader, wave, pair[0]))


def _known_of(system: System) -> float:
    """How wide everything counted of organismes is to the public, in all."""
    assert system.read_by(None)
    ranges = [system.programme.range(target.form) for target in system.targets() if target.kind == "count"]
    return sum(high - low for low, high in ranges)


@pytest.mark.long
def test_nor_of_a_stratum_or_segment_of_one(reader: Reader) -> None:
    """By those who face the fewest unknown ones, on the question of which most is published of so few; the last test tries the others."""
    known = reader.known
    for wave in _survey(known):
        exposed = _most_exposed(known, wave)
        question = _most_told(known, wave, len(exposed))
        assert learned(_attacked(reader, wave, [question], exposed, kinds=PARTS, verdicts=True, errors=True)) == {}
        axis = _finest_axis(known, wave)
        assert learned(_attacked(reader, wave, [question], [None, *exposed], axis, PARTS)) == {}


def _most_told(known: Known, wave: str, few: int) -> str:
    """The question of a wave with most published cells of so few organismes."""
    told = known.table("fct_satisfaction", f"vague = '{wave}' and statut = 'V' and nb_organismes = {few}")
    counted = told.group_by("question_code").len().sort("len", "question_code", descending=[True, False])
    return str(counted["question_code"][0])


def _finest_axis(known: Known, wave: str) -> str:
    """The axis of a wave, other than those of strata, whose published segments count the fewest organismes."""
    told = known.table("fct_satisfaction", f"vague = '{wave}' and statut = 'V' and perimetre_type = 'region'")
    axes = [axis for axis in told["axe"].unique() if axis in known.answers.columns and axis not in known.strata_axes]
    return min(axes, key=lambda axis: (told.filter(pl.col("axe") == axis)["nb_organismes"].mean(), axis))


@pytest.mark.slow
def test_counts_of_verdicts_name_nobody(reader: Reader) -> None:
    last = reader.known.current
    for attacker in (None, *_most_exposed(reader.known, last)):
        assert learned(list(counted_verdicts(reader.known, attacker))) == {}


@pytest.mark.slow
def test_counts_that_are_withheld_would_name_everybody(demo: Demo, tmp_path: Path) -> None:
    """The same edition, with the counts of verdicts that were withheld because all organismes, or all but one, had the same."""
    file = tmp_path / "edition.duckdb"
    shutil.copy(demo.root / "published/observatoire.duckdb", file)
    counts = {
        "organismes_en_hausse": "verdict in ('hausse', 'hausse légère')",
        "organismes_stables": "verdict = 'stable'",
        "organismes_non_significatifs": "verdict = 'non significatif'",
        "organismes_en_baisse": "verdict in ('baisse', 'baisse légère')",
    }
    with duckdb.connect(str(file)) as edition:
        edition.execute(f"attach '{demo.root / 'warehouse/observatoire.duckdb'}' as entrepot (read_only)")
        edition.execute(
            f"""
            update observatoire.fct_evolution as told set {", ".join(f"{name} = made.{name}" for name in counts)}
            from (
                select vague, vague_precedente, axe, segment, question_code,
                    {", ".join(f"count(*) filter ({which}) as {name}" for name, which in counts.items())}
                from entrepot.intermediaire.int_verdicts
                where bareme is null and perimetre_type = 'organisme' and methode = 'publie' and statut = 'V'
                group by all
            ) as made
            where told.motif_comptes_code = 'verdicts_unanimes' and told.vague = made.vague and told.vague_precedente = made.vague_precedente
                and told.axe = made.axe and told.segment = made.segment and told.question_code = made.question_code
            """
        )
    known = Known(demo.root, database=file)
    unanimous = Counter(found.kind.removeprefix("no ") for found in counted_verdicts(known, None))
    assert unanimous["verdict: unanimous"] > 100
    member = _most_exposed(known, known.current)[0]
    assert any("all others'" in found.kind for found in counted_verdicts(known, member))


@pytest.mark.long
def test_without_protection_the_same_attack_finds_what_is_held_back(bare: Reader) -> None:
    wave = min(bare.known.takers)
    questions = _sample(bare.known, wave, 1, 2)
    outsider = learned(_attacked(bare, wave, questions, [None]))
    # counts read off exact weight sums, figures off means and quartiles of organismes, and masked means filled in again
    assert all(outsider[kind] for kind in ("count decoded", "figure", "mean")), outsider
    member = learned(_attacked(bare, wave, questions, _most_exposed(bare.known, wave)[:1], kinds=ALL))
    assert all(member[kind] for kind in ("count", "count decoded", "figure", "part")), member


@pytest.mark.long
def test_no_reader_learns_anything_of_an_organisme_from_any_question(reader: Reader) -> None:
    known = reader.known
    for wave, takers in known.takers.items():
        assert (
            learned(
                _attacked(
                    reader,
                    wave,
                    _questions(known, wave),
                    (None, *sorted(takers)),
                    kinds=ALL,
                    filters=True,
                    verdicts=True,
                    errors=True,
                )
            )
            == {}
        )
        for axis in known.reference("axes")["axe"]:
            if axis in known.answers.columns and axis not in known.strata_axes:
                exposed = (None, *_most_exposed(known, wave))
                assert learned(_attacked(reader, wave, _sample(known, wave, 6), exposed, axis, ALL)) == {}
