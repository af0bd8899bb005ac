"""What the generator knows of a programme: its reference tables and its scenario, typed.

Nothing here draws or writes; nothing names a question, an organisme or an institute.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from orchestration.errors import ProgrammeError

YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

ANY_SCALE = "TOUTES"
EXPRESSED = "exprime"
FILTERED = "filtre"
NOT_ASKED = "non_pose"
NO_ANSWER = "sans_reponse"


@dataclass(frozen=True)
class Question:
    """One question of the questionnaire, in questionnaire order."""

    code: str
    theme: str
    echelle: str
    libelle: str
    multiple: bool
    filtre: str | None


@dataclass(frozen=True)
class Modalite:
    """One answer code of a scale (statuses belong to every scale)."""

    code: str
    libelle: str
    statut: str
    exclusive: bool


@dataclass(frozen=True)
class Segment:
    """One value of an axis; bounds are inclusive and in the axis's own unit (years, months)."""

    code: str
    libelle: str
    borne_min: int | None
    borne_max: int | None


@dataclass(frozen=True)
class Vague:
    """One wave and its interview window, both days included."""

    code: str
    debut: date
    fin: date


@dataclass(frozen=True)
class Programme:
    """Reference tables and scenario of one programme folder."""

    root: Path
    seed: int
    vagues: tuple[Vague, ...]
    questions: tuple[Question, ...]
    asked: dict[str, frozenset[str]]
    modalites: dict[str, tuple[Modalite, ...]]
    segments: dict[str, tuple[Segment, ...]]
    participations: pl.DataFrame
    plan: pl.DataFrame
    organismes: pl.DataFrame
    alias: pl.DataFrame
    filiations: pl.DataFrame
    calibration: pl.DataFrame
    options: pl.DataFrame
    scenario: dict[str, Any]

    @property
    def axes(self) -> tuple[str, ...]:
        """Axes an interview carries, in the order of axes.csv."""
        return tuple(self.segments)

    def stream(self, *keys: str) -> np.random.Generator:
        """A random stream of its own for each key, so that adding an organisme moves no other."""
        return np.random.default_rng([self.seed, *(zlib.crc32(key.encode()) for key in keys)])

    def expressed(self, echelle: str) -> tuple[Modalite, ...]:
        """Expressed options of a scale, in the order of modalites.csv."""
        return tuple(m for m in self.modalites[echelle] if m.statut == EXPRESSED)

    def status(self, statut: str) -> str:
        """The code that stands for a status in every scale."""
        return next(m.code for m in self.modalites[ANY_SCALE] if m.statut == statut)

    @property
    def statuses(self) -> frozenset[str]:
        """Codes that stand for a status in every scale."""
        return frozenset(m.code for m in self.modalites[ANY_SCALE] if m.statut != EXPRESSED)

    def answers(self, echelle: str) -> tuple[Modalite, ...]:
        """Options of a scale followed by the statuses common to all."""
        return self.modalites[echelle] + self.modalites[ANY_SCALE]

    def participants(self, vague: str) -> list[tuple[str, str]]:
        """(organisme, institut) pairs that deliver in a wave: expected and not late."""
        late = {
            (str(entry["vague"]), str(entry["organisme"])) for entry in self.scenario.get("organismes_en_retard", [])
        }
        rows = self.participations.filter(vague=vague, statut="attendu")
        return [
            (organisme, institut)
            for organisme, institut in rows.select("organisme_code", "institut").iter_rows()
            if (vague, organisme) not in late
        ]

    def brand(self, organisme: str, vague: Vague) -> str:
        """The name an organisme bore when the wave's fieldwork began, as listed in organismes_alias."""
        names = self.organismes.filter(
            (pl.col("organisme_code") == organisme)
            & (pl.col("valide_de") <= vague.debut.isoformat())
            & (pl.col("valide_a").is_null() | (pl.col("valide_a") >= vague.debut.isoformat()))
        )["nom"].to_list()
        aliases = self.alias.filter(organisme_code=organisme)["alias"].to_list()
        for alias in aliases:
            if any(name.startswith(alias) for name in names):
                return str(alias)
        raise ProgrammeError(f"organismes_alias.csv : aucun nom de {organisme} ne vaut pour la vague {vague.code}.")


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML mapping; an absent or empty file is an error that names it."""
    with path.open("rb") as stream:
        content = yaml.load(stream, Loader=YAML_LOADER)
    if not isinstance(content, dict):
        raise ProgrammeError(f"{path} : un dictionnaire YAML est attendu.")
    return content


def load_programme(root: Path, seed: int) -> Programme:
    """Read `reference/*.csv` and `demo/*` of a programme folder."""
    if not (root / "demo" / "scenario.yaml").is_file():
        raise ProgrammeError(f"{root} : pas de demo/scenario.yaml, ce programme n'a pas de démonstration.")

    def table(name: str) -> pl.DataFrame:
        return pl.read_csv(root / "reference" / f"{name}.csv", infer_schema=False)

    def demo(name: str) -> pl.DataFrame:
        return pl.read_csv(root / "demo" / f"{name}.csv", infer_schema=False)

    types = dict(table("echelles").select("echelle", "type").iter_rows())
    asked = table("questions_vagues")
    return Programme(
        root=root,
        seed=seed,
        vagues=tuple(
            Vague(row["vague"], date.fromisoformat(row["terrain_debut"]), date.fromisoformat(row["terrain_fin"]))
            for row in table("vagues").iter_rows(named=True)
        ),
        questions=tuple(
            Question(
                code=row["question_code"],
                theme=row["theme_code"],
                echelle=row["echelle"],
                libelle=row["libelle"],
                multiple=types[row["echelle"]] == "multiple",
                filtre=row["filtre"],
            )
            for row in _ordered(table("questions"))
        ),
        asked={
            vague: frozenset(asked.filter(vague=vague)["question_code"]) for vague in asked["vague"].unique().sort()
        },
        modalites=_grouped(
            table("modalites"),
            "echelle",
            lambda r: Modalite(r["modalite_code"], r["libelle"], r["statut_reponse"], r["exclusive"] == "oui"),
        ),
        segments={
            axe: values
            for axe, values in _grouped(
                table("segments"),
                "axe",
                lambda r: Segment(r["segment"], r["libelle"], _int(r["borne_min"]), _int(r["borne_max"])),
            ).items()
            if len(values) > 1
        },
        participations=table("participations"),
        plan=table("plan_sondage").cast({"population": pl.Int64, "entretiens_vises": pl.Int64}),
        organismes=table("organismes"),
        alias=table("organismes_alias"),
        filiations=table("filiations"),
        calibration=demo("calibrage").cast({"niveau": pl.Float64}),
        options=demo("options").cast({"probabilite": pl.Float64}),
        scenario=read_yaml(root / "demo" / "scenario.yaml"),
    )


def _ordered(frame: pl.DataFrame) -> Iterable[dict[str, Any]]:
    return frame.sort(pl.col("ordre").cast(pl.Int64), maintain_order=True).iter_rows(named=True)


def _grouped(frame: pl.DataFrame, key: str, build: Any) -> dict[str, tuple[Any, ...]]:
    groups: dict[str, list[Any]] = {name: [] for name in frame[key].unique(maintain_order=True)}
    for row in _ordered(frame):
        groups[row[key]].append(build(row))
    return {name: tuple(values) for name, values in groups.items()}


def _int(text: str | None) -> int | None:
    return int(text) if text else None
