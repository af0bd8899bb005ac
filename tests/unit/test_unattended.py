"""What works by itself: in production only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.descriptions import described
from orchestration.settings import Settings


@pytest.mark.parametrize(("postgres", "expected"), [("", {"STOPPED"}), ("postgresql:///x", {"RUNNING"})])
def test_only_production_works_unattended(postgres: str, expected: set[str]) -> None:
    code = (
        "from orchestration.defs.sensors import alerte\nfrom orchestration.defs.schedules import matin, nuit\n"
        "from orchestration.defs.sensors import nouvelles_livraisons\nfrom orchestration.defs.arrivals import demie\n"
        "print(*[one.default_status.name for one in (alerte, demie, matin, nuit, nouvelles_livraisons)])"
    )
    environment = {**os.environ, "OBSERVATOIRE_POSTGRES": postgres}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == expected


@pytest.mark.parametrize(("production", "expected"), [(True, True), (False, False)])
def test_freshness_is_asked_in_production_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, production: bool, expected: bool
) -> None:
    monkeypatch.setattr("orchestration.defs.descriptions.in_production", lambda: production)
    spec = described(Settings(tmp_path))(dg.AssetSpec("edition", group_name="edition"))
    assert (spec.freshness_policy is not None) is expected
    assert described(Settings(tmp_path))(dg.AssetSpec("lots", group_name="extraits")).freshness_policy is None
