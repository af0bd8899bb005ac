"""The file of a backup to its last byte, and what is left of a restore that there is no room for."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
from pathlib import Path

import pytest

from orchestration.installation.archive import BackupError, Writer, verified
from orchestration.installation.journals import SQLITE
from orchestration.installation.restore import restore
from orchestration.operation.outcomes import now


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path, body = tmp_path / "sauvegarde.tar", b"x" * (3 << 20)
    with path.open("wb") as target:
        writer = Writer(target)
        writer.folder("programme", os.stat(tmp_path))  # noqa: PTH116
        writer.file("programme/programme.yaml", io.BytesIO(body), len(body), os.stat(tmp_path))  # noqa: PTH116
        writer.close(programme="a", faite_le=now(), edition=None, revision="0", cle="", journaux=SQLITE, laisses=())
    return path


def test_bytes_after_the_end_of_a_backup_are_no_part_of_it(file: Path, tmp_path: Path) -> None:
    assert verified(file).programme == "a"
    whole = file.read_bytes()
    for more in (b"x", bytes(512), bytes(tarfile.RECORDSIZE), whole):
        longer = tmp_path / "long.tar"
        longer.write_bytes(whole + more)
        with pytest.raises(BackupError, match="ne finit pas comme il fut écrit"):
            verified(longer)
    shorter = tmp_path / "court.tar"
    shorter.write_bytes(whole[:-1])
    with pytest.raises(BackupError, match="en prendre un"):
        verified(shorter)


def test_what_there_is_no_room_for_leaves_nothing_behind(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=0))
    (tmp_path / "vide").mkdir()
    for root in (tmp_path / "absent/programme", tmp_path / "vide"):
        with pytest.raises(BackupError, match=r"demande [1-9]\d* Mio, .* en a 0 Mio de libres"):
            restore(file, root)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sauvegarde.tar", "vide"]
    assert not any((tmp_path / "vide").iterdir())
