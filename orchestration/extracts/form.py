"""How the file of a delivery is written, as the `format` of its contract says: the readers know nothing else of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field

from orchestration.programme.declared import (
    TAG,
    AsWritten,
    Declared,
    DeclaredOneOf,
    Flag,
    Maybe,
    Text,
    Whole,
    form,
    text_or,
)
from orchestration.programme.texts import clean

# the name of a column, as it is compared with those of a file
Column = Annotated[Text, AfterValidator(clean)]


def _one_or_several(value: Any) -> str | None:
    if isinstance(value, str):
        return TAG + "texte"
    return TAG + "liste" if isinstance(value, list | tuple) else None


# the column of an identifier, or those that make it together
Identifier = Annotated[
    Annotated[Column, form("texte")] | Annotated[tuple[Column, ...], Field(min_length=1), form("liste")],
    Discriminator(_one_or_several),
]
Regex = Annotated[Text, Field(json_schema_extra={"format": "regex"})]


class Search(Declared):
    """Ce qui se cherche par son contenu."""

    cherche: Regex = Field(description="Expression régulière, cherchée sans égard à la casse.")


# how a column is named
Heading = Annotated[
    Annotated[Text, form("texte")] | Annotated[Search, form("Search")], Discriminator(text_or("Search"))
]


class IgnoredLines(Declared):
    """Lignes qui ne sont pas des entretiens : celles où la colonne répond au motif."""

    colonne: Column
    motif: Text = Field(description="Expression régulière cherchée dans la cellule.")
    total: Maybe[Regex] = Field(
        default=None,
        description="Expression régulière dont le premier groupe, cherché dans ces lignes, est le nombre d'entretiens"
        " que l'émetteur annonce ; il est rapproché du nombre lu.",
    )


class KeptLines(Declared):
    """Seules lignes que ce contrat lit dans un fichier qui en mêle d'autres (plusieurs vagues, plusieurs enquêtes).

    Le même fichier est déposé dans chaque vague, et le contrat de chacune garde les siennes.
    """

    colonne: Column
    valeurs: tuple[
        Annotated[
            Annotated[Text, form("texte")] | Annotated[AsWritten, form("nombre")],
            Discriminator(lambda value: TAG + ("texte" if isinstance(value, str) else "nombre")),
        ],
        ...,
    ] = Field(min_length=1, description="Valeurs de la colonne.")


class LongForm(Declared):
    """Table longue : une ligne par répondant, question et réponse, réunies en une ligne par répondant.

    Une valeur de la colonne des questions est alors le nom d'une colonne, que le contrat rattache comme toute autre.
    """

    question: Column = Field(description="Colonne qui dit la question.")
    reponse: Column = Field(description="Colonne de la réponse.")


def _rule_or_several(value: object) -> str:
    return TAG + ("liste" if isinstance(value, list | tuple) else "IgnoredLines")


class Format(Declared):
    """Forme du fichier, et ce qu'il faut savoir pour le lire."""

    type: Literal["csv", "xlsx", "xls", "ods", "sav", "zsav", "por", "dta", "sas7bdat", "parquet"] = Field(
        description="Forme du fichier ; un gzip, ou un zip d'un seul fichier, est ouvert sans le dire."
    )
    encodage: Maybe[Text] = Field(
        default=None,
        description="Encodage du CSV (utf-8 par défaut, utf-16, cp1252, latin-1, mac-roman, …), ou d'un fichier SPSS,"
        " Stata ou SAS dont l'en-tête ment.",
    )
    separateur: Text = Field(
        default=";",
        min_length=1,
        max_length=8,
        description="Ce qui sépare deux cellules d'un CSV, un ou plusieurs caractères.",
    )
    guillemet: Annotated[Text, Field(min_length=1, max_length=1)] | None = Field(
        default='"',
        description="Guillemet du CSV ; null quand il n'y en a pas et que le caractère \" se lit tel quel.",
    )
    echappement: Maybe[Annotated[Text, Field(min_length=1, max_length=1)]] = Field(
        default=None,
        description="Caractère d'échappement du CSV : ce qui le suit se lit tel quel, séparateur ou guillemet.",
    )
    decimale: Maybe[Literal[",", "."]] = Field(
        default=None,
        description="Séparateur décimal des nombres. Sans lui, un séparateur seul est décimal (1.234 vaut 1,234) ; avec"
        " lui, l'autre sépare les milliers.",
    )
    lignes_avant_entete: Whole = Field(default=0, ge=0, description="Lignes physiques au-dessus de l'en-tête.")
    lignes_entete: Whole = Field(
        default=1,
        ge=1,
        le=5,
        description="Lignes de l'en-tête ; une cellule fusionnée, ou le titre d'un groupe, vaut pour les colonnes à sa"
        " droite.",
    )
    separateur_entete: Text = Field(
        default=" / ", description="Ce qui joint les lignes d'un en-tête en un nom de colonne."
    )
    titres_doubles: Flag = Field(
        default=False,
        description="Un même titre peut être celui de plusieurs colonnes : de gauche à droite, la deuxième se nomme"
        " « titre (2) », la troisième « titre (3) ».",
    )
    feuilles: tuple[Text, ...] = Field(
        default=(),
        description="Motifs de noms de feuilles ; par défaut la première visible. Une feuille masquée n'est lue que"
        " nommée en toutes lettres.",
    )
    entete: Maybe[Search] = Field(
        default=None,
        description="Cherche la ligne d'en-tête par son contenu, au lieu de la compter : la première dont une cellule"
        " répond au motif.",
    )
    lignes_ignorees: Annotated[
        Annotated[IgnoredLines, form("IgnoredLines")] | Annotated[tuple[IgnoredLines, ...], form("liste")],
        Discriminator(_rule_or_several),
    ] = Field(
        default=(),
        description="Lignes qui ne sont pas des entretiens (totaux, notes) : celles où la colonne répond au motif.",
    )
    lignes_gardees: Maybe[KeptLines] = None

    @property
    def ignored(self) -> tuple[IgnoredLines, ...]:
        """The rules of the lines to leave out, whether one is said or several."""
        return (self.lignes_ignorees,) if isinstance(self.lignes_ignorees, IgnoredLines) else self.lignes_ignorees

    @property
    def text_encoding(self) -> str:
        """The encoding of a delimited text."""
        return self.encodage or "utf-8"


class Join(DeclaredOneOf):
    """Ce qui complète les entretiens : un autre fichier de la livraison, ou une autre feuille du même."""

    one_of = ("fichier", "feuille")

    fichier: Maybe[Text] = Field(
        default=None,
        description="Nom du fichier, dans le même dossier ; chaque étoile y vaut ce que vaut la même étoile du motif de"
        " fichiers : « *_reponses.csv » attend « *_poids.csv ».",
    )
    feuille: Maybe[Text] = Field(default=None, description="Feuille du même classeur.")
    format: Maybe[Format] = Field(
        default=None, description="Forme du fichier ; par défaut le type et le dialecte de celui des entretiens."
    )
    cle: Maybe[Identifier] = Field(
        default=None,
        description="Colonne ou colonnes de l'identifiant, dans l'ordre de « entretien » ; par défaut les mêmes.",
    )
    facultative: Flag = Field(
        default=False,
        description="Un entretien peut n'y pas figurer : ce qui y serait est sans réponse. Sinon il est rejeté.",
    )
    forme_longue: Maybe[LongForm] = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the key, whether one is said or several; none where they are those of the interviews."""
        return (self.cle,) if isinstance(self.cle, str) else self.cle or ()
