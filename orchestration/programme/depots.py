"""What `depots` of programme.yaml may say: where deliveries are fetched from, and as whom.

A secret never stands there, only the name of the variable that holds it. No sentence here quotes what was written where
a secret may have been: it is read on screens and in journals.
"""

from __future__ import annotations

import re
from typing import Annotated, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from orchestration.programme.declared import Declared, Maybe, Text, Whole

_VARIABLE = r"^OBSERVATOIRE_DEPOT_[A-Z0-9_]+$"
# by scheme of the address, the keys that a depot needs and those that it may have besides
_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "file": ((), ()),
    "sftp": (("identifiant",), ("mot_de_passe", "cle_privee", "phrase_de_passe", "hotes_connus")),
    "s3": (("identifiant", "mot_de_passe"), ("serveur", "region")),
    "webdav+https": (("identifiant", "mot_de_passe"), ()),
    "webdav+http": (("identifiant", "mot_de_passe"), ()),
}
_OF_SOME = ("identifiant", "mot_de_passe", "cle_privee", "phrase_de_passe", "hotes_connus", "serveur", "region")
_FORMS = "file:///dossier, sftp://serveur/dossier, s3://compartiment/dossier, webdav+https://serveur/dossier"
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def _variable(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(_VARIABLE, value):
        raise ValueError(
            "le nom d'une variable OBSERVATOIRE_DEPOT_… est attendu, jamais le secret lui-même ; si c'en était un, le"
            " faire changer par qui tient le dépôt."
        )
    return value


def _split(value: str, forms: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError(f"adresse mal formée ; formes admises : {forms}.") from None
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(
            "ni compte, ni mot de passe, ni « ? », ni « # » dans une adresse ; nommer les variables qui les tiennent"
            " par « identifiant » et « mot_de_passe », et faire changer un secret qui y fut écrit."
        )
    if parts.scheme.removeprefix("webdav+") == "http" and parts.hostname not in _THIS_MACHINE:
        raise ValueError("le mot de passe partirait en clair ; passer par https.")
    return parts


def _address(value: str) -> str:
    parts = _split(value, _FORMS)
    named = parts.path.startswith("/") if parts.scheme == "file" else parts.hostname
    if parts.scheme not in _KEYS or not named or (parts.scheme == "file" and parts.netloc):
        raise ValueError(f"adresse mal formée ; formes admises : {_FORMS}.")
    return value


def _server(value: str) -> str:
    parts = _split(value, "https://serveur")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("adresse mal formée ; forme admise : https://serveur.")
    return value


Variable = Annotated[str, BeforeValidator(_variable), WithJsonSchema({"type": "string", "pattern": _VARIABLE})]


class Depot(Declared):
    """Un lieu où d'autres déposent des livraisons, et d'où elles sont relevées dans landing/."""

    nom: Text = Field(pattern="^[a-z0-9_-]+$", description="Comment il est appelé dans ce qui est dit et noté.")
    url: Annotated[Text, AfterValidator(_address)] = Field(description=f"Adresse, sans compte ni secret : {_FORMS}.")
    vague: Maybe[Text] = Field(
        default=None,
        description="Vague dont il remplit le dossier ; sans elle, ses sous-dossiers portent les codes des vagues.",
    )
    motif: Text = Field(default="*", min_length=1, description="Noms des fichiers à relever ; les autres y restent.")
    stable_secondes: Whole = Field(
        default=60, ge=1, description="Temps pendant lequel un fichier ne change plus avant d'être relevé."
    )
    identifiant: Maybe[Variable] = Field(
        default=None, description="Variable qui tient le compte, ou la clé d'accès d'un dépôt S3."
    )
    mot_de_passe: Maybe[Variable] = Field(
        default=None, description="Variable qui tient le mot de passe, ou la clé secrète d'un dépôt S3."
    )
    cle_privee: Maybe[Variable] = Field(
        default=None, description="Variable qui tient le texte de la clé privée d'un compte SFTP."
    )
    phrase_de_passe: Maybe[Variable] = Field(
        default=None, description="Variable qui tient la phrase de passe de cette clé."
    )
    hotes_connus: Maybe[Text] = Field(
        default=None,
        description="Fichier known_hosts d'un serveur SFTP, dans le dossier du programme ; sinon celui du compte qui"
        " exécute.",
    )
    serveur: Maybe[Annotated[Text, AfterValidator(_server)]] = Field(
        default=None, description="Adresse d'un service S3 autre que celui d'Amazon."
    )
    region: Maybe[Text] = Field(default=None, description="Région de ce service, s'il en veut une.")

    @property
    def scheme(self) -> str:
        """The scheme of its address, which says what kind of server it is."""
        return urlsplit(self.url).scheme

    @model_validator(mode="after")
    def _has_the_keys_of_its_kind(self) -> Self:
        needed, possible = _KEYS[self.scheme]
        said = [name for name in _OF_SOME if getattr(self, name) is not None]
        if missing := [name for name in needed if name not in said]:
            raise ValueError(f"à un dépôt {self.scheme} il manque : {', '.join(missing)}.")
        if misplaced := [name for name in said if name not in needed + possible]:
            raise ValueError(f"sans objet pour un dépôt {self.scheme} : {', '.join(misplaced)} ; l'ôter.")
        if self.scheme == "sftp" and self.mot_de_passe is None and self.cle_privee is None:
            raise ValueError("à un dépôt sftp il manque : cle_privee, ou mot_de_passe.")
        return self


def distinct(depots: tuple[Depot, ...]) -> tuple[Depot, ...]:
    """Refuses two depots of one name: what was fetched from one would be taken for what the other has.

    Raises:
        ValueError: there are two.
    """
    names = [depot.nom for depot in depots]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{', '.join(twice)} : deux dépôts de ce nom ; en renommer un.")
    return depots
