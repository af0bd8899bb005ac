"""The command where the environment is not whole: a sentence, whichever module is gone."""

from __future__ import annotations

import subprocess
import sys

import pytest

_WITHOUT = """
import sys

class Gone:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}")

sys.meta_path.insert(0, Gone())
sys.argv = ["observatoire", "check"]
from orchestration.entry import main
main()
"""


@pytest.mark.parametrize("module", ["typer", "duckdb"])
def test_a_module_that_is_gone_is_said_with_its_remedy(module: str) -> None:
    """One that the command line imports as it starts, one that a command imports as it works."""
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT.format(module=module)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Refusé : Il manque un module à l'environnement de Python ({module})")
    assert "scripts/bootstrap.sh run" in done.stderr and "Traceback" not in done.stderr
