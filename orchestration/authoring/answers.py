"""What a person answers to have a programme written: each key, and how a file of answers is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from orchestration.authoring.texts import read_text
from orchestration.errors import ProgrammeError
from orchestration.programme.config import Vocabulary
from orchestration.programme.declarations import DeclarationError, located, read_yaml
from orchestration.programme.declared import Declared, Flag, Maybe, Number, Text, Whole
from orchestration.programme.faults import Fault, faults, open_points

# name of the answers in the folder that `init` fills
FILE = "reponses.yaml"
Mode = Literal["telephone", "en_ligne", "postal", "face_a_face", "mixte"]
Nature = Literal["satisfaction", "incidence", "recommandation", "filtre", "motif", "descriptif"]
Status = Literal["NSP", "REFUS", "NC", "SR"]


def _day(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"« {value} » : une date AAAA-MM-JJ est attendue.") from None


Day = Annotated[dt.date, BeforeValidator(_day)]
# codes of questions and axes are names of columns in the warehouse
QuestionCode = Annotated[Text, Field(pattern="^[A-Z][A-Z0-9_]*$")]
AxisCode = Annotated[Text, Field(pattern="^[a-z][a-z0-9_]*$")]
Code = Annotated[Text, Field(pattern=r"^[^\s,;\"'.]+$")]


class Scale(Declared):
    """Échelle de réponse : ses modalités, et de quel côté est la meilleure."""

    libelle: Text = Field(description="Nom de l'échelle.")
    modalites: dict[Code, Text] = Field(min_length=2, description="Code vers libellé, dans l'ordre de l'échelle.")
    meilleure: Literal["premiere", "derniere", "aucune"] = Field(
        description="De quel côté est la réponse la plus favorable ; aucune : l'échelle ne dit pas d'opinion."
    )
    satisfaites: tuple[Text, ...] = Field(
        default=(), description="Codes qui comptent comme satisfaits ; par défaut la moitié favorable, sans le milieu."
    )
    note_sur: Maybe[Number] = Field(
        default=None,
        gt=0,
        description="Note de la meilleure réponse, la pire valant 0 ; par défaut les nombres, ou 10.",
    )
    multiple: Flag = Field(default=False, description="Plusieurs réponses à la fois.")
    valeurs: dict[str, Text] = Field(
        default_factory=dict, description="Valeur livrée vers code, quand elle n'est ni le code ni le libellé."
    )

    @model_validator(mode="after")
    def _knows_its_codes(self) -> Self:
        for code in (*self.satisfaites, *self.valeurs.values()):
            if code not in self.modalites:
                raise ValueError(f"« {code} » n'est pas une de ses modalités : {', '.join(self.modalites)}.")
        if self.satisfaites and self.meilleure == "aucune":
            raise ValueError(
                "« satisfaites » n'a pas de sens quand « meilleure » est aucune ; ôter l'une ou dire l'autre."
            )
        return self


class AskedQuestion(Declared):
    """Question : son libellé, son échelle, et la colonne de l'extrait qui y répond."""

    libelle: Text = Field(description="Libellé court imprimé.")
    formulation: Maybe[Text] = Field(default=None, description="Texte lu au répondant ; par défaut le libellé.")
    echelle: Code = Field(description="Code d'une échelle d'echelles.")
    theme: Maybe[Code] = Field(default=None, description="Code d'un thème de themes ; par défaut le premier.")
    globale: Flag = Field(default=False, description="Question de satisfaction d'ensemble.")
    nature: Maybe[Nature] = Field(default=None, description="Ce qu'elle demande ; par défaut ce que dit l'échelle.")
    filtre: Maybe[Text] = Field(default=None, description="Condition SQL pour qu'elle soit posée : « Q1 = 'OUI' ».")
    colonne: Maybe[Text] = Field(default=None, description="Colonne de l'extrait.")
    separateur: Maybe[Text] = Field(default=None, description="Ce qui sépare plusieurs réponses d'une cellule.")
    colonnes: dict[str, Text] = Field(default_factory=dict, description="Modalité vers colonne, une par option.")
    oui: tuple[Text, ...] = Field(
        default=(), description="Valeurs de « colonnes » qui disent que l'option est choisie ; par défaut l'usage."
    )
    mentions: tuple[Text, ...] = Field(default=(), description="Colonnes des mentions : première, deuxième, …")

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the extract that answer it."""
        return (*((self.colonne,) if self.colonne else ()), *self.colonnes.values(), *self.mentions)


class Axis(Declared):
    """Axe d'analyse : une façon de découper les répondants."""

    libelle: Text = Field(description="Nom imprimé.")
    colonne: Text = Field(description="Colonne de l'extrait.")
    segments: dict[Code, Text] = Field(default_factory=dict, description="Code vers libellé, dans l'ordre.")
    valeurs: dict[str, Text] = Field(default_factory=dict, description="Valeur livrée vers code de segment.")
    tranches: tuple[Whole, ...] = Field(default=(), description="D'un nombre : la borne basse de chaque tranche.")

    @model_validator(mode="after")
    def _says_its_segments(self) -> Self:
        if bool(self.segments) == bool(self.tranches):
            raise ValueError("dire « segments », ou « tranches » pour une colonne de nombres ; l'un des deux.")
        if list(self.tranches) != sorted(set(self.tranches)):
            raise ValueError("les bornes de « tranches » vont en croissant, chacune une fois.")
        return self


class Extract(Declared):
    """Extrait : quelle colonne est quoi, hors questions et axes."""

    fichier: Text = Field(description="Chemin de l'extrait, d'après le dossier de ce fichier-ci.")
    entretien: Maybe[Text] = Field(
        default=None,
        description="Colonne de l'identifiant d'entretien, qui n'entre que haché ; sans elle, la place de la ligne.",
    )
    date_entretien: Maybe[Text] = Field(default=None, description="Colonne de la date ; sans elle, aucune date.")
    format_date: Maybe[Text] = Field(default=None, description="Format strptime, ou excel ; sans lui AAAA-MM-JJ.")
    ponderation: Maybe[Text] = Field(default=None, description="Colonne du poids.")
    organisme: Maybe[Text] = Field(default=None, description="Colonne de l'organisme ; sans elle, il n'y en a qu'un.")
    feuilles: Flag = Field(default=False, description="Chaque feuille porte le nom d'un organisme.")
    valeurs_organisme: dict[str, Text] = Field(default_factory=dict, description="Valeur livrée vers code d'organisme.")
    statuts: dict[str, Status] = Field(
        default_factory=dict, description="Valeur qui n'est pas une opinion : NSP, REFUS, NC (non concerné), SR."
    )
    ignorees: tuple[Text, ...] = Field(default=(), description="Colonnes laissées de côté.")


class Answers(Declared):
    """Réponses d'« observatoire init »."""

    a_decider: tuple[Text, ...] = Field(default=(), description="Ce qui reste à trancher ; vide, le programme s'écrit.")
    nom: Text = Field(description="Nom complet de l'enquête.")
    programme: Maybe[Annotated[Text, Field(pattern="^[a-z0-9_-]+$")]] = Field(
        default=None, description="Code du programme ; par défaut d'après le nom."
    )
    langue: Text = Field(default="fr", description="Langue de ce qui est imprimé.")
    vocabulaire: Vocabulary = Field(
        default_factory=Vocabulary,
        description="Les mots de ce dont parle l'enquête ; ceux qui manquent sont ceux de la langue.",
    )
    region: Maybe[Text] = Field(default=None, description="Territoire couvert.")
    editeur: Maybe[Text] = Field(default=None, description="Qui publie.")
    demonstration: Flag = Field(default=False, description="Les chiffres sont inventés ; le dire partout.")
    vague: Annotated[Text, Field(pattern=r"^\w[\w.-]*$")] = Field(description="Code de la vague.")
    terrain_debut: Day = Field(description="Premier jour de terrain.")
    terrain_fin: Day = Field(description="Dernier jour de terrain.")
    mode_collecte: Mode = Field(description="Mode de collecte dominant.")
    institut: Text = Field(description="Qui a interrogé.")
    organismes: dict[Code, Text] = Field(min_length=1, description="Code vers nom de chaque organisme interrogé.")
    population: dict[Code, Annotated[Whole, Field(ge=1)]] = Field(
        default_factory=dict, description="Personnes à représenter, par organisme ; sans elle, l'extrait fait nombre."
    )
    organismes_secrets: Flag = Field(default=True, description="Les chiffres d'un organisme sont secrets.")
    themes: dict[Code, Text] = Field(default_factory=dict, description="Code vers nom ; sans eux, un seul thème.")
    echelles: dict[Code, Scale] = Field(min_length=1)
    questions: dict[QuestionCode, AskedQuestion] = Field(min_length=1)
    axes: dict[AxisCode, Axis] = Field(default_factory=dict)
    extrait: Maybe[Extract] = None


ANSWERS: TypeAdapter[Answers] = TypeAdapter(Answers)


def raw_answers(path: Path) -> dict[str, Any]:
    """Returns what a file of answers says, key by key, before it is held to anything.

    Raises:
        ProgrammeError: it is no YAML, or no table of keys.
    """
    try:
        said = read_yaml(read_text(path).encode())
    except DeclarationError as error:
        raise ProgrammeError(f"{path}, {error}") from None
    if not isinstance(said, dict):
        raise ProgrammeError(f"{path} : des clés et leurs valeurs sont attendues, comme « nom: … ».")
    return said


def held(said: Mapping[str, Any], path: Path | None) -> Answers:
    """Returns answers held to what they may say.

    Args:
        said: the answers, key by key.
        path: the file they were read from; None when they come from options or a terminal.

    Raises:
        ProgrammeError: what is wrong, each fault with the file, the line and the key.
    """
    undecided = open_points(said.get("a_decider"))
    try:
        answers = ANSWERS.validate_python(dict(said))
    except ValidationError as error:
        raise ProgrammeError("\n".join(_located(path, undecided + faults(error, ANSWERS)))) from None
    if found := undecided + _unsettled(answers):
        raise ProgrammeError("\n".join(_located(path, found)))
    return answers


def _located(path: Path | None, found: list[Fault]) -> list[str]:
    if path is None:
        return [f"{key} : {said}" for key, said in found]
    return located(str(path), path.read_bytes(), found)


def _unsettled(answers: Answers) -> list[Fault]:
    """Returns what no type can say: names that nothing defines, days in the wrong order."""
    found: list[Fault] = []
    if answers.terrain_fin < answers.terrain_debut:
        found.append(
            ("terrain_fin", f"« {answers.terrain_fin} » vient avant terrain_debut ; corriger l'un ou l'autre.")
        )
    for code, question in answers.questions.items():
        scale = answers.echelles.get(question.echelle)
        if scale is None:
            known = ", ".join(answers.echelles)
            found.append((f"questions.{code}.echelle", f"« {question.echelle} » n'est pas sous echelles : {known}."))
            continue
        if question.theme is not None and question.theme not in answers.themes:
            found.append((f"questions.{code}.theme", f"« {question.theme} » n'est pas sous themes ; l'y ajouter."))
        several = bool(question.colonnes or question.mentions or question.separateur)
        if question.columns and scale.multiple != several:
            told = "plusieurs réponses" if several else "une seule colonne, sans colonnes, mentions ni separateur"
            remedy = f"« multiple: {str(several).lower()} » de l'échelle {question.echelle}, ou les colonnes"
            found.append((f"questions.{code}", f"{told} ; corriger {remedy}."))
        if question.globale and scale.meilleure == "aucune":
            found.append((f"questions.{code}.globale", f"l'échelle {question.echelle} ne dit pas d'opinion."))
    if len(overall := [code for code, question in answers.questions.items() if question.globale]) > 1:
        found.append(("questions", f"{' et '.join(overall)} sont « globale » ; n'en garder qu'une."))
    for code in sorted(set(answers.population) ^ set(answers.organismes) if answers.population else ()):
        told = "n'est pas sous organismes" if code in answers.population else "n'a pas de population"
        found.append(("population", f"« {code} » {told} ; la dire de tous les organismes, ou d'aucun."))
    if not answers.population and answers.extrait is None:
        found.append(("population", "sans extrait, dire combien de personnes chaque organisme représente."))
    return found
