"""A programme is held to its contract: each fault is named with its file, line and column."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from orchestration.errors import ProgrammeError
from orchestration.extracts.control_tables import overlaps, parameters
from orchestration.programme import load_programme
from orchestration.programme.check import check_programme
from orchestration.programme.dictionary import render
from orchestration.programme.tables import dictionary
from orchestration.programme.texts import normalise
from orchestration.publication.gates import GATES
from tests.support.mini import TABLES, mini_programme

SHIPPED = Path(__file__).resolve().parents[2] / "data"


def test_the_shipped_programme_keeps_its_contract() -> None:
    assert check_programme(load_programme(SHIPPED)) == []


def test_the_shipped_programme_has_the_newsletters_size() -> None:
    programme = load_programme(SHIPPED)
    assert len(programme.questions) == 57
    assert programme.reference("themes").height == 6
    assert programme.reference("adherents").height == 33
    families = dict(programme.reference("adherents").group_by("famille").len().rows())
    assert families == {"OPH": 10, "ESH": 12, "COOPERATIVE": 6, "SACICAP": 2, "AUTRE": 3}
    expected = [r for r in programme.rows("participations") if r["vague"] == "2022"]
    assert [sum(r["statut"] == s for r in expected) for s in ("attendu", "non_concerne")] == [19, 1]


def test_no_siren_is_invented() -> None:
    assert load_programme(SHIPPED).reference("organismes")["siren"].is_null().all()


def test_the_directory_of_members_carries_no_figure() -> None:
    assert list(load_programme(SHIPPED).reference("adherents").columns) == [
        "ordre",
        "nom",
        "famille",
        "source",
    ]


def _fault(tmp_path: Path, table: str, line: int, column: str, value: str) -> list[str]:
    header, lines = TABLES[table]
    columns = header.split(",")
    rows = list(csv.reader(lines))
    rows[line - 2][columns.index(column)] = value
    quoted = [",".join(f'"{cell}"' if cell else "" for cell in cells) for cells in rows]
    return [str(p) for p in check_programme(mini_programme(tmp_path, tables={table: quoted}))]


@pytest.mark.parametrize(
    ("table", "line", "column", "value", "said"),
    [
        (
            "questions",
            3,
            "theme_code",
            "T9",
            "questions.csv, ligne 3, colonne theme_code : « T9 » n'existe pas dans themes.csv",
        ),
        (
            "questions",
            4,
            "libelle",
            "",
            "questions.csv, ligne 4, colonne libelle : valeur obligatoire absente",
        ),
        (
            "questions",
            3,
            "filtre",
            "construction = 'COL'",
            "questions.csv, ligne 3, colonne filtre : « construction » n'est ni",
        ),
        (
            "questions",
            3,
            "filtre",
            "= = 'COL'",
            "questions.csv, ligne 3, colonne filtre : « = = 'COL' » n'est pas une condition SQL",
        ),
        (
            "questions",
            3,
            "nature",
            "opinion",
            "questions.csv, ligne 3, colonne nature : « opinion » : valeurs admises : satisfaction, incidence, recommandation",
        ),
        (
            "questions",
            3,
            "nature",
            "recommandation",
            "questions.csv, ligne 3, colonne nature : « recommandation » : l'échelle SAT n'a pas de groupe_nps",
        ),
        (
            "questions",
            6,
            "nature",
            "incidence",
            "questions.csv, ligne 6, colonne nature : « incidence » : l'échelle MOT admet plusieurs réponses",
        ),
        (
            "questions",
            2,
            "nature",
            "filtre",
            "questions.csv, ligne 2, colonne nature : « filtre » : la question d'ensemble (est_globale) est de satisfaction",
        ),
        (
            "references_nationales",
            2,
            "erreur_type",
            "-0.1",
            "references_nationales.csv, ligne 2, colonne erreur_type : « -0.1 » : au moins 0 est attendu",
        ),
        (
            "references_nationales",
            2,
            "base_effectif",
            "1",
            "references_nationales.csv, ligne 2, colonne base_effectif : « 1 » : au moins 2 est attendu",
        ),
        (
            "vagues",
            3,
            "terrain_fin",
            "31/12/2022",
            "vagues.csv, ligne 3, colonne terrain_fin : « 31/12/2022 » : une date AAAA-MM-JJ",
        ),
        ("vagues", 3, "vague", "a/b", "vagues.csv, ligne 3, colonne vague : « a/b » nomme des dossiers et"),
        ("vagues", 3, "vague", ".V2", "vagues.csv, ligne 3, colonne vague : « .V2 » nomme des dossiers et"),
        (
            "vagues",
            2,
            "etat",
            "close",
            "vagues.csv, ligne 2, colonne etat : « close » : valeurs admises : provisoire, definitive",
        ),
        (
            "plan_sondage",
            5,
            "population",
            "beaucoup",
            "plan_sondage.csv, ligne 5, colonne population : « beaucoup » : un nombre entier",
        ),
        ("plan_sondage", 5, "population", "0", "plan_sondage.csv, ligne 5, colonne population : « 0 » : au moins 1"),
        (
            "plan_sondage",
            2,
            "entretiens_vises",
            "401",
            "plan_sondage.csv, ligne 2, colonne entretiens_vises : « 401 » : plus que la population de la strate (400)",
        ),
        ("axes", 3, "axe", "a|b", "axes.csv, ligne 3, colonne axe : « a|b » : forme attendue"),
        ("questions", 2, "question_code", "Q|1", "questions.csv, ligne 2, colonne question_code : « Q|1 » : forme"),
        ("organismes", 3, "siren", "12", "organismes.csv, ligne 3, colonne siren : « 12 » : forme attendue"),
        ("modalites", 3, "est_satisfait", "", "modalites.csv, ligne 3, colonne est_satisfait : vide pour « PS »"),
        (
            "baremes",
            3,
            "bareme",
            "C",
            "baremes_usages.csv, ligne 2, colonne bareme : « B » version 1 ne note pas SAT.PS",
        ),
        (
            "organismes",
            3,
            "organisme_code",
            "O1",
            "organismes.csv, ligne 3, colonne organisme_code, valide_de : « O1, 2000-01-01 » figure déjà",
        ),
    ],
)
def test_a_fault_is_named(tmp_path: Path, table: str, line: int, column: str, value: str, said: str) -> None:
    found = _fault(tmp_path, table, line, column, value)
    assert any(problem.startswith(said) for problem in found), found


def test_a_sound_mini_programme_has_no_fault(tmp_path: Path) -> None:
    assert check_programme(mini_programme(tmp_path)) == []


def test_a_missing_file_and_column_are_named(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    (tmp_path / "reference/axes.csv").unlink()
    (tmp_path / "reference/themes.csv").write_text("theme_code,ordre,libelle,surprise\nT1,1,Un,x\n", encoding="utf-8")
    found = [str(p) for p in check_programme(programme)]
    assert any(p.startswith("axes.csv : fichier de référence absent") for p in found), found
    assert "themes.csv, ligne 1, colonne definition : colonne absente ; l'ajouter à l'en-tête." in found
    assert "themes.csv, ligne 1, colonne surprise : colonne inconnue du dictionnaire ; la retirer." in found


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("O1,V2,V1,1.5,", "recouvrements.csv, ligne 2, colonne part : « 1.5 » : au plus 1 est attendu"),
        ("O1,V2,V1,0.5,-1", "recouvrements.csv, ligne 2, colonne correlation : « -1 » : au moins 0 est attendu"),
        ("O1,V2,V1,,", "recouvrements.csv, ligne 2, colonne part : valeur obligatoire absente"),
        (
            "O9,V2,V1,0.5,",
            "recouvrements.csv, ligne 2, colonne organisme_code : « O9 » n'existe pas dans organismes.csv",
        ),
        (
            "O1,V1,V2,0.5,",
            "recouvrements.csv, ligne 2, colonne vague_precedente : « V2 » n'est pas antérieure à « V1 »",
        ),
        (
            "O1,V1,V1,0.5,",
            "recouvrements.csv, ligne 2, colonne vague_precedente : « V1 » n'est pas antérieure à « V1 »",
        ),
    ],
)
def test_a_fault_of_a_declared_panel_is_named(tmp_path: Path, line: str, said: str) -> None:
    programme = mini_programme(tmp_path)
    path = programme.reference_path("recouvrements")
    path.write_text(f"organisme_code,vague,vague_precedente,part,correlation\n{line}\n", encoding="utf-8")
    problems = [str(problem) for problem in check_programme(load_programme(tmp_path))]
    assert len(problems) == 1
    assert problems[0].startswith(said)


def test_a_panel_has_the_correlation_that_it_declares_or_the_assumed_one(tmp_path: Path) -> None:
    path = mini_programme(tmp_path).reference_path("recouvrements")
    assert overlaps(load_programme(tmp_path)).is_empty()
    lines = "organisme_code,vague,vague_precedente,part,correlation\nO1,V2,V1,0.5,0.7\nO2,V2,V1,0.5,\n"
    path.write_text(lines, encoding="utf-8")
    assert overlaps(load_programme(tmp_path))["correlation"].to_list() == [0.7, 0.3]


def test_a_folder_without_programme_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ProgrammeError, match=r"pas de programme\.yaml ici"):
        load_programme(tmp_path)


@pytest.mark.parametrize("sign", "'\"[]{}*?")
def test_a_path_that_sql_or_dbt_would_read_otherwise_is_refused(tmp_path: Path, sign: str) -> None:
    with pytest.raises(ProgrammeError, match=r"apostrophe, guillemet, accolade ou joker dans ce chemin"):
        load_programme(tmp_path / f"a{sign}b")


def test_a_threshold_out_of_range_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgrammeError, match=r"seuils\.alpha"):
        mini_programme(tmp_path, alpha=3)


def test_every_column_of_the_dictionary_is_described() -> None:
    for table, rules in dictionary().items():
        assert rules["grain"], table
        assert set(rules["cle"]) <= set(rules["colonnes"]), table
        for column, rule in rules["colonnes"].items():
            assert rule["description"].endswith("."), (table, column)


def test_names_are_compared_without_typography() -> None:
    assert normalise(" L’Organisme\u00a0Deux ") == normalise("l'organisme deux")


def test_the_printed_dictionary_is_current() -> None:
    printed = (SHIPPED / "reference" / "README.md").read_text(encoding="utf-8")
    assert printed == render(), "python -m orchestration.programme.dictionary > data/reference/README.md"


def test_what_the_programme_file_names_stands_in_the_reference_files(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path, tables={"vagues": [TABLES["vagues"][1][0]], "references_nationales": []})
    said = [str(p) for p in check_programme(programme)]
    assert (
        "questions_vagues.csv, ligne 6, colonne vague : « V2 » n'existe pas dans vagues.csv ; l'y ajouter ou corriger."
        in said
    )
    kept = {
        name: [line for line in lines if "V2" not in line] for name, (_, lines) in TABLES.items() if name != "vagues"
    }
    programme = mini_programme(tmp_path, tables={**kept, "vagues": [TABLES["vagues"][1][0]]})
    assert [str(p) for p in check_programme(programme)] == [
        "programme.yaml, clé vague_courante : « V2 » n'est pas dans vagues.csv ; l'y ajouter ou corriger.",
        "programme.yaml, clé rapport.reference_imprimee : « R » n'est pas dans references_nationales.csv ; l'y ajouter ou corriger.",
    ]


@pytest.mark.parametrize(
    ("table", "line", "said"),
    [
        (
            "vagues", "V2,Vague 2,2,9999-12-31,2022-12-31,telephone,I,,,,provisoire,",
            "vagues.csv, ligne 2, colonne terrain_fin : « 2022-12-31 » précède terrain_debut (9999-12-31) ; corriger.",
        ),
        (
            "demarches_qualite", "O1,label,Un label,2020-01-01,2019-12-31",
            "demarches_qualite.csv, ligne 2, colonne fin : « 2019-12-31 » précède debut (2020-01-01) ; corriger.",
        ),
        (
            "plan_sondage", "V1,O1,COL,99999999999999999999,10",
            "plan_sondage.csv, ligne 2, colonne population : « 99999999999999999999 » : au plus 1000000000000 est attendu.",
        ),
    ],
)  # fmt: skip
def test_dates_have_an_order_and_whole_numbers_a_limit(tmp_path: Path, table: str, line: str, said: str) -> None:
    assert said in [str(one) for one in check_programme(mini_programme(tmp_path, tables={table: [line]}))]


def test_public_figures_are_protected_by_nothing_that_the_warehouse_reads(tmp_path: Path) -> None:
    secret = parameters(mini_programme(tmp_path, secret={"protection": 0.1}))
    public = parameters(mini_programme(tmp_path, secret={"protection": 0.1, "organismes_secrets": False}))
    assert [frame.select("organismes_secrets", "protection").row(0) for frame in (secret, public)] == [
        (True, 0.1), (False, 0.0),
    ]  # fmt: skip


def test_public_figures_isolate_nobody_between_editions(tmp_path: Path) -> None:
    said = GATES["rien_d_isole"](mini_programme(tmp_path, secret={"organismes_secrets": False}))
    assert (said.passed, said.sentence) == (True, "Les chiffres des organismes sont publics : rien n'est à protéger.")
