"""Holds the words of a programme to the catalogue: its language's file, and the texts it words itself."""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from orchestration import words
from orchestration.programme.config import ProgrammeConfig
from orchestration.programme.declarations import DeclarationError, read_yaml
from orchestration.words.terms import TERMS, Articles, faults, vocabulary

OWN = "rapport.textes"
# A place is a name between braces and nothing else: the warehouse fills it by replacing it, without Python's formats.
_PLACE = re.compile(r"\{([a-z_]+)\}")


class Fault(NamedTuple):
    """A key at fault: the file it stands in, the key, and what to do about it."""

    file: str
    key: str | None
    message: str


def words_of(config: ProgrammeConfig) -> words.Words:
    """The words of a programme: its language's, and over them its own (`rapport.textes`).

    Args:
        config: what programme.yaml says.

    Raises:
        ProgrammeError: that language has no catalogue.
    """
    terms = vocabulary(config.vocabulaire.model_dump(exclude_none=True))
    return words.Words.in_language(config.langue, config.rapport.textes, terms)


def vocabulary_faults(config: ProgrammeConfig) -> Iterator[Fault]:
    """Yields what is wrong with the words of a programme.

    Args:
        config: what programme.yaml says.
    """
    language = config.langue
    if language not in words.languages():
        known = ", ".join(words.languages())
        yield Fault("programme.yaml", "langue", f"« {language} » n'a pas de catalogue ; langues connues : {known}.")
        return
    faults = list(catalogue_faults(words.path_of(language)))
    faults = faults or list(dictionary_faults(words.dictionary_of(language), language))
    yield from faults or _own_faults(language, config.rapport.textes)


def catalogue_faults(path: Path) -> Iterator[Fault]:
    """Yields what a catalogue lacks, or has in excess, beside the reference language's.

    Args:
        path: the file of a language.
    """
    file = f"{path.parent.name}/{path.name}"
    try:
        texts = read_yaml(path.read_bytes())
    except DeclarationError as error:
        yield Fault(file, None, str(error))
        return
    own = {"articles", "voyelles", "vocabulaire"}
    reference = words.catalogue(words.REFERENCE)
    yield from _compared(file, "", _without(reference, own), _without(texts, own))
    if isinstance(texts, Mapping):
        yield from _grammar(file, texts)


def dictionary_faults(path: Path, language: str) -> Iterator[Fault]:
    """Yields what is wrong with the translated comments of a language; nothing where it has none.

    Args:
        path: their file.
        language: its code, whose catalogue has the articles.
    """
    if not path.is_file():
        return
    file = f"{path.parent.name}/{path.name}"
    try:
        told = read_yaml(path.read_bytes())
    except DeclarationError as error:
        yield Fault(file, None, str(error))
        return
    if not isinstance(told, Mapping):
        yield Fault(file, None, "des phrases et leurs traductions sont attendues.")
        return
    articles = words.catalogue(language)["articles"]
    for sentence, said in told.items():
        if isinstance(said, str):
            yield from _terms(file, str(sentence), said, articles)
        else:
            yield Fault(file, str(sentence), "un texte est attendu.")


def _without(texts: Any, sections: Container[str]) -> Any:
    return {key: part for key, part in texts.items() if key not in sections} if isinstance(texts, Mapping) else texts


def _grammar(file: str, texts: Mapping[str, Any]) -> Iterator[Fault]:
    """Yields what is wrong with a language's articles, the words of its terms, and their places in its texts."""
    articles, terms = texts.get("articles"), texts.get("vocabulaire")
    if not isinstance(articles, Mapping) or any(_not_texts(forms, 4) for forms in articles.values()):
        said = "quatre formes par article sont attendues : masculin, féminin, et les deux devant une voyelle."
        yield Fault(file, "articles", said)
        return
    if not isinstance(texts.get("voyelles"), str):
        yield Fault(file, "voyelles", "les lettres devant lesquelles un article a ses autres formes sont attendues.")
    for name in TERMS:
        entry = terms.get(name) if isinstance(terms, Mapping) else None
        if not isinstance(entry, Mapping) or _not_texts([entry.get("singulier"), entry.get("pluriel")], 2):
            yield Fault(file, f"vocabulaire.{name}", "un singulier et un pluriel sont attendus.")
    for section, entries in texts.items():
        if section not in words.GRAMMAR:
            for key, text in _every(section, entries):
                yield from _terms(file, key, text, articles)


def _not_texts(forms: Any, count: int) -> bool:
    return not isinstance(forms, list) or [type(form) for form in forms] != [str] * count


def _every(key: str, entry: Any) -> Iterator[tuple[str, str]]:
    """Yields each text of a section with its key."""
    if isinstance(entry, str):
        yield key, entry
    elif isinstance(entry, Mapping):
        for name, part in entry.items():
            yield from _every(f"{key}.{name}", part)
    elif isinstance(entry, list):
        for part in entry:
            yield from _every(key, part)


def _terms(file: str, key: str, text: str, articles: Articles) -> Iterator[Fault]:
    for place in faults(text, articles):
        said = f"« <{place}> » n'est pas un mot du vocabulaire, avec ou sans article ; mots : {', '.join(TERMS)}"
        yield Fault(file, key, f"{said}, au pluriel avec un s ; articles : {', '.join(articles)}.")


def _compared(file: str, inside: str, reference: Any, texts: Any) -> Iterator[Fault]:
    """Compares a section with the reference's, key by key; a key that is nowhere near another is named alone."""
    if not isinstance(texts, Mapping):
        yield Fault(file, inside.rstrip(".") or None, "des clés et leurs textes sont attendus.")
        return
    extra = [str(name) for name in texts if name not in reference]
    for name in extra:
        yield Fault(file, f"{inside}{name}", f"clé inconnue{_nearest(name, reference)} ; la corriger ou la retirer.")
    for name, known in reference.items():
        if name not in texts:
            yield Fault(
                file,
                f"{inside}{name}",
                f"texte absent{_instead(name, extra)} ; le donner, comme {words.REFERENCE}.yaml.",
            )
        elif isinstance(known, Mapping):
            yield from _compared(file, f"{inside}{name}.", known, texts[name])
        else:
            yield from _valued(file, f"{inside}{name}", known, texts[name])


def _valued(file: str, key: str, known: Any, text: Any) -> Iterator[Fault]:
    """Yields what is wrong with a text, or with the few that stand together under a key (a word, its explanation)."""
    if isinstance(known, str):
        # A separator may be a space, or nothing at all: an empty text is one, a missing one is not.
        if not isinstance(text, str):
            yield Fault(file, key, "un texte est attendu.")
        else:
            yield from _places(file, key, _PLACE.findall(known), text)
    elif isinstance(known, bool):
        if not isinstance(text, bool):
            yield Fault(file, key, "true ou false est attendu.")
    elif all(isinstance(part, str) for part in known):
        if not isinstance(text, list) or len(text) != len(known):
            yield Fault(file, key, f"{len(known)} textes sont attendus, entre crochets.")
            return
        for part, given in zip(known, text, strict=True):
            yield from _valued(file, key, part, given)
    else:
        yield from _glossary(file, key, known, text)


def _glossary(file: str, key: str, known: list[list[str]], entries: Any) -> Iterator[Fault]:
    """Yields what is wrong with a glossary: each language has its own entries, and none must have a place."""
    admitted = [place for part in known for place in _PLACE.findall(part[1])]
    for entry in entries if isinstance(entries, list) else [entries]:
        if not isinstance(entry, list) or [type(part) for part in entry] != [str, str]:
            yield Fault(file, key, "un terme et son explication sont attendus, entre crochets.")
            return
        for part, places in zip(entry, ([], admitted), strict=True):
            yield from _places(file, key, places, part, whole=False)


def _own_faults(language: str, own: Mapping[str, str]) -> Iterator[Fault]:
    known = words.names(words.catalogue(language))
    for name, text in own.items():
        key = f"{OWN}.{name}"
        if name not in known:
            yield Fault("programme.yaml", key, f"clé inconnue{_nearest(name, known)} ; la corriger ou la retirer.")
        else:
            yield from _places("programme.yaml", key, _PLACE.findall(known[name]), text)
            yield from _terms("programme.yaml", key, text, words.catalogue(language)["articles"])


def _places(file: str, key: str, filled: Sequence[str], text: str, whole: bool = True) -> Iterator[Fault]:
    """Yields what would be printed as it stands: a brace that makes no place, a place that nothing fills, one left out.

    Args:
        file: where the text stands.
        key: its key.
        filled: the places that are filled there.
        text: the text.
        whole: each of them has to be in it.
    """
    if odd := re.search(r"\{[^{}]*\}?|\}", _PLACE.sub("", text)):
        yield Fault(file, key, f"« {odd[0]} » n'est pas une place : un nom entre accolades, et rien d'autre.")
        return
    asked = set(_PLACE.findall(text))
    if unknown := asked.difference(filled):
        yield Fault(file, key, f"rien ne remplit {_listed(unknown)} ici ; places admises : {_listed(filled)}.")
    elif missing := set(filled if whole else ()) - asked:
        yield Fault(file, key, f"{_listed(missing)} y manque ; places attendues : {_listed(filled)}.")


def _listed(places: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(set(places))) or "aucune"


def _nearest(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, [str(key) for key in known], n=1)
    return f" ; la plus proche est « {found[0]} »" if found else ""


def _instead(name: str, extra: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(extra), n=1)
    return f" ; « {found[0]} » en est peut-être une autre écriture" if found else ""
