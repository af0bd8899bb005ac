"""dbt on a programme, as the project runs it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from orchestration.settings import Settings


def dbt(root: Path, *arguments: str) -> str:
    """Runs a dbt command on the programme's warehouse and returns what it printed; a failure fails the test."""
    settings = Settings(root)
    project = str(settings.dbt_project)
    command = [settings.dbt_executable, *arguments, "--project-dir", project, "--profiles-dir", project]
    environment = {**os.environ, **settings.environment(), "DBT_TARGET_PATH": str(root / "warehouse" / "unit")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout
