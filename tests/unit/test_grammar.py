"""Every text of every language, with every label of three programmes that can enter it, is grammatical as far as rules tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration import words
from orchestration.programme import Programme, load_programme
from orchestration.programme.vocabulary import words_of
from orchestration.reporting.formats import Formats
from tests.support.barometer import barometer
from tests.support.grammars import GRAMMARS, Read
from tests.support.spoken import faults, plurals, rendered, sentences

ROOT = Path(__file__).resolve().parents[2]
PROGRAMMES: dict[str, Callable[[Path], Path]] = {
    "demonstration": lambda _: ROOT / "data",
    "tsm": lambda _: ROOT / "programmes" / "tsm",
    "six": lambda root: barometer(root / "six"),
}


@pytest.fixture(scope="module", params=PROGRAMMES)
def programme(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Programme:
    return load_programme(PROGRAMMES[request.param](tmp_path_factory.mktemp("programme")))


def test_every_text_with_every_label_is_grammatical(programme: Programme) -> None:
    """In the language of the programme, whose labels are those of its people."""
    f = Formats(words_of(programme.config))
    counted, said = plurals(f), set(rendered(f, programme))
    wrong = {
        f"{name}: {fault} | {text[:200]}" for name, text in said for fault in faults(f.language, name, text, counted)
    }
    assert len(said) > 800 and len(counted) > 5
    assert wrong == set()


def test_every_sentence_is_grammatical_once_joined_and_its_reader_knows_it(programme: Programme) -> None:
    """What is said of the change, of the first wave and of the reference, one after the other."""
    f = Formats(words_of(programme.config))
    counted, said = plurals(f), set(sentences(f, programme))
    wrong = {
        f"{fault} | {subject}{rest}"
        for _, subject, rest in said
        for fault in faults(f.language, "phrases", f.typography(f"{subject}{rest}."), counted)
    }
    assert wrong == set()
    grammar = GRAMMARS[f.language]
    read = [grammar.read(rest) for rest in {rest for *_, rest in said}]
    # other wordings of a verdict say the same, whatever follows
    meanings: dict[str, dict[str, set[str]]] = {}
    for kind, _, rest in said:
        first, _, other = kind.partition(" (")
        meanings.setdefault(first, {}).setdefault(other, set()).add(_meaning(grammar.read(rest)))
    assert all(len({*map(frozenset, wordings.values())}) == 1 for wordings in meanings.values())
    assert sum(len(wordings) > 1 for wordings in meanings.values()) == 6
    assert {kind for kind, *_ in read} == {*grammar.forms}
    assert {found.get("since") for _, found, _ in read} == {None, *grammar.since}
    assert {place for *_, place in read} == {"", *grammar.places}


def _meaning(read: Read) -> str:
    """What a sentence says, whatever its words."""
    kind, found, place = read
    return str(
        (kind, bool(found.get("slight")), sorted((k, v) for k, v in found.items() if v and k != "slight"), place)
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le taux de Aubépine progresse."),
        ("fr", "Le taux de le parc progresse."),
        ("fr", "Il dit que il progresse."),
        ("fr", "Publiée, 1 livraisons lues."),
        ("fr", "Publiée, 3 livraison lues."),
        ("fr", "Ce thème progresse: un peu."),
        ("fr", "« Accueil» progresse."),
        ("fr", "L'accueil progresse."),
        ("fr", "Il  progresse."),
        ("fr", "Il progresse , un peu."),
        ("fr", "Il progresse {vague}."),
        ("fr", "Il progresse. il recule."),
        ("fr", "Il progresse. Il recule"),
        ("fr", "Il est est stable."),
        ("fr", "Il est (très stable."),
        ("en", "It is a increase."),
        ("en", "It is an rise."),
        ("en", "It is stable : so it is."),
        ("en", "Published, 1 submissions read."),
        ("en", "Published, 3 submission read."),
    ],
)
def test_a_fault_is_seen(language: str, text: str) -> None:
    assert list(faults(language, "essai", text, frozenset({"livraisons", "submissions"})))


@pytest.mark.parametrize("language", words.languages())
def test_what_is_right_is_left_alone(language: str) -> None:
    right = {
        "fr": "L’accueil progresse de 2 points\u202f; «\u202fHors QPV\u202f», 84\u202f%, la hausse de 1 point, de onze à 12 livraisons.",
        "en": "A user of a unit; an hour, 84%, 1 submission and 2 submissions.",
    }
    assert list(faults(language, "essai", right[language], frozenset({"livraisons", "submissions"}))) == []
