"""A threshold is told in one wording wherever it is told, and the wording says what happens at the threshold itself."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from orchestration.extracts.lots import standing_of
from orchestration.extracts.records import REFUSED, RESERVED
from orchestration.extracts.validation import rejects_frame
from orchestration.programme import load_programme
from orchestration.programme.config import Thresholds
from orchestration.programme.vocabulary import words_of

ROOT = Path(__file__).resolve().parents[2]
TOLD = {name: str(field.description) for name, field in Thresholds.model_fields.items()}
# those that decide of a figure or of a delivery, and say from where
DECIDING = [name for name, said in TOLD.items() if re.search("en deçà|au-delà|à partir", said)]
# what a comparison with the threshold on its right does there, by its sign: nothing yet, or what the wording says
AT_THE_THRESHOLD = {"<": "en deçà", ">": "au-delà", ">=": "à partir"}
# a change as large as these is notable: below, it is slight
NOTABLE = ("materialite_note", "materialite_taux")


def plain(said: str) -> str:
    """A wording without its capital, its stop and the unit that follows it in brackets."""
    said = re.sub(r" \([^()]*\)$", "", said.strip().removesuffix("."))
    return said[:1].lower() + said[1:]


def elsewhere(name: str) -> dict[str, str]:
    """Every other place where a threshold is told: file, and wording."""
    written = (ROOT / "data/programme.yaml").read_text(encoding="utf-8")
    found = {"programme.yaml": re.findall(rf"^  {name}: \S+ +# (.*)$", written, re.M)[0]}
    method = (ROOT / "docs/methode.md").read_text(encoding="utf-8")
    found["methode.md"] = re.findall(rf"^\| `{name}` \| [^|]* \| (.*) \|$", method, re.M)[0]
    for path in sorted((ROOT / "dbt_project/models").rglob("_*.yml")):
        models = yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or []
        for model in models:
            if model["name"] in ("stg_parametres", "meta_edition"):
                found |= {model["name"]: col["description"] for col in model["columns"] if col["name"] == name}  # noqa: B035 - one column
    if page := words_of(load_programme(ROOT / "data").config).said.get(f"seuil_{name}"):
        found["page"] = page
    return found


@pytest.mark.parametrize("name", DECIDING)
def test_a_threshold_is_told_in_one_wording(name: str) -> None:
    told = elsewhere(name)
    assert len(told) >= (2 if name.startswith(("rejets", "relivraison")) else 5)
    assert {place: plain(said) for place, said in told.items()} == dict.fromkeys(told, plain(TOLD[name]))


def signs(name: str) -> set[str]:
    """How the warehouse compares with a threshold; a proof of equivalence, whose interval may reach it, aside."""
    column = "materialite" if name in NOTABLE else name
    compared = rf"(?:abs\(ecart\)|(?<!erreur)) ([<>]=?) (?:parametres\.)?{column}\b"
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "dbt_project/macros").rglob("*.sql")]
    return {sign for text in texts for sign in re.findall(compared, text)}


@pytest.mark.parametrize("name", ["base_minimale", "base_fragile", "organismes_minimum", "dominance_maximum", *NOTABLE])
def test_the_warehouse_does_at_the_threshold_what_the_wording_says(name: str) -> None:
    [sign] = signs(name)
    # what is not notable is slight
    sign = {">=": "<"}[sign] if name in NOTABLE else sign
    assert AT_THE_THRESHOLD[sign] in TOLD[name]


@pytest.mark.parametrize(("name", "status"), [("rejets_reserve", RESERVED), ("rejets_maximum", REFUSED)])
def test_a_delivery_at_the_threshold_is_not_beyond_it(name: str, status: str) -> None:
    """Two rows in ten are rejected, and the threshold is two in ten, then a little less."""
    judged = cast("Any", SimpleNamespace(refusal="", rejected=2, rejects=rejects_frame([])))

    def standing(limit: float) -> str:
        thresholds = SimpleNamespace(**{"rejets_reserve": 1.0, "rejets_maximum": 1.0, name: limit})
        return standing_of(judged, 10, cast("Any", thresholds))[0]

    assert "au-delà" in TOLD[name]
    assert standing(0.2) != standing(0.19) == status
