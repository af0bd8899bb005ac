"""The survey behind an edition, as its file tells it: waves, questions with their options, axes with their segments.

Nothing of it is read elsewhere, but for what the warehouse knows of each question at each wave (`asked`): what stands
in the file went through the gates, and names no organisme where it may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from orchestration.publication.naming import SCHEMA
from orchestration.publication.sampling import told
from orchestration.words import Words

EXPRESSED = "exprime"


@dataclass(frozen=True)
class Wave:
    """A wave: when, how and by whom people were asked, how many answered, and what they stand for."""

    code: str
    label: str
    start: date
    end: date
    mode: str
    institute: str
    organismes: int
    interviews: int
    aimed: int | None
    population: int | None
    called: int | None
    interviews_of_called: int | None


@dataclass(frozen=True)
class Option:
    """A possible answer; `status` says whether it is one that counts."""

    code: str
    label: str
    status: str
    exclusive: bool

    @property
    def missing(self) -> bool:
        """Whether it enters no measure: does not know, refuses, was not asked..."""
        return self.status != EXPRESSED


@dataclass(frozen=True)
class Question:
    """A question: its words, who is asked, and how it compares at each wave that asked it (`asked`)."""

    code: str
    label: str
    wording: str
    theme: str
    scale: str
    multiple: bool
    nature: str
    filter: str
    asked: Mapping[str, str]
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Axis:
    """A way of dividing who answered, and its segments: code and label."""

    code: str
    label: str
    segments: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Survey:
    """All of it; `weights` and `plan` are the sentences of the reports, empty where no answer is published."""

    waves: tuple[Wave, ...]
    themes: tuple[tuple[str, str], ...]
    questions: tuple[Question, ...]
    axes: tuple[Axis, ...]
    weights: str
    plan: str


def survey(
    connection: duckdb.DuckDBPyConnection, asked: Mapping[str, Mapping[str, str]], finite: bool, words: Words
) -> Survey:
    """Returns the survey that the file attached as `edition` tells of.

    Args:
        connection: where it is attached.
        asked: by question, the waves that asked it, with what it is to the wave before.
        finite: whether intervals know the share of the population that was asked.
        words: the language.
    """
    region = _rows(connection, "fct_satisfaction", "perimetre_type = 'region' and axe = 'ensemble' and statut = 'V'")
    weights, plan = told(region, finite, words) if region else ("", "")
    waves = tuple(_wave(row, words) for row in _waves(connection))
    return Survey(
        waves=waves,
        themes=tuple((row["theme_code"], row["libelle"]) for row in _rows(connection, "dim_theme", by="ordre")),
        questions=_questions(connection, asked, waves),
        axes=_axes(connection),
        weights=weights,
        plan=words.say("echantillonnage_texte", plan=plan) if plan else "",
    )


def _waves(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Their rows, with what the coverage of each adds up to."""
    return _asked(
        connection,
        # periods of two dispositifs may bear the same name
        "select v.* replace (case when d.est_principal then v.libelle else concat(d.libelle, ', ', v.libelle) end"
        f" as libelle), c.* exclude (vague) from edition.{SCHEMA}.dim_vague as v"
        f" inner join edition.{SCHEMA}.dim_dispositif as d using (dispositif_code) left join ("
        "   select vague, sum(entretiens_vises) filter (where statut <> 'non_concerne') as vises,"
        "       sum(parc) filter (where statut in ('inclus', 'reserve')) as parc"
        f"  from edition.{SCHEMA}.obs_couverture group by vague) as c using (vague) order by v.ordre, v.vague",
    )


def _wave(row: Mapping[str, Any], words: Words) -> Wave:
    return Wave(
        code=row["vague"],
        label=row["libelle"],
        start=row["terrain_debut"],
        end=row["terrain_fin"],
        mode=words.texts["modes"].get(row["mode_collecte"], row["mode_collecte"]),
        institute=row["institut"],
        organismes=row["nb_organismes"],
        interviews=row["nb_entretiens"],
        aimed=_whole(row["vises"]),
        population=_whole(row["parc"]),
        called=row["appeles"],
        interviews_of_called=row["entretiens_des_appeles"],
    )


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _questions(
    connection: duckdb.DuckDBPyConnection, asked: Mapping[str, Mapping[str, str]], waves: tuple[Wave, ...]
) -> tuple[Question, ...]:
    options: dict[str, list[Option]] = {}
    for row in _rows(connection, "dim_modalite", by="question_code, ordre, modalite_code"):
        options.setdefault(row["question_code"], []).append(
            Option(row["modalite_code"], row["libelle"], row["statut_reponse"], bool(row["est_exclusive"]))
        )
    return tuple(
        Question(
            code=row["question_code"],
            label=row["libelle"],
            wording=row["formulation"],
            theme=row["theme_code"],
            scale=row["echelle_libelle"],
            multiple=row["type"] == "multiple",
            nature=row["nature"],
            filter=row["filtre"] or "",
            asked={wave.code: here[wave.code] for wave in waves if wave.code in here},
            options=tuple(options.get(row["question_code"], ())),
        )
        for row in _rows(connection, "dim_question", by="ordre, question_code")
        for here in [asked.get(row["question_code"], {})]
    )


def _axes(connection: duckdb.DuckDBPyConnection) -> tuple[Axis, ...]:
    rows = _rows(connection, "dim_segment", by="axe_ordre, axe, ordre, segment")
    labels = {row["axe"]: row["axe_libelle"] for row in rows}
    return tuple(
        Axis(axis, label, tuple((row["segment"], row["libelle"]) for row in rows if row["axe"] == axis))
        for axis, label in labels.items()
    )


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, where: str = "true", by: str = "all"
) -> list[dict[str, Any]]:
    return _asked(connection, f"select * from edition.{SCHEMA}.{table} where {where} order by {by}")


def _asked(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
