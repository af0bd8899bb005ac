"""Who may read what a run leaves on the disk: what the umask of the service says, and the group of the folder of readers."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.demo import KEY
from tests.support.mini import CONFIG, mini_programme
from tests.support.small import LENIENT, small_programme

# what the units of systemd set
UMASK = 0o027


@pytest.mark.slow
def test_only_the_service_and_the_group_of_readers_read(tmp_path: Path) -> None:
    """A run under the umask of the units; `published/` and `reports/` hand their group down, as the guide sets them up."""
    root = small_programme(tmp_path / "programme")
    mini_programme(root, plausibility=LENIENT, secret={**CONFIG["secret"], "export_reponses": True})
    inputs = set(root.rglob("*"))
    # any group but the first of the account that runs the test
    readers = next((g for g in os.getgroups() if g != os.getegid()), 0 if os.geteuid() else 4321)
    for folder in (root / "published", root / "reports"):
        folder.mkdir()
        os.chown(folder, -1, readers)
        folder.chmod(0o2750)
    environment = {**os.environ, "OBSERVATOIRE_DATA": str(root), "OBSERVATOIRE_CLE": KEY}
    command = [sys.executable, "-m", "orchestration.cli", "run"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, umask=UMASK)
    assert done.returncode == 0, done.stdout + done.stderr

    made = [path for path in root.rglob("*") if path not in inputs and not path.is_symlink()]
    open_to_others = [str(path) for path in made if path.stat().st_mode & stat.S_IRWXO]
    assert open_to_others == []
    for_readers = [path for path in made if {"published", "reports"} & set(path.relative_to(root).parts[:1])]
    assert len(for_readers) > 50
    assert {path for path in for_readers if path.stat().st_gid != readers} == set()
    personal = [
        path for path in for_readers if "donnees_personnelles" in path.parts and len(path.relative_to(root).parts) > 4
    ]
    assert personal and all(not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) for path in personal)
    others = set(for_readers) - set(personal)
    assert [str(path) for path in others if not path.stat().st_mode & stat.S_IRGRP] == []
    editions = [path for path in others if path.suffix == ".duckdb"]
    assert editions and all(not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP) for path in editions)
