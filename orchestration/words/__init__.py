"""What is said to readers: one file per language, and over it what a programme says otherwise.

`fr.yaml` is the reference: it names every key. Page, letter, leaflets, terminal and alerts read the same file. Keys of
the sections in SAID are one list of names, so that a text stands once; other sections put the codes of the data in
words. What the survey is about is the programme's to name (`terms`). A language more is a file more with the same keys,
and one of `dictionary/` for the comments of published tables (`comments`).
This package reads its files and nothing else of the project.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from orchestration.errors import ProgrammeError
from orchestration.words.comments import translated, translations
from orchestration.words.terms import Term, vocabulary, worded

Texts = Mapping[str, Any]
FOLDER = Path(__file__).parent
REFERENCE = "fr"
# sections of a language, no texts: its numbers, its articles and vowels, the words of a programme without its own
GRAMMAR = ("nombres", "articles", "voyelles", "vocabulaire")
# sections whose keys are names of texts; what follows `section.` in a programme's own key is a code of another section
SAID = ("page", "papier", "livret", "terminal", "alertes", "export")
# the direction of a verdict, the same in all languages: the order is that in which verdicts are listed
VERDICT_FAMILIES = {
    "hausse": "hausse",
    "hausse légère": "hausse",
    "stable": "stable",
    "baisse légère": "baisse",
    "baisse": "baisse",
    "non significatif": "incertain",
    "non comparable": "muet",
    "nouveau": "nouveau",
    "au-dessus": "hausse",
    "légèrement au-dessus": "hausse",
    "au niveau": "stable",
    "légèrement en dessous": "baisse",
    "en dessous": "baisse",
}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def path_of(language: str) -> Path:
    """Where the catalogue of a language is, or would be."""
    return FOLDER / f"{language}.yaml"


def dictionary_of(language: str) -> Path:
    """Where the translated comments of published tables are, or would be; the reference language has none."""
    return FOLDER / "dictionary" / f"{language}.yaml"


def languages() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def catalogue(language: str) -> Texts:
    """The texts of a language as its file has them, section by section.

    Args:
        language: its code.

    Raises:
        ProgrammeError: there is no such file.
    """
    if language not in languages():
        known = ", ".join(languages())
        raise ProgrammeError(f"Langue « {language} » sans catalogue de textes ; langues connues : {known}.")
    texts: Texts = yaml.load(path_of(language).read_text(encoding="utf-8"), Loader=_LOADER)
    return texts


def names(texts: Texts) -> dict[str, str]:
    """Every text that a programme may word itself, by its name: `essentiel`, `modes.telephone`, `verdicts.hausse`.

    Of a code that has a word and an explanation, the name is the word's; the explanation's ends with `.explication`.
    """
    found: dict[str, str] = {}
    for section, entries in texts.items():
        if isinstance(entries, Mapping) and section not in GRAMMAR:
            prefix = "" if section in SAID else f"{section}."
            for code, entry in entries.items():
                found[f"{prefix}{code}"] = word_of(entry)
                if explanation := explanation_of(entry):
                    found[f"{prefix}{code}.explication"] = explanation
    return found


@dataclass(frozen=True, eq=False)
class Words:
    """The words of a programme; asked for twice, they are one object.

    Attributes:
        language: code of the language.
        texts: its catalogue, section by section, the programme's own codes in words over it.
        said: every text of the sections in SAID by its name, the programme's own over it.
        comments: sentences of the published tables' comments, which are in French, in this language.
    """

    language: str
    texts: Texts = field(repr=False)
    said: Mapping[str, str] = field(repr=False)
    comments: Mapping[str, str] = field(repr=False)

    @classmethod
    def in_language(
        cls, language: str, own: Mapping[str, str] | None = None, terms: Mapping[str, Term] | None = None
    ) -> Words:
        """The words of a language, and over them a programme's.

        Args:
            language: its code.
            own: texts by name, as `names` has them.
            terms: the programme's vocabulary; the catalogue's words serve for what it does not name.

        Raises:
            ProgrammeError: that language has no catalogue.
        """
        return _worded(language, frozenset((own or {}).items()), frozenset((terms or {}).items()))

    def say(self, name: str, **values: object) -> str:
        """A text by its name, its `{places}` filled."""
        return self.said[name].format(**values)

    def comment(self, french: str) -> str | None:
        """A comment of a published table in this language; None where it has no translation."""
        return french if self.language == REFERENCE else translated(french, self.comments)

    def number(self, value: int) -> str:
        """A whole number, thousands apart."""
        return f"{value:,}".replace(",", self.texts["nombres"]["milliers"])

    def percent(self, share: float, digits: int = 1) -> str:
        """A share (0 to 1) as a percentage, without needless decimals."""
        text = f"{100 * share:.{digits}f}"
        text = text.rstrip("0").rstrip(".") if digits else text
        return text.replace(".", self.texts["nombres"]["decimale"]) + str(self.texts["nombres"]["pour_cent"])


@cache
def _worded(language: str, own: frozenset[tuple[str, str]], terms: frozenset[tuple[str, Term]]) -> Words:
    texts = dict(catalogue(language))
    known = vocabulary(texts["vocabulaire"]) | dict(terms)
    said = {name: text for section in SAID for name, text in texts[section].items()}
    for name, text in own:
        if name in said:
            said[name] = text
            continue
        section, code, *explanation = name.split(".")
        entry = texts[section][code]
        if isinstance(entry, list):
            word, explained = entry
            entry = [word, text] if explanation else [text, explained]
        else:
            entry = text
        texts[section] = {**texts[section], code: entry}

    def filled(entry: Any) -> Any:
        if isinstance(entry, str):
            return worded(entry, known, texts["articles"], texts["voyelles"])
        if isinstance(entry, Mapping):
            return {key: filled(value) for key, value in entry.items()}
        return [filled(value) for value in entry] if isinstance(entry, list) else entry

    return Words(language, filled(texts), filled(said), filled(translations(dictionary_of(language))))


def word_of(entry: Any) -> str:
    """The word of a code, whether its explanation stands beside it or not."""
    return str(entry[0] if isinstance(entry, list) else entry)


def explanation_of(entry: Any) -> str:
    """The explanation of a code; nothing where it has none."""
    return str(entry[1]) if isinstance(entry, list) else ""
