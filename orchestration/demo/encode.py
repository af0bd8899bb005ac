"""From canonical interviews to the columns of an institute's extract, through its contract.

Every cell is still text here (null = blank); writers give it the type of its column's kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from orchestration.demo.contracts import LIST, MENTIONS, YES_NO, Contract, Field
from orchestration.demo.programme import FILTERED, NO_ANSWER, DemoProgramme
from orchestration.demo.respondents import delivered_weights
from orchestration.errors import ProgrammeError

TEXT, WHOLE, DECIMAL, DAY = "texte", "entier", "decimal", "date"
EXCEL_EPOCH = date(1899, 12, 30)


@dataclass
class SourceTable:
    """Rows as an institute writes them: text cells, one column per column of the file, in its order."""

    cells: pl.DataFrame
    kinds: dict[str, str]
    contract: Contract
    sheet: str | None = None


def encode(programme: DemoProgramme, contract: Contract, entry: dict[str, Any], frame: pl.DataFrame) -> SourceTable:
    """Write the canonical interviews of one organisme (one row each) in the columns of its contract."""
    organisme = str(frame["organisme_code"][0])
    contract = contract.of(organisme)
    rng = programme.stream(*contract.stream, organisme, "ecriture")
    columns: dict[str, pl.Series] = {}
    kinds: dict[str, str] = {}

    def put(name: str, values: pl.Series, kind: str) -> None:
        if name in columns:
            raise ProgrammeError(f"Contrat {contract.name} : la colonne « {name} » sert deux fois.")
        columns[name] = values.rename(name)
        kinds[name] = kind

    def put_all(field: Field, several: dict[str, pl.Series]) -> None:
        for name, values in several.items():
            put(name, values, WHOLE if field.whole_numbers else TEXT)

    prefix = entry.get("prefixe_entretien", "")
    put(contract.entretien, prefix + frame["entretien"], TEXT if prefix else WHOLE)
    if "colonne" in contract.organisme:
        name = identify(programme, contract, entry, organisme)
        put(contract.organisme["colonne"], pl.Series([name] * frame.height), WHOLE if name.isdigit() else TEXT)
    put(contract.date["colonne"], *write_dates(contract, frame["date_entretien"]))
    if contract.stratum:
        put(*_unique(programme, contract.stratum, frame["strate"], rng))
    for axe, field in contract.axes.items():
        put(*_unique(programme, field, frame[axe], rng))
    for code, field in contract.questions.items():
        if field.mode == YES_NO:
            put_all(field, _yes_no(programme, field, frame[code]))
        elif field.mode == MENTIONS:
            put_all(field, _mentions(programme, field, frame[code], rng))
        elif field.mode == LIST:
            put(field.columns[0], _joined(programme, field, frame[code]), TEXT)
        else:
            put(*_unique(programme, field, frame[code], rng))
    if contract.weight:
        weights = delivered_weights(frame, entry["poids"], rng)
        put(contract.weight, weights.map_elements(lambda w: f"{w:.{entry['poids']['decimales']}f}", pl.String), DECIMAL)
    for name in contract.ignored:
        low, high = entry["ignorees"][name]
        put(name, pl.Series(rng.integers(low, high + 1, frame.height)).cast(pl.String), WHOLE)
    cells = pl.DataFrame(list(columns.values()))
    if entry.get("apostrophe"):
        cells = cells.with_columns(
            pl.col(name).str.replace_all("'", entry["apostrophe"], literal=True)
            for name, kind in kinds.items()
            if kind == TEXT
        )
    sheet = identify(programme, contract, entry, organisme) if "feuille" in contract.organisme else None
    return SourceTable(cells, kinds, contract, sheet or entry.get("feuille"))


def identify(programme: DemoProgramme, contract: Contract, entry: dict[str, Any], organisme: str) -> str:
    """How an institute calls an organisme: its own number, the brand of the time, or the code."""
    numbers = {code: str(source) for source, code in contract.organisme.get("valeurs", {}).items()}
    if numbers:
        return numbers[organisme]
    return programme.brand(organisme, contract.vague) if entry.get("identification") == "marque" else organisme


def write_dates(contract: Contract, days: pl.Series) -> tuple[pl.Series, str]:
    """Interview dates as the contract declares them, and the kind of the column."""
    pattern = contract.date.get("format")
    if pattern is None:
        return days.cast(pl.String), DAY
    if pattern == "excel":
        return (days - pl.Series([EXCEL_EPOCH])).dt.total_days().cast(pl.String), WHOLE
    return days.dt.strftime(pattern), TEXT


def source_value(programme: DemoProgramme, field: Field, code: str) -> str | None:
    """The source value of a code; blank for the two statuses a blank cell says."""
    if code in field.sources:
        return field.sources[code]
    if code in (programme.status(FILTERED), programme.status(NO_ANSWER)):
        return None
    raise ProgrammeError(f"Contrat : aucune valeur source pour {code} dans « {field.columns[0]} » ({field.code}).")


def _unique(
    programme: DemoProgramme, field: Field, values: pl.Series, rng: np.random.Generator
) -> tuple[str, pl.Series, str]:
    if field.bands:
        return field.columns[0], _numbers(programme, field.code, values, rng), WHOLE
    mapping = {str(code): source_value(programme, field, str(code)) for code in values.unique().drop_nulls()}
    encoded = values.replace_strict(mapping, default=None, return_dtype=pl.String)
    return field.columns[0], encoded, WHOLE if field.whole_numbers else TEXT


def _numbers(programme: DemoProgramme, axis: str, values: pl.Series, rng: np.random.Generator) -> pl.Series:
    """A number inside each segment's bounds, kept within what the scenario finds plausible."""
    low, high = programme.scenario["valeurs_numeriques"][axis]
    bounds = {s.code: (max(int(s.low or low), low), min(int(s.high or high), high)) for s in programme.axes[axis]}
    uniform = rng.random(len(values))
    numbers = [
        None if code is None else str(bounds[code][0] + int(u * (bounds[code][1] - bounds[code][0] + 1)))
        for code, u in zip(values, uniform, strict=True)
    ]
    return pl.Series(numbers, dtype=pl.String)


def _yes_no(programme: DemoProgramme, field: Field, lists: pl.Series) -> dict[str, pl.Series]:
    """One column per option; a status stands in every column of the group."""
    statuses = {code: source_value(programme, field, code) for code in _present(lists) & programme.statuses.keys()}
    first = lists.list.first()
    status = first.replace_strict(statuses, default=None, return_dtype=pl.String)
    answered = ~first.is_in(list(statuses))
    unknown = _present(lists) - set(statuses) - set(field.options)
    if unknown:
        raise ProgrammeError(f"Contrat : {field.code} n'a pas de colonne pour {sorted(unknown)}.")
    frame = pl.DataFrame({"choix": lists, "statut": status, "repondu": answered})
    return {
        column: frame.select(
            pl.when(~pl.col("repondu"))
            .then("statut")
            .when(pl.col("choix").list.contains(option))
            .then(pl.lit(field.yes))
            .otherwise(pl.lit(field.no))
            .alias(column)
        )[column]
        for option, column in zip(field.options, field.columns, strict=True)
    }


def _mentions(
    programme: DemoProgramme, field: Field, lists: pl.Series, rng: np.random.Generator
) -> dict[str, pl.Series]:
    """First, second, third… mention, in the order they came to mind, which is not that of the options."""
    sources = {code: source_value(programme, field, code) for code in _present(lists)}
    rows: list[list[str | None]] = []
    for codes, order in zip(lists.to_list(), rng.random((len(lists), len(field.columns))), strict=True):
        if len(codes) > len(field.columns):
            raise ProgrammeError(f"Contrat : {field.code} a {len(codes)} mentions pour {len(field.columns)} colonnes.")
        cells = [sources[codes[i]] for i in np.argsort(order[: len(codes)], kind="stable")]
        rows.append([*cells, *[None] * (len(field.columns) - len(cells))])
    return {
        column: pl.Series(column, [row[i] for row in rows], dtype=pl.String) for i, column in enumerate(field.columns)
    }


def _joined(programme: DemoProgramme, field: Field, lists: pl.Series) -> pl.Series:
    sources = {code: source_value(programme, field, code) for code in _present(lists)}
    cells = [field.separator.join(s for s in (sources[code] for code in codes) if s) or None for codes in lists]
    return pl.Series(field.columns[0], cells, dtype=pl.String)


def _present(lists: pl.Series) -> set[str]:
    return set(lists.explode().drop_nulls().unique())
