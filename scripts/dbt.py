"""One dbt command on the warehouse of the programme that OBSERVATOIRE_DATA names (data/ without it)."""

import os
import subprocess
import sys

from orchestration.settings import Settings


def main() -> int:
    """Runs dbt in its own environment, with the project's variables, beside the runs' own working folder."""
    settings = Settings.from_environment()
    project = str(settings.dbt_project)
    command = [settings.dbt_executable, *sys.argv[1:], "--project-dir", project, "--profiles-dir", project]
    # A working folder of its own: a run of the programme must not find a manifest that is not its own.
    environment = {
        **os.environ,
        **settings.environment(),
        "DBT_TARGET_PATH": str(settings.root / "warehouse" / "atelier"),
    }
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
