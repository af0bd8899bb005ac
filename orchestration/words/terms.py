"""The programme's own words for what a survey is about: who answers, who takes part, whom they stand for, where.

A text of a catalogue holds such a word between `<` and `>`, with the article that goes before it: `<le organisme>`,
`<de repondants>`, `<Du population>`. The name of a term is its singular, and with an s its plural; a capital letter
begins what is printed. What agrees with a term in gender is written both ways, masculine first:
`attendu<population||e>`. Articles are the language's, a section of its catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# who answers, who takes part, one of those whom the answers stand for, all of them, and where they are
TERMS = ("repondant", "organisme", "unite", "population", "territoire")
PLACE = re.compile(r"<([^<>]*)>")
# an article of a catalogue has its four forms: masculine, feminine, and both before a vowel
Articles = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Term:
    """A word of the programme.

    Attributes:
        singular: one of them, without an article.
        plural: several of them.
        feminine: in a language with genders, whether it is feminine.
        elided: whether articles have their other forms before it; where that is None, its first letter tells.
    """

    singular: str
    plural: str
    feminine: bool = False
    elided: bool | None = None


Vocabulary = Mapping[str, Term]


def vocabulary(said: Mapping[str, Any]) -> dict[str, Term]:
    """Returns the terms of a section `vocabulaire`, a catalogue's or a programme's."""
    return {
        name: Term(entry["singulier"], entry["pluriel"], entry.get("feminin", False), entry.get("elision"))
        for name, entry in said.items()
    }


def worded(text: str, terms: Vocabulary, articles: Articles, vowels: str) -> str:
    """Returns a text with the programme's words in it.

    Args:
        text: a text of a catalogue.
        terms: every term, by its name.
        articles: the forms of each article, by the one that the catalogue writes.
        vowels: the small letters before which an article has its other forms.

    Raises:
        KeyError: a place names no term or no article.
    """
    return PLACE.sub(lambda place: _said(place[1], terms, articles, vowels), text)


def faults(text: str, articles: Articles) -> Iterator[str]:
    """Yields the places of a text that name no term, or an article that the language does not have."""
    for place in PLACE.findall(text):
        article, name, _ = _read(place)
        if _singular(name) not in TERMS or (article and article not in articles):
            yield place


def _read(place: str) -> tuple[str, str, tuple[str, ...]]:
    """Returns the article of a place and the name of its term, in small letters, and the forms that agree with it."""
    named, *agreeing = place.split("|")
    article, _, name = named.rpartition(" ")
    return article[:1].lower() + article[1:], name[:1].lower() + name[1:], tuple(agreeing)


def _singular(name: str) -> str:
    return name if name in TERMS else name.removesuffix("s")


def _said(place: str, terms: Vocabulary, articles: Articles, vowels: str) -> str:
    article, name, agreeing = _read(place)
    term = terms[_singular(name)]
    if agreeing:
        return agreeing[1 if term.feminine else 0]
    word = term.singular if name in terms else term.plural
    elided = word[0].lower() in vowels if term.elided is None else term.elided
    text = (articles[article][term.feminine + 2 * elided] if article else "") + word
    return text[0].upper() + text[1:] if place[0].isupper() else text
