"""The comments of published tables: each has its translation in every language, and the page of an edition says it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest
import yaml

from orchestration import words
from orchestration.programme.config import PROGRAMME
from orchestration.programme.declarations import read_yaml
from orchestration.programme.vocabulary import dictionary_faults, vocabulary_faults
from orchestration.reporting.dictionary import write_dictionary
from orchestration.reporting.formats import Formats
from orchestration.words.comments import sentences, translated, translations
from tests.support.demo import REPOSITORY
from tests.unit import reporting_fixture as fixture

DBT = REPOSITORY / "dbt_project"
TRANSLATED = [language for language in words.languages() if language != words.REFERENCE]
# a name or a code of the warehouse; and a number, whatever its decimal sign
NAME = re.compile(r"\w+_\w+|\{\w+\}")
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
FRENCH = re.compile(r"\b(?:le|la|les|des|du|une|est|sont|pas|qui|dont|avec|sur|chaque|vide)\b", re.IGNORECASE)


def _precisions() -> dict[str, list[str | None] | None]:
    """How finely a figure goes out, as the macro that adds it to a comment words it."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals["return"] = str
    macro = (DBT / "macros" / "precision.sql").read_text(encoding="utf-8")
    found: dict[str, list[str | None] | None] = ast.literal_eval(
        environment.from_string(macro).module.precisions().strip()  # type: ignore[attr-defined]
    )
    return found


def _comments() -> Iterator[str]:
    """Every comment of a published table, as dbt writes it."""
    text = (DBT / "models" / "_colonnes.md").read_text(encoding="utf-8")
    shared = dict(re.findall(r"\{% docs (\w+) %\}\n(.+?)\n\{% enddocs %\}", text, re.DOTALL))
    precisions = _precisions()
    for path in sorted((DBT / "models" / "marts").rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or ():
            yield _cited(model["description"], shared)
            full = model.get("config", {}).get("meta", {}).get("plein_chiffre")
            for column in model["columns"]:
                told = _cited(column["description"], shared)
                yield told + _precise(column.get("config", {}).get("meta", {}), full, precisions)


def _cited(description: str, shared: dict[str, str]) -> str:
    return re.sub(r"\{\{ doc\('(\w+)'\) \}\}", lambda found: shared[found[1]], description)


def _precise(meta: dict[str, Any], full: object, precisions: dict[str, list[str | None] | None]) -> str:
    said = precisions[meta["precision"]] if "precision" in meta else None
    if said is None:
        return ""
    whole = said[1] or (precisions.get(meta.get("plein_chiffre", "")) or [None, "pleine"])[1]
    return f" Dans le fichier régional, sous protection : {said[0]}{f' ; la région entière, {whole}' if full else ''}."


COMMENTS = list(_comments())
SENTENCES = {sentence for comment in COMMENTS for sentence in sentences(comment)}


def test_a_comment_is_read_sentence_by_sentence() -> None:
    assert sentences("Code du score, de scores.csv. Vide\nsinon. À part. d'ailleurs") == [
        "Code du score, de scores.csv.", "Vide sinon.", "À part. d'ailleurs",
    ]  # fmt: skip
    assert sentences("") == []
    assert translated("Vide sinon. Vide.", {"Vide sinon.": "Empty otherwise.", "Vide.": "Empty."}) == (
        "Empty otherwise. Empty."
    )
    assert translated("Vide sinon. Vide.", {"Vide sinon.": "Empty otherwise."}) is None


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_comment_of_a_published_table_is_translated_and_nothing_else(language: str) -> None:
    assert len(COMMENTS) > 500
    known = set(read_yaml(words.dictionary_of(language).read_bytes()))
    assert {"lacks": SENTENCES - known, "has in excess": known - SENTENCES} == {"lacks": set(), "has in excess": set()}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_keeps_names_and_numbers_and_the_words_of_the_vocabulary(language: str) -> None:
    assert list(dictionary_faults(words.dictionary_of(language), language)) == []
    for french, said in translations(words.dictionary_of(language)).items():
        assert set(NAME.findall(french)) == set(NAME.findall(said)), french
        numbers = [{number.replace(",", ".") for number in NUMBER.findall(text)} for text in (french, said)]
        assert numbers[0] == numbers[1], french


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Vide.: Empty for <a score>.", "dictionary/en.yaml Vide. « <a score> » n'est pas un mot du vocabulaire"),
        ("Vide.: 3", "dictionary/en.yaml Vide. un texte est attendu."),
        ("Vide.: Empty.\nVide.: None.", "dictionary/en.yaml None ligne 2"),
        ("- Empty.", "dictionary/en.yaml None des phrases et leurs traductions sont attendues."),
        ("Vide.: Empty for <a organisme>.", None),
    ],
)
def test_check_names_what_is_wrong_with_a_dictionary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, said: str | None
) -> None:
    (tmp_path / "dictionary").mkdir()
    (tmp_path / "dictionary" / "en.yaml").write_text(written, encoding="utf-8")
    monkeypatch.setattr(words, "dictionary_of", lambda language: tmp_path / "dictionary" / f"{language}.yaml")
    programme = PROGRAMME.validate_python({**fixture.CONFIG, "langue": "en"})
    told = [" ".join(map(str, fault)) for fault in vocabulary_faults(programme)]
    assert [text[: len(said or "")] for text in told] == ([said] if said else [])


def test_the_reference_language_has_its_comments_from_the_warehouse() -> None:
    assert not words.dictionary_of(words.REFERENCE).exists()
    assert words.Words.in_language(words.REFERENCE).comment("Une phrase.") == "Une phrase."


def _page(folder: Path, language: str, *comments: str) -> str:
    """The dictionary of an edition with a table more, whose columns have these comments."""
    database = fixture.published(folder / "edition.duckdb")
    with duckdb.connect(database) as connection:
        names = [f"c{rank}" for rank in range(len(comments))]
        connection.execute(f"create table observatoire.fct_z ({', '.join(f'{name} integer' for name in names)})")
        for name, comment in zip(names, comments, strict=True):
            said = comment.replace("'", "''")
            connection.execute(f"comment on column observatoire.fct_z.{name} is '{said}'")
    programme = PROGRAMME.validate_python({**fixture.CONFIG, "langue": language})
    return write_dictionary(database, programme, Formats.of_programme(programme), folder).read_text(encoding="utf-8")


def test_the_page_of_an_english_programme_is_in_english(tmp_path: Path) -> None:
    page = _page(tmp_path, "en", *COMMENTS)
    assert 'lang="fr"' not in page and "Empty if the cell is not published." in page
    said = " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split())
    assert FRENCH.findall(said) == []


def test_what_has_no_translation_stays_french_and_says_so(tmp_path: Path) -> None:
    page = _page(tmp_path, "en", "Une table du programme.", "Vide sinon. Une phrase de plus.", "Vide sinon.")
    assert re.findall('<span lang="fr">(.*?)</span>', page) == [
        "Une table du programme.", "Vide sinon. Une phrase de plus.",
    ]  # fmt: skip
    assert "<td>Empty otherwise.</td>" in page


def test_a_french_programme_reads_the_comments_as_they_are(tmp_path: Path) -> None:
    page = _page(tmp_path, "fr", "Une table du programme.", "Vide sinon.")
    assert "<td>Une table du programme.</td>" in page and "<td>Vide sinon.</td>" in page
    assert "<span lang" not in page
