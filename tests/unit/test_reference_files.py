"""Reference files as a spreadsheet saves them: one fault that says what to do, in place of one per column."""

from __future__ import annotations

from pathlib import Path

from orchestration.programme import load_programme
from orchestration.programme.check import check_programme
from tests.support.mini import mini_programme


def test_a_file_that_a_spreadsheet_cut_by_semicolons_is_one_fault(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    path = programme.reference_path("segments")
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    said = [str(p) for p in check_programme(load_programme(tmp_path))]
    assert said == [
        "segments.csv, ligne 1 : séparé par des points-virgules ; l'enregistrer séparé par des virgules, en UTF-8"
        " (« CSV UTF-8 » et non « CSV »)."
    ]
