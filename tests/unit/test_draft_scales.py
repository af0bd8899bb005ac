"""Numbers on another scale than the programme's, and words that say that a question has no object, are left open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.extracts.draft.codes import SHIFTED, Options, Reading, readings
from orchestration.extracts.draft.write import undecided
from orchestration.programme import load_programme
from tests.support.demo import delivered
from tests.support.drafting import draft

PROGRAMME = load_programme(Path(__file__).resolve().parents[2] / "data")


def _read(first: int, last: int, seen: range, *titles: str, labels: dict[str, str] | None = None) -> Reading:
    options = Options({f"N{n}": str(n) for n in range(first, last + 1)}, {})
    counts = {str(n): 20 + n for n in seen}
    [reading] = readings(counts, labels or {}, options, {}, ordered=True, titles=titles)
    return reading


@given(st.sampled_from([0, 1]), st.integers(4, 20), st.sampled_from(["Note", "Votre avis", "Q7 Recommandation"]))
def test_numbers_of_another_scale_are_open_until_its_ends_are_said(first: int, last: int, title: str) -> None:
    own, other = range(first, last + 1), range(1 - first, last + 1)
    assert not _read(first, last, own, title).doubt
    seen = _read(first, last, other, title)
    assert seen.origin == SHIFTED
    assert f"de {1 - first} à {last}" in seen.doubt
    assert f"de {first} à {last}" in seen.doubt
    assert not _read(first, last, other, f"{title}, de {first} à {last}").doubt
    assert not _read(first, last, other, title, labels={str(first): "Pas du tout", str(last): "Tout à fait"}).doubt
    # the ends of the other scale confirm the doubt
    assert _read(first, last, other, f"{title} (de {1 - first} à {last})").doubt


NOTES = [c for c, q in PROGRAMME.questions.items() if len(PROGRAMME.options[q.scale]) == 11]


@pytest.mark.parametrize("code", NOTES)
def test_a_note_from_1_to_10_has_no_code_of_a_scale_from_0(code: str, tmp_path: Path) -> None:
    label = next(str(r["libelle"]) for r in PROGRAMME.rows("questions") if r["question_code"] == code)
    frame = pl.read_csv(delivered() / "2022/boreal_2022_v1.csv", infer_schema=False).head(500)
    [name] = [c for c in frame.columns if label in c]
    path = tmp_path / "boreal_2022_v1.csv"
    frame.with_columns(pl.col(name).replace("0", "1")).write_csv(path)
    proposal, lines, body = draft(path, PROGRAMME)
    table = body["questions"][code]["codage"] if code in body["questions"] else ""
    assert not {*body["codages"].get(table, {}).values()} & {*PROGRAMME.options[PROGRAMME.questions[code].scale]}
    assert "les réponses vont de 1 à 10" in "\n".join(undecided(proposal, lines))


@pytest.mark.parametrize("word", ["N/A", "n/a", "NA", "Sans objet", "Non applicable", "Not applicable", "Non concerné"])
@pytest.mark.parametrize("where", [lambda i: i % 9 == 0, lambda i: i % 50 == 0])
def test_what_has_no_object_is_never_a_no(word: str, where: Callable[[int], bool], tmp_path: Path) -> None:
    options = list(PROGRAMME.options[PROGRAMME.questions["CO01"].scale])
    labels = {r["modalite_code"]: r["libelle"] for r in PROGRAMME.rows("modalites")}
    question = next(str(r["libelle"]) for r in PROGRAMME.rows("questions") if r["question_code"] == "CO01")
    rows = [
        [word if where(i) else "Sélectionné" if (i + k) % 3 == 0 else "Non sélectionné" for k in range(len(options))]
        for i in range(400)
    ]
    names = [f"{question} - {labels[option]}" for option in options]
    path = tmp_path / "inconnu_2022.csv"
    pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.int_range(pl.len()).alias("Identifiant")).write_csv(
        path, separator=";"
    )
    proposal, lines, body = draft(path, PROGRAMME, wave="2022")
    rule = body["questions"].get("CO01", {})
    assert word not in rule.get("non", [])
    assert word not in rule.get("oui", [])
    points = "\n".join(undecided(proposal, lines))
    rows_said = sum(map(where, range(len(rows))))
    assert not rule or f"{word} ({rows_said} fois" in points.replace("« ", "").replace(" »", "")
