"""An index: a question whose answer, for each respondent, is made of the notes of the answers they gave to others.

It has finitely many values, so it is a question like another: its options are the values it can take.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from orchestration.programme.declared import Declared, Maybe, Number, Text, Whole

# Notes are added up in millionths, as whole numbers: sums of the same notes are then the same, in any order.
MILLIONTHS = 1_000_000
# Sum and number of answers make one whole number: an index has fewer components than this.
BASE = 100
# Values that are the same to so many decimals are one option.
_DECIMALS = 4


class Composite(Declared):
    """Un indice : une question dont la réponse de chacun est faite des notes de ses réponses à d'autres."""

    questions: tuple[Text, ...] = Field(
        min_length=2, max_length=20, description="Ses composantes, codes de questions.csv."
    )
    calcul: Literal["moyenne", "somme"] = Field(
        default="moyenne", description="Moyenne des notes des réponses exprimées, ou somme de toutes."
    )
    minimum: Maybe[Annotated[Whole, Field(ge=1)]] = Field(
        default=None,
        description="Réponses exprimées sans lesquelles un répondant n'a pas d'indice ; par défaut toutes.",
    )
    bareme: Text = Field(description="Barème des notes, code de baremes.csv, quel que soit celui de l'institut.")
    version: Text = Field(description="Version de ce barème.")
    arrondi: Maybe[Annotated[Number, Field(gt=0)]] = Field(
        default=None,
        description="Pas auquel l'indice de chacun est arrondi, quand il prendrait trop de valeurs ; par défaut aucun.",
    )

    @property
    def needed(self) -> int:
        """How many expressed answers a respondent must have given."""
        return self.minimum or len(self.questions)

    @model_validator(mode="after")
    def _is_made_of_its_answers(self) -> Self:
        whole = len(self.questions)
        if len(set(self.questions)) < whole:
            raise ValueError("une composante y figure plusieurs fois ; n'en garder qu'une.")
        if self.needed > whole:
            raise ValueError(f"minimum demande {self.needed} réponses de {whole} composantes ; corriger.")
        if self.calcul == "somme" and self.needed < whole:
            raise ValueError("une somme veut toutes ses réponses ; ôter minimum, ou écrire « calcul: moyenne ».")
        return self


@dataclass(frozen=True)
class Index:
    """An index, with what each answer to its components is worth.

    Attributes:
        code: its question.
        declared: what the programme says of it.
        notes: component → expressed option → note.
    """

    code: str
    declared: Composite
    notes: Mapping[str, Mapping[str, float]]

    @cached_property
    def options(self) -> dict[str, float]:
        """The values that it can take, the lowest first: code of the option → note."""
        return {_code(value): value for value in sorted(self._values.values())}

    @cached_property
    def codes(self) -> dict[int, str]:
        """The option of each sum of notes and number of answers, as `key` makes one number of them."""
        return {key(*sums): _code(value) for sums, value in self._values.items()}

    @cached_property
    def _values(self) -> dict[tuple[int, int], float]:
        """Value by sum of notes (in millionths) and number of answers, for as many answers as are needed or more."""
        sums: dict[tuple[int, int], float] = {(0, 0): 0.0}
        for notes in self.notes.values():
            more = {
                (total + millionths(note), answered + 1): exact + note
                for (total, answered), exact in sums.items()
                for note in notes.values()
            }
            # without an answer to this component, the sum and the number stay
            sums |= more
        needed, step, mean = self.declared.needed, self.declared.arrondi, self.declared.calcul == "moyenne"
        values: dict[tuple[int, int], float] = {}
        shown: dict[str, float] = {}
        for (total, answered), exact in sorted(sums.items()):
            if answered >= needed:
                value = exact / answered if mean else exact
                value = math.floor(value / step + 0.5) * step if step else value
                # one option has one note
                values[total, answered] = shown.setdefault(_code(value), value)
        return values


def index_of(
    code: str, declared: Composite, scales: Mapping[str, str], notes: Iterable[tuple[str, str, str, str, float]]
) -> Index:
    """Returns an index; of a component that does not exist, or that its scoring does not note, no answer is worth any.

    Args:
        code: its question.
        declared: what the programme says of it.
        scales: scale of each question.
        notes: scoring, version, scale, option and its note.
    """
    scored = (declared.bareme, declared.version)
    own = [(scale, option, note) for *named, scale, option, note in notes if tuple(named) == scored]
    worth = {part: {o: n for scale, o, n in own if scale == scales.get(part)} for part in declared.questions}
    return Index(code, declared, worth)


def millionths(note: float) -> int:
    """Returns a note in millionths."""
    return round(note * MILLIONTHS)


def key(total: int, answered: int) -> int:
    """Returns a sum of notes (in millionths) and a number of answers as one number."""
    return total * BASE + answered


def _code(value: float) -> str:
    text = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "V" + ("0" if text == "-0" else text)
