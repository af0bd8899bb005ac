"""Debian's Chromium, for whatever test looks at a page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """An open browser, closed with the file that asked for it.

    Playwright keeps an event loop running as long as it is open, and a process runs several files: one left open would
    refuse the next Playwright, and whatever else wants a loop of its own.
    """
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        # A container has no user namespaces for Chromium's sandbox; the pages are the project's own.
        # Its start is waited for as long as it takes: half a minute, which is the default, may pass on a busy machine.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=0)
        yield browser
        browser.close()
