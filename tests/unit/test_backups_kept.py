"""Which backups stay in their folder when only some are to be kept."""

from __future__ import annotations

from pathlib import Path

from orchestration.installation.backup import back_up, last_backup
from tests.support.mini import mini_programme


def test_the_backup_just_made_stays_after_a_clock_that_was_put_back(tmp_path: Path) -> None:
    programme, folder = mini_programme(tmp_path / "programme"), tmp_path / "sauvegardes"
    folder.mkdir()
    later = [folder / f"observatoire-mini-2199010{day}T000000Z.tar" for day in (1, 2)]
    for path in later:
        path.write_bytes(b"x")
    made, _ = back_up(programme, folder, keep=2)
    assert set(folder.iterdir()) == {made, later[1]}
    last = last_backup(programme.settings)
    assert last is not None and last.fichier == str(made.resolve())
    again, _ = back_up(programme, folder, keep=1)
    assert set(folder.iterdir()) == {again}
