"""An index: declared once, made of each respondent's answers when they are read, and a question like another afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.errors import ProgrammeError
from orchestration.extracts.contracts import Broken, load_contracts, read_contracts
from orchestration.extracts.control_tables import index_components, index_options
from orchestration.extracts.decisions import exclude
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.indices import with_indices
from orchestration.extracts.ingest import ingest
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.records import Record
from orchestration.programme import Programme, load_programme
from orchestration.programme.check import check_programme
from orchestration.programme.composites import Composite, Index
from orchestration.programme.fingerprint import extraction_fingerprint
from tests.support.counts import count_lines, counts_contract, write_lines
from tests.support.indices import INDEX, NOTES, delivered, index_tables, mean_of
from tests.support.ingestion import answers
from tests.support.mini import TABLES, mini_contract, mini_programme, row, write_contract, write_csv

COLLECTIVE = {"TC": "C", "Q2": "2"}
ALONE = {"TC": "I", "Q2": "", "Q3": "2", "Q4": "", "Q5": ""}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def _programme(root: Path, tables: dict[str, list[str]] | None = None, **index: Any) -> Programme:
    return mini_programme(
        root, tables=tables or index_tables(), composites={"IX": {**INDEX, **index}}, rejets_maximum=1
    )


def _read(programme: Programme) -> Record:
    write_contract(programme.root, mini_contract())
    [delivery] = deliveries(programme, load_contracts(programme))
    return ingest(delivery, programme)


def _said(programme: Programme) -> list[str]:
    return [str(problem) for problem in check_programme(programme)]


@given(
    told=st.lists(st.tuples(*[st.sampled_from("12348")] * 3), min_size=1, max_size=30),
    minimum=st.integers(1, 3),
)
@settings(max_examples=60, deadline=None)
def test_the_mean_of_an_index_is_the_mean_of_what_each_respondent_says(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[str, ...]], minimum: int
) -> None:
    programme = _programme(tmp_path_factory.mktemp("programme"), minimum=minimum)
    codes = {"1": "TS", "2": "PS", "3": "PPS", "4": "PDT", "8": "NC"}
    frame = pl.DataFrame(
        [tuple(codes[cell] for cell in cells) for cells in told], schema=["G1", "C1", "D2"], orient="row"
    )
    notes = programme.indices["IX"].options
    got = [notes.get(code) for code in with_indices(frame, programme, "V2")["IX"]]
    assert got == [pytest.approx(expected) if expected is not None else None for cells in told
                   for expected in [mean_of(cells, minimum)]]  # fmt: skip


def test_an_extract_is_read_with_its_index(tmp_path: Path) -> None:
    programme = _programme(tmp_path)
    rows = [
        row("tout", **COLLECTIVE, Q1="1", Q4="4"),
        row("deux", **COLLECTIVE, Q1="1", Q3="2", Q4="", Q5=""),
        row("trop peu", **COLLECTIVE, Q1="9", Q4="8", Q5=""),
        row("filtré", **ALONE, Q1="1"),
        row("inconnu", **COLLECTIVE, Q1="77", Q4="4"),
    ]
    write_csv(tmp_path / "landing/V2/a.csv", rows)
    record = _read(programme)
    assert (record.lignes_acceptees, record.lignes_rejetees) == (4, 1)
    notes = programme.indices["IX"].options
    got = sorted(notes.get(code, code) for code in answers(tmp_path, record)["IX"].to_list() if code in notes)
    assert got == pytest.approx(sorted(m for r in rows[:4] if (m := mean_of(delivered(r), 2)) is not None))
    assert sorted(code for code in answers(tmp_path, record)["IX"] if code not in notes) == ["FILTRE", "SR"]


def test_an_index_that_a_wave_does_not_ask_is_not_asked(tmp_path: Path) -> None:
    tables = index_tables()
    tables["questions_vagues"] = [*TABLES["questions_vagues"][1], "IX,V1,premiere,"]
    programme = _programme(tmp_path, tables)
    write_csv(tmp_path / "landing/V2/a.csv", [row("1")])
    assert answers(tmp_path, _read(programme))["IX"].to_list() == ["NON_POSE"]


def test_a_sum_wants_all_its_answers_and_a_rounding_makes_few_values() -> None:
    notes = {key: {"OUI": 1.0, "NON": 0.0} for key in "ABC"}
    said = {"questions": tuple("ABC"), "bareme": "B", "version": "1"}
    total = Index("S", Composite(**said, calcul="somme"), notes)
    assert total.options == {"V0": 0, "V1": 1, "V2": 2, "V3": 3}
    fine = {key: {str(n): float(n) for n in range(11)} for key in "ABC"}
    exact, rounded = (Index("M", Composite(**said, minimum=2, **more), fine) for more in ({}, {"arrondi": 0.5}))
    assert len(exact.options) > len(rounded.options) == 21
    assert list(rounded.options.values()) == [n / 2 for n in range(21)]


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ({"questions": ["G1", "G1"]}, "une composante y figure plusieurs fois"),
        ({"minimum": 4}, "minimum demande 4 réponses de 3 composantes"),
        ({"calcul": "somme"}, "une somme veut toutes ses réponses"),
        ({"questions": ["G1"]}, "composites.IX.questions"),
    ],
)
def test_an_index_that_cannot_be_computed_is_refused_in_a_sentence(
    tmp_path: Path, index: dict[str, Any], said: str
) -> None:
    with pytest.raises(ProgrammeError, match=said) as refused:
        _programme(tmp_path, **index)
    assert "programme.yaml, ligne" in str(refused.value)


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ({"questions": ["G1", "Z9"]}, "la composante « Z9 » n'est pas dans questions.csv."),
        ({"questions": ["G1", "IX"]}, "la composante « IX » est elle-même un indice ; nommer ses composantes."),
        ({"questions": ["G1", "M1"]}, "la composante « M1 » admet plusieurs réponses, qui n'ont pas de note ; l'ôter."),
        ({"questions": ["G1", "D1"]}, "le barème B, version 1, ne note pas ON.OUI de la composante « D1 » ; le noter."),
        ({"version": "2"}, "le barème B, version 2, ne note pas SAT.TS de la composante « G1 » ; le noter."),
    ],
)
def test_a_component_that_cannot_be_used_is_named(tmp_path: Path, index: dict[str, Any], said: str) -> None:
    found = _said(_programme(tmp_path, minimum=1, **index))
    assert f"programme.yaml, clé composites.IX : {said}" in found


def test_components_of_other_scales_have_a_common_scoring(tmp_path: Path) -> None:
    tables = index_tables(
        echelles=["N5,unique,Sur cinq,note sur 5"],
        modalites=["N5,CINQ,1,Cinq,exprime,oui,non,", "N5,UN,2,Un,exprime,non,non,"],
        questions=["E1,T1,7,Sur cinq,Combien ?,proposition,N5,,,non,essai"],
        questions_vagues=["E1,V1,premiere,", "E1,V2,identique,"],
        baremes=["B,1,Linéaire,N5,CINQ,5", "B,1,Linéaire,N5,UN,1"],
    )
    [said] = _said(_programme(tmp_path, tables, questions=["G1", "E1"]))
    assert said == (
        "programme.yaml, clé composites.IX : ses composantes n'ont pas la même note (« G1 » : note sur 10, au plus 10,"
        " « E1 » : note sur 5, au plus 5) ; choisir un barème qui leur soit commun."
    )


@pytest.mark.parametrize(
    ("table", "line", "said"),
    [
        ("questions", "IX,T1,6,I,I,proposition,IDX,satisfaction,,non,e", "ligne 7, colonne nature : composites"),
        ("questions", "IX,T1,6,I,I,proposition,IDX,indice,D1 = 'OUI',non,e", "colonne filtre : « IX » est un indice"),
        ("questions", "IX,T1,6,I,I,proposition,SAT,indice,,non,e", "clé composites.IX : l'échelle SAT sert déjà"),
        ("echelles", "IDX,unique,Indice,", "clé composites.IX : l'échelle IDX d'un indice est de type unique et dit"),
    ],
)
def test_an_index_is_a_question_of_its_own_scale(tmp_path: Path, table: str, line: str, said: str) -> None:
    tables = index_tables()
    tables[table] = [*TABLES[table][1], line]
    found = _said(_programme(tmp_path, tables))
    assert any(said in one for one in found), found


def test_what_has_no_components_or_depends_on_an_index_is_named(tmp_path: Path) -> None:
    tables = index_tables(
        echelles=["IDY,unique,Indice,note sur 10"],
        questions=[
            "IY,T1,7,Autre indice,I,proposition,IDY,indice,,non,essai",
            "E1,T1,8,Suite,Encore ?,proposition,ON,,IX = 'V10',non,essai",
        ],
    )
    assert _said(_programme(tmp_path, tables)) == [
        "questions.csv, ligne 8, colonne nature : « indice » : composites de programme.yaml ne dit pas de quoi « IY »"
        " est faite ; l'y dire.",
        "questions.csv, ligne 9, colonne filtre : « IX » est un indice, et aucun filtre n'en dépend ; nommer ses"
        " composantes.",
    ]


def test_too_many_values_are_refused_and_a_component_of_another_wave_too(tmp_path: Path) -> None:
    options = [f"N10,N{n},{n},{n},exprime,{'oui' if n > 5 else 'non'},non," for n in range(1, 31)]
    tables = index_tables(
        echelles=["N10,unique,Trente,note sur 30"],
        modalites=options,
        questions=[f"E{n},T1,{n + 6},Trente,Combien ?,proposition,N10,,,non,essai" for n in (1, 2, 3)],
        questions_vagues=[f"E{n},{wave}," for n in (1, 2, 3) for wave in ("V1,premiere", "V2,identique")],
        baremes=[f"B,1,Linéaire,N10,N{n},{n}" for n in range(1, 31)],
    )
    exact, rounded = ({"questions": ["E1", "E2", "E3"], "minimum": 3, **more} for more in ({}, {"arrondi": 1}))
    [said] = _said(_programme(tmp_path, tables, **exact))
    assert said.endswith("composites.IX : l'indice prendrait 88 valeurs, plus que 60 ; dire un « arrondi ».")
    assert _said(_programme(tmp_path, tables, **rounded)) == []
    tables["questions_vagues"].remove("E3,V2,identique,")
    [said] = _said(_programme(tmp_path, tables, **rounded))
    assert said.endswith("la composante « E3 » n'est pas dans questions_vagues.csv en V2, où l'indice l'est.")


def test_an_index_compares_with_the_wave_before_as_its_components_do(tmp_path: Path) -> None:
    tables = index_tables()
    tables["questions_vagues"] = [
        line.replace("D2,V2,identique", "D2,V2,rupture") for line in tables["questions_vagues"]
    ]
    [said] = _said(_programme(tmp_path / "un", tables))
    assert said.endswith(
        "composites.IX : il est dit identique en V2, et sa composante « D2 » rupture ; l'écrire comme elle."
    )
    tables["questions_vagues"] = [
        line.replace("IX,V2,identique", "IX,V2,rupture") for line in tables["questions_vagues"]
    ]
    assert _said(_programme(tmp_path / "deux", tables)) == []


def test_a_contract_maps_no_index_and_none_is_asked_of_it(tmp_path: Path) -> None:
    programme = _programme(tmp_path)
    assert not isinstance(read_contracts(write_contract(tmp_path, mini_contract()), programme), Broken)
    body = mini_contract()
    body["questions"]["IX"] = {"colonne": "Q9", "codage": {}}
    broken = read_contracts(write_contract(tmp_path, body), programme)
    assert isinstance(broken, Broken)
    [fault] = broken.faults
    assert "la question « IX » est un indice, fait de ses composantes ; l'ôter du contrat." in fault


def test_counts_give_no_index_and_say_so(tmp_path: Path) -> None:
    micro = _programme(tmp_path / "micro")
    write_csv(tmp_path / "micro/landing/V2/a.csv", [row(str(i)) for i in range(40)])
    told = answers(tmp_path / "micro", _read(micro))
    programme = _programme(tmp_path / "comptes")
    write_contract(programme.root, counts_contract(organisme={"valeur": "O1"}))
    write_lines(programme.root / "landing/V2/O1.csv", count_lines(told))
    [delivery] = deliveries(programme, load_contracts(programme))
    record = ingest(delivery, programme)
    counted = answers(programme.root, record).filter(axe="ensemble", question_code="IX")
    assert counted.select("modalite_code", "n").rows() == [("NON_POSE", 40.0)]
    [remark] = [q for q in record.qualite if q.regle == "indice_sans_entretiens"]
    assert remark.exemple.startswith("IX : des comptes ne disent pas ce que chacun répond à plusieurs questions")


def test_what_is_left_out_of_a_component_is_left_out_of_its_indices(tmp_path: Path) -> None:
    programme = _programme(tmp_path)
    write_csv(tmp_path / "landing/V2/a.csv", [row(str(i)) for i in range(10)])
    _read(programme)
    exclude(programme, "V2", "O1", "D2", "mal posée")
    excluded = take_inventory(programme).excluded
    assert excluded == {("V2", "O1", "D2"): "mal posée", ("V2", "O1", "IX"): "mal posée"}
    without = mini_programme(tmp_path)
    assert ("V2", "O1", "IX") not in take_inventory(without).excluded


def test_an_extract_is_read_again_when_what_its_index_is_made_of_changes(tmp_path: Path) -> None:
    before = extraction_fingerprint(_programme(tmp_path / "un"), "V2")
    tables = index_tables()
    tables["baremes"] = [line.replace("PS,6.6666666666666667", "PS,7") for line in TABLES["baremes"][1]]
    assert extraction_fingerprint(_programme(tmp_path / "deux", tables), "V2") != before
    assert extraction_fingerprint(_programme(tmp_path / "trois", minimum=3), "V2") != before
    tables["baremes"] = [line.replace("Linéaire", "Autre nom") for line in TABLES["baremes"][1]]
    assert extraction_fingerprint(_programme(tmp_path / "quatre", tables), "V2") == before


def test_the_warehouse_reads_the_values_and_the_components_of_an_index(tmp_path: Path) -> None:
    programme = _programme(tmp_path)
    options = index_options(programme)
    assert options["note"].to_list() == pytest.approx(sorted(programme.indices["IX"].options.values()))
    assert options["libelle"].to_list()[:3] == ["0,00", "1,11", "1,67"]
    assert index_components(programme).rows() == [("IX", "G1"), ("IX", "C1"), ("IX", "D2")]
    assert index_options(mini_programme(tmp_path / "sans")).is_empty()
    assert max(NOTES.values()) == options["note"].max()
    assert load_programme(tmp_path).options["IDX"] == options["modalite_code"].to_list()
