"""A sound installation that a test may damage: made once a file, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestration.extracts.pseudonyms import KEY_VARIABLE
from tests.support.demo import KEY
from tests.support.installations import sound


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installation; nobody changes it."""
    return sound(tmp_path_factory.mktemp("sain") / "programme")


@pytest.fixture
def root(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, with the key of the demonstration in the environment."""
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    return Path(shutil.copytree(kept, tmp_path / "programme", symlinks=True))
