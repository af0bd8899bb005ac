"""What a contract may say of its institute's fieldwork: whom it called, reached, and was refused by."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from orchestration.programme.declared import Declared, Maybe, Whole


class Fieldwork(Declared):
    """Ce que l'institut dit de son terrain, pour tous les organismes du contrat."""

    appeles: Whole = Field(ge=1, description="Personnes appelées, ou à qui l'on a écrit.")
    joints: Maybe[Whole] = Field(default=None, ge=0, description="Celles qui ont été jointes.")
    refus: Maybe[Whole] = Field(default=None, ge=0, description="Celles qui, jointes, ont refusé.")

    @model_validator(mode="after")
    def _within_one_another(self) -> Self:
        reached = self.appeles if self.joints is None else self.joints
        if reached > self.appeles or (self.refus or 0) > reached:
            raise ValueError(
                "plus de personnes jointes que d'appelées, ou de refus que de jointes ; corriger ces nombres."
            )
        return self
