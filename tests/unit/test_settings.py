"""Where the project finds its parts, and what tells that they have changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.settings import Settings, dbt_fingerprint


def test_what_running_leaves_in_the_dbt_project_is_no_change_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python writes byte code beside the modules it imports: a second run would otherwise find something new."""
    monkeypatch.setattr(Settings, "dbt_project", tmp_path)
    module = tmp_path / "python" / "module.py"
    module.parent.mkdir()
    module.write_text("x = 1\n", encoding="utf-8")
    settings = Settings(tmp_path)
    before = dbt_fingerprint(settings)
    (module.parent / "__pycache__").mkdir()
    (module.parent / "__pycache__" / "module.pyc").write_bytes(b"\0")
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "manifest.json").write_text("{}", encoding="utf-8")
    assert dbt_fingerprint(settings) == before
    module.write_text("x = 2\n", encoding="utf-8")
    assert dbt_fingerprint(settings) != before
