"""Some tools write an option in its own column: one that stands in another's column is nobody's yes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestration.extracts.contract_questions import YesNoQuestion
from orchestration.extracts.contract_titles import named_options, yes_values
from orchestration.extracts.records import Record
from tests.support.ingestion import ingest_all
from tests.support.mini import HEADER, mini_contract, row, write_csv

LABELS = {"A": "Motif A", "AB": "Motif AB", "AUCUN": "Aucun motif"}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def _read(root: Path, titles: Mapping[str, str], cells: Mapping[str, str], yes: list[str]) -> Record:
    body = mini_contract()
    several: dict[str, Any] = {"multiple": "oui_non", "colonnes": dict(titles), "oui": yes}
    header = [*(c for c in HEADER if c != "Q5"), *titles.values()]
    own = {titles[option]: cell for option, cell in cells.items()}
    rows = [row(str(n), **{**dict.fromkeys(titles.values(), ""), **({} if n else own)}) for n in range(3)]
    write_csv(root / "landing" / "V2" / "a.csv", [{c: r[c] for c in header} for r in rows], header=header)
    [record] = ingest_all(root, {**body, "questions": {**body["questions"], "M1": several}})
    return record


@pytest.mark.parametrize(
    "titles", [{o: f"Motifs - {s}" for o, s in LABELS.items()}, {o: f"{s} [motifs]" for o, s in LABELS.items()}]
)
@pytest.mark.parametrize("said", [LABELS, {"A": "Premier", "AB": "Second", "AUCUN": "Rien"}])
def test_a_cell_that_names_another_option_is_no_answer(
    titles: Mapping[str, str], said: Mapping[str, str], tmp_path: Path
) -> None:
    """By the label of the option in the programme, or by what its own column is called."""
    if said is not LABELS:
        titles = {option: titles[option].replace(LABELS[option], name) for option, name in said.items()}
    right = _read(tmp_path / "right", titles, {"A": said["A"], "AB": said["AB"]}, [*said.values()])
    assert [lot.lignes_rejetees for lot in right.lots] == [0]
    wrong = _read(tmp_path / "wrong", titles, {"A": said["AB"]}, [*said.values()])
    assert [lot.lignes_rejetees for lot in wrong.lots] == [1]
    [told] = [line for line in wrong.qualite if line.regle == "valeur_inconnue"]
    assert said["AB"].casefold() in told.exemple.casefold()


def test_a_yes_that_names_no_option_is_one_everywhere() -> None:
    rule = YesNoQuestion(multiple="oui_non", colonnes={"A": "Q1_1", "AB": "Q1_2"}, oui=("1", "oui", "motif ab"))
    assert yes_values(rule, "A", LABELS) == ["1", "oui"]
    assert yes_values(rule, "AB", LABELS) == ["1", "oui", "motif ab"]


def test_what_all_titles_begin_with_is_no_option() -> None:
    assert named_options({"A": "Motif AB : lequel ? - un", "AB": "Motif AB : lequel ? - deux"}, LABELS) == {
        "A": [],
        "AB": [],
    }
    swapped = {"A": "12. Motif AB - lequel ?", "AB": "Motif A (lequel ?)"}
    assert named_options(swapped, LABELS) == {"A": ["AB"], "AB": ["A"]}
