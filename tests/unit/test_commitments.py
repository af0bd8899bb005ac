"""engagements.csv: held to the programme's organismes, themes and questions; each fault is one sentence, and no file is no fault."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from orchestration.extracts.control_tables import engagement_questions, engagements
from orchestration.programme import load_programme
from orchestration.programme.check import check_programme
from orchestration.programme.tables import dictionary
from orchestration.words import catalogue, languages
from tests.support.engagements import declare_engagements
from tests.support.mini import mini_programme

SOUND = ("E1,O1,T1,G1|C1,Répondre vite,2020-01-01,2022-01-01,tenu,Registre", "E2,,T1,,Afficher,2021-01-01,,en_cours,")


def _faults(root: Path, *lines: str) -> list[str]:
    mini_programme(root)
    declare_engagements(root, lines)
    return [str(problem) for problem in check_programme(load_programme(root))]


def test_sound_lines_are_read_and_questions_are_listed_apart(tmp_path: Path) -> None:
    assert _faults(tmp_path, *SOUND) == []
    programme = load_programme(tmp_path)
    assert engagements(programme).rows() == [
        ("E1", "O1", "T1", 1, "Répondre vite", dt.date(2020, 1, 1), dt.date(2022, 1, 1), "tenu", "Registre"),
        ("E2", None, "T1", 2, "Afficher", dt.date(2021, 1, 1), None, "en_cours", None),
    ]
    assert engagement_questions(programme).rows() == [("E1", "G1"), ("E1", "C1")]


def test_a_programme_without_the_file_has_none_and_no_fault(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    assert check_programme(programme) == []
    assert engagements(programme).is_empty() and engagement_questions(programme).is_empty()


def test_kept_without_proof_is_no_fault(tmp_path: Path) -> None:
    assert _faults(tmp_path, "E1,O1,T1,G1,Répondre,2020-01-01,,tenu,") == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("E3,XX,T1,G1,Texte,2020-01-01,,prevu,", "colonne organisme_code : « XX » n'existe pas dans organismes.csv"),
        ("E3,O1,ZZ,G1,Texte,2020-01-01,,prevu,", "colonne theme_code : « ZZ » n'existe pas dans themes.csv"),
        ("E3,O1,T1,G1|G9,Texte,2020-01-01,,prevu,", "colonne questions : « G9 » n'existe pas dans questions.csv"),
        (
            "E3,O1,T1,G1;C1,Texte,2020-01-01,,prevu,",
            "« G1;C1 » n'existe pas dans questions.csv ; l'y ajouter, ou séparer",
        ),
        (
            "E3,O1,T1,G1|G1,Texte,2020-01-01,,prevu,",
            "colonne questions : « G1 » y figure 2 fois ; ne l'y laisser qu'une.",
        ),
        (
            "E3,O1,T1,G1,Texte,2022-01-01,2020-01-01,prevu,",
            "colonne fin : « 2020-01-01 » précède debut (2022-01-01) ; corriger.",
        ),
        ("E3,O1,T1,G1,Texte,01/02/2022,,prevu,", "colonne debut : « 01/02/2022 » : une date AAAA-MM-JJ est attendu"),
        ("E3,O1,T1,G1,Texte,2022-02-30,,prevu,", "colonne debut : « 2022-02-30 » : une date AAAA-MM-JJ est attendu"),
        ("E3,O1,T1,G1,Texte,2022-01-01,,fini,", "valeurs admises : prevu, en_cours, tenu, abandonne."),
        ("E3,O1,T1,G1,,2022-01-01,,prevu,", "colonne texte : valeur obligatoire absente"),
        ("E1,O1,T1,G1,Texte,2022-01-01,,prevu,", "colonne engagement_code : « E1 » figure déjà plus haut"),
    ],
)
def test_each_fault_is_one_sentence_that_names_line_column_and_value(tmp_path: Path, line: str, said: str) -> None:
    [found] = _faults(tmp_path, *SOUND, line)
    assert found.startswith("engagements.csv, ligne 4, ") and said in found


@pytest.mark.parametrize("language", languages())
def test_every_state_has_its_word_in_each_language(language: str) -> None:
    """The list of states stands in the dictionary of reference files: a state more there asks for its word."""
    assert set(catalogue(language)["etats"]) == set(dictionary()["engagements"]["colonnes"]["etat"]["valeurs"])
