"""The disk of temporary files, which is none of the programme's."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path

import pytest

from orchestration.extracts.inventory import take_inventory
from orchestration.operation.attentions import attentions
from orchestration.operation.room import room
from tests.support.mini import mini_programme


def test_a_disk_of_temporary_files_without_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, temporary = mini_programme(tmp_path).settings, Path(tempfile.gettempdir())
    settings.prepare()
    usage = shutil.disk_usage(tmp_path)
    left = {temporary: 1 << 20}
    monkeypatch.setattr("shutil.disk_usage", lambda at: usage._replace(free=left.get(at, 100 << 30)))
    told = room(settings)
    assert (told.dossier, told.short, told.temporary) == (str(temporary), True, True)
    programme = mini_programme(tmp_path)
    asked = attentions(programme, take_inventory(programme), dt.date(2022, 1, 1))[str(temporary)]
    assert "TMPDIR" in asked and "purge" not in asked
    left[temporary] = 10 << 30
    assert not room(settings).tight
