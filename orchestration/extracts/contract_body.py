"""What a contract may say: each key, what it means, its bounds, its default. One model for each nature of delivery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, TypeAdapter

from orchestration.extracts.fieldwork import Fieldwork
from orchestration.extracts.form import Column, Format, Heading
from orchestration.programme.declared import (
    TAG,
    Declared,
    DeclaredOneOf,
    Flag,
    Maybe,
    Number,
    Text,
    Whole,
    form,
    json_schema,
    one_form,
    text_or,
)
from orchestration.programme.texts import normalise


def _said_by(key: str, forms: Mapping[str, str], default: str, remedy: str = "") -> Discriminator:
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
    Field(description="Valeur livrée vers code : une table, ou le nom d'une table de codages."),
]


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


class SingleQuestion(Declared):
    """Question à une seule réponse, dans une colonne."""

    colonne: Column
    codage: Codage


class YesNoQuestion(Declared):
    """Question à plusieurs réponses, une colonne par option."""

    multiple: Literal["oui_non"]
    colonnes: dict[str, Column] = Field(description="Modalité vers colonne.")
    oui: tuple[Value, ...] = Field(description="Valeurs qui disent que l'option est choisie.")
    non: tuple[Value, ...] = Field(default=(), description="Valeurs qui disent qu'elle ne l'est pas.")
    codage: Codage = Field(default_factory=dict)


class MentionsQuestion(Declared):
    """Question à plusieurs réponses, une colonne par mention : première, deuxième, …."""

    multiple: Literal["mentions"]
    colonnes: tuple[Column, ...]
    codage: Codage


class ListQuestion(Declared):
    """Question à plusieurs réponses, toutes dans une cellule."""

    multiple: Literal["liste"]
    colonne: Column
    separateur: Text = Field(default="|", min_length=1, description="Ce qui sépare deux réponses.")
    codage: Codage


_FORMS = {"": "SingleQuestion", "oui_non": "YesNoQuestion", "mentions": "MentionsQuestion", "liste": "ListQuestion"}

Question = Annotated[
    Annotated[SingleQuestion, form("SingleQuestion")]
    | Annotated[YesNoQuestion, form("YesNoQuestion")]
    | Annotated[MentionsQuestion, form("MentionsQuestion")]
    | Annotated[ListQuestion, form("ListQuestion")],
    _said_by("multiple", _FORMS, "", " ; ôter la clé d'une question à une seule réponse"),
]


def columns_of(question: Question) -> tuple[str, ...]:
    """Returns the columns that a question is delivered in, in order."""
    if isinstance(question, YesNoQuestion):
        return tuple(question.colonnes.values())
    return question.colonnes if isinstance(question, MentionsQuestion) else (question.colonne,)


class DateRule(Declared):
    """Où la date de l'entretien est livrée."""

    colonne: Column
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


class CountsRules(Declared):
    """Livraison d'agrégats : une ligne par organisme (et strate, et segment), une colonne de comptes par modalité."""

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


class _ContractBody(Declared):
    contrat: Text = Field(pattern="^[a-z0-9_-]+$", description="Nom du contrat.")
    version: Whole = Field(ge=1, description="Numéro, à augmenter à chaque modification.")
    statut: Literal["brouillon", "confirme"] = Field(description="Un brouillon ne charge rien.")
    a_decider: tuple[Text, ...] = Field(
        default=(), description="Ce que le brouillon n'a pas tranché, à ôter point par point ; vide une fois confirmé."
    )
    institut: Text = Field(description="Institut, code de instituts.csv.")
    vague: Text = Field(description="Vague, code de vagues.csv.")
    fichiers: tuple[Text, ...] = Field(min_length=1, description="Motifs de noms de fichiers, dans landing/<vague>/.")
    format: Format
    organisme: OrganismeRule
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
    ignorees: tuple[Column, ...] = Field(default=(), description="Colonnes connues et laissées de côté.")


class InterviewsBody(_ContractBody):
    """Contrat d'entretiens : comment l'extrait d'un institut, pour une vague, se traduit dans le questionnaire."""

    nature: Literal["entretiens"] = Field(
        default="entretiens", description="Ce qu'est une ligne : un entretien, ou les comptes d'un organisme."
    )
    entretien: Column = Field(description="Colonne de l'identifiant d'entretien.")
    date_entretien: DateRule
    ponderation: Maybe[ColumnRule] = Field(default=None, description="Poids de l'entretien.")
    unite_primaire: Maybe[ColumnRule] = Field(
        default=None,
        description="Unité primaire : la grappe (un bâtiment, une rue) que l'institut a tirée avant ses répondants.",
    )
    axes: dict[str, AxisRule]
    questions: dict[str, Question]
    modalites_absentes: dict[str, tuple[Text, ...]] = Field(
        default_factory=dict,
        description="Échelle vers ses modalités que l'institut n'a pas proposées : sans cela, chacune veut une valeur.",
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


ContractBody = InterviewsBody | CountsBody
_NATURES = {"entretiens": "InterviewsBody", "comptages": "CountsBody"}


CONTRACT: TypeAdapter[ContractBody] = TypeAdapter(
    Annotated[
        Annotated[InterviewsBody, form("InterviewsBody")] | Annotated[CountsBody, form("CountsBody")],
        _said_by("nature", _NATURES, "entretiens"),
    ]
)


def contract_schema() -> dict[str, Any]:
    """Returns the JSON Schema of a contract, the one editors use."""
    return json_schema(CONTRACT)
