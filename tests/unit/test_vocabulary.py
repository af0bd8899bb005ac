"""What a survey is about is the programme's to name: who answers, who takes part, whom they stand for, where."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
import yaml

from orchestration.programme.config import PROGRAMME
from orchestration.programme.vocabulary import catalogue_faults, vocabulary_faults, words_of
from orchestration.words import GRAMMAR, catalogue, languages, path_of
from orchestration.words.terms import TERMS, Term, worded
from tests.support.demo import REPOSITORY
from tests.unit import reporting_fixture as fixture

# The subject of the shipped programme, in both languages. Headings as senders write them are data: the words that a draft
# recognises, and the patterns of personal data. The demonstration invents such a survey.
SUBJECT = re.compile(
    r"locataire|logement|bailleur|tenant|landlord|dwelling|housing|\bhlm\b|\bqpv\b|immeuble", re.IGNORECASE
)
CODE = {".py", ".sql", ".j2", ".typ", ".js", ".css", ".yml", ".yaml", ".md"}
SENDERS = (
    "orchestration/demo/",
    "orchestration/extracts/draft/lexique.yaml",
    "orchestration/extracts/personal_data.yaml",
    "orchestration/programme/anciens_noms.yaml",
)
SCHOOLS = {
    "repondant": {"singulier": "élève", "pluriel": "élèves", "feminin": True},
    "organisme": {"singulier": "école", "pluriel": "écoles", "feminin": True},
    "unite": {"singulier": "inscription", "pluriel": "inscriptions", "feminin": True},
    "population": {"singulier": "effectif", "pluriel": "effectifs"},
    "territoire": {"singulier": "réseau", "pluriel": "réseaux"},
}
VOWELS = catalogue("fr")["voyelles"]
HOSPITALS = {
    "repondant": {"singulier": "patient", "pluriel": "patients"},
    "organisme": {"singulier": "hospital", "pluriel": "hospitals"},
}


def _programme(language: str, **more: object):
    return PROGRAMME.validate_python({**fixture.CONFIG, "langue": language, **more})


def test_nothing_of_the_subject_stands_in_code() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}: {line.strip()}"
        for room in ("orchestration", "dbt_project", "expectations")
        for path in sorted((REPOSITORY / room).rglob("*"))
        if path.suffix in CODE
        and not {"target", "dbt_packages", "logs"} & set(path.parts)
        and not str(path.relative_to(REPOSITORY)).startswith(SENDERS)
        for line in path.read_text(encoding="utf-8").splitlines()
        if SUBJECT.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("language", languages())
def test_a_programme_without_words_of_its_own_speaks_of_nothing_in_particular(language: str) -> None:
    words = words_of(_programme(language))
    assert not SUBJECT.search(yaml.safe_dump(dict(words.texts), allow_unicode=True))


def test_a_text_agrees_with_the_programme_s_words() -> None:
    said = words_of(_programme("fr", vocabulaire=SCHOOLS)).said
    assert said["repondants_satisfaits"].startswith("{taux} d'élèves satisfaites")
    assert said["couverture"] == "Écoles et couverture"
    assert said["face_region"] == "Face au réseau"
    assert said["seuil_organismes_minimum"] == "Écoles en deçà desquelles un résultat est masqué"
    assert said["parcs_inconnus"] == "Effectif non communiqué, compté comme celui d'une école moyenne : {n}."
    assert said["livret_destinataire"].endswith("et ne dit rien d'aucune autre école.")
    assert said["panel_autrement"].startswith("Sur les seules écoles présentes aux deux vagues")


def test_what_a_programme_does_not_name_has_the_word_of_the_catalogue() -> None:
    said = words_of(_programme("en", vocabulaire=HOSPITALS)).said
    assert said["couverture"] == "Hospitals and coverage"
    assert said["part_parc"] == "Share of the population"
    assert (
        words_of(_programme("en", vocabulaire=HOSPITALS))
        .texts["motifs"]["exclusion_inegale"]
        .startswith("question excluded for a hospital in")
    )
    assert (
        words_of(_programme("en"))
        .texts["motifs"]["exclusion_inegale"]
        .startswith("question excluded for an organisation in")
    )


# every way an article may meet a word: the feminine one, the elided one, and both
FORMS = {
    (False, False): ("le", "du", "au", "un", "aucun", "son", "d'un"),
    (True, False): ("la", "de la", "à la", "une", "aucune", "sa", "d'une"),
    (False, True): ("l'", "de l'", "à l'", "un", "aucun", "son", "d'un"),
    (True, True): ("l'", "de l'", "à l'", "une", "aucune", "son", "d'une"),
}


@pytest.mark.parametrize(("feminine", "vowel"), list(product([False, True], repeat=2)))
def test_french_articles_have_their_four_forms(feminine: bool, vowel: bool) -> None:
    articles = catalogue("fr")["articles"]
    word = "azur" if vowel else "zinc"
    terms = {"organisme": Term(word, f"{word}s", feminine)}
    for written, expected in zip(("le", "du", "au", "un", "aucun", "son", "d'un"), FORMS[feminine, vowel], strict=True):
        space = "" if expected.endswith("'") else " "
        assert worded(f"<{written} organisme>", terms, articles, VOWELS) == f"{expected}{space}{word}"
        capital = f"{expected[0].upper()}{expected[1:]}{space}{word}"
        assert worded(f"<{written.capitalize()} organisme>.", terms, articles, VOWELS) == f"{capital}."
    assert (
        worded("trop peu <de organismes>", terms, articles, VOWELS)
        == f"trop peu {'d' + chr(39) if vowel else 'de '}{word}s"
    )


def test_a_word_may_say_whether_articles_are_elided() -> None:
    articles = catalogue("fr")["articles"]
    assert worded("<le organisme>", {"organisme": Term("hôpital", "hôpitaux")}, articles, VOWELS) == "l'hôpital"
    assert worded("<le organisme>", {"organisme": Term("huit", "huit", elided=False)}, articles, VOWELS) == "le huit"


@pytest.mark.parametrize(
    ("text", "place"),
    [("Part <du loyer>", "du loyer"), ("Part <chez organisme>", "chez organisme"), ("<>", "")],
    ids=["a word that is no term", "an article that the language does not have", "nothing"],
)
def test_a_place_that_names_no_word_is_a_fault_with_its_key(text: str, place: str) -> None:
    config = _programme("fr", rapport={**fixture.CONFIG["rapport"], "textes": {"part_parc": text}})
    [fault] = vocabulary_faults(config)
    assert fault.key == "rapport.textes.part_parc"
    assert fault.message.startswith(f"« <{place}> » n'est pas un mot du vocabulaire")


def _broken(folder: Path, **sections: object) -> Path:
    path = folder / "zz.yaml"
    path.write_text(yaml.safe_dump({**catalogue("fr"), **sections}, allow_unicode=True), encoding="utf-8")
    return path


def test_a_language_says_the_forms_of_its_articles_and_a_word_for_each_term(tmp_path: Path) -> None:
    assert list(catalogue_faults(path_of("fr"))) == []
    assert tuple(catalogue("fr")["vocabulaire"]) == TERMS
    [short] = catalogue_faults(_broken(tmp_path, articles={"le": ["le ", "la "]}))
    assert short.key == "articles"
    without = {name: entry for name, entry in catalogue("fr")["vocabulaire"].items() if name != "unite"}
    [missing] = catalogue_faults(_broken(tmp_path, vocabulaire=without))
    assert missing.key == "vocabulaire.unite"
    assert set(GRAMMAR) >= {"articles", "vocabulaire"}
