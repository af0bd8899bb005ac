"""The three programmes whose printed sentences are read, each run once: fixtures for the files of tests that read them.

The demonstration, in French; hospitals on a scale from 1 to 6, the worst answer first, in English; and the regulator's workbook with a
second wave made for the tests, where figures are public and every small change is established.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.test_tsm import TSM, WORKBOOK, copy_tsm, here
from tests.support.barometer import barometer
from tests.support.demo import Demo, observatoire
from tests.support.once import REPOSITORY, run_once
from tests.support.page import Page
from tests.support.second_wave import second_year
from tests.support.sentences import Reader

SUPPORT = REPOSITORY / "tests" / "support"
# the kinds of sentences that each programme must have, or its test proves little
KINDS = {
    "demo": (
        *("rise", "rise-slight", "fall", "fall-slight", "stable", "unsettled", "new"),
        *("since-unregained", "since-above", "since-below"),
    ),
    "six": ("rise", "up", "down", "level", "since-unregained", "since-above"),
    "tsm": ("rise", "rise-slight", "fall", "fall-slight", "up", "down"),
}
PROGRAMMES = [
    "demo",
    pytest.param("six", marks=pytest.mark.slow),
    pytest.param("tsm", marks=[here, pytest.mark.slow]),
]


@pytest.fixture(name="name", scope="module", params=PROGRAMMES)
def name_of_programme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(name="reader", scope="module")
def reader_of_programme(name: str, request: pytest.FixtureRequest) -> Reader:
    if name == "demo":
        demo: Demo = request.getfixturevalue("demo")
        return Reader(demo.root)
    if name == "six":
        made_from = (SUPPORT / "barometer.py", SUPPORT / "mini.py")
        return Reader(run_once("baromètre", barometer, lambda root: observatoire(root, "run"), *made_from).root)

    def two_waves(root: Path) -> None:
        second_year(copy_tsm(root), WORKBOOK)

    made_from = (SUPPORT / "second_wave.py", TSM)
    return Reader(run_once("tsm deux vagues", two_waves, lambda root: observatoire(root, "run"), *made_from).root)


@pytest.fixture(name="page", scope="module")
def page_of_programme(reader: Reader) -> Page:
    return Page(reader.root / "reports" / "courant" / "index.html")
