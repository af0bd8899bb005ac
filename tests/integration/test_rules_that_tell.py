"""What a check says of answers is told to their organisme alone, in a programme where several organismes answer as one."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.support.demo import observatoire
from tests.support.produced import produced
from tests.support.small_programmes import random_programmes

pytestmark = pytest.mark.slow

# the rules of the guide that say, kept or broken, what most respondents of an organisme answered to a question that is published
TELLING = (
    "modalite_unique", "distribution_deplacee", "echelle_a_moitie_vide", "modalites_en_desordre", "echelle_permutee", "modalite_delaissee", "modalite_plus_citee", "pourcentage_publie",
    "comptes_impossibles", "comptes_ramenes_a_l_effectif",
)  # fmt: skip
SAID = "Question où tous répondent la même chose"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = random_programmes(tmp_path_factory.mktemp("unanimes") / "programme", 1)
    done = observatoire(folder, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def _rows(database: Path, columns: str, where: str) -> list[tuple[str, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.sql(f"select distinct {columns} from observatoire.obs_qualite where {where}").fetchall()


def test_each_organisme_reads_its_own_and_the_region_none(root: Path) -> None:
    broken = "regle = 'modalite_unique' and not tenue"
    own = {
        path.stem: _rows(path, "organisme_code", broken) for path in (root / "published/organismes").glob("*.duckdb")
    }
    assert sum(map(bool, own.values())) >= 2, "nobody answers as one: nothing is tried here"
    assert all(rows in ([], [(code,)]) for code, rows in own.items())
    regional = root / "published/observatoire.duckdb"
    assert _rows(regional, "regle", f"regle in {TELLING}") == []
    # what says nothing of answers stays
    assert len(_rows(regional, "regle", "organisme_code is not null")) > 20


def test_no_word_of_it_stands_in_what_everybody_reads(root: Path) -> None:
    """The rule's label and code in the regional file, its tables, the report, its workbooks; the labels of the others too."""
    everybody = [
        (where, text)
        for folder, but in (("published/courante", "organismes"), ("reports/courant", ""))
        for where, text in produced((root / folder).resolve(), but=but)
    ]
    assert len(everybody) > 40
    found = [where for where, text in everybody if any(word.encode() in text for word in (SAID, *TELLING[:1]))]
    # Data Docs list every rule with its threshold, and no organisme
    assert [where for where in found if "controles" not in where] == []


def test_whoever_consolidates_is_told(root: Path) -> None:
    assert SAID in (root / "warehouse/livraisons.html").read_text(encoding="utf-8")
