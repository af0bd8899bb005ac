"""What a programme folder says, as typed values: thresholds, questionnaire, axes, waves, organismes.

Nothing here reads a delivery; nothing elsewhere reads a reference file.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from orchestration.errors import ProgrammeError, taken_back
from orchestration.folder import hold_open, refuse_dead_link, refuse_path, refuse_special_inputs
from orchestration.programme.composites import Index, index_of
from orchestration.programme.config import PROGRAMME, ProgrammeConfig, Thresholds
from orchestration.programme.declarations import DeclarationError, located, read_yaml
from orchestration.programme.faults import faults
from orchestration.programme.reference_file import read_table
from orchestration.programme.tables import completed, dictionary, without_file
from orchestration.programme.texts import normalise
from orchestration.programme.values import FIRST_LINE, value_of
from orchestration.settings import DATA_VARIABLE, PROGRAMME_FILE, UNDERWAY, Settings, default_root

COMMON_SCALE = "TOUTES"


@dataclass(frozen=True)
class Question:
    """One question: its scale, whether several answers are allowed, when it is asked and to whom."""

    code: str
    label: str
    scale: str
    multiple: bool
    condition: str
    waves: frozenset[str]


@dataclass(frozen=True)
class Wave:
    """One wave and the window of its fieldwork (both days included)."""

    code: str
    start: dt.date
    end: dt.date


@dataclass(frozen=True)
class Band:
    """One segment of an axis, with the closed interval of values it covers when the axis is numeric.

    One bound alone is an open interval: from 0, or without an end.
    """

    code: str
    label: str
    low: float | None
    high: float | None

    @property
    def numeric(self) -> bool:
        """Whether it is a band of numbers."""
        return self.low is not None or self.high is not None


@dataclass(frozen=True)
class Condition:
    """The filter of a question: an SQL condition, and the questions and axes it looks at."""

    sql: str
    names: frozenset[str]


@dataclass(eq=False)
class Programme:
    """A programme folder, read once.

    Attributes:
        root: the folder.
        config: what programme.yaml says.
    """

    root: Path
    config: ProgrammeConfig
    _frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    _records: dict[str, list[dict[str, str | None]]] = field(default_factory=dict)

    @cached_property
    def settings(self) -> Settings:
        """Paths of what is made of the programme."""
        return Settings(self.root)

    def reference(self, table: str) -> pl.DataFrame:
        """Returns a reference table, every column as text, blanks as null; what is left out and may be, as blank.

        Raises:
            ProgrammeError: the file is missing, or cannot be read as UTF-8 CSV.
        """
        if table not in self._frames:
            path = self.reference_path(table)
            try:
                self._frames[table] = completed(read_table(path), table)
            except FileNotFoundError:
                if (empty := without_file(table)) is not None:
                    self._frames[table] = empty
                    return empty
                raise ProgrammeError(
                    f"{path} : fichier de référence absent ; ses colonnes sont dites dans data/reference/README.md."
                ) from None
        return self._frames[table]

    def reference_path(self, table: str) -> Path:
        """Returns where a reference table is kept."""
        return self.root / "reference" / f"{table}.csv"

    def rows(self, table: str) -> list[dict[str, str | None]]:
        """Returns a reference table as a list of records, one per line: to be read, they are the same at every call."""
        records = self._records.get(table)
        if records is None:
            records = self._records[table] = self.reference(table).to_dicts()
        return records

    def ordered(self, table: str) -> list[dict[str, str | None]]:
        """Returns a reference table as `rows` does, in the order that its column `ordre` says.

        Raises:
            ProgrammeError: a value of that column is no whole number.
        """
        return [row for _, row in sorted(zip(self._ranks(table), self.rows(table), strict=True), key=itemgetter(0))]

    def typed(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Yields columns of a reference table, each value of its column's type; in its order, where the table has one.

        Raises:
            ProgrammeError: a value that every line must have is blank, or one is not of its type.
        """
        values = list(self._values(table, *columns))
        if "ordre" in dictionary()[table]["colonnes"]:
            values = [line for _, line in sorted(zip(self._ranks(table), values, strict=True), key=itemgetter(0))]
        yield from values

    def _ranks(self, table: str) -> list[int]:
        """Returns the rank of each line; one that has none comes first, and the check of the programme tells it."""
        said = enumerate((row["ordre"] for row in self.rows(table)), start=FIRST_LINE)
        rule = {"type": "entier"}
        return [value_of(text or None, rule, f"{table}.csv, ligne {line}, colonne ordre") or 0 for line, text in said]

    def _values(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        rules = dictionary()[table]["colonnes"]
        for line, row in enumerate(self.rows(table), start=FIRST_LINE):
            yield tuple(value_of(row.get(c), rules[c], f"{table}.csv, ligne {line}, colonne {c}") for c in columns)

    @property
    def thresholds(self) -> Thresholds:
        """The `seuils` of programme.yaml."""
        return self.config.seuils

    @cached_property
    def waves(self) -> dict[str, Wave]:
        """Waves by code, in chronological order."""
        rows = self.typed("vagues", "vague", "terrain_debut", "terrain_fin")
        return {code: Wave(code, start, end) for code, start, end in rows}

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Questions by code, in questionnaire order."""
        multiple = {scale for scale, kind in self.typed("echelles", "echelle", "type") if kind == "multiple"}
        asked: dict[str, set[str]] = defaultdict(set)
        for code, wave in self.typed("questions_vagues", "question_code", "vague"):
            asked[code].add(wave)
        return {
            code: Question(code, label, scale, scale in multiple, condition or "", frozenset(asked[code]))
            for code, label, scale, condition in self.typed(
                "questions", "question_code", "libelle", "echelle", "filtre"
            )
        }

    @cached_property
    def indices(self) -> dict[str, Index]:
        """The questions that are indices, by code, in questionnaire order."""
        declared = self.config.composites
        if not declared:
            return {}
        rows = list(self.typed("baremes", "bareme", "version", "echelle", "modalite_code", "note"))
        scales = {code: question.scale for code, question in self.questions.items()}
        return {code: index_of(code, declared[code], scales, rows) for code in scales if code in declared}

    @cached_property
    def composed(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """The indices made of a question, by wave and question."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for code, index in self.indices.items():
            for place in itertools.product(self.questions[code].waves, index.notes):
                found[place] = (*found.get(place, ()), code)
        return found

    @cached_property
    def delivered_questions(self) -> dict[str, Question]:
        """The questions that an extract answers, by code, in questionnaire order: all but the indices."""
        return {code: q for code, q in self.questions.items() if code not in self.config.composites}

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        """The filter of each question that has one."""
        filters = {code: q.condition for code, q in self.questions.items() if q.condition}
        return {c: Condition(sql, frozenset(pl.sql_expr(sql).meta.root_names())) for c, sql in filters.items()}

    @cached_property
    def question_levels(self) -> list[list[str]]:
        """Questions in groups, each after the groups that its filters look at.

        Raises:
            ProgrammeError: filters look at one another in a circle.
        """
        needs = {
            c: self.conditions[c].names & set(self.questions) if c in self.conditions else set() for c in self.questions
        }
        levels: list[list[str]] = []
        placed: set[str] = set()
        while len(placed) < len(needs):
            ready = [code for code, names in needs.items() if code not in placed and names <= placed]
            if not ready:
                raise ProgrammeError(f"questions.csv : filtres circulaires ({', '.join(sorted(set(needs) - placed))}).")
            levels.append(ready)
            placed |= set(ready)
        return levels

    @cached_property
    def statuses(self) -> dict[str, str]:
        """Status of an answer (statut_reponse) by common code: don't know, refusal, filtered, not asked, …."""
        rows = self.typed("modalites", "echelle", "modalite_code", "statut_reponse")
        return {code: status for scale, code, status in rows if scale == COMMON_SCALE}

    @cached_property
    def options(self) -> dict[str, list[str]]:
        """Codes of the expressed options of each scale, in order."""
        scales: dict[str, list[str]] = defaultdict(list)
        for scale, code in self.typed("modalites", "echelle", "modalite_code"):
            if scale != COMMON_SCALE:
                scales[scale].append(code)
        for code, index in self.indices.items():
            scales[self.questions[code].scale] += index.options
        return dict(scales)

    @cached_property
    def axes(self) -> dict[str, list[Band]]:
        """Segments of each axis that a delivery carries (all but the overall one), in order."""
        axes: dict[str, list[Band]] = {axis: [] for (axis,) in self.typed("axes", "axe") if axis != "ensemble"}
        for axis, *band in self.typed("segments", "axe", "segment", "libelle", "borne_min", "borne_max"):
            if axis in axes:
                axes[axis].append(Band(*band))
        return axes

    @cached_property
    def organisme_names(self) -> dict[str, str]:
        """Organisme code by normalised code or alias."""
        codes = self.typed("organismes", "organisme_code", "organisme_code")
        named = [*codes, *self.typed("organismes_alias", "alias", "organisme_code")]
        return {normalise(name): code for name, code in named}

    def populations(self, wave: str, organisme: str) -> Mapping[str, int]:
        """Returns the population of each stratum of an organisme in a wave, as the sampling plan has them."""
        return self.planned(wave).get(organisme, {})

    def planned(self, wave: str) -> Mapping[str, Mapping[str, int]]:
        """Returns the population of each stratum of a wave, organisme by organisme."""
        return self._populations.get(wave, {})

    def planned_strata(self, wave: str) -> frozenset[str]:
        """Returns the strata that the sampling plan has in a wave, all organismes together."""
        return frozenset(s for strata in self.planned(wave).values() for s in strata)

    @cached_property
    def _populations(self) -> dict[str, dict[str, dict[str, int]]]:
        found: dict[str, dict[str, dict[str, int]]] = {}
        for wave, code, stratum, size in self.typed("plan_sondage", "vague", "organisme_code", "strate", "population"):
            found.setdefault(wave, {}).setdefault(code, {})[stratum] = size
        return found

    def margins(self, wave: str, organisme: str) -> Mapping[str, Mapping[str, float]]:
        """Returns the known population by segment, axis by axis, that the weights of an organisme are calibrated to."""
        return self.known_margins(wave).get(organisme, {})

    def known_margins(self, wave: str) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
        """Returns the known population of a wave: organisme, axis, segment."""
        return self._margins.get(wave, {})

    @cached_property
    def _margins(self) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
        found: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
        margins = self.typed("marges", "vague", "organisme_code", "axe", "segment", "parc")
        for wave, code, axis, segment, size in margins:
            found.setdefault(wave, {}).setdefault(code, {}).setdefault(axis, {})[segment] = float(size)
        return found


def load_programme(root: Path | None = None) -> Programme:
    """Opens a programme folder.

    Args:
        root: the folder; by default the one named by OBSERVATOIRE_DATA, or `data/` beside the package.

    Raises:
        ProgrammeError: no such folder, or programme.yaml is missing, or says what it may not; or what a run reads is
            no ordinary file.
        PermissionError: a file or a folder of what is declared is closed to this account.
    """
    root = (root or default_root()).resolve()
    refuse_path(root)
    path = root / PROGRAMME_FILE
    refuse_dead_link(path, root)
    if not path.is_file() and (root / UNDERWAY).is_dir():
        raise ProgrammeError(
            f"{root} : une restauration y fut interrompue ; « observatoire restore » de la même sauvegarde l'achève."
        )
    if path.is_dir():
        raise ProgrammeError(f"{path} est un dossier ; l'ôter, puis {taken_back(PROGRAMME_FILE)}.")
    if not path.is_file():
        raise ProgrammeError(
            f"{root} : pas de programme.yaml ici ; désigner le dossier du programme par {DATA_VARIABLE}."
        )
    # Nobody sees that the daemon waits for a pipe, which the commands of a terminal refuse before they come here.
    refuse_special_inputs(root)
    hold_open(root)
    data = path.read_bytes()
    if not data.strip():
        raise ProgrammeError(f"{path} : fichier vide ; {taken_back(PROGRAMME_FILE)}.")
    try:
        return Programme(root, PROGRAMME.validate_python(read_yaml(data)))
    except DeclarationError as error:
        raise ProgrammeError(f"{path}, {error}") from None
    except ValidationError as error:
        raise ProgrammeError("\n".join(located(str(path), data, faults(error, PROGRAMME)))) from None
