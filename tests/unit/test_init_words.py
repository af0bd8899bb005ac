"""The words of what a survey is about, told to `init`; and how many faults `check` lists of what it wrote."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from orchestration.authoring.answers import held
from orchestration.authoring.new_programme import make_programme
from orchestration.authoring.start import Told
from orchestration.programme import load_programme
from orchestration.programme.check import check_programme
from tests.support.demo import observatoire

FACTS = {
    "nom": "Lecteurs", "langue": "fr", "vague": "2024", "terrain_debut": dt.date(2024, 1, 1), "terrain_fin": dt.date(2024, 2, 1),
    "mode_collecte": "postal", "institut": "Nous",
}  # fmt: skip
READER = {"repondant": {"singulier": "lecteur", "pluriel": "lecteurs"}}
LIBRARY = {"organisme": {"singulier": "bibliothèque", "pluriel": "bibliothèques", "feminin": True}}
IN_ONE_LINE = "repondant=lecteur, lecteurs ; organisme=bibliothèque, bibliothèques, f"


def _made(root: Path, said: dict[str, Any], words: str | None = None) -> Path:
    told = Told(FACTS, "Nord=100, Sud=200", "Bon, Moyen, Mauvais", "premiere", words)
    make_programme(root, held(told.over(said), None), root.parent)
    return root


def test_the_words_of_a_programme_are_told_by_an_option_or_in_the_answers(tmp_path: Path) -> None:
    for name, said, words, expected in (
        ("none", {}, None, {}),
        ("answers", {"vocabulaire": READER}, None, READER),
        ("option", {}, IN_ONE_LINE, READER | LIBRARY),
        ("both", {"vocabulaire": LIBRARY}, "repondant=lecteur, lecteurs", READER),
    ):
        root = _made(tmp_path / name, said, words)
        assert load_programme(root).config.vocabulaire.model_dump(exclude_defaults=True) == expected, name
        # the words left out are there to be filled in
        assert (root / "programme.yaml").read_text(encoding="utf-8").count("{singulier: ") == 5, name


def test_many_faults_are_told_by_the_first_ones(tmp_path: Path) -> None:
    root = _made(tmp_path / "p", {})
    table = root / "reference/organismes.csv"
    header, first = table.read_text(encoding="utf-8").splitlines()[:2]
    for wrong in (5, 20, 21, 60):
        table.write_text("\n".join([header, *[first] * (wrong + 1)]) + "\n", encoding="utf-8")
        faults = [str(fault) for fault in check_programme(load_programme(root))]
        done = observatoire(root, "check")
        assert done.returncode == 1
        told = done.stderr.splitlines()
        if len(faults) <= 21:
            assert told == faults
        else:
            assert told[:20] == faults[:20]
            assert told[20:] == [f"… et {len(faults) - 20} autres fautes ; corriger celles-ci, puis relancer."]
