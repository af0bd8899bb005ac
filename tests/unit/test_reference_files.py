"""What stands in a programme's reference folder and is no table of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestration.programme.check import check_programme
from tests.support.mini import mini_programme


def test_a_file_that_is_no_table_is_named_before_dbt_meets_it(tmp_path: Path) -> None:
    """dbt loads every CSV of the folder, at any depth, and stops the whole night at a name that it does not like."""
    programme = mini_programme(tmp_path)
    folder = tmp_path / "reference"
    shutil.copy(folder / "vagues.csv", folder / "vagues - Copie.csv")
    (folder / "ancien").mkdir()
    shutil.copy(folder / "vagues.csv", folder / "ancien" / "vagues.csv")
    (folder / "zz.csv").symlink_to("/etc/hostname")
    (folder / "notes.txt").write_text("rien", encoding="utf-8")
    assert [str(problem) for problem in check_programme(programme)] == [
        "ancien/vagues.csv : aucune table du programme n'a ce nom ; l'ôter de reference/, ou le nommer vagues.csv s'il"
        " doit l'être",
        "vagues - Copie.csv : aucune table du programme n'a ce nom ; l'ôter de reference/, ou le nommer vagues.csv s'il"
        " doit l'être",
        "zz.csv : aucune table du programme n'a ce nom ; l'ôter de reference/",
    ]
