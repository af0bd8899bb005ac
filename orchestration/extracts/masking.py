"""Takes personal data out of what is written of a delivery: the sentences of its record, its rejects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from orchestration.extracts.personal_data import MASK, masked, personal_columns
from orchestration.extracts.quarantine import JudgedTable
from orchestration.extracts.records import Record


def without_personal(record: Record) -> Record:
    """Returns a delivery's record in which no sentence quotes anything personal, a sender's footnote included."""
    return replace(
        record,
        motif=masked(record.motif),
        lots=[replace(lot, motif=masked(lot.motif)) for lot in record.lots],
        qualite=[replace(row, exemple=masked(row.exemple)) for row in record.qualite],
    )


def hidden_in_rejects(judged: Iterable[JudgedTable], ignored: set[str]) -> list[JudgedTable]:
    """Returns rejects without what stands in the personal columns of the same table, nor in the name of its sheet.

    A name looks like any word: it is known by the column it also stands in, when a shift brings it into another.

    Args:
        judged: the rejects, table by table and organisme by organisme.
        ignored: columns that the contract leaves out; the personal ones are among them.
    """
    found = []
    for table, organisme, outcome in judged:
        personal = personal_columns(table.frame, [c for c in table.frame.columns if c in ignored])
        rejects = outcome.rejects
        if personal and rejects.height:
            said = {v for c in personal for v in table.frame[c].drop_nulls().unique() if _telling(v)}
            cells = pl.col("valeur").str.split(", ").list.eval(pl.element().is_in(list(said))).list.any()
            rejects = rejects.with_columns(pl.when(cells).then(pl.lit(MASK)).otherwise("valeur").alias("valeur"))
        sheet = None if table.sheet is None else masked(table.sheet)
        found.append((replace(table, sheet=sheet), organisme, replace(outcome, rejects=rejects)))
    return found


def _telling(value: str) -> bool:
    # « 1 » in a column of names is no name, and the same code elsewhere must stay readable
    return len(value) > 2 and not value.isdigit()
