"""`status` tells a probe where readers are led to no edition: that is never well, whatever the last run came to."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.demo import observatoire
from tests.support.installations import two_editions


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two editions; looked at only."""
    return two_editions(tmp_path_factory.mktemp("lecteurs") / "programme")


def _dangling(root: Path) -> None:
    (root / "published/courante").unlink()
    (root / "published/courante").symlink_to("editions/V2-8.8")


@pytest.mark.parametrize(
    "damage",
    [
        lambda root: (root / "published/courante").unlink(),
        _dangling,
        lambda root: shutil.rmtree(root / "published/editions/V2-9.9"),
        lambda root: shutil.rmtree(root / "published/editions"),
        lambda root: (root / "published/editions/V2-9.9/manifeste.json").unlink(),
        lambda root: (root / "published/editions/V2-9.9/edition.duckdb").unlink(),
    ],
    ids=["no link", "dangling", "edition", "editions", "manifest", "database"],
)
def test_a_probe_is_told_where_readers_see_nothing(
    kept: Path, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    root = Path(shutil.copytree(kept, tmp_path / "programme", symlinks=True))
    assert observatoire(root, "status").returncode != 1
    damage(root)
    done = observatoire(root, "status", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["sain"]) == (1, False), told
    assert "observatoire doctor" in told["edition_illisible"] and "Error" not in told["edition_illisible"]
    plain = observatoire(root, "status")
    assert plain.returncode == 1 and "observatoire doctor" in " ".join(plain.stdout.split())
