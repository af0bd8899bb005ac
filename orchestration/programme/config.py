"""What programme.yaml may say: each key, what it means, its bounds, its default."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter

from orchestration.programme.composites import Composite
from orchestration.programme.declared import GONE, AsWritten, Declared, Flag, Maybe, Number, Text, Whole
from orchestration.programme.depots import Depot, distinct
from orchestration.programme.perimeter import Perimeter

Share = Annotated[Number, Field(ge=0, le=1)]
PositiveShare = Annotated[Number, Field(gt=0, le=1)]
Count = Annotated[Whole, Field(ge=1)]

Colour = Annotated[Text, Field(pattern="^#[0-9a-fA-F]{6}$")]


class Thresholds(Declared):
    """The `seuils`: each is the programme's to choose, so none has a default."""

    alpha: Number = Field(gt=0, le=0.5, description="Risque de première espèce des tests.")
    confiance: Number = Field(ge=0.5, lt=1, description="Niveau des intervalles.")
    materialite_note: Number = Field(
        ge=0, description="Écart de note en deçà duquel une évolution établie est dite légère."
    )
    materialite_taux: Share = Field(description="Écart de taux en deçà duquel une évolution établie est dite légère.")
    base_minimale: Count = Field(
        description="Réponses, ou réponses efficaces, en deçà desquelles un résultat est masqué."
    )
    base_fragile: Count = Field(
        description="Réponses, réponses efficaces ou degrés de liberté en deçà desquels rien n'est dit établi."
    )
    organismes_minimum: Count = Field(description="Organismes en deçà desquels un résultat est masqué.")
    dominance_maximum: PositiveShare = Field(
        description="Part d'un organisme à partir de laquelle un résultat est masqué."
    )
    couverture_minimum: Share = Field(description="Part du parc attendu en deçà de laquelle rien n'est publié.")
    rejets_reserve: Share = Field(
        description="Part de lignes rejetées au-delà de laquelle un organisme est inclus avec réserve."
    )
    rejets_maximum: Share = Field(description="Part de lignes rejetées au-delà de laquelle une livraison est refusée.")
    relivraison_perte_maximum: Share = Field(
        description="Part d'entretiens qu'une nouvelle livraison peut perdre et remplacer l'ancienne."
    )
    relivraison_ecart: Share = Field(
        description="Écart de part à partir duquel une question figure au rapport de différence."
    )
    perte_edition_maximum: Share = Field(
        description="Part des entretiens d'un organisme que l'édition suivante peut perdre sans retrait ni accord."
    )
    quarantaine_jours: Count = Field(description="Durée pendant laquelle les rejets sont gardés pour correction.")
    editions_conservees: Count = Field(
        description="Éditions gardées pour un retour en arrière ; la dernière de chaque vague passée l'est en plus."
    )


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if twice := sorted({value for value in values if values.count(value) > 1}):
        raise ValueError(f"{', '.join(map(str, twice))} y figure plusieurs fois ; n'en garder qu'un.")
    return values


class Estimation(Declared):
    """Choix de méthode ; chacun a une valeur par défaut (docs/methode.md)."""

    model_config = ConfigDict(
        json_schema_extra={
            GONE: {
                "organismes_quartiles": "cette clé n'existe plus ; l'ôter, et dire secret.organismes_repartition,"
                " qui vaut 8 quand elle n'est pas dite."
            }
        }
    )

    population_finie: Flag = Field(default=True, description="La variance tient compte du taux de sondage.")
    estimateur_imprime: Literal["domaine", "parc", "organismes"] = Field(
        default="domaine",
        description="Chiffre imprimé : celui des répondants concernés, la moyenne des organismes pondérée par leur"
        " parc, ou leur moyenne simple.",
    )
    meme_bareme: Flag = Field(default=True, description="Deux notes de barèmes différents ne se comparent pas.")
    meme_mode: Flag = Field(
        default=True, description="Deux vagues de modes de collecte différents ne se comparent pas."
    )
    meme_institut: Flag = Field(
        default=False,
        description="Deux vagues d'instituts différents ne se comparent pas ; sinon le changement est signalé.",
    )
    strates_esseulees_maximum: Share = Field(
        default=0.5,
        description="Part de l'erreur venue de strates d'un seul entretien, au-delà de laquelle aucun verdict n'est"
        " donné.",
    )
    reference_base_supposee: Whole = Field(
        default=1000,
        ge=0,
        description="Répondants supposés d'une référence nationale qui ne dit ni son erreur ni sa base ; 0 : aucun"
        " verdict n'en est tiré.",
    )
    recouvrement_correlation: Share = Field(
        default=0.3,
        description="Corrélation des réponses d'un même répondant à deux vagues, là où recouvrements.csv n'en dit pas.",
    )
    tailles: Annotated[tuple[Count, ...], AfterValidator(_distinct)] = Field(
        default=(),
        description="Bornes de parc, croissantes, des classes de taille des organismes.",
        json_schema_extra={"uniqueItems": True},
    )
    priorites_base_minimale: Whole = Field(
        default=200,
        ge=50,
        description="Entretiens complets, ou entretiens complets efficaces, en deçà desquels l'importance des questions"
        " n'est pas publiée.",
    )
    priorites_reponses_minimum: PositiveShare = Field(
        default=0.8,
        description="Part de réponses exprimées à partir de laquelle une question entre dans le modèle des priorités.",
    )
    calage_rapport_maximum: Number = Field(
        default=5.0,
        gt=1,
        description="Ce par quoi le calage peut au plus multiplier ou diviser un poids ; au-delà, l'organisme garde ses"
        " poids non calés, avec réserve.",
    )
    calage_poids_maximum: Number = Field(
        default=10.0,
        gt=1,
        description="Poids calé le plus grand, en multiples du poids moyen de l'organisme ; ce qui dépasse est écrêté,"
        " puis recalé.",
    )


class Disclosure(Declared):
    """Secret secondaire et unanimité ; chacun a une valeur par défaut (docs/confidentialite.md)."""

    protection: Number = Field(
        default=0.1,
        ge=0,
        le=0.25,
        description="Plus petite amplitude, en part de sa valeur, de l'intervalle où tout ce qui est publié peut situer"
        " un chiffre secret ; 0 : aucun secret secondaire.",
    )
    organismes_secrets: Flag = Field(
        default=True,
        description="Les chiffres d'un organisme sont secrets ; faux : rien n'est masqué pour en protéger un, ni par le"
        " nombre d'organismes, ni par dominance, ni par déduction.",
    )
    base_unanime: Whole = Field(
        default=50, ge=0, description="Base en deçà de laquelle un résultat où tous répondent de même est masqué."
    )
    plancher: Whole = Field(
        default=5,
        ge=1,
        description="Réponses entre lesquelles un chiffre publié laisse hésiter, quand il n'est pas au plein chiffre.",
    )
    organismes_plein_chiffre: Whole = Field(
        default=12,
        ge=3,
        description="Organismes à partir desquels la région, tous répondants, est publiée au plein chiffre.",
    )
    organismes_repartition: Whole = Field(
        default=8,
        ge=5,
        description="Organismes en deçà desquels rien ne dit comment ils se répartissent : ni quartiles, ni compte de"
        " leurs verdicts.",
    )
    editions_successives: Literal["signaler", "refuser"] = Field(
        default="signaler",
        description="Quand la différence de deux éditions n'est faite que de trop peu d'organismes, ou que leurs règles"
        " ne sont pas les mêmes : le dire et publier, ou refuser de publier.",
    )
    export_reponses: Flag = Field(
        default=False,
        description="Joindre à l'édition les réponses des répondants de chaque organisme : des données personnelles, à"
        " ne remettre qu'à lui.",
    )
    export_minimum: Whole = Field(
        default=5, ge=5, description="Entretiens qui, dans cet export, ont au moins les mêmes segments."
    )

    @property
    def secondary(self) -> bool:
        """Whether cells are masked so that another one, or an organisme's figure, is not worked out from them."""
        return self.organismes_secrets and self.protection > 0


class Colours(Declared):
    """Couleurs du rapport, de jour et de nuit (_sombre).

    Contraste à tenir : texte clair sur la couverture, 4,5:1 pour les autres sur le fond.
    """

    accent: Maybe[Colour] = None
    vif: Maybe[Colour] = None
    couverture: Maybe[Colour] = None
    accent_sombre: Maybe[Colour] = None
    vif_sombre: Maybe[Colour] = None
    couverture_sombre: Maybe[Colour] = None

    def chosen(self, *names: str) -> dict[str, str]:
        """Returns the colours that the programme gives, among those named, in the order of the names."""
        return {name: colour for name in names if (colour := getattr(self, name))}


class TileMap(Declared):
    """Schéma de la région : l'axe dont chaque segment est une case, et la place de chacune."""

    axe: Text = Field(description="Axe, code d'axes.csv.")
    cases: dict[str, Annotated[tuple[Annotated[Whole, Field(ge=1, le=12)], ...], Field(min_length=2, max_length=2)]] = (
        Field(description="Segment vers sa place : colonne puis ligne, à partir de 1.")
    )


class Entry(Declared):
    """Un mot du glossaire."""

    terme: Text = Field(min_length=1, description="Le mot, ou le sigle.")
    explication: Text = Field(min_length=1, description="Ce qu'il veut dire.")


# a file of the programme's folder
PicturePath = Annotated[Text, Field(pattern=r"^[^/].*\.(svg|png|jpg|webp)$")]


class Report(Declared):
    """Ce que les rapports imprimés disent du programme."""

    titre: Text = Field(description="Titre.")
    sous_titre: Maybe[Text] = Field(default=None, description="Sous-titre.")
    avertissement: Maybe[Text] = Field(default=None, description="Ce dont le lecteur doit être averti.")
    numero: Maybe[Text] = Field(default=None, description="Numéro de la lettre, tel qu'il est imprimé en couverture.")
    edito: tuple[Text, ...] = Field(default=(), description="Paragraphes qui ouvrent la lettre imprimée et la page.")
    signature: Maybe[Text] = Field(default=None, description="Qui signe l'édito.")
    livrets: Flag = Field(default=True, description="Imprimer un livret par organisme.")
    reference_imprimee: Maybe[Text] = Field(
        default=None, description="Source nationale mise en regard dans les tableaux."
    )
    tri_indicateurs: Maybe[Literal["questionnaire", "note"]] = Field(default=None, description="Ordre des indicateurs.")
    logo: Maybe[PicturePath] = Field(default=None, description="Logo imprimé en couverture.")
    image: Maybe[PicturePath] = Field(
        default=None, description="Image qui tient toute la largeur de la couverture de la lettre."
    )
    portrait: Maybe[PicturePath] = Field(default=None, description="Portrait de qui signe l'édito.")
    couleurs: Colours = Field(default_factory=Colours)
    carte: Maybe[TileMap] = None
    glossaire: tuple[Entry, ...] = Field(
        default=(), description="Mots du programme, à la suite du glossaire de la page."
    )
    textes: dict[str, Text] = Field(
        default_factory=dict,
        description="Textes que le programme dit autrement que le catalogue de sa langue (orchestration/words),"
        " par leur clé.",
    )


class Licence(Declared):
    """Ce qui est permis de faire des données publiées."""

    code: Text = Field(
        pattern=r"^[-A-Za-z0-9._]+$", description="Identifiant : celui de SPDX, etalab-2.0 ou CC-BY-4.0 par exemple."
    )
    nom: Text = Field(min_length=1, description="Nom entier.")
    url: Maybe[Annotated[Text, Field(pattern="^https?://")]] = Field(default=None, description="Adresse de son texte.")


# The European data portals' themes (EU Vocabularies, data-theme).
Theme = Literal[
    "AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "INTR", "JUST", "OP_DATPRO", "REGI", "SOCI", "TECH", "TRAN"
]  # fmt: skip


class WordOf(Declared):
    """Un mot du programme, au singulier et au pluriel, sans article."""

    singulier: Text = Field(min_length=1, description="Un seul.")
    pluriel: Text = Field(min_length=1, description="Plusieurs.")
    feminin: Flag = Field(default=False, description="Féminin, dans une langue qui a des genres.")
    elision: Maybe[Flag] = Field(
        default=None, description="Devant lui l'article change (l', an) ; à omettre si sa première lettre le dit."
    )


class Vocabulary(Declared):
    """Comment le programme nomme ce dont parle son enquête ; ce qu'il ne nomme pas a le mot du catalogue."""

    repondant: Maybe[WordOf] = Field(default=None, description="Qui répond : patient, élève, usager.")
    organisme: Maybe[WordOf] = Field(default=None, description="Qui prend part à l'enquête : hôpital, école, commune.")
    unite: Maybe[WordOf] = Field(default=None, description="L'unité que comptent les poids : séjour, élève, foyer.")
    population: Maybe[WordOf] = Field(default=None, description="Toutes ces unités ensemble : patientèle, effectif.")
    territoire: Maybe[WordOf] = Field(default=None, description="Où sont les organismes : région, réseau, pays.")


class ProgrammeConfig(Declared):
    """Ce qui nomme le programme, ce qu'il imprime, les seuils et les choix de méthode qu'il s'est donnés."""

    programme: Text = Field(pattern="^[a-z0-9_-]+$", description="Code du programme.")
    nom: Text = Field(description="Nom complet.")
    region: Maybe[Text] = Field(default=None, description="Territoire couvert.")
    editeur: Maybe[Text] = Field(default=None, description="Qui publie.")
    licence: Maybe[Licence] = Field(default=None, description="Licence des données publiées, si elles en ont une.")
    themes_europeens: Annotated[tuple[Theme, ...], AfterValidator(_distinct)] = Field(
        default=(),
        description="Thèmes sous lesquels un portail de données classe ce qui est publié : codes du vocabulaire"
        " européen data-theme, SOCI (population et société) par exemple.",
        json_schema_extra={"uniqueItems": True},
    )
    langue: Text = Field(description="Langue de ce qui est dit : un catalogue de ce nom, dans orchestration/words.")
    vocabulaire: Vocabulary = Field(default_factory=Vocabulary)
    demonstration: Flag = Field(description="Les chiffres sont inventés ; le dire partout.")
    vague_courante: Text = Field(description="Vague que les rapports mettent en avant.")
    seuils: Thresholds
    plausibilite: dict[str, AsWritten] = Field(
        default_factory=dict,
        description="Seuils des suites d'expectations/ que le programme fixe autrement, par leur nom.",
    )
    estimation: Estimation = Field(default_factory=Estimation)
    secret: Disclosure = Field(default_factory=Disclosure)
    perimetres: tuple[Perimeter, ...] = Field(
        default=(Perimeter(organismes="famille"), Perimeter(organismes="departement")),
        description="Ce qui est publié outre la région, dans l'ordre où les cases sortent quand toutes ne le peuvent.",
    )
    depots: Annotated[tuple[Depot, ...], AfterValidator(distinct)] = Field(
        default=(), description="D'où les livraisons sont relevées par « observatoire fetch » et le job « releve »."
    )
    composites: dict[str, Composite] = Field(
        default_factory=dict,
        description="Indices : question de nature indice vers ce dont elle est faite (docs/programme.md).",
    )
    rapport: Report


PROGRAMME: TypeAdapter[ProgrammeConfig] = TypeAdapter(ProgrammeConfig)
