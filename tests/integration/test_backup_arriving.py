"""A backup made while deliveries arrive: what has come is waited for, what is still being sent is left out and told."""

from __future__ import annotations

import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestration.installation.doctor import examine
from orchestration.installation.findings import Health
from orchestration.settings import Settings
from tests.support.demo import observatoire
from tests.support.installations import restore_into, two_editions


@contextmanager
def _sending(path: Path) -> Iterator[None]:
    """Has a file grow four times a second while the block lasts, as a sender's does."""
    ended = threading.Event()

    def send() -> None:
        while not ended.wait(0.25):
            with path.open("a", encoding="utf-8") as file:
                file.write("ORG;ID\n")

    path.write_text("ORG;ID\n", encoding="utf-8")
    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        ended.set()
        sender.join()


@pytest.mark.slow
def test_what_is_still_arriving_is_left_out_and_named_and_the_rest_is_waited_for(tmp_path: Path) -> None:
    root = two_editions(tmp_path / "programme")
    (root / "landing/V2/Thumbs.db").write_bytes(b"x")
    (root / "landing/V2/arrivée.csv").write_text("ORG;ID\n", encoding="utf-8")
    folder = tmp_path / "sauvegardes"
    folder.mkdir()
    others = {"observatoire-mini-2-20200101T000000Z.tar", ".observatoire-mini-2.abc", "observatoire-mini-note.tar"}
    for name in others:
        (folder / name).write_bytes(b"x")
    with _sending(root / "landing/V2/encore.csv"):
        done = observatoire(root, "backup", str(folder), "--garder", "1")
    assert done.returncode == 3 and "Sauvegarde incomplète" in done.stdout, done.stderr
    assert "(1) : landing/V2/encore.csv ; relancer" in done.stdout and "arrivée" not in done.stdout
    [file] = [path for path in folder.iterdir() if path.name not in others]
    assert others < {path.name for path in folder.iterdir()}
    with tarfile.open(file) as tar:
        names = tar.getnames()
    assert "programme/landing/V2/arrivée.csv" in names and "programme/landing/V2/encore.csv" not in names
    [told] = [f for f in examine(Settings(root)).found if f.controle == "sauvegarde"]
    assert told.etat == Health.WATCH and "encore en cours d'envoi (1)" in told.constat
    done = restore_into(file, tmp_path / "ailleurs")
    assert done.returncode == 0 and "V2/encore.csv" in done.stdout, done.stdout
    # once it has come, it is waited for: the backup is whole
    done = observatoire(root, "backup", str(folder), "--garder", "1")
    assert done.returncode == 0 and "incomplète" not in done.stdout, done.stdout
    [file] = [path for path in folder.iterdir() if path.name not in others]
    with tarfile.open(file) as tar:
        assert "programme/landing/V2/encore.csv" in tar.getnames()
