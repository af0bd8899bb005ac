"""The tables of one delivery as the mapping reads them: one row per interview, whatever the form of the files."""

from __future__ import annotations

from pathlib import Path

from orchestration.extracts.contract import Contract
from orchestration.extracts.long_form import Expected, pivoted
from orchestration.extracts.readers import RawTable, read_tables
from orchestration.extracts.readers.received import shown_name


def delivered_tables(path: Path, contract: Contract) -> list[RawTable]:
    """Reads a delivery into tables of one row per interview, or per line of counts.

    Args:
        path: the delivered file.
        contract: how it is written.

    Raises:
        DeliveryError: the file cannot be read in the form that the contract says.
    """
    tables = read_tables(path, contract.form, contract.required_columns())
    if contract.long_form is None:
        return tables
    expected = _expected(contract)
    return [pivoted(table, contract.long_form, expected, shown_name(path)) for table in tables]


def _expected(contract: Contract) -> Expected:
    return Expected(
        keys=contract.interview_columns,
        whose=contract.body.organisme.colonne or "",
        known=contract.all_known_columns,
        ignored=contract.all_ignored_columns,
        separators=contract.separators,
        date=contract.date_column,
    )
