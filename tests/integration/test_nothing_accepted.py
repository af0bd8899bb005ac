"""A run in which nothing is accepted stops before dbt, says why file by file, and leaves readers what they had."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestration.publication.editions import Editions
from tests.support.demo import observatoire
from tests.support.mini import row, write_csv
from tests.support.small import published


@pytest.fixture
def programme() -> Path:
    """A published programme: each test spoils its own."""
    return published()


def _refused(root: Path, *said: str) -> None:
    before = Editions(root / "published").current()
    done = observatoire(root, "run")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    for words in said:
        assert words in done.stderr, done.stderr
    assert before is not None and Editions(root / "published").current() == before


def test_a_run_in_which_nothing_is_accepted_stops_before_dbt_and_says_why_file_by_file(programme: Path) -> None:
    for path in (programme / "landing").glob("V*/O*.csv"):
        path.unlink()
    write_csv(programme / "landing/V2/O1.csv", [row(str(i), Q1="77") for i in range(56)])
    (programme / "landing/V9").mkdir()
    write_csv(programme / "landing/V9/O2.csv", [row("1", ORG="O2")])
    write_csv(programme / "landing/O3.csv", [row("1", ORG="O3")])
    built = (programme / "warehouse/observatoire.duckdb").stat().st_mtime_ns
    told = (
        "Rien n'a été publié. Aucune livraison n'est acceptée, rien n'est construit",
        "- V2/O1.csv : O1 : 56 lignes rejetées sur 56 (100\u202f%), refus au-delà de 90\u202f% ; le plus souvent « Réponse hors de"
        " la nomenclature », colonne Q1 (56 lignes, la première ligne 2) ; n'employer que les codes du contrat",
        "- V9/O2.csv : « V9 » n'est pas une vague de vagues.csv ; le déposer dans landing/V1, landing/V2,",
        "- landing/O3.csv : dans aucun dossier de vague, donc jamais lu ; le déposer dans landing/<vague>/.",
    )
    _refused(programme, "Hors de tout dossier de vague, donc non lus : O3.csv", *told)
    assert (programme / "warehouse/observatoire.duckdb").stat().st_mtime_ns == built
    # everything is read already: the next run says the same without opening Dagster
    _refused(programme, *told)
    assert "Aucune livraison n'est acceptée" in observatoire(programme, "status").stdout


def test_an_empty_landing_folder_is_a_disk_to_mount_where_editions_stand(tmp_path: Path) -> None:
    """A programme of demonstration writes none of it there either."""
    root = published(tmp_path / "programme")
    shutil.rmtree(root / "landing")
    (root / "landing").mkdir()
    _refused(root, "/landing est vide ou n'est plus là, alors que des éditions en sont venues : monter le disque")
    assert list((root / "landing").iterdir()) == []
    (root / "landing/V2").mkdir()
    (root / "programme.yaml").write_text(
        (root / "programme.yaml").read_text(encoding="utf-8").replace("demonstration: true", "demonstration: false"),
        encoding="utf-8",
    )
    _refused(root, "Aucune livraison dans landing/ ; les déposer dans landing/<vague>/.")
