"""A workbook is read block by block: where a block ends changes nothing of what is read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.extracts.form import Format
from orchestration.extracts.readers import formula_errors, tables, workbook
from orchestration.extracts.readers.tables import LINE, RawTable

FORM = Format.model_validate({"type": "xlsx", "lignes_avant_entete": 2})
# below a title and a blank row, not from the first column: header, then rows; None is a cell that nothing stands in
WIDTH, ABOVE, LEFT = 4, 2, 1
CELLS = st.one_of(st.none(), st.sampled_from(["Très bien", " bien", "#N/A"]), st.integers(0, 3), st.just(1.5))


def _write(path: Path, rows: list[list[object]], merged: list[tuple[int, int]]) -> None:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    page.write(0, LEFT, "Enquête")
    page.write_row(ABOVE, LEFT, [f"c{i}" for i in range(WIDTH)])
    for number, row in enumerate(rows, ABOVE + 1):
        for column, value in enumerate(row, LEFT):
            if value == "#N/A":
                page.write_formula(number, column, "=NA()", value="#N/A")
            elif value is not None:
                page.write(number, column, value)
    for first, last in merged:  # in the first column, whose cells are words
        page.merge_range(ABOVE + 1 + first, LEFT, ABOVE + 1 + last, LEFT, f"groupe {first}")
    book.close()


def _seen(rows: list[list[object]], merged: list[tuple[int, int]]) -> list[tuple[object, ...]]:
    """What a person sees, without any of the reader's code."""
    texts = [[None if v is None else "1.5" if v == 1.5 else str(v) for v in row] for row in rows]
    for first, last in merged:
        for number in range(first, last + 1):
            texts[number][0] = f"groupe {first}"
    return [(ABOVE + 2 + number, *row) for number, row in enumerate(texts)]


def _read(path: Path) -> RawTable:
    [table] = workbook.read(path, FORM, path.name)
    return table


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=WIDTH, max_size=WIDTH), min_size=6, max_size=12),
    merged=st.sampled_from([[], [(0, 2)], [(1, 4)], [(0, 1), (3, 5)]]),
    block=st.integers(1, 9),
    bytes_read=st.integers(64, 700),
)
def test_a_block_may_end_anywhere(
    tmp_path: Path, rows: list[list[object]], merged: list[tuple[int, int]], block: int, bytes_read: int
) -> None:
    path = tmp_path / "a.xlsx"
    # the last cell is filled, so that the sheet ends where the rows do
    rows = [*rows, ["fin"] * WIDTH]
    _write(path, rows, merged)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook, "_BLOCK_CELLS", block)
        patch.setattr(workbook, "_DISTINCT", 1)
        patch.setattr(formula_errors, "_BLOCK_BYTES", bytes_read)
        table = _read(path)
    assert table.frame.drop("colonne A", strict=False).rows() == _seen(rows, merged)


def test_a_column_without_title_is_kept_where_something_stands_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    page.write_row(0, 0, ["a", "", "b", ""])
    page.write_row(1, 0, ["1", None, "2", "note"])
    book.close()
    [table] = workbook.read(path, Format(type="xlsx"), path.name)
    assert table.frame.columns == [LINE, "a", "b", "colonne D"]


@given(cells=st.lists(st.one_of(st.none(), st.sampled_from(["", " a", "a", "é", "e\u0301", "l\u2019eau", "1,0"]))))
def test_cells_cleaned_once_a_value_are_those_cleaned_one_by_one(cells: list[str | None]) -> None:
    column = pl.Series("c", cells, dtype=pl.String)
    alone = [tables._cleaned_values(pl.Series("c", [cell], dtype=pl.String))[0] for cell in cells]
    assert tables._cleaned_values(column).to_list() == alone
