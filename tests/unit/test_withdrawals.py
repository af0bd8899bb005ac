"""What `withdraw` takes back: the bytes of a delivery that is whole."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.errors import DeliveryError
from orchestration.files import file_sha256
from orchestration.installation import holdings
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv


def test_a_file_that_is_still_being_written_is_not_withdrawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bytes of now are not the ones that will lie there, and those would count at the next run."""
    monkeypatch.setattr(holdings, "_STILL_SECONDS", 1)
    root = mini_programme(tmp_path).root
    path, over = write_csv(root / "landing/V2/a.csv", [row("1")]), threading.Event()
    write_contract(root, mini_contract())

    def send() -> None:
        while not over.wait(0.2):
            with path.open("a", encoding="utf-8") as file:
                file.write("\n")

    sender = threading.Thread(target=send)
    sender.start()
    try:
        said = CliRunner().invoke(app, ["withdraw", "V2/a.csv", "--motif", "essai", "--data", str(root)])
        assert isinstance(said.exception, DeliveryError) and "V2/a.csv s'écrit encore" in str(said.exception)
        assert not (root / "landing/retraits.csv").exists()
    finally:
        over.set()
        sender.join()
    assert CliRunner().invoke(app, ["withdraw", "V2/a.csv", "--motif", "essai", "--data", str(root)]).exit_code == 0
    assert file_sha256(path) in (root / "landing/retraits.csv").read_text(encoding="utf-8")
