"""Workbooks, XLSX, XLS and ODS: the values that stand in the cells of the sheets a contract names."""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format
from orchestration.extracts.readers import limits
from orchestration.extracts.readers.archives import check_workbook, protected, temporary, workbook_kind
from orchestration.extracts.readers.formula_errors import errors_in
from orchestration.extracts.readers.lookup import header_position
from orchestration.extracts.readers.tables import (
    EMPTY,
    LINE,
    UNREADABLE,
    Note,
    RawTable,
    cell,
    check_size,
    check_titles,
    letters,
    numbered,
    place,
    titles,
    too_big,
)
from orchestration.programme.texts import capped

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

Row = list[Any]
Merged = tuple[tuple[int, int], tuple[int, int]]

_BLOCK_CELLS = 500_000
# different values of which the text is remembered
_DISTINCT = 100_000
_REMEDY = "effacer ce qui traîne loin du tableau, ou le faire livrer en CSV"


def read(path: Path, form: Format, name: str, rows: int | None = None) -> list[RawTable]:
    """Reads the sheets that `feuilles` names, by default the first one that is not hidden.

    A merged cell stands for all the rows it covers, and in the header for all its columns. A column without a title
    is left out when it is blank, and otherwise takes the spreadsheet's own name: `colonne C`.

    Raises:
        DeliveryError: a password, no such sheet, no header, two columns of one title, a table beyond measure.
    """
    workbook, kind = _opened(path, name)
    names, notes = _sheets(workbook, form, name)
    tables = []
    for sheet in names:
        page, errors = workbook.get_sheet_by_name(sheet), errors_in(path, sheet, kind)
        tables.append(_table(page, sheet, form, name, notes, errors, rows))
        notes = ()
    return tables


def grids(path: Path, name: str, rows: int, apart: Collection[str] = ()) -> list[RawTable]:
    """Returns the first rows of every visible sheet as they stand: tables whose columns are 0, 1, 2 and so on.

    Args:
        path: the workbook.
        name: what a message calls it.
        rows: how many rows.
        apart: sheets that are not wanted.

    Raises:
        DeliveryError: a password, no visible sheet, or a sheet beyond measure.
    """
    workbook, _ = _opened(path, name)
    found = []
    for sheet in _sheets(workbook, Format(type="xlsx", feuilles=("*",)), name)[0]:
        page = None if sheet in apart else workbook.get_sheet_by_name(sheet)
        if page is None or page.end is None:
            continue
        check_size(min(rows, page.end[0] + 1), page.end[1] + 1, place(name, sheet))
        cells = [[cell(value) for value in row] for row in page.to_python(skip_empty_area=False, nrows=rows)]
        columns = {str(i): values for i, values in enumerate(zip(*cells, strict=True))}
        found.append(RawTable(sheet, pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))))
    return found


def _opened(path: Path, name: str) -> tuple[CalamineWorkbook, str]:
    """Returns the workbook and its kind."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    check_workbook(path, name)
    kind = workbook_kind(path)
    try:
        with TemporaryDirectory(prefix=temporary()) as folder:
            # the library goes by the name's end, which proves nothing of a delivered file
            link = Path(folder) / f"classeur.{kind}"
            link.symlink_to(path)
            return CalamineWorkbook.from_path(str(link)), kind
    except PasswordError:
        raise protected(name) from None
    except CalamineError as error:
        if "limit exceeded" in str(error):
            raise too_big(f"{name} : trop de cellules pour un classeur", _REMEDY) from None
        raise


def _sheets(workbook: CalamineWorkbook, form: Format, name: str) -> tuple[list[str], tuple[Note, ...]]:
    """Returns the sheets to read, and a note on the hidden ones that are not."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    pages = [m for m in workbook.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
    hidden = [m.name for m in pages if m.visible != SheetVisibleEnum.Visible]
    patterns = form.feuilles
    if patterns:
        # a hidden sheet is read only when its very name is given
        names = [
            m.name
            for m in pages
            if m.name in patterns
            or (m.name not in hidden and any(fnmatch.fnmatchcase(m.name, pattern) for pattern in patterns))
        ]
    else:
        names = [m.name for m in pages if m.name not in hidden][:1]
    skipped = [n for n in hidden if n not in names]
    if not names:
        listed = capped(f"{m.name} (masquée)" if m.name in hidden else m.name for m in pages)
        wanted = ", ".join(patterns) if patterns else "une feuille visible"
        raise DeliveryError(UNREADABLE, f"{name} : aucune feuille ne répond à {wanted} (feuilles : {listed}).")
    note = f"{name} : feuilles masquées non lues ({capped(skipped)}) ; les nommer dans « feuilles » pour les lire"
    return names, (("feuille_masquee", len(skipped), note),) if skipped else ()


def _table(
    sheet: CalamineSheet,
    title: str,
    form: Format,
    name: str,
    notes: tuple[Note, ...],
    errors: Mapping[tuple[int, int], str],
    limit: int | None,
) -> RawTable:
    where = place(name, title)
    levels, last = form.lignes_entete, sheet.end
    if last is None:
        raise DeliveryError(EMPTY, f"{where} : la feuille est vide.")
    height, width = last[0] + 1, last[1] + 1
    check_size(height, width, where)
    if limit is None and height * width > limits.WORKBOOK_CELLS:
        raise too_big(f"{where} : {height} lignes sur {width} colonnes, trop pour un classeur", _REMEDY)
    top: list[Row] = []
    rows = _rows(sheet, errors, limit)
    above = header_position(_looked_at(rows, top), form, where)
    start = above + levels
    top += itertools.islice(rows, start - len(top))
    if len(top) < start:
        raise DeliveryError(EMPTY, f"{where} : pas d'en-tête à la ligne {start}.")
    merged = sheet.merged_cell_ranges or []
    header_merges = _repeat(top, merged, above, start)
    header = [[cell(value) for value in row] for row in top[above:start]]
    names = numbered(titles(header, form, merged=header_merges), form)
    check_titles(names, where, above + 1)
    columns = [title or f"colonne {letters(i)}" for i, title in enumerate(names)]
    frame = _texts(_filled(rows, merged, start, width), columns)
    blank = [c for c, title in zip(columns, names, strict=True) if not title and frame[c].null_count() == frame.height]
    return RawTable(title, frame.drop(blank).with_row_index(LINE, offset=start + 1), notes)


def _rows(sheet: CalamineSheet, errors: Mapping[tuple[int, int], str], limit: int | None) -> Iterator[Row]:
    """Yields the rows of a sheet from its first cell, errors put back where the library sees blanks."""
    (above, left), (_, right) = sheet.start or (0, 0), sheet.end or (0, 0)
    wrong: dict[int, dict[int, str]] = {}
    for (number, column), value in errors.items():
        if column <= right:
            wrong.setdefault(number, {})[column] = value
    blank: Iterable[Row] = ([""] * (right + 1) for _ in range(above))
    filled: Iterable[Row] = ([""] * left + row for row in sheet.iter_rows())
    for number, row in enumerate(itertools.islice(itertools.chain(blank, filled), limit)):
        for column, value in wrong.get(number, {}).items():
            row[column] = value
        yield row


def _looked_at(rows: Iterator[Row], kept: list[Row]) -> Iterator[list[str | None]]:
    for row in rows:
        kept.append(row)
        yield [cell(value) for value in row]


def _repeat(rows: list[Row], merged: Sequence[Merged], above: int, start: int) -> bool:
    """Writes a merged title over all its columns; returns whether cells of the header are merged."""
    in_header = False
    width = len(rows[0])
    for (top, left), (_, right) in merged:
        if above <= top < start and left < width:
            in_header = True
            for column in range(left, min(right + 1, width)):
                rows[top][column] = rows[top][left]
    return in_header


def _filled(rows: Iterator[Row], merged: Sequence[Merged], start: int, width: int) -> Iterator[Row]:
    """Yields the rows below the header; a merged cell's value stands where a person sees it, down its rows.

    Across columns a merge is a title or a note, which is not the other columns' value.
    """
    begins: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in merged:
        if top >= start and bottom > top and left < width:
            begins.setdefault(top, []).append((left, bottom))
    going: dict[int, tuple[Any, int]] = {}  # by column, the value that goes down and its last row
    for number, row in enumerate(rows, start):
        for column, (value, bottom) in list(going.items()):
            row[column] = value
            if number == bottom:
                del going[column]
        for left, bottom in begins.get(number, ()):
            going[left] = (row[left], bottom)
        yield row


class _Texts(dict[Any, str | None]):
    """The text of each value met. A survey has few different ones, of which making the text is what costs."""

    def __missing__(self, value: object) -> str | None:
        if len(self) > _DISTINCT:
            self.clear()
        self[value] = text = cell(value)
        return text


def _texts(rows: Iterator[Row], columns: Sequence[str]) -> pl.DataFrame:
    """Returns the rows as columns of text, made block by block: whole, Python's values cost many times the table."""
    schema, known = dict.fromkeys(columns, pl.String), _Texts()
    parts = [pl.DataFrame(schema=schema)]
    while block := list(itertools.islice(rows, max(1, _BLOCK_CELLS // len(columns)))):
        values = ([known[value] for value in column] for column in zip(*block, strict=True))
        parts.append(pl.DataFrame(dict(zip(columns, values, strict=True)), schema=schema))
    return pl.concat(parts)
