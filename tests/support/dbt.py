"""dbt on a programme, as the project runs it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.ingest import ingest
from orchestration.extracts.inventory import take_inventory
from orchestration.programme import load_programme
from orchestration.publication.inputs import prepare_inputs
from orchestration.settings import Settings
from tests.support import warm_dbt


def dbt(root: Path, *arguments: str, target: str = "unit") -> str:
    """Runs a dbt command on the programme's warehouse and returns what it printed; a failure fails the test."""
    settings = Settings(root)
    project = str(settings.dbt_project)
    command = [warm_dbt.executable(), *arguments, "--project-dir", project, "--profiles-dir", project]
    environment = {**os.environ, **settings.environment(), "DBT_TARGET_PATH": str(root / "warehouse" / target)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def estimated(root: Path, *models: str) -> Path:
    """Reads a programme's deliveries and builds some models from them, as a run does up to there: nothing is published."""
    programme, settings = load_programme(root), Settings(root)
    settings.prepare()
    for delivery in deliveries(programme, load_contracts(programme)):
        ingest(delivery, programme)
    prepare_inputs(programme, take_inventory(programme))
    dbt(root, "build", "--exclude-resource-type", "test", "unit_test", "--select", *(f"+{model}" for model in models))
    return root
