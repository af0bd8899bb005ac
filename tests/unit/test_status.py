"""What `status` and the summary print: legible in a narrow terminal, one line per delivery in a pipe."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from orchestration.extracts.decisions import withdraw
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake
from orchestration.programme import Programme
from orchestration.runs import Outcome
from orchestration.summary import print_status, print_summary
from tests.support.ingestion import ingest_all
from tests.support.mini import mini_programme, row, write_csv

LONG = "extrait de l'institut, troisième envoi corrigé après la remarque du 3 janvier.csv"


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programme]:
    """One delivery replaced, one held back, one refused, one withdrawn, one repeated, one unread, one out of place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBSERVATOIRE_CLE", "clé d'essai")
        yield _filled(tmp_path_factory.mktemp("etat"))


def _filled(tmp_path: Path) -> Programme:
    landing = tmp_path / "landing/V2"

    def deliver(name: str, rows: list[dict[str, str]]) -> None:
        path = write_csv(landing / name, rows)
        time = 1_700_000_000 + len(list(landing.iterdir()))
        os.utime(path, (time, time))

    rows = [row(str(i)) for i in range(20)]
    deliver("a.csv", rows)
    deliver(LONG, [*rows, row("20", Q1="4")])
    deliver("courte.csv", rows[:9])
    deliver("o2.csv", [row(str(i), ORG="O2") for i in range(3)])
    deliver("vide.csv", [])
    deliver("encore.csv", rows)
    records = ingest_all(tmp_path)
    [taken_back] = [r for r in records if r.fichier == "V2/o2.csv"]
    withdraw(Lake(tmp_path), taken_back.sha256, taken_back.fichier, "essai")
    deliver("nouvelle.csv", [row("1", ORG="O3")])
    (tmp_path / "landing/égaré.csv").write_text("x")
    return mini_programme(tmp_path)


def _status(programme: Programme, width: int) -> list[str]:
    text = io.StringIO()
    print_status(Console(file=text, width=width, highlight=False), programme)
    return [line.rstrip() for line in text.getvalue().splitlines()]


@pytest.mark.parametrize("width", [80, 120, 1000])
def test_each_delivery_is_named_with_its_state(programme: Programme, width: int) -> None:
    lines = _status(programme, width)
    table = lines[1 : 1 + next(i for i, line in enumerate(lines[1:]) if line.startswith("Attendus"))]
    assert max(map(len, table)) <= width
    found = {line.split("  ")[0]: line for line in table}
    for name, state in (
        ("V2/a.csv", "acceptée"), ("V2/courte.csv", "acceptée"), ("V2/o2.csv", "retirée"), ("V2/vide.csv", "refusée"),
        ("V2/encore.csv", "déjà reçue"), ("V2/nouvelle.csv", "à lire"),
    ):  # fmt: skip
        assert f" {state}" in found[name]
    # a long name is folded, never cut
    first = table[0].index("Contrat" if width >= 100 else "Statut")
    assert LONG.replace(" ", "") in "".join(line[:first] for line in table).replace(" ", "")
    assert ("i-v2" in found["V2/a.csv"]) == (width >= 100)
    assert found["V2/a.csv"].endswith("0/1")


def test_what_calls_for_a_person_is_said(programme: Programme) -> None:
    said = "\n".join(_status(programme, 80))
    assert "Attendus en V2 et non reçus : O3." in said
    assert "Attendus en V2, reçus et refusés : O2." in said
    assert "Refusée : vide.csv : aucune ligne sous l'en-tête" in said
    assert "Non retenue : V2/courte.csv, O1 : 9 entretiens contre 21 en vigueur" in said
    assert "Hors de tout dossier de vague, donc non lus : égaré.csv" in said


def test_rows_read_are_interviews_rejects_and_replaced(programme: Programme) -> None:
    text = io.StringIO()
    outcome = Outcome("V2-0.0", True, 5, take_inventory(programme), None)
    print_summary(Console(file=text, width=80), programme, outcome)
    [line] = [line for line in text.getvalue().splitlines() if line.startswith("V2 ")]
    deliveries, organismes, interviews, read, rejected, replaced = map(int, line.split()[1:])
    assert (deliveries, organismes, interviews) == (5, 1, 21)
    assert read == interviews + rejected + replaced == 20 + 21 + 9 + 3
    assert replaced == 20 + 9 + 3


def test_in_a_pipe_a_line_is_a_line(programme: Programme) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"} | {"OBSERVATOIRE_DATA": str(programme.root)}
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "status"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    [line] = [line for line in done.stdout.splitlines() if line.startswith(f"V2/{LONG} ")]
    assert line.rstrip().endswith("1/1")
