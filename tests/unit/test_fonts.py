"""The fonts of the pages are cut once for an account, and again where what they come from has changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.reporting import fonts


@pytest.fixture(autouse=True)
def afresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test made is no font of the pages that the process prints after it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    fonts.font_faces.cache_clear()
    yield
    fonts.font_faces.cache_clear()


def test_they_are_kept_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = fonts.font_faces()
    assert len(re.findall(r"@font-face\{", made)) == len(fonts.FACES) and len(made) < 120_000
    [kept] = (tmp_path / "cache/observatoire").iterdir()
    assert kept.read_text(encoding="utf-8") == made
    fonts.font_faces.cache_clear()
    monkeypatch.setattr(fonts, "_cut", lambda path: pytest.fail("they are there"))
    assert fonts.font_faces() == made


@pytest.mark.parametrize("there", ["a file", "no home"])
def test_an_account_without_a_cache_prints_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str
) -> None:
    monkeypatch.setattr(fonts, "_cut", lambda path: path.name.encode())
    if there == "a file":
        (tmp_path / "cache").write_text("x", encoding="utf-8")
    else:
        monkeypatch.delenv("XDG_CACHE_HOME")
        monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    assert fonts.font_faces().count("@font-face") == len(fonts.FACES)


def test_other_fonts_have_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fonts._kept()
    other = tmp_path / "autre.ttf"
    other.write_bytes(b"x")
    monkeypatch.setattr(fonts, "FACES", {("Autre", 400, "normal"): other})
    assert before is not None and fonts._kept() not in (None, before)
