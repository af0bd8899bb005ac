"""What the generator adds to a programme: its scenario, levels, options, and streams of random numbers.

Nothing here draws or writes; nothing names a question, an organisme or an institute.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from orchestration.errors import ProgrammeError
from orchestration.programme import Programme, load_programme
from orchestration.programme.declarations import read_yaml

FILTERED = "filtre"
NOT_ASKED = "non_pose"
NO_ANSWER = "sans_reponse"


@dataclass(eq=False)
class DemoProgramme(Programme):
    """A programme that has a demonstration.

    Attributes:
        seed: what every random stream starts from.
    """

    seed: int = 0

    @cached_property
    def scenario(self) -> dict[str, Any]:
        """`demo/scenario.yaml`."""
        return dict(read_yaml((self.root / "demo" / "scenario.yaml").read_bytes()))

    @cached_property
    def calibration(self) -> pl.DataFrame:
        """`demo/calibrage.csv`: level and shares of statuses of each question in each wave."""
        return self._demo("calibrage").cast({"niveau": pl.Float64})

    @cached_property
    def probabilities(self) -> pl.DataFrame:
        """`demo/options.csv`: how often each option is chosen."""
        return self._demo("options").cast({"probabilite": pl.Float64})

    def _demo(self, name: str) -> pl.DataFrame:
        return pl.read_csv(self.root / "demo" / f"{name}.csv", infer_schema=False)

    @cached_property
    def plan(self) -> pl.DataFrame:
        """The sampling plan, its numbers as numbers."""
        return self.reference("plan_sondage").cast({"population": pl.Int64, "entretiens_vises": pl.Int64})

    @cached_property
    def themes(self) -> dict[str, str]:
        """Theme of each question."""
        return dict(self.reference("questions").select("question_code", "theme_code").iter_rows())

    def stream(self, *keys: str) -> np.random.Generator:
        """A random stream of its own for each key, so that adding an organisme moves no other."""
        return np.random.default_rng([self.seed, *(zlib.crc32(key.encode()) for key in keys)])

    def answers(self, scale: str) -> list[str]:
        """Codes of a scale's options, followed by those of the statuses common to all scales."""
        return [*self.options[scale], *self.statuses]

    def status(self, status: str) -> str:
        """The code that stands for a status in every scale."""
        return next(code for code, told in self.statuses.items() if told == status)

    def exclusive(self, scale: str) -> list[str]:
        """Options of a scale that are chosen alone."""
        return self.reference("modalites").filter(echelle=scale, exclusive="oui")["modalite_code"].to_list()

    def period(self, wave: str) -> str:
        """What a scenario calls `{periode}`: the label of a wave."""
        return str(self.reference("vagues").filter(vague=wave)["libelle"].item())

    def participants(self, wave: str) -> list[tuple[str, str]]:
        """(organisme, institut) pairs that deliver in a wave: expected and not late."""
        late = {(str(e["vague"]), str(e["organisme"])) for e in self.scenario.get("organismes_en_retard", [])}
        rows = self.reference("participations").filter(vague=wave, statut="attendu")
        pairs = rows.select("organisme_code", "institut").iter_rows()
        return [(organisme, institut) for organisme, institut in pairs if (wave, organisme) not in late]

    def brand(self, organisme: str, wave: str) -> str:
        """The name an organisme bore when the wave's fieldwork began, as listed in organismes_alias."""
        start = self.waves[wave].start.isoformat()
        names = self.reference("organismes").filter(
            (pl.col("organisme_code") == organisme)
            & (pl.col("valide_de") <= start)
            & (pl.col("valide_a").is_null() | (pl.col("valide_a") >= start))
        )["nom"]
        for alias in self.reference("organismes_alias").filter(organisme_code=organisme)["alias"]:
            if names.str.starts_with(alias).any():
                return str(alias)
        raise ProgrammeError(f"organismes_alias.csv : aucun nom de {organisme} ne vaut pour la vague {wave}.")


def load_demo(root: Path, seed: int) -> DemoProgramme:
    """Opens a programme folder that has a demonstration.

    Raises:
        ProgrammeError: it has none, or is no programme.
    """
    if not (root / "demo" / "scenario.yaml").is_file():
        raise ProgrammeError(f"{root} : pas de demo/scenario.yaml, ce programme n'a pas de démonstration.")
    programme = load_programme(root)
    return DemoProgramme(programme.root, programme.config, seed=seed)
