"""Where the project finds its parts, and what tells that they have changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from orchestration import settings as settings_module
from orchestration.errors import ObservatoireError
from orchestration.settings import Settings, dbt_fingerprint, ensure_manifest
from tests.support.demo import REPOSITORY


def test_what_running_leaves_in_the_dbt_project_is_no_change_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python writes byte code beside the modules it imports: a second run would otherwise find something new."""
    monkeypatch.setattr(Settings, "dbt_project", tmp_path)
    module = tmp_path / "python" / "module.py"
    module.parent.mkdir()
    module.write_text("x = 1\n", encoding="utf-8")
    settings = Settings(tmp_path)
    before = dbt_fingerprint(settings)
    (module.parent / "__pycache__").mkdir()
    (module.parent / "__pycache__" / "module.pyc").write_bytes(b"\0")
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "manifest.json").write_text("{}", encoding="utf-8")
    assert dbt_fingerprint(settings) == before
    module.write_text("x = 2\n", encoding="utf-8")
    assert dbt_fingerprint(settings) != before


# a dbt that takes its time over a manifest, and says that it was asked
SLOW_DBT = """#!/bin/sh
echo asked >> "$DBT_TARGET_PATH/asked"
printf '{"nodes": ' > "$DBT_TARGET_PATH/manifest.json"
sleep 0.4
printf '{}}' >> "$DBT_TARGET_PATH/manifest.json"
"""
ASKS = """
import json, sys
from orchestration.settings import Settings, ensure_manifest
settings = Settings.from_environment()
settings.prepare()
for _ in range(3):
    print(json.loads(ensure_manifest(settings).read_text("utf-8")))
"""


def test_services_that_start_together_read_one_whole_manifest(tmp_path: Path) -> None:
    """The daemon and the two pages of an installation start at the same instant, in a programme that has no manifest."""
    dbt = tmp_path / "dbt"
    dbt.write_text(SLOW_DBT, encoding="utf-8")
    dbt.chmod(0o755)
    programme = tmp_path / "programme"
    environment = {**os.environ, "OBSERVATOIRE_DATA": str(programme), "OBSERVATOIRE_DBT": str(dbt), "PYTHONPATH": "."}
    services = [
        subprocess.Popen(
            [sys.executable, "-c", ASKS], cwd=REPOSITORY, env=environment, stdout=PIPE, stderr=PIPE, text=True
        )
        for _ in range(6)
    ]
    said = [service.communicate() for service in services]
    assert [(out, error) for out, error in said] == [("{'nodes': {}}\n" * 3, "")] * len(services)
    assert (programme / "warehouse/dbt/asked").read_text(encoding="utf-8") == "asked\n"
    assert (programme / ".dagster/dagster.yaml").resolve() == REPOSITORY / "dagster.yaml"


def test_a_shared_memory_that_is_closed_is_told_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dbt = tmp_path / "dbt"
    dbt.write_text("#!/bin/sh\necho 'PermissionError: [Errno 13]' >&2\nexit 1\n", encoding="utf-8")
    dbt.chmod(0o755)
    monkeypatch.setenv("OBSERVATOIRE_DBT", str(dbt))
    with pytest.raises(ObservatoireError, match=r"^dbt ne lit pas le projet : PermissionError"):
        ensure_manifest(Settings(tmp_path / "programme"))
    monkeypatch.setattr(settings_module, "_SHARED_MEMORY", str(tmp_path / "absent"))
    with pytest.raises(ObservatoireError, match=r"^dbt ne démarre pas : .*/absent n'est pas inscriptible.*chmod 1777"):
        ensure_manifest(Settings(tmp_path / "programme"))
