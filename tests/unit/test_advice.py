"""What breaks no rule, and leaves a programme without figures or without a warning."""

from __future__ import annotations

from pathlib import Path

from orchestration.programme import load_programme
from orchestration.programme.advice import advice
from tests.support.mini import mini_programme


def test_a_programme_of_too_few_organismes_is_told_that_nothing_could_be_published(tmp_path: Path) -> None:
    few = mini_programme(tmp_path, organismes_minimum=4)
    said = list(advice(few))
    assert [sentence.split(" : ")[0] for sentence in said] == ["V1", "V2"]
    assert "3 organismes en attente de livraison, moins que organismes_minimum (4)" in said[0]
    assert list(advice(mini_programme(tmp_path, organismes_minimum=3))) == []
    public = mini_programme(tmp_path, organismes_minimum=4, secret={"organismes_secrets": False})
    assert list(advice(public)) == []


def test_thresholds_in_the_wrong_order_are_told(tmp_path: Path) -> None:
    [lines] = advice(mini_programme(tmp_path, rejets_reserve=0.3, rejets_maximum=0.2))
    assert lines.startswith("V1, V2 : rejets_reserve (30\u202f%) dépasse rejets_maximum (20\u202f%)")
    [bases] = advice(mini_programme(tmp_path, base_minimale=20, base_fragile=10))
    assert "base_fragile (10) est sous base_minimale (20)" in bases
    equal = mini_programme(tmp_path, rejets_reserve=0.2, rejets_maximum=0.2, base_minimale=20, base_fragile=20)
    assert list(advice(equal)) == []


def test_thresholds_of_a_dispositif_that_has_no_wave_yet_are_told(tmp_path: Path) -> None:
    lines = [
        "dispositif,ordre,libelle,cadence,principal,evenement,rejets_reserve,rejets_maximum",
        "E,1,Enquête,,oui,,,",
        "B,2,Baromètre,,non,,0.3,0.1",
    ]
    root = mini_programme(tmp_path).root
    (root / "reference/dispositifs.csv").write_text("\n".join(lines), encoding="utf-8")
    [told] = advice(load_programme(root))
    assert told.startswith("B : rejets_reserve (30\u202f%) dépasse rejets_maximum (10\u202f%)")
