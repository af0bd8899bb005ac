"""A purge takes what nobody needs any more, and says so before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.retention import expired, purge
from tests.support.ingestion import ingest_all
from tests.support.mini import mini_programme, row, write_csv


def test_old_rejects_and_what_left_the_landing_folder_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai")
    for name in ("a.csv", "b.csv", "c.csv"):
        write_csv(tmp_path / "landing/V2" / name, [row(name), row("x", Q1="7")])
    ids = {r.fichier: r.livraison for r in ingest_all(tmp_path)}
    (tmp_path / "landing/V2/b.csv").unlink()
    lake = Lake(tmp_path)
    os.utime(lake.quarantine(ids["V2/a.csv"]), (0, 0))
    found = list(expired(lake, take_inventory(mini_programme(tmp_path)), days=90))
    gone = ids["V2/b.csv"]
    assert {e.path for e in found} == {
        lake.quarantine(gone), lake.root / "lake/versions" / gone, lake.record(gone), lake.quarantine(ids["V2/a.csv"]),
    }  # fmt: skip
    purge(found)
    assert not any(e.path.exists() for e in found)
    assert take_inventory(mini_programme(tmp_path)).stale == []
    assert list(expired(lake, take_inventory(mini_programme(tmp_path)), days=90)) == []
