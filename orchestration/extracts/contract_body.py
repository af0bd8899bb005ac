"""What a contract may say: each key, what it means, its bounds, its default. One model for each nature of delivery."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, TypeAdapter

from orchestration.extracts.contract_counts import CountsRules
from orchestration.extracts.contract_questions import Codage, Denied, Question, Reason, Table, said_by
from orchestration.extracts.contract_scores import ScoreColumns
from orchestration.extracts.fieldwork import Fieldwork
from orchestration.extracts.form import Column, Format, Identifier, Join, LongForm
from orchestration.programme.declared import (
    Declared,
    DeclaredOneOf,
    Flag,
    Maybe,
    Number,
    Text,
    Whole,
    form,
    json_schema,
)


class OrganismeRule(DeclaredOneOf):
    """Où l'organisme est dit."""

    one_of = ("colonne", "feuille", "valeur", "nom_fichier")

    colonne: Maybe[Column] = Field(default=None, description="Colonne de son nom ou de son code.")
    feuille: Maybe[Literal[True]] = Field(default=None, description="Le nom de la feuille le dit.")
    valeur: Maybe[Text] = Field(default=None, description="Un seul organisme, celui-ci.")
    nom_fichier: Maybe[Text] = Field(
        default=None, description="Expression régulière dont le premier groupe nomme l'organisme."
    )
    valeurs: Table = Field(default_factory=dict, description="Valeur livrée vers code d'organisme.")


class StratumRule(DeclaredOneOf):
    """Où la strate est dite."""

    one_of = ("axes", "colonne", "valeur")

    axes: Maybe[tuple[Text, ...]] = Field(
        default=None, description="Axes dont les codes, joints par un point, forment la strate."
    )
    colonne: Maybe[Column] = Field(default=None, description="Colonne de la strate.")
    codage: Codage = Field(default_factory=dict)
    valeur: Maybe[Text] = Field(default=None, description="Une seule strate, celle-ci.")


class AxisRule(Declared):
    """Où un axe est livré."""

    colonne: Column
    codage: Codage = Field(default_factory=dict)
    tranches: Flag = Field(
        default=False,
        description="Valeur numérique, classée par les bornes de segments.csv ; le codage dit les valeurs qui n'en sont"
        " pas (« 65 ans et plus »).",
    )
    codage_propre: Reason = None
    libelles_ecartes: Denied = None


def _day(value: Any) -> Any:
    """Returns a day that YAML took for a date, or left as a text."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"« {value} » n'est pas une date ; l'écrire AAAA-MM-JJ.") from None


Day = Annotated[dt.date, BeforeValidator(_day)]


class DateRule(DeclaredOneOf):
    """Où la date de l'entretien est livrée ; ou celle de tous les entretiens."""

    one_of = ("colonne", "valeur")

    colonne: Maybe[Column] = None
    valeur: Maybe[Day] = Field(
        default=None, description="Date de tous les entretiens, AAAA-MM-JJ, quand l'extrait n'en a pas de colonne."
    )
    format: Maybe[Text] = Field(
        default=None,
        description="Format strptime (%d/%m/%Y) ; « excel » pour un numéro de série, « excel1904 » pour celui d'un"
        " classeur né sur un vieux Mac. Une heure derrière la date est laissée de côté.",
    )


class ColumnRule(Declared):
    """Où une donnée de l'entretien est livrée."""

    colonne: Column


class Exceptions(Declared):
    """Ce qu'un organisme a de différent."""

    questions: dict[str, Question] = Field(default_factory=dict)
    axes: dict[str, AxisRule] = Field(default_factory=dict)
    ignorees: tuple[Column, ...] = ()


class _AnyBody(Declared):
    contrat: Text = Field(pattern="^[a-z0-9_-]+$", description="Nom du contrat.")
    version: Whole = Field(ge=1, description="Numéro, à augmenter à chaque modification.")
    statut: Literal["brouillon", "confirme"] = Field(description="Un brouillon ne charge rien.")
    a_decider: tuple[Text, ...] = Field(
        default=(), description="Ce que le brouillon n'a pas tranché, à ôter point par point ; vide une fois confirmé."
    )
    institut: Text = Field(description="Institut, code de instituts.csv.")
    vague: Text = Field(default="", description="Vague, code de vagues.csv ; ou « dispositif », l'un des deux.")
    dispositif: Text = Field(
        default="",
        description="En lieu de « vague » : dispositif, code de dispositifs.csv, dont toutes les vagues sont lues.",
    )
    fichiers: tuple[Text, ...] = Field(min_length=1, description="Motifs de noms de fichiers, dans landing/<vague>/.")
    format: Format
    organisme: OrganismeRule
    ignorees: tuple[Column, ...] = Field(default=(), description="Colonnes connues et laissées de côté.")


class _ContractBody(_AnyBody):
    strate: StratumRule
    effet_plan: Number = Field(
        default=1.0,
        ge=1,
        le=10,
        description="Ce par quoi un tirage en grappes (bâtiments, rues) multiplie la variance ; 1 sans grappe, ou quand"
        " unite_primaire dit la grappe de chaque entretien.",
    )
    terrain: Maybe[Fieldwork] = Field(
        default=None, description="Personnes appelées, jointes, qui ont refusé ; à omettre si l'institut ne le dit pas."
    )
    codages: dict[str, Table] = Field(
        default_factory=dict, description="Une table par façon de coder : valeur livrée vers code."
    )


class InterviewsBody(_ContractBody):
    """Contrat d'entretiens : comment l'extrait d'un institut, pour une vague, se traduit dans le questionnaire."""

    nature: Literal["entretiens"] = Field(
        default="entretiens", description="Ce qu'est une ligne : un entretien, ou les comptes d'un organisme."
    )
    entretien: Maybe[Identifier] = Field(
        default=None,
        description="Colonne de l'identifiant d'entretien, ou colonnes qui le font ensemble ; à omettre quand l'extrait"
        " n'en a pas : la place de la ligne en tient lieu, et aucun doublon ne se voit.",
    )
    date_entretien: Maybe[DateRule] = Field(
        default=None,
        description="À omettre quand l'extrait n'a pas de date : ce qui en dépend n'est pas contrôlé, et c'est dit.",
    )
    ponderation: Maybe[ColumnRule] = Field(default=None, description="Poids de l'entretien.")
    unite_primaire: Maybe[ColumnRule] = Field(
        default=None,
        description="Unité primaire : la grappe (un bâtiment, une rue) que l'institut a tirée avant ses répondants.",
    )
    forme_longue: Maybe[LongForm] = None
    jointures: tuple[Join, ...] = Field(
        default=(), description="Autres fichiers ou feuilles de la même livraison : un par thème, les poids à part."
    )
    axes: dict[str, AxisRule]
    questions: dict[str, Question]
    modalites_absentes: dict[str, tuple[Text, ...]] = Field(
        default_factory=dict,
        description="Échelle vers ses modalités que l'institut n'a pas proposées : sans cela, chacune veut une valeur.",
    )
    codages_changes: dict[str, Annotated[Text, Field(min_length=1)]] = Field(
        default_factory=dict,
        description="Échelle vers la raison pour laquelle ses valeurs ne se lisent plus comme dans le contrat de"
        " l'émetteur pour la vague précédente.",
    )
    particularites: dict[str, Exceptions] = Field(
        default_factory=dict, description="Ce qu'un organisme, désigné par son code, a de différent."
    )


class CountsBody(_ContractBody):
    """Contrat de comptages : comment les agrégats d'un émetteur se traduisent dans le questionnaire."""

    nature: Literal["comptages"] = Field(
        description="Ce qu'est une ligne : les comptes d'un organisme, et non un entretien."
    )
    comptages: CountsRules


class ScoresBody(_AnyBody):
    """Contrat de scores : où sont les scores qu'un émetteur publie, avec leur base, une ligne par organisme."""

    nature: Literal["scores"] = Field(description="Ce qu'est une ligne : les scores publiés d'un organisme.")
    absents: tuple[Text, ...] = Field(
        default=(), description="Ce qui est écrit à la place d'un nombre manquant ; une cellule vide en est un aussi."
    )
    scores: dict[str, ScoreColumns] = Field(min_length=1, description="Score, code de scores.csv, vers ses colonnes.")


SampleBody = InterviewsBody | CountsBody
ContractBody = SampleBody | ScoresBody
_NATURES = {"entretiens": "InterviewsBody", "comptages": "CountsBody", "scores": "ScoresBody"}


CONTRACT: TypeAdapter[ContractBody] = TypeAdapter(
    Annotated[
        Annotated[InterviewsBody, form("InterviewsBody")]
        | Annotated[CountsBody, form("CountsBody")]
        | Annotated[ScoresBody, form("ScoresBody")],
        said_by("nature", _NATURES, "entretiens"),
    ]
)


def contract_schema() -> dict[str, Any]:
    """Returns the JSON Schema of a contract, the one editors use."""
    return json_schema(CONTRACT)
