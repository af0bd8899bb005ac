"""What a contract of counts may say: where each count stands, and what its numbers may be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from orchestration.extracts.form import Column, Heading
from orchestration.programme.declared import Declared, DeclaredOneOf, Maybe, Number, Text

Headings = Annotated[
    dict[str, Heading],
    Field(
        description="Modalité vers colonne : son en-tête, comparé sans la casse, les espaces insolites ni les appels de"
        " note, ou le motif auquel lui seul répond. « * » : répondants d'une question à plusieurs réponses."
    ),
]


class Cut(Declared):
    """Colonnes de l'axe et du segment de la ligne ; vides : l'ensemble."""

    axe: Heading
    segment: Heading


class LeftOut(Declared):
    """Feuilles des organismes que l'émetteur n'a pas retenus, avec son motif."""

    feuilles: tuple[Text, ...] = Field(min_length=1)
    organisme: Heading
    motif: Heading


class CountedQuestion(DeclaredOneOf):
    """Colonnes des comptes d'une question."""

    one_of = ("modele", "comptes")

    modele: Maybe[Text] = Field(default=None, description="Jeu de colonnes de modeles.")
    comptes: Headings = Field(
        default_factory=dict, description="Modalité vers colonne de son nombre ; complète ou corrige le modèle."
    )
    poids: Headings = Field(
        default_factory=dict,
        description="Modalité vers colonne de sa somme de poids ; sans elle, un compte vaut son poids.",
    )
    poids_carre: Headings = Field(
        default_factory=dict, description="Modalité vers colonne de sa somme de carrés de poids."
    )
    pourcentage: Maybe[Heading] = Field(
        default=None,
        description="Colonne du pourcentage de satisfaits publié : confronté aux comptes, jamais employé à leur place.",
    )
    reste: Maybe[Text] = Field(
        default=None,
        description="Statut commun des entretiens que les comptes ne couvrent pas ; par défaut filtré si la question a"
        " un filtre, sinon sans réponse.",
    )


class LongCounts(Declared):
    """Tableau de fréquences : une ligne par question et réponse, réunies en une ligne de comptes par groupe.

    Un compte est alors dans la colonne « question / réponse », ou « question / réponse / colonne » quand une ligne a
    plusieurs nombres.
    """

    question: Column = Field(description="Colonne qui dit la question.")
    reponse: Column = Field(description="Colonne qui dit la réponse.")
    nombres: tuple[Column, ...] = Field(
        min_length=1, description="Colonnes des nombres de la ligne : le compte, s'il y a lieu les sommes de poids."
    )
    absente: Literal["vide", "zero"] = Field(
        default="vide",
        description="Ce que vaut une réponse sans ligne, quand le groupe en a d'autres à la question : rien, ou zéro.",
    )


class CountsRules(Declared):
    """Livraison d'agrégats : une ligne par organisme (et strate, et segment), une colonne de comptes par modalité."""

    forme_longue: Maybe[LongCounts] = None
    effectif: Heading = Field(
        description="Colonne du nombre d'entretiens de la ligne. Effectif moins comptes : le reste de chaque question."
    )
    effectif_poids: Maybe[Heading] = Field(
        default=None,
        description="Colonne de la somme des poids de la ligne, quand des sommes de poids sont livrées.",
    )
    effectif_poids_carre: Maybe[Heading] = Field(
        default=None, description="Colonne de la somme des carrés des poids de la ligne."
    )
    population: Maybe[Heading] = Field(
        default=None,
        description="Colonne de la population de la strate ; vaut pour les strates que plan_sondage.csv n'a pas.",
    )
    decoupage: Maybe[Cut] = Field(
        default=None,
        description="Colonnes de l'axe et du segment de la ligne ; sans elles, les autres axes sont non renseignés.",
    )
    statuts: dict[str, Literal["vide", "sans_objet", "supprime", "indisponible", "exclu"]] = Field(
        default_factory=dict,
        description="Codes écrits à la place d'un nombre, et ce qu'ils disent : jamais zéro. Une cellule vide est un"
        " statut « vide ».",
    )
    ecart_pourcentage: Number = Field(
        default=0.05,
        ge=0,
        description="Écart, en points, au-delà duquel un pourcentage publié à côté des comptes est signalé.",
    )
    depassement_maximum: Number = Field(
        default=0.02,
        ge=0,
        description="Part dont des comptes pondérés peuvent dépasser l'effectif, auquel ils sont ramenés ; au-delà la"
        " question est écartée.",
    )
    modeles: dict[str, Headings] = Field(
        default_factory=dict,
        description="Jeux de colonnes communs à plusieurs questions ; {question} y vaut le code de la question.",
    )
    non_inclus: Maybe[LeftOut] = None
    questions: dict[str, CountedQuestion]
