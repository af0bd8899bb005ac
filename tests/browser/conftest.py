"""Pages in Debian's Chromium, opened from disk: the miniature edition with its traps, and the demo as it is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from orchestration.reporting.site import build_report
from tests.support.demo import Demo
from tests.support.small import published
from tests.unit import reporting_fixture as fixture

# far more than a busy machine takes
PATIENCE_MS = 120_000


@dataclass(frozen=True)
class Report:
    """A printed report and the edition it was printed from."""

    page: Path
    database: Path


@dataclass
class Visit:
    """An open page, and what happened while it was open."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


Open = Callable[..., Visit]


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Open]:
    """`visit(path, width=…, dark=…, script=…)` opens a file of the disk; every context is closed in the end."""
    contexts = []

    def opened(path: Path, anchor: str = "", width: int = 1280, script: bool = True, **options: Any) -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, accept_downloads=True, **options
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        seen = Visit(context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("console", lambda said: seen.complaints.append(said.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.on("dialog", lambda dialog: seen.complaints.append(f"dialog: {dialog.message}"))
        seen.page.goto(path.resolve().as_uri() + anchor)
        return seen

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The miniature edition: hostile labels, masked and excluded cells with values left under the mask."""
    root = tmp_path_factory.mktemp("petit rapport é")
    database = fixture.published(root / "edition.duckdb")
    return Report(build_report(database, fixture.PROGRAMME, root / "rapport").page, database)


@pytest.fixture(scope="session")
def printed(demo: Demo) -> Report:
    """The demo's report, as the run printed it."""
    return Report(demo.root / "reports" / "courant" / "index.html", demo.database)


@pytest.fixture(scope="session")
def petit() -> Report:
    """A small programme, run and printed: three organismes, two waves."""
    root = published()
    return Report(root / "reports" / "courant" / "explorateur.html", root / "published" / "observatoire.duckdb")
