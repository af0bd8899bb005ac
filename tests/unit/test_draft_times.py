"""A title that says another year than the wave's, or out of how many, leaves its column open; the wave's own does not."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from orchestration.extracts.draft.times import other_time, out_of, without_own_time
from orchestration.programme import load_programme
from tests.support.drafting import draft

ROOT = Path(__file__).resolve().parents[2]
PROGRAMME = load_programme(ROOT / "data")
WAVE = "2022"
# questions that are put to all, of a scale in words
SCALE = next(s for s, options in PROGRAMME.options.items() if {"TS", "PDT"} <= {*options})
ASKED = [
    c
    for c, q in PROGRAMME.questions.items()
    if q.scale == SCALE and WAVE in q.waves and not q.condition and not q.multiple
][:8]
LABELS = {r["question_code"]: str(r["libelle"]) for r in PROGRAMME.rows("questions")}
WORDS = [str(r["libelle"]) for r in PROGRAMME.rows("modalites") if r["echelle"] == SCALE]


def _drafted(root: Path, titles: list[str]) -> tuple[dict[str, Any], str]:
    """Returns the questions decided of a file with these titles, and the reasons of what is open."""
    path = root / f"extrait_{WAVE}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [[n, *[WORDS[(n * 7 + i * i) % len(WORDS)] for i in range(len(titles))]] for n in range(120)]
        csv.writer(file, delimiter=";").writerows([["Identifiant", *titles], *rows])
    _, lines, body = draft(path, PROGRAMME)
    return body["questions"], " / ".join(line.reason for line in lines if not line.decided)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("{} (2019)", "le titre dit 2019 ; la vague est 2022"),
        ("{} (en 2019)", "le titre dit 2019 ; la vague est 2022"),
        ("{} _2019", "le titre dit 2019"),
        ("{} - vague 2016", "le titre dit 2016"),
        ("{} (2021)", "le titre dit 2021"),
        ("{} (N-1)", "le titre dit N-1"),
        ("{} (sur 10)", "« sur 10 »"),
    ],
)
def test_another_time_leaves_a_column_open(form: str, said: str, tmp_path: Path) -> None:
    found, reasons = _drafted(tmp_path, [form.format(LABELS[code]) for code in ASKED])
    assert not found
    assert said in reasons


@pytest.mark.parametrize("own", ["{} (2022)", "{}", "{} (vague 2022)", "{} - 2022"])
def test_the_column_of_the_wave_is_the_one_that_is_read(own: str, tmp_path: Path) -> None:
    titles = [form.format(LABELS[code]) for code in ASKED for form in ("{} (2019)", own)]
    found, _ = _drafted(tmp_path, titles)
    assert {code: line["colonne"] for code, line in found.items()} == {c: own.format(LABELS[c]) for c in ASKED}


def test_what_the_questionnaire_itself_says_is_no_other_time() -> None:
    title = "Travaux réalisés (2019)"
    assert other_time([title], PROGRAMME, WAVE) == "2019"
    assert not other_time([title], PROGRAMME, WAVE, ["Travaux réalisés (2019)"])
    assert not other_time([title], PROGRAMME, None)
    assert not other_time(["Loyer de 2000 euros (ou plus)", "Q2_1", "Article 1990 du bail"], PROGRAMME, WAVE)
    assert out_of(["Note (sur 10)"], ["Note"]) == "10"
    assert not out_of(["Note (sur 10)"], ["Note de 0 à 10"])
    assert without_own_time("Accueil (enquête 2022)", PROGRAMME, WAVE) == "Accueil"
    assert without_own_time("Accueil (depuis 2022)", PROGRAMME, WAVE) == "Accueil (depuis 2022)"
