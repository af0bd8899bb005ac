"""Whose the rows of a table are, and whether its columns are those that the contract names."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.contract import Contract
from orchestration.extracts.deliveries import Delivery
from orchestration.extracts.readers import LINE, RawTable
from orchestration.programme import Programme
from orchestration.programme.texts import normalise


def organisme_column(table: RawTable, delivery: Delivery, contract: Contract) -> str:
    """Returns the column of interviews that says the organisme; empty where another place says it.

    Raises:
        DeliveryError: the contract names a column that is not there (`colonnes_absentes`).
    """
    column = contract.body.organisme.colonne or ""
    if column and column not in table.frame.columns:
        raise DeliveryError(
            "colonnes_absentes",
            f"{delivery.name} : colonne de l'organisme absente ({column}) ; corriger « organisme » dans le"
            f" contrat {contract.name}, ou redemander le fichier.",
        )
    return column


def by_organisme(
    table: RawTable, column: str, delivery: Delivery, contract: Contract, programme: Programme
) -> dict[str | None, pl.DataFrame]:
    """Returns the rows of each organisme; under None, those whose organisme is not known."""
    names = contract.organisme_names(programme)
    if column:
        resolved = [names.get(normalise(v)) if v else None for v in table.frame[column]]
    else:
        by_sheet = names.get(normalise(table.sheet)) if contract.body.organisme.feuille and table.sheet else None
        resolved = [by_sheet or contract.organisme_of(delivery.name, programme)] * table.frame.height
    keyed = table.frame.with_columns(pl.Series("__organisme", resolved, dtype=pl.String))
    parts = keyed.partition_by("__organisme", as_dict=True, maintain_order=True, include_key=False)
    return {organisme: rows for (organisme,), rows in parts.items()}


def check_columns(
    table: RawTable, delivery: Delivery, contract: Contract, parts: Mapping[str | None, pl.DataFrame]
) -> None:
    """Holds the columns of a table to those of its contract, for each organisme in it.

    Args:
        table: the table.
        delivery: where it comes from, to be named.
        contract: which columns it should have.
        parts: its rows by organisme.

    Raises:
        DeliveryError: a column is missing (`colonnes_absentes`), or nothing names it (`colonnes_inconnues`).
    """
    where = delivery.name + (f", feuille {table.sheet}" if table.sheet else "")
    for organisme in sorted(filter(None, parts)) or [""]:
        rows = parts.get(organisme, table.frame)
        # a column that another organisme alone answers in is not there for this one
        columns = [c for c in rows.columns if c not in (LINE, *table.optional) or rows[c].null_count() < rows.height]
        missing, unknown = contract.missing_and_unknown([c for c in columns if c != LINE], organisme)
        missing = [c for c in missing if c not in table.optional]
        if missing:
            raise DeliveryError(
                "colonnes_absentes",
                f"{where} : colonnes du contrat {contract.name} absentes du fichier : {', '.join(missing)} ; corriger"
                " le contrat, ou redemander le fichier.",
            )
        if unknown:
            raise DeliveryError(
                "colonnes_inconnues",
                f"{where} : colonnes que le contrat {contract.name} ne connaît pas : {', '.join(unknown)} ;"
                " les rattacher à une question, ou les mettre sous « ignorees ».",
            )
