"""A variable of the environment that cannot be used is one sentence, before anything is begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.installation import journals
from orchestration.settings import Settings
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


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql+psycopg2://essai@127.0.0.1:1/base", "Base de OBSERVATOIRE_POSTGRES inaccessible"),
        ("base de Dagster", "OBSERVATOIRE_POSTGRES n'est pas une adresse postgresql+psycopg2://… ; la corriger."),
        ("postgresql+psycopg2://essai@127.0.0.1:port/base", "OBSERVATOIRE_POSTGRES n'est pas une adresse"),
        ("mysql://essai@127.0.0.1/base", "OBSERVATOIRE_POSTGRES n'est pas une adresse"),
        ("sqlite:///base", "OBSERVATOIRE_POSTGRES n'est pas une adresse"),
        ("autre://essai@127.0.0.1/base", "OBSERVATOIRE_POSTGRES n'est pas une adresse"),
    ],
)
def test_no_service_is_prepared_for_a_base_that_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    root = mini_programme(tmp_path / "programme").root
    monkeypatch.setenv("OBSERVATOIRE_POSTGRES", address)
    done = observatoire(root, "prepare")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    [fault] = journals.faults(Settings(root))
    assert done.stderr == f"Refusé : {fault}\n" and fault.startswith(said)
    assert not (root / ".dagster").exists()
