"""What a programme written for a version before is told: the new name of what was renamed, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.errors import ProgrammeError
from orchestration.programme import load_programme
from orchestration.programme.check import check_programme
from tests.support.mini import mini_programme


def test_a_column_that_was_renamed_is_told_by_both_names(tmp_path: Path) -> None:
    path = mini_programme(tmp_path).reference_path("organismes")
    path.write_text(path.read_text(encoding="utf-8").replace("sans_repondant", "sans_locataire", 1), encoding="utf-8")
    [problem] = check_programme(load_programme(tmp_path))
    assert str(problem).endswith(
        "organismes.csv, ligne 1, colonne sans_locataire : cette colonne a désormais pour nom sans_repondant ; la"
        " renommer dans l'en-tête."
    )


def test_a_key_that_is_gone_is_told_with_what_to_write_instead(tmp_path: Path) -> None:
    mini_programme(tmp_path)
    path = tmp_path / "programme.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\nestimation:\n  organismes_quartiles: 6\n", encoding="utf-8")
    with pytest.raises(ProgrammeError) as raised:
        load_programme(tmp_path)
    [said] = str(raised.value).splitlines()
    assert "estimation.organismes_quartiles : cette clé n'existe plus ; l'ôter" in said
    assert "secret.organismes_repartition" in said
