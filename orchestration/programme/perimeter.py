"""What a programme publishes beside the region: a line of `perimetres` in programme.yaml."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from orchestration.programme.declared import DeclaredOneOf, Maybe, Text

# the kind of perimeter that parts organismes by whether they hold a quality scheme, and its two codes
MARKED, WITH, WITHOUT = "demarche", "avec", "sans"


class Perimeter(DeclaredOneOf):
    """Ce qui sort après la région : des organismes réunis par un attribut ou une démarche, ou les segments d'un axe."""

    one_of = ("organismes", "demarches", "axe")

    organismes: Maybe[Text] = Field(
        default=None, description="Colonne de codes d'organismes.csv : les organismes de même code font un périmètre."
    )
    demarches: Maybe[Annotated[tuple[Text, ...], Field(min_length=1)]] = Field(
        default=None,
        description="Types de demarches_qualite.csv : les organismes qui ont une de ces démarches au premier jour du"
        " terrain font un périmètre, les autres un second.",
    )
    axe: Maybe[Text] = Field(
        default=None,
        description="Axe, code d'axes.csv : ses segments sortent pour toute la région avant les périmètres suivants.",
    )

    @model_validator(mode="after")
    def _says_only_one(self) -> Self:
        said = [name for name in self.one_of if getattr(self, name)]
        if len(said) > 1:
            named = " et ".join(f"« {name} »" for name in said)
            raise ValueError(f"{named} à la fois ; en faire plusieurs lignes, dans l'ordre voulu.")
        return self

    @property
    def kind(self) -> str | None:
        """The kind of the perimeters that it makes; None where it makes segments go out, and no perimeter."""
        return MARKED if self.demarches else self.organismes
