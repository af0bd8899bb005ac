"""`dbt build --target spark` on real Spark, in local mode: from the same lake, every mart is DuckDB's.

The environment is made by the first test that needs it (`scripts/bootstrap.sh spark`), as Superset's is by its own. Data
tests are run on the demonstration only: what they find in DuckDB's marts holds of equal ones.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support import spark
from tests.support.between import add_calls
from tests.support.demo import Demo, observatoire
from tests.support.engagements import declare_engagements
from tests.support.scores import declare_scores, deliver_scores
from tests.support.small_organismes import by_building, random_programme

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(spark.missing() is not None, reason=str(spark.missing())),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small programme that was run, in a folder whose backticks quote nothing, then built on Spark.

    Small organismes have cells to mask for their own sake and for others', and priorities are read of questions that a
    third answer, interviews of the second wave come by buildings, scores and a commitment are published, some hold a
    quality scheme, a second dispositif has five periods: no model is without rows.
    """
    root = tmp_path_factory.mktemp("spark") / "programme d’essai, `déplacé`"
    random_programme(root, seed=1, protection=0.1)
    by_building(root, "V2")
    declare_scores(root)
    declare_engagements(root, ["E1,O1,T1,G1|C1,Répondre vite,2020-01-01,,en_cours,"])
    add_calls(root)
    for wave in ("V1", "V2"):
        met = sorted(path.stem for path in (root / "landing" / wave).glob("*.csv"))
        lines = [f"{code};{60 + i};{40 + i};1.5;{50 + i};100" for i, code in enumerate(met)]
        contract = root / "contracts" / f"i-{wave.lower()}.yaml"
        answers = {**yaml.safe_load(contract.read_text(encoding="utf-8")), "fichiers": ["O?.csv"]}
        contract.write_text(yaml.safe_dump(answers, allow_unicode=True), encoding="utf-8")
        deliver_scores(root, lines, wave)
    path = root / "programme.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    schemes = root / "reference/demarches_qualite.csv"
    held = [f"O{i},label,Un label,2015-01-01," for i in (1, 2, 3, 4)]
    schemes.write_text("\n".join([schemes.read_text(encoding="utf-8").splitlines()[0], *held, ""]), encoding="utf-8")
    config["perimetres"] = [{"organismes": "famille"}, {"demarches": ["label"]}]
    config["estimation"] = {"priorites_reponses_minimum": 0.3, "priorites_base_minimale": 50}
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    for arguments in (["exclude", "V2", "O1", "D1", "--motif", "essai"], ["run"]):
        done = observatoire(root, *arguments)
        assert done.returncode == 0, done.stderr
    assert " ERROR=0 SKIP=0 " in spark.build(root, "--exclude-resource-type", "test", "unit_test")
    return root


def _differences(root: Path) -> dict[str, list[str]]:
    on_duckdb, on_spark = spark.marts(root)
    assert set(on_duckdb) == set(on_spark)
    found = {name: spark.differences(on_duckdb[name], on_spark[name]) for name in sorted(on_duckdb)}
    return {name: words for name, words in found.items() if words}


def test_a_small_programme_has_the_same_marts_on_spark(built: Path) -> None:
    on_duckdb, _ = spark.marts(built)
    assert [name for name, table in on_duckdb.items() if table.is_empty()] == []
    assert {*"VSD"} <= set(on_duckdb["fct_satisfaction"]["statut"])
    assert _differences(built) == {}


def test_what_an_earlier_build_left_is_no_part_of_the_next(built: Path) -> None:
    wanted = ("dim_motif", "dim_question", "dim_theme")
    # with the data tests of these few tables
    selected = ["--select", *(f"+{name}" for name in wanted), "--indirect-selection", "cautious"]
    assert " START test " in spark.build(built, *selected, "--exclude-resource-type", "unit_test")
    on_duckdb, on_spark = spark.marts(built)
    assert set(on_spark) == set(wanted)
    assert all(spark.differences(on_duckdb[name], on_spark[name]) == [] for name in wanted)


def test_the_demo_has_the_same_marts_on_spark_and_its_data_tests_hold_there(demo: Demo) -> None:
    assert " ERROR=0 SKIP=0 " in spark.build(demo.root, "--exclude-resource-type", "unit_test")
    assert _differences(demo.root) == {}
