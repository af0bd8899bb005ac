"""Numbers on another scale than the programme's, and words that say that a question has no object, are left open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.extracts.contract import Contract
from orchestration.extracts.draft.codes import SHIFTED, TEXT, Options, Reading, question_options, readings
from orchestration.extracts.draft.decide import Chosen
from orchestration.extracts.draft.groups import Answers
from orchestration.extracts.draft.line import Line
from orchestration.extracts.draft.profile import Column
from orchestration.extracts.draft.propose import Asked
from orchestration.extracts.draft.questions import question_line
from orchestration.extracts.draft.write import undecided
from orchestration.programme import load_programme
from orchestration.programme.texts import clean
from tests.support.contracts import load_contract
from tests.support.demo import delivered
from tests.support.drafting import draft

ROOT = Path(__file__).resolve().parents[2]
PROGRAMME = load_programme(ROOT / "data")


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


TURNED = [
    "Votre note, 0 = sûrement, 10 = sûrement pas",
    "Notez de 0 (parfait) à 10 (très mauvais)",
    "Votre avis (0 étant le meilleur et 10 le pire)",
    "Votre avis : très bien (0), très mal (10)",
    "Your rating, from 0 (very good) to 10 (very bad)",
    "Votre note (0 = toujours,",
]
STRAIGHT = [
    "Votre note, 0 = sûrement pas, 10 = sûrement",
    "Notez de 0 à 10 : êtes-vous satisfait ?",
    "Votre avis (10 étant le meilleur et 0 le pire)",
    "Êtes-vous très satisfait ? De 0 à 10",
    "Votre avis sur les 10 derniers jours",
]


@pytest.mark.parametrize(("title", "straight"), [(t, False) for t in TURNED] + [(t, True) for t in STRAIGHT])
def test_ends_that_are_said_the_other_way_round_leave_a_scale_open(title: str, straight: bool) -> None:
    options = question_options(PROGRAMME, PROGRAMME.questions[NOTES[0]].scale)
    counts = {str(n): 20 + n for n in range(11)}
    reading, *others = readings(counts, {}, options, {}, ordered=True, titles=[title])
    assert not others
    assert reading.contradicted is not straight
    assert not reading.doubt if straight else "la moins bonne d'après l'échelle" in reading.doubt


@pytest.mark.parametrize(
    ("ends", "straight"), [(("Parfait", "Très mauvais"), False), (("Très mauvais", "Parfait"), True)]
)
def test_so_do_the_labels_of_its_two_ends(ends: tuple[str, str], straight: bool) -> None:
    options = question_options(PROGRAMME, PROGRAMME.questions[NOTES[0]].scale)
    labels = {str(n): str(n) for n in range(1, 10)} | dict(zip(("0", "10"), ends, strict=True))
    [reading] = readings({str(n): 20 + n for n in range(11)}, labels, options, {}, ordered=True)
    assert reading.contradicted is not straight


def test_a_title_tells_which_end_of_coded_words_is_the_best() -> None:
    options = question_options(PROGRAMME, "SAT4")
    counts = {str(n): 20 + n for n in range(1, 5)}
    for title, best in (
        ("Avis (1 = très content, 4 = mécontent)", "1"),
        ("Avis (1 = mécontent, 4 = très content)", "4"),
    ):
        found = readings(counts, {}, options, {}, ordered=True, titles=[title])
        assert [reading.codage[best] for reading in found] == ["TS"]


def test_labels_of_a_column_are_not_overruled_by_the_codes_of_others(tmp_path: Path) -> None:
    """Numbers that filters explain in other columns mean something else where the column itself says so."""
    contract: Contract = load_contract(ROOT / "data/contracts/boreal-2022.yaml", PROGRAMME)
    frame = pl.read_csv(delivered() / "2022/boreal_2022_v1.csv", infer_schema=False).head(900)
    known = contract.known_columns("")
    scale = {c: known[clean(c)] for c in frame.columns if known.get(clean(c)) in PROGRAMME.questions}
    single = [c for c, code in scale.items() if PROGRAMME.questions[code].scale == "SAT4"]
    labels = question_options(PROGRAMME, "SAT4").labels
    coded = frame.with_columns(pl.col(single).replace({label: str(i) for i, label in enumerate(labels.values(), 1)}))
    names = {c: scale.get(c, f"X{i}") for i, c in enumerate(frame.columns)}
    names = {
        c: f"{name}_{i}" if [*names.values()].count(name) > 1 else name for i, (c, name) in enumerate(names.items())
    }
    own = ["Entièrement content", "Assez content", "Assez peu content", "Nullement content"]
    code = scale[single[3]]
    path = tmp_path / "boreal_2022_v1.sav"
    told = {code: {float(i): text for i, text in enumerate(reversed(own), 1)}}
    numbers = coded.rename(names).with_columns(pl.col(code).cast(pl.Float64, strict=False)).to_pandas()
    pyreadstat.write_sav(numbers, str(path), column_labels=dict(zip(names.values(), names, strict=True)), variable_value_labels=told)  # fmt: skip
    _, _, body = draft(path, PROGRAMME)
    tables = {q: rule["codage"] for q, rule in body["questions"].items() if "codage" in rule}
    assert code in tables
    assert not {*body["codages"][tables[code]].values()} & {*labels}
    assert any({*labels} <= {*body["codages"][tables[q]].values()} for q in tables if q != code)


@pytest.mark.parametrize("first", [0, 1])
def test_a_code_map_is_shared_by_no_column_whose_own_labels_it_overrules(first: int) -> None:
    order = {str(i): code for i, code in enumerate(reversed(PROGRAMME.options["SAT4"]), 1)}
    own = {"1": "Entièrement content", "2": "Assez content", "3": "Peu content", "4": "Nullement content", "9": "Refus"}
    asked = []
    for code, labels, codage in (("LE02", {}, order), ("LE03", own, {"9": "REFUS"}), ("LE04", own, {"9": "REFUS"})):
        column = Column(code, code, labels, dict.fromkeys([*order, "9"], 50), 250, "")
        answers = Answers("unique", (column,), pl.DataFrame({code: ["1"]}))
        unread = tuple(v for v in column.counts if v not in codage)
        asked.append(Asked(code, answers, 97, "", False, (), Chosen(Reading(TEXT, codage, 0.97, unread), 97, "")))
    shared: dict[str, Line] = {}
    lines = [question_line(one, PROGRAMME, shared) for one in (asked if first else asked[::-1])]
    tables = {line.key: line.value["codage"] for line in lines}
    assert tables["LE03"] == tables["LE04"] != tables["LE02"]
    assert not {*shared[tables["LE03"]].value.values()} & {*order.values()}
    assert {*shared[tables["LE02"]].value.values()} >= {*order.values()}


@pytest.mark.parametrize("turned", [False, True])
def test_a_filter_and_a_note_that_contradict_each_other_leave_the_scale_open(turned: bool, tmp_path: Path) -> None:
    """A sender who asked the satisfied why they are not would otherwise turn every question of the scale."""
    chance = np.random.default_rng(5)
    mood = chance.normal(size=600)
    labels = {str(r["question_code"]): str(r["libelle"]) for r in PROGRAMME.rows("questions")}
    words = {r["modalite_code"]: r["libelle"] for r in PROGRAMME.rows("modalites")}
    plain = [c for c in ("CV01", "CV02", "CV03", "CV04", "CV05") if c in labels]

    def moved(spread: float) -> np.ndarray:
        return mood + spread * chance.normal(size=len(mood))

    # 1 is the best of four, 10 the best of eleven
    steps = {c: 4 - np.digitize(moved(0.5), [-1.2, -0.5, 0.7]) for c in plain}
    frame: dict[str, list[str | None]] = {labels[c]: [str(v) for v in steps[c]] for c in plain}
    frame[labels["CO15"]] = [str(v) for v in np.clip(np.round(6 + 2.5 * moved(0.3)), 0, 10).astype(int)]
    asked = (steps["CV02"] <= 2) if turned else (steps["CV02"] >= 3)
    for option in PROGRAMME.options[PROGRAMME.questions["CV08"].scale]:
        chosen = chance.random(len(mood)) < 0.3
        frame[f"{labels['CV08']} - {words[option]}"] = [
            ("Oui" if yes else "Non") if put else None for yes, put in zip(chosen, asked, strict=True)
        ]
    path = tmp_path / "inconnu_2022.csv"
    pl.DataFrame(frame).with_row_index("Identifiant").write_csv(path, separator=";")
    proposal, lines, body = draft(path, PROGRAMME, wave="2022")
    scale = body["questions"]["CV01"]["codage"]
    read = body["codages"].get(scale, {})
    if turned:
        assert not read
        assert "à l'inverse" in "\n".join(undecided(proposal, lines))
    else:
        assert read == {"1": "TS", "2": "PS", "3": "PPS", "4": "PDT"}
