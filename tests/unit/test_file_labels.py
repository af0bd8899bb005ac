"""What an SPSS or Stata file says of its columns and codes is held to its contract: a recoded file is not read as before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest

from orchestration.extracts.contract_words import Words
from orchestration.extracts.file_labels import CONTRARY, _merged
from orchestration.extracts.records import REFUSED, Record
from orchestration.trial.conduct import try_delivery
from tests.support.ingestion import ingest_all
from tests.support.mini import mini_contract, mini_programme, row, write_contract
from tests.support.survey_tools.tables import write_xlsx

LEVELS = ["Très satisfait", "Plutôt satisfait", "Plutôt pas satisfait", "Pas du tout satisfait"]
SAT = {**dict(enumerate(LEVELS, 1)), 8: "Non concerné", 9: "Ne sait pas"}
TURNED = {**dict(enumerate(LEVELS[::-1], 1)), 8: "Non concerné", 9: "Ne sait pas"}
COLUMNS = {"Q1": "Globale", "Q2": "Q2. Collectif seulement", "Q4": "Suite de la demande", "AGE": "Âge"}
WHY = "libellés restés de l'enquête précédente"
NUMBERS = ("TC", "AGE", "Q1", "Q2", "Q3", "Q4", "M1", "M2", "M3")
Labels = Mapping[str, Mapping[int, str]]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def _frame() -> pl.DataFrame:
    cells = {"TC": "1", "M1": "1", "M2": "0", "M3": "0"}
    frame = pl.DataFrame([row(str(n), **cells) for n in range(3)]).drop("Q5")
    return frame.with_columns(pl.col(NUMBERS).cast(pl.Float64))


def _sav(path: Path, values: Labels, columns: Mapping[str, str]) -> None:
    frame = _frame()
    named: Any = {column: {float(v): label for v, label in listed.items()} for column, listed in values.items()}
    titles: Any = [columns.get(c) for c in frame.columns]
    pyreadstat.write_sav(frame, str(path), column_labels=titles, variable_value_labels=named)


def _dta(path: Path, values: Labels, columns: Mapping[str, str]) -> None:
    frame = _frame().with_columns(pl.col(NUMBERS).cast(pl.Int32))
    titles: Any = [columns.get(c) for c in frame.columns]
    pyreadstat.write_dta(frame, str(path), column_labels=titles, variable_value_labels=dict(values))


def _xlsx(path: Path, values: Labels, columns: Mapping[str, str]) -> None:
    """Writes the interviews on one sheet, and on another what an SPSS file would say of them."""
    frame = _frame().with_columns(pl.col(NUMBERS).cast(pl.Int32))
    codes = [["Variable", "Intitulé", "Code", "Libellé"]]
    for column in frame.columns:
        listed = values.get(column, {}) or {"": ""}
        codes += [[column, columns.get(column, ""), str(code), said] for code, said in listed.items()]
    write_xlsx(path, {"Données": [frame.columns, *map(list, frame.iter_rows())], "Dictionnaire": codes})


def _body(form: str = "sav", **questions: Any) -> dict[str, Any]:
    body = mini_contract()
    columns = {"A": "M1", "AB": "M2", "AUCUN": "M3"}
    asked = {**body["questions"], "M1": {"multiple": "oui_non", "colonnes": columns, "oui": ["1"], "non": ["0"]}}
    for code, own in questions.items():
        asked[code] = {**asked[code], **own}
    axes = {**body["axes"], "type_construction": {"colonne": "TC", "codage": {"1": "COL", "2": "IND"}}}
    return {**body, "format": {"type": form}, "questions": asked, "axes": axes}


def _read(
    root: Path, values: Labels, columns: Mapping[str, str] = COLUMNS, body: dict[str, Any] | None = None
) -> Record:
    body = body or _body()
    (root / "landing" / "V2").mkdir(parents=True)
    form = body["format"]["type"]
    write: Callable[..., None] = {"dta": _dta, "sav": _sav, "xlsx": _xlsx}[form]
    write(root / "landing" / "V2" / f"a.{form}", values, columns)
    [record] = ingest_all(root, body)
    return record


SOUND: dict[str, Mapping[int, str]] = {
    "Q1": SAT,
    "Q2": {
        1: "1 - Satisfait tout à fait",
        2: "Assez satisfait",
        3: "Peu satisfait",
        4: "Très insatisfait",
        9: "NSP / NR",
    },
    "Q3": {1: "Oui", 2: "Non"},
    "TC": {1: "Collectif", 2: "Individuel"},
    "M1": {0: "Non cité", 1: "Cité"},
    "M2": {1: "Motif AB"},
}


@pytest.mark.parametrize("form", ["sav", "dta", "xlsx"])
def test_a_file_that_says_what_its_contract_says_is_read(tmp_path: Path, form: str) -> None:
    record = _read(tmp_path, SOUND, body=_body(form))
    assert record.statut != REFUSED, record.motif
    assert [lot.lignes_acceptees for lot in record.lots] == [3]


@pytest.mark.parametrize("form", ["sav", "dta", "xlsx"])
def test_a_recoded_file_is_refused_at_the_run_and_at_the_trial(tmp_path: Path, form: str) -> None:
    record = _read(tmp_path, {**SOUND, "Q4": TURNED}, body=_body(form))
    assert record.statut == REFUSED
    assert [row.regle for row in record.qualite] == [CONTRARY]
    told = record.motif or ""
    for said in (
        "a.xlsx, feuille Données : ses libellés (feuille Dictionnaire) ne sont"
        if form == "xlsx"
        else f"a.{form} : ses",
        "contrat i-v2",
        "colonne Q4, 1 = « Pas du tout satisfait », lu TS (« Très satisfait »)",
    ):
        assert said in told
    assert "c'est le libellé de PDT" in told
    assert "contract draft" in told
    assert "libelles_ecartes" in told
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, _body(form))
    trial = try_delivery(programme, tmp_path / "landing" / "V2" / f"a.{form}")
    assert not trial.accepted
    assert trial.record.motif == told


@pytest.mark.parametrize(
    ("column", "listed", "said"),
    [
        ("Q1", {2: "Mécontent"}, "2 = « Mécontent »"),
        ("Q1", {1: "Ne sait pas"}, "libellé de NSP"),
        ("Q1", {8: "Très satisfait"}, "libellé de TS"),
        ("Q1", {8: "Ne souhaite pas répondre"}, "lu NC (« Non concerné ») : c'est dire REFUS"),
        ("Q1", {9: "Sans objet"}, "c'est dire NC"),
        ("Q1", {3: "Non communiqué"}, "ce n'est pas une réponse"),
        ("Q1", {1: "Agree", 2: "Fully agree", 3: "Disagree", 4: "Fully disagree"}, "l'un va plus loin que l'autre"),
        ("Q3", {1: "Non", 2: "Oui"}, "libellé de NON"),
        ("TC", {1: "Individuel", 2: "Collectif"}, "libellé de IND"),
        ("AGE", {40: "50 ans et plus"}, "lu JEUNE"),
        ("AGE", {99: "Refus"}, "lu AGE : ce n'est pas une réponse (REFUS)"),
        ("AGE", {999: "Refus"}, ""),
        ("ORG", {}, ""),
        ("M1", {0: "Cité", 1: "Non cité"}, "l'un dit oui, l'autre non"),
        ("M1", {1: "Motif AB"}, "libellé de AB"),
    ],
)
def test_each_label_is_held(tmp_path: Path, column: str, listed: Mapping[int, str], said: str) -> None:
    record = _read(tmp_path, {**SOUND, column: listed})
    assert (record.statut == REFUSED) == bool(said)
    assert said in (record.motif or "")


@pytest.mark.parametrize(
    ("column", "title", "said"),
    [
        ("M1", "Motif AB - Motifs", "libellé de AB"),
        ("M1", "Motif A - Motifs", ""),
        ("Q1", "Suite de la demande", "« Suite de la demande », lue G1 : c'est le titre de la question D2"),
        ("Q2", "Q2. Globale", "titre de la question G1"),
        ("Q3", "Satisfaction : collectif seulement", "titre de la question C1"),
        ("M1", "Motifs [Motif AB]", "libellé de AB"),
        ("Q4", "Quelque chose que personne ne connaît", ""),
        ("M1", "Motifs [Motif A]", ""),
    ],
)
def test_the_title_of_a_column_is_held(tmp_path: Path, column: str, title: str, said: str) -> None:
    # what another column was called is called otherwise, as when two change places
    others = {c: "Autre chose" if t == title else t for c, t in COLUMNS.items()}
    record = _read(tmp_path, {}, {**others, column: title})
    assert (record.statut == REFUSED) == bool(said)
    assert said in (record.motif or "")


SAME = "un même libellé ne dit pas deux réponses"


@pytest.mark.parametrize("form", ["sav", "dta"])
@pytest.mark.parametrize(
    ("column", "listed", "said"),
    [
        ("Q1", {1: "Satisfait", 2: "satisfait "}, SAME),
        ("Q4", {3: "Mécontent", 4: "mécontent(e)"}, SAME),
        *(("Q2", {a: "Réponse", b: "Réponse"}, SAME) for a, b in ((1, 2), (1, 4), (2, 3), (3, 9))),
        ("TC", {1: "Logement", 2: "Logement"}, SAME),
        # two reasons for no answer, and two codes of one answer, may share a label
        ("Q1", {8: "Non renseigné", 9: "Non renseigné"}, ""),
        ("Q1", {1: "Réponse", 5: "Réponse"}, ""),
        ("AGE", {40: "Adulte", 60: "Adulte"}, ""),
    ],
)
def test_one_label_is_not_two_answers(
    tmp_path: Path, form: str, column: str, listed: Mapping[int, str], said: str
) -> None:
    record = _read(tmp_path, {**SOUND, column: listed}, body=_body(form))
    assert (record.statut == REFUSED) == bool(said)
    assert said in (record.motif or "")


def test_numbers_share_the_label_of_their_group() -> None:
    grades, levels = {"N1": "1", "N2": "2"}, {"PS": "Plutôt satisfait", "TS": "Très satisfait"}
    listed, read = {"1": "Détracteur", "2": "Détracteur"}, {"1": "N1", "2": "N2"}
    assert list(_merged("Q", listed, read, Words(grades, grades, {}))) == []
    assert list(_merged("Q", listed, {"1": "PS", "2": "TS"}, Words(levels, levels, {}))) != []


def test_the_title_of_a_battery_says_nothing_of_its_columns(tmp_path: Path) -> None:
    assert _read(tmp_path, {}, {**COLUMNS, "Q1": "Globale", "Q2": "Globale", "Q4": "Globale"}).statut != REFUSED


def test_a_genuine_exception_gives_its_reason(tmp_path: Path) -> None:
    record = _read(tmp_path, {"Q4": TURNED}, body=_body(D2={"libelles_ecartes": WHY}))
    assert record.statut != REFUSED
    body = _body(D2={"codage": {"4": "TS", "3": "PS", "2": "PPS", "1": "PDT"}, "codage_propre": "énoncé à l'envers"})
    assert _read(tmp_path / "b", {"Q4": SAT}, body=body).statut == REFUSED


def test_an_organisme_is_held_by_its_name(tmp_path: Path) -> None:
    body = {**_body(), "organisme": {"colonne": "TC", "valeurs": {"1": "O1", "2": "O2"}}}
    del body["axes"]["type_construction"]
    body["strate"] = {"valeur": "COL"}
    named = {1: "L'Organisme Deux", 2: "Organisme Un"}
    record = _read(tmp_path, {"TC": named}, body={**body, "ignorees": ["ORG"]})
    assert "c'est le nom de O2" in (record.motif or "")


def test_many_columns_are_told_in_few_words(tmp_path: Path) -> None:
    record = _read(tmp_path, {**dict.fromkeys(("Q1", "Q2", "Q4"), TURNED), "Q3": {1: "Non"}, "TC": {1: "Individuel"}})
    assert (record.motif or "").count("colonne ") == 3
    assert "et 2 autres" in (record.motif or "")
