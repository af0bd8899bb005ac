"""What `contract draft` makes of deliveries of counts from nothing: nothing wrong, most of it right, the rest told."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from orchestration.extracts.contract_body import CONTRACT
from orchestration.extracts.draft.write import undecided
from orchestration.programme import Programme
from tests.support.counts_drafts import completed_counts, loaded_counts, scored_counts, told_counts, without_rest
from tests.support.counts_extracts import VARIANTS, WIDE, CountsExtract, counts_extract
from tests.support.drafting import Draft, draft, without_contracts
from tests.support.mini import mini_programme

# seeds that the draft was not developed on
SEED, OTHER_SEED = 50417, 8123

Drawn = Callable[[str, int], tuple[CountsExtract, Draft]]


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    return without_contracts(tmp_path_factory.mktemp("programme"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, programme: Programme) -> Drawn:
    """The delivery of a variant and its draft, made once."""

    @cache
    def made(variant: str, seed: int) -> tuple[CountsExtract, Draft]:
        extract = counts_extract(variant, tmp_path_factory.mktemp(variant), programme, seed)
        return extract, draft(extract.path, programme)

    return made


@pytest.mark.parametrize("seed", [SEED, pytest.param(OTHER_SEED, marks=pytest.mark.long)])
@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_is_wrong_most_is_right_and_the_rest_is_told(variant: str, seed: int, drawn: Drawn) -> None:
    extract, (proposal, lines, body) = drawn(variant, seed)
    assert proposal.counts is not None
    score = scored_counts(extract, lines)
    print(score)
    CONTRACT.validate_python({"institut": "?", "vague": "?"} | body)
    assert (score.wrong, score.silent) == ({}, [])
    assert score.share(questions=True) >= 0.75
    assert score.share(questions=False) >= 0.75
    # what is open is a sentence of the list that a person empties
    points = undecided(proposal, lines)
    assert len(points) >= bool(score.open)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_completed_draft_loads_the_counts_that_were_delivered(
    variant: str, drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    extract, (proposal, _, body) = drawn(variant, SEED)
    record, found = loaded_counts(extract, completed_counts(extract, proposal, body), tmp_path)
    assert (record.lignes_acceptees, record.lignes_rejetees) == (len(extract.sizes), 0), record.motif
    statuses = WIDE[variant].statuses if variant in WIDE else True
    assert without_rest(found) == told_counts(extract, statuses=statuses)


LABELS = ("Très satisfait", "Plutôt satisfait", "Plutôt pas satisfait", "Pas du tout satisfait")
COUNTS = [f"Globale - {label}" for label in LABELS]
PAIRS = [("G1", label) for label in LABELS] + [("D1", "Oui"), ("D1", "Non")]
HEAD = ["organisme", "strate", "effectif", *COUNTS]
NUMBERED = [*HEAD[:3], *[f"{count} (nombre)" for count in COUNTS]]
SHARES = [[41, 30, 20, 10], [40, 31, 19, 9], [38, 30, 21, 11]]
PERHAPS = "des pourcentages, peut-être"
WHOLE = [[code, "COL", 500, 140, 130, 120, 50] for code in ("O1", "O2", "O3")]


def _drafted(root: Path, rows: Sequence[Sequence[object]]) -> tuple[dict[str, Any], list[str]]:
    """Returns the draft of a small file, and what it leaves to a person."""
    programme = mini_programme(root)
    path = root / "comptes_V2.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    proposal, lines, body = draft(path, programme)
    return body, undecided(proposal, lines)


def test_a_small_table_of_counts_is_decided(tmp_path: Path) -> None:
    body, points = _drafted(tmp_path, [HEAD, *WHOLE])
    assert body["nature"] == "comptages" and body["statut"] == "brouillon"
    assert body["comptages"]["effectif"] == "effectif"
    assert body["comptages"]["questions"]["G1"]["comptes"] == dict(zip(("TS", "PS", "PPS", "PDT"), COUNTS, strict=True))
    assert [point for point in points if "aucune colonne trouvée" not in point] == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        # a percentage is no count, whether it says so, adds up to a hundred, or nearly does
        ([["organisme", "strate", *COUNTS], *[[o, "COL", 40, 30, 20, 10] for o in ("O1", "O2")]], "font 100"),
        ([HEAD, *[[o, "COL", 90, 40, 30, 20, 5] for o in ("O1", "O2")]], "ou des pourcentages"),
        ([["organisme", *[f"{c} %" for c in COUNTS]], *[[o, 41, 31, 21, 11] for o in ("O1", "O2")]], "redemander"),
        ([HEAD, ["O1", "COL", 500, "140,5", 130, 120, 50]], "à virgule"),
        ([HEAD, ["O1", "COL", 5000, "1.140", "1.130", 120, 50]], "à virgule"),
        # a label that is worded otherwise is no option, however alike
        ([[*HEAD[:-1], "Globale - Très insatisfait"], *WHOLE], "sans colonne au libellé de PDT"),
        ([[*HEAD, "G1 : Très satisfait"], *[[*row, 3] for row in WHOLE]], "plusieurs colonnes pour une réponse"),
        # per mille of more interviews than a thousand, shares of one, counts that add up from answer to answer
        ([HEAD, *[[o, "COL", 1200, 400, 300, 200, 100] for o in ("O1", "O2")]], "pour mille"),
        ([HEAD, *[[o, "COL", 900, "0.4", "0.3", "0.2", "0.1"] for o in ("O1", "O2")]], "font 100"),
        ([HEAD, *[[o, "COL", 500, 140, 270, 390, 440] for o in ("O1", "O2")]], "plus de réponses que d'entretiens"),
        ([["organisme", *COUNTS], *[[o, 140, 270, 390, 440] for o in ("O1", "O2")]], "des cumuls"),
        # whole percentages that a title calls numbers: about 100 whatever the base, or with bases that are not said
        ([NUMBERED, *[["O1", "COL", 195, *SHARES[0]], ["O2", "COL", 350, *SHARES[1]]]], PERHAPS),
        ([NUMBERED, *[["O1", "COL", 160, 38, 29, 19, 8], ["O2", "COL", 230, 40, 28, 20, 9]]], PERHAPS),
        ([NUMBERED, *[["O1", "COL", 140, 31, 29, 19, 8], ["O2", "COL", 170, 32, 28, 20, 9]]], PERHAPS),
        ([[*NUMBERED[:2], *NUMBERED[3:]], *[[o, "COL", *row] for o, row in zip(("O1", "O2", "O3"), SHARES, strict=True)]], PERHAPS),
        # another wave's numbers, and labels of another questionnaire
        ([[*HEAD[:3], *[f"Globale (1998) - {label}" for label in LABELS]], *WHOLE], "1998, et non la vague"),
        ([[*HEAD[:3], *[f"Globale - {label}" for label in ("Ravi", "Content", "Déçu", "Fâché")]], *WHOLE], "« Fâché »"),
    ],
)  # fmt: skip
def test_what_may_be_no_count_of_answers_is_left_open(tmp_path: Path, rows: list[list[object]], said: str) -> None:
    body, points = _drafted(tmp_path, rows)
    assert body["nature"] == "comptages"
    assert "G1" not in body["comptages"]["questions"]
    assert any(said in point for point in points if "questions.G1" in point), points


@pytest.mark.parametrize(
    ("rows", "key", "said"),
    [
        ([HEAD, *[[o, "COL", 50_000, 140, 130, 120, 50] for o in ("O1", "O2")]], "effectif", "une population"),
        ([HEAD, ["O1", "COL", 500, 400, 130, 120, 50]], "effectif", "moins d'entretiens que de réponses"),
        ([HEAD, *WHOLE, ["O2", "IND", "[X]", "[X]", "[X]", 3, 4]], "statuts", "« [X] » (2 fois)"),
        (
            [["organisme", "strate", "Construction", *HEAD[2:]], *[["O1", "COL", s, *WHOLE[0][2:]] for s in ("Collectif", "Individuel")]],
            "decoupage", "ce qui les distingue",
        ),
        (
            [["organisme", "strate", "axe", "segment", *HEAD[2:]], ["O1", "COL", "Construction", "Collectif", *WHOLE[0][2:]]],
            "decoupage", "codes d'axes.csv",
        ),
        ([["question", "reponse", "O1", "O2"], *[["G1", label, 10, 20] for label in LABELS]], "forme_longue", "par organisme"),
        (
            [["organisme", "question", "reponse", "Effectif", "%"], *[[o, q, a, 400, 25] for o in ("O1", "O2") for q, a in PAIRS]],
            "forme_longue", "le même nombre à chaque réponse",
        ),
        (
            [["organisme", "question", "reponse", "%"], *[[o, q, a, 25] for o in ("O1", "O2") for q, a in PAIRS]],
            "forme_longue", "aucune colonne ne compte les réponses",
        ),
        (
            [["Enquête", "O1", "O2"], ["G1. Globale", "", ""], *[[label, 1, 2] for label in LABELS], ["D1", "", ""], ["Oui", 5, 6], ["Non", 3, 4]],
            "forme_longue", "l'un sous l'autre",
        ),
    ],
)  # fmt: skip
def test_what_the_file_does_not_prove_is_asked(tmp_path: Path, rows: list[list[object]], key: str, said: str) -> None:
    body, points = _drafted(tmp_path, rows)
    assert body["nature"] == "comptages"
    assert key not in body["comptages"]
    assert any(point.startswith(f"comptages.{key} ") and said in point for point in points), points


def test_the_base_of_a_table_of_percentages_is_its_number_of_interviews(tmp_path: Path) -> None:
    head = ["organisme", "question", "reponse", "Base", "Effectif", "%"]
    counts = dict(zip(PAIRS, (40, 30, 20, 10, 60, 40), strict=True))
    lines = [[o, q, a, 100, n, n] for o in ("O1", "O2") for (q, a), n in counts.items()]
    body, _ = _drafted(tmp_path, [[c for c in head if c != "Effectif"], *[[*line[:4], line[5]] for line in lines]])
    assert body["comptages"]["effectif"] == "Base"
    assert not body["comptages"]["questions"]
    # with a column that counts, nothing changes
    body, _ = _drafted(tmp_path, [head, *lines])
    assert body["comptages"]["forme_longue"]["nombres"] == ["Effectif"]
    assert body["comptages"]["effectif"] == "Base"


def test_an_unknown_organisme_is_named_and_a_total_line_is_left_out(tmp_path: Path) -> None:
    body, points = _drafted(tmp_path, [HEAD, *WHOLE, ["Ensemble", "", 1500, 420, 390, 360, 150]])
    assert body["organisme"] == {"colonne": "organisme"}
    assert body["format"]["lignes_ignorees"] == {"colonne": "organisme", "motif": "^(Ensemble)$"}
    body, points = _drafted(tmp_path, [HEAD, *WHOLE, ["Quatre", *WHOLE[0][1:]]])
    assert "organisme" not in body
    assert any("« Quatre »" in point for point in points)


def test_lines_of_other_waves_are_left_to_their_contracts(tmp_path: Path) -> None:
    rows = [[o, w, "COL", 500, 140 if w == "V2" else 900, 130, 120, 50] for o in ("O1", "O2") for w in ("V1", "V2")]
    body, _ = _drafted(tmp_path, [["organisme", "vague", *HEAD[1:]], *rows])
    assert body["format"]["lignes_gardees"] == {"colonne": "vague", "valeurs": ["V2"]}
    assert "G1" in body["comptages"]["questions"] and "vague" in body["ignorees"]


def test_a_column_per_option_of_interviews_is_no_table_of_counts(tmp_path: Path) -> None:
    rows = [["O1", i, *[int(i % 4 == at) for at in range(4)]] for i in range(40)]
    body, _ = _drafted(tmp_path, [["organisme", "entretien", *COUNTS], *rows])
    assert "nature" not in body


def test_a_long_table_of_interviews_is_no_table_of_counts(tmp_path: Path) -> None:
    rows = [["O1", i, 30 + i, "G1", LABELS[i % 4]] for i in range(40)]
    body, _ = _drafted(tmp_path, [["organisme", "numero", "age", "question", "reponse"], *rows])
    assert "nature" not in body


def test_an_answer_without_a_line_is_zero_where_the_others_are_everybody(tmp_path: Path) -> None:
    head = ["organisme", "strate", "n", "question", "reponse", "nombre"]
    told = [["O1", "COL", 100, "G1", LABELS[0], 60], ["O1", "COL", 100, "G1", LABELS[1], 40]]
    body, _ = _drafted(tmp_path, [head, *told, *[["O2", "COL", 90, "G1", label, 20] for label in LABELS]])
    assert body["comptages"]["forme_longue"]["absente"] == "zero"
    # ten have no answer: they may be those of the options without a line
    told[1][-1] = 30
    body, points = _drafted(tmp_path, [head, *told, *[["O2", "COL", 90, "G1", label, 20] for label in LABELS]])
    assert "absente" not in body["comptages"]["forme_longue"]
    assert any(point.startswith("comptages.absente") for point in points)
