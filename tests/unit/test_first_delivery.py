"""A service that was installed and waits for its first delivery: nobody is told of it, until something comes."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path

import dagster as dg

from orchestration.defs.extracts.reading import SETTLED_SECONDS
from orchestration.defs.jobs import CONSOLIDATION
from orchestration.defs.resources import ProgrammeFolder
from orchestration.defs.schedules import nuit
from orchestration.defs.sensors import nouvelles_livraisons
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv


def test_a_service_that_waits_for_its_first_delivery_asks_for_nothing(tmp_path: Path) -> None:
    opened = mini_programme(tmp_path / "programme")
    write_contract(opened.root, mini_contract())
    folder = ProgrammeFolder(root=str(opened.root))
    night = partial(nuit, folder=folder)
    with dg.DagsterInstance.ephemeral() as instance:

        def look() -> dg.SensorResult:
            looked = nouvelles_livraisons(dg.build_sensor_context(instance=instance), folder=folder)
            assert isinstance(looked, dg.SensorResult)
            return looked

        def asked() -> list[str | None]:
            return [request.job_name for request in look().run_requests or []]

        waits = night()
        assert isinstance(waits, dg.SkipReason)
        assert "Aucune livraison n'est encore arrivée" in str(waits.skip_message)
        assert (look().run_requests, look().skip_reason) == ([], waits)

        # a file that lies where nobody reads it is something to tell
        stray = opened.root / "landing" / "un.csv"
        stray.parent.mkdir(exist_ok=True)
        stray.write_text("ici", encoding="utf-8")
        assert asked() == [CONSOLIDATION] and isinstance(night(), list)
        stray.unlink()

        path = write_csv(opened.root / "landing/V2/un.csv", [row(str(i), TC="CI"[i % 2]) for i in range(3)])
        os.utime(path, (time.time() - SETTLED_SECONDS - 60,) * 2)
        assert asked() == [CONSOLIDATION] and isinstance(night(), list)
