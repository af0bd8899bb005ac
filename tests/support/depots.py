"""A small programme with depots, and a passage at them by a clock that a test sets."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from orchestration.depots.fetching import Passage, fetch
from orchestration.programme import Programme, load_programme
from tests.support.mini import mini_programme


def with_depots(root: Path, *depots: Mapping[str, Any]) -> Programme:
    """Writes a programme of waves V1 and V2 with depots, and opens it."""
    mini_programme(root)
    path = root / "programme.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8")) | {"depots": [dict(depot) for depot in depots]}
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return load_programme(root)


def folder_depot(folder: Path, **keys: Any) -> dict[str, Any]:
    """Declares a local folder as the depot of wave V2; it is made."""
    folder.mkdir(parents=True, exist_ok=True)
    return {"nom": "local", "url": folder.as_uri(), "vague": "V2"} | keys


@dataclass
class Clock:
    """Time that passes only while one waits for it; `meanwhile` happens then."""

    now: float = 1_800_000_000.0
    waited: list[float] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds
        self.meanwhile()

    def passage(self, programme: Programme, environment: Mapping[str, str] | None = None) -> list[Passage]:
        return fetch(programme, environment or {}, self.wait, lambda: self.now)


def landed(programme: Programme) -> dict[str, bytes]:
    """Returns what a run would see in the landing folder, by wave and name."""
    landing = programme.root / "landing"
    return {
        str(path.relative_to(landing)): path.read_bytes()
        for path in sorted(landing.glob("*/*"))
        if not path.name.startswith(".")
    }


def registered(programme: Programme) -> list[dict[str, str]]:
    """Returns the lines of the register of arrivals."""
    with (programme.root / "landing/depots.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
