"""A variable of the environment that cannot be used is one sentence, before anything is begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.demo import observatoire
from tests.support.mini import mini_programme, row, write_csv


@pytest.mark.parametrize("command", ["run", "prepare"])
@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("OBSERVATOIRE_MEMOIRE", "beaucoup", "une quantité de mémoire est attendue, par exemple 4GB"),
        ("OBSERVATOIRE_CALCUL_LECTURE", "long", "un nombre entier est attendu, en secondes"),
    ],
)
def test_nothing_is_begun_with_a_variable_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, variable: str, value: str, expected: str
) -> None:
    root = mini_programme(tmp_path / "programme").root
    write_csv(root / "landing/V2/a.csv", [row("1")])
    monkeypatch.setenv(variable, value)
    done = observatoire(root, command)
    assert (done.returncode, done.stdout.strip()) == (1, "")
    [said] = [line for line in done.stderr.splitlines() if line.startswith("Refusé : ")]
    assert said.startswith(f"Refusé : {variable} vaut « {value} » : {expected}"), said
    assert "Traceback" not in done.stderr
    assert not (root / "warehouse").exists()
