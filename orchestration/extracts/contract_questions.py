"""What a contract may say of a question and of how its answers are coded: one model for each way to deliver them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field

from orchestration.extracts.form import Column
from orchestration.programme.declared import TAG, Declared, Maybe, Text, form, one_form, text_or
from orchestration.programme.texts import normalise


def said_by(key: str, forms: Mapping[str, str], default: str, remedy: str = "") -> Discriminator:
    """Returns what tells the forms of a union apart: the model that each value of a key names.

    Args:
        key: the key.
        forms: name of the model by value of the key.
        default: what a declaration without the key says.
        remedy: what else to do where the key has no such value, a clause.
    """

    def form_of(value: Any) -> str | None:
        said = value.get(key, default) if isinstance(value, Mapping) else default
        found = forms.get(str(said))
        return found and TAG + found

    return one_form(form_of, f"valeurs admises : {', '.join(filter(None, forms))}{remedy}.", key)


def _compared(table: dict[str, str]) -> dict[str, str]:
    return {normalise(value): code for value, code in table.items()}


# a delivered value, and a table of delivered value → code, as they are compared with the cells
Value = Annotated[Text, AfterValidator(normalise)]
Table = Annotated[dict[str, Text], AfterValidator(_compared)]
# delivered value → code: a table, or the name of a table of `codages`
Codage = Annotated[
    Annotated[Text, form("texte")] | Annotated[Table, form("table")],
    Discriminator(text_or("table")),
    Field(
        description="Valeur livrée vers code : une table, ou le nom d'une table de codages. Une valeur peut être une"
        " tranche de nombres, bornes comprises (« 0-6 »)."
    ),
]


# why values mean something else here than they do beside it; without this key, that is a fault
Reason = Annotated[
    Maybe[Annotated[Text, Field(min_length=1)]],
    Field(
        description="Pourquoi les valeurs se lisent ici autrement que dans les autres questions de l'échelle, ou que"
        " dans le contrat de l'émetteur pour la vague précédente : énoncé ou codes retournés. Sans cela, c'est une"
        " faute."
    ),
]

# why a file's own labels are not those of the codes; without this key, such a file is refused
Denied = Annotated[
    Maybe[Annotated[Text, Field(min_length=1)]],
    Field(
        description="Pourquoi le titre de cette colonne, ou les libellés que le fichier (SPSS, Stata…) lui donne ainsi"
        " qu'à ses valeurs, ne sont pas ceux de ce codage, qui vaut : libellés restés d'une autre enquête. Sans cela,"
        " c'est une faute, ou le fichier est refusé."
    ),
]


class SingleQuestion(Declared):
    """Question à une seule réponse, dans une colonne."""

    colonne: Column
    codage: Codage
    codage_propre: Reason = None
    libelles_ecartes: Denied = None


class YesNoQuestion(Declared):
    """Question à plusieurs réponses, une colonne par option."""

    multiple: Literal["oui_non"]
    colonnes: dict[str, Column] = Field(description="Modalité vers colonne.")
    oui: tuple[Value, ...] = Field(description="Valeurs qui disent que l'option est choisie.")
    non: tuple[Value, ...] = Field(default=(), description="Valeurs qui disent qu'elle ne l'est pas.")
    codage: Codage = Field(default_factory=dict)
    codage_propre: Reason = None
    libelles_ecartes: Denied = None


class MentionsQuestion(Declared):
    """Question à plusieurs réponses, une colonne par mention : première, deuxième, …."""

    multiple: Literal["mentions"]
    colonnes: tuple[Column, ...]
    codage: Codage
    codage_propre: Reason = None
    libelles_ecartes: Denied = None


class ListQuestion(Declared):
    """Question à plusieurs réponses, toutes dans une cellule."""

    multiple: Literal["liste"]
    colonne: Column
    separateur: Text = Field(default="|", min_length=1, description="Ce qui sépare deux réponses.")
    codage: Codage
    codage_propre: Reason = None
    libelles_ecartes: Denied = None


_FORMS = {"": "SingleQuestion", "oui_non": "YesNoQuestion", "mentions": "MentionsQuestion", "liste": "ListQuestion"}

Question = Annotated[
    Annotated[SingleQuestion, form("SingleQuestion")]
    | Annotated[YesNoQuestion, form("YesNoQuestion")]
    | Annotated[MentionsQuestion, form("MentionsQuestion")]
    | Annotated[ListQuestion, form("ListQuestion")],
    said_by("multiple", _FORMS, "", " ; ôter la clé d'une question à une seule réponse"),
]


# « 0-6 », « 0 à 6 », « -5 – 5 »
_BAND = re.compile(r"(-?\d+(?:[.,]\d+)?) ?(?:-|–|à) ?(-?\d+(?:[.,]\d+)?)")


def bands_of(codage: Mapping[str, str]) -> list[tuple[float, float, str]]:
    """Returns the bands of numbers of a table of codes: bounds, both within the band, and code."""
    found = []
    for value, code in codage.items():
        if written := _BAND.fullmatch(value):
            low, high = (float(bound.replace(",", ".")) for bound in written.groups())
            if low <= high:
                found.append((low, high, code))
    return found


def columns_of(question: Question) -> tuple[str, ...]:
    """Returns the columns that a question is delivered in, in order."""
    if isinstance(question, YesNoQuestion):
        return tuple(question.colonnes.values())
    return question.colonnes if isinstance(question, MentionsQuestion) else (question.colonne,)
