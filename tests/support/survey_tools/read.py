"""An extract's cells as they stand in its file, read by the formats' own libraries."""

from __future__ import annotations

import csv
import io

import pyreadstat
from python_calamine import CalamineWorkbook

from tests.support.survey_tools.truth import ToolExtract, shown


def cells(extract: ToolExtract) -> tuple[list[list[str]], list[list[str]]]:
    """Returns the header rows and the records of the file, each cell as text, without what stands above and below."""
    rows = raw_rows(extract)
    layout = extract.layout
    first = layout.before + layout.headers
    return rows[layout.before : first], rows[first : len(rows) - layout.after]


def raw_rows(extract: ToolExtract) -> list[list[str]]:
    """Returns all rows of the file's table, titles and what stands around them included, each cell as text."""
    layout = extract.layout
    if extract.path.suffix == ".sav":
        frame, meta = pyreadstat.read_sav(extract.path, user_missing=True)
        records = [[shown(None if cell != cell else cell) for cell in row] for row in frame.itertuples(index=False)]
        return [list(meta.column_names), *records]
    if extract.path.suffix == ".xlsx":
        sheet = CalamineWorkbook.from_path(extract.path).get_sheet_by_name(layout.sheet)
        return [[shown(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]  # type: ignore[arg-type]
    text = extract.path.read_bytes().decode(layout.encoding)
    read = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter)
    return [row for row in read if row]
