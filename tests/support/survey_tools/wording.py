"""How a tool's user types the questionnaire: titles shortened or numbered, labels retyped with slips of the hand."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.support.survey_tools.questionnaire import Question, offered_beside, segments, statuses

AXIS_TITLES: dict[str, tuple[str, ...]] = {
    "qpv": ("QPV", "Quartier prioritaire (QPV)", "Logement situé en QPV"),
    "departement": ("Département", "Dépt", "Code département"),
    "type_construction": ("Type d'habitat", "Type de logement", "Collectif ou individuel"),
    "tranche_age": ("Âge", "Age du titulaire", "Quel est votre âge ?"),
    "anciennete": ("Ancienneté", "Ancienneté dans le logement", "Depuis combien de temps habitez-vous ce logement ?"),
    "type_menage": ("Type de ménage", "Composition du foyer", "Quelle est la composition de votre foyer ?"),
    "ascenseur": ("Ascenseur", "Présence d'un ascenseur", "Votre immeuble a-t-il un ascenseur ?"),
}
# The other ways in which segments are written, beside the labels of segments.csv.
AXIS_LABELS: dict[str, tuple[dict[str, str], ...]] = {
    "qpv": ({"QPV": "Oui", "HORS_QPV": "Non"}, {"QPV": "QPV", "HORS_QPV": "Hors QPV"}),
    "departement": (
        {segment.code: segment.code for segment in segments()["departement"]},
        {segment.code: f"{segment.code} - {segment.label}" for segment in segments()["departement"]},
    ),
    "type_construction": (
        {"COLLECTIF": "Appartement", "INDIVIDUEL": "Maison"},
        {"COLLECTIF": "Logement collectif", "INDIVIDUEL": "Logement individuel"},
    ),
    "ascenseur": ({"AVEC": "Oui", "SANS": "Non"},),
}
GENDERED = {"TS": "Très satisfait(e)", "PS": "Plutôt satisfait(e)", "PPS": "Plutôt pas satisfait(e)", "PDT": "Pas du tout satisfait(e)"}  # fmt: skip
ENDS_OF_SCALE = {"N00": "0 - Pas du tout probable", "N10": "10 - Tout à fait probable"}


def without_accents(text: str) -> str:
    """Returns the text as typed on a keyboard without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


# What a hand does to a label: none of it changes what the label says.
SLIPS: tuple[Callable[[str], str], ...] = (str.lower, without_accents, lambda text: text + " ")


@dataclass
class Typist:
    """Someone who types the questionnaire into a tool.

    Attributes:
        rng: where chance comes from.
        title: how a title is written: `{n}` is the question's rank, `{code}` its code, `{text}` its text.
        short: share of questions that get the questionnaire's short label rather than its wording.
        said: labels of this user's own, by modalité code.
        edits: what this user writes instead of some words of a question.
        slips: share of labels typed with a slip, and of titles that end with a space.
        pasted: whether all was pasted from a text processor, with its apostrophes and its spaces that do not break.
    """

    rng: Random
    title: str = "{text}"
    short: float = 0.1
    said: Mapping[str, str] = field(default_factory=dict)
    edits: Sequence[tuple[str, str]] = ()
    slips: float = 0.04
    pasted: bool = False

    def text(self, question: Question) -> str:
        """Returns the question's text as typed, without a number."""
        text = question.short if self.rng.random() < self.short else question.wording
        for old, new in self.edits:
            text = text.replace(old, new)
        return self._typeset(text) + (" " if self.rng.random() < self.slips else "")

    def titled(self, question: Question, text: str | None = None) -> str:
        """Returns the question's title in the file."""
        text = self.text(question) if text is None else text
        return self.title.format(n=question.order, code=question.code, text=text)

    def labels(self, question: Question, offered: Sequence[str]) -> dict[str, str]:
        """Returns the label of each option of the question, those offered beside its scale included, by modalité code."""
        known = {option.code: option.label for option in question.options}
        known |= {code: statuses()[code] for code in offered_beside(question, offered)}
        typed = {code: self._typeset(self.said.get(code, label)) for code, label in known.items()}
        return {code: self._slip(label) if self.rng.random() < self.slips else label for code, label in typed.items()}

    def _typeset(self, text: str) -> str:
        return text.replace("'", "’").replace(" ?", "\u00a0?") if self.pasted else text

    def _slip(self, label: str) -> str:
        return self.rng.choice(SLIPS)(label)

    def axis_title(self, axis: str) -> str:
        """Returns the title of an axis's column."""
        return self.rng.choice(AXIS_TITLES[axis])

    def axis_labels(self, axis: str) -> dict[str, str]:
        """Returns how each segment of an axis is written, by segment code."""
        own = {segment.code: segment.label for segment in segments()[axis]}
        return self.rng.choice((own, *AXIS_LABELS.get(axis, ())))
