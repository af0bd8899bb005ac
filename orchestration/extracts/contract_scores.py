"""What a contract of scores may say: where each score that its sender publishes stands, with its base and its error."""

from __future__ import annotations

from pydantic import Field

from orchestration.extracts.form import Heading
from orchestration.programme.declared import Declared, Maybe


class ScoreColumns(Declared):
    """Colonnes d'un score."""

    valeur: Heading = Field(description="Colonne de sa valeur, dans l'unité que scores.csv en dit.")
    base: Heading = Field(description="Colonne du nombre de répondants dont il est fait.")
    erreur: Maybe[Heading] = Field(
        default=None, description="Colonne de son erreur type ; sans elle, il n'a ni intervalle ni verdict."
    )
