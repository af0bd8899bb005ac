"""What every form is turned into: a table of text with the line each row stands on; and the rules all forms share."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format
from orchestration.extracts.readers import limits
from orchestration.programme.texts import capped, clean, clean_column, counted, normalise

LINE = "__ligne"
UNREADABLE, EMPTY, TOO_BIG = "fichier_illisible", "fichier_vide", "fichier_demesure"
_AGAIN = "redemander le fichier"
TWICE = "les faire renommer, ou dire « titres_doubles: true » sous format et les nommer par leur place"

Note = tuple[str, int, str]
# what makes a record unusable before its answers are looked at: column, value shown, rule
Flaw = tuple[str, str, str]


def unreadable(said: str, remedy: str = _AGAIN) -> DeliveryError:
    """Returns the refusal of a file that cannot be read as its contract says: what is wrong and where, what to do."""
    return DeliveryError(UNREADABLE, f"{said} ; {remedy}.")


def empty(said: str) -> DeliveryError:
    """Returns the refusal of a file in which there is no record."""
    return DeliveryError(EMPTY, f"{said} ; {_AGAIN}.")


def too_big(said: str, remedy: str = _AGAIN) -> DeliveryError:
    """Returns the refusal of a file beyond measure: how large it is and where, what to do."""
    return DeliveryError(TOO_BIG, f"{said} ; {remedy}.")


@dataclass(frozen=True)
class RawTable:
    """One sheet (or file) as text.

    Attributes:
        sheet: name of the sheet, None for a format that has none.
        frame: one row per record; `__ligne` (physical line, or record number where a format has no lines), then
            one text column per source column; blanks are null.
        notes: what was left out on purpose and a person should know of: (rule, number of lines or sheets, sentence).
        labels: what the file says of its columns, for a form that can.
        value_labels: what it says of their values.
        explained_by: the sheets that say it, where the table does not itself.
        ragged: lines that hold more or fewer cells than the header, with how many in a few words.
        flaws: what makes records unusable, by their line, where several lines or files were put together.
        optional: columns that a record may lack, because nothing is written where there is no answer.
    """

    sheet: str | None
    frame: pl.DataFrame
    notes: tuple[Note, ...] = ()
    ragged: Mapping[int, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    explained_by: tuple[str, ...] = ()
    flaws: Mapping[int, tuple[Flaw, ...]] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()

    def put_together(
        self, rows: pl.DataFrame, flaws: Iterable[tuple[int, Flaw]], said: str, optional: frozenset[str] = frozenset()
    ) -> RawTable:
        """Returns the table whose rows were made of several lines each.

        Args:
            rows: one row per record; its `__ligne` is the first of its lines.
            flaws: what is wrong with records, each with that line; a ragged line is among them.
            said: how many lines were put together into how many records, a sentence.
            optional: the columns that a record may lack.
        """
        found: dict[int, tuple[Flaw, ...]] = {}
        for line, flaw in flaws:
            found[line] = (*found.get(line, ()), flaw)
        notes = (*self.notes, ("lignes_reunies", self.frame.height, said))
        return replace(self, frame=rows, notes=notes, ragged={}, flaws=found, optional=optional)


def place(name: str, sheet: str | None) -> str:
    """Returns how a message names a file, or a sheet of it."""
    return name if sheet is None else f"{name}, feuille {sheet}"


def letters(index: int) -> str:
    """Returns the name a spreadsheet gives to a column, from its index: A, B, … AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def titles(rows: Sequence[Sequence[str | None]], form: Format, *, merged: bool = False) -> list[str]:
    """Returns one title per column from the header's rows; a column without one has an empty title.

    Args:
        rows: the header's cells, one sequence per row.
        form: `separateur_entete` joins the rows of a header.
        merged: whether merged cells were already repeated; otherwise a group's title is carried to its right.
    """
    joint = form.separateur_entete
    return [clean(joint.join(parts)) for parts in parts_of_titles(rows, merged=merged)]


def parts_of_titles(rows: Sequence[Sequence[str | None]], *, merged: bool = False) -> list[tuple[str, ...]]:
    """Returns for each column what each row of the header says of it, each text once; see `titles`."""
    width = max((len(row) for row in rows), default=0)
    levels = [[clean(cell or "") for cell in row] + [""] * (width - len(row)) for row in rows]
    for level, below in itertools.pairwise(levels):
        for i in range(1, width):
            if not merged and not level[i] and below[i]:
                level[i] = level[i - 1]
    return [tuple(dict.fromkeys(level[i] for level in levels if level[i])) for i in range(width)]


def numbered(found: Sequence[str], form: Format) -> list[str]:
    """Returns the titles, each repeat with its number where the contract says that a title may stand several times."""
    if not form.titres_doubles:
        return list(found)
    seen: Counter[str] = Counter()
    result = []
    for title in found:
        seen[title] += 1
        result.append(f"{title} ({seen[title]})" if title and seen[title] > 1 else title)
    return result


def check_titles(found: Iterable[str], where: str, line: int) -> None:
    """Refuses two columns of one name.

    Raises:
        DeliveryError: the titles that stand twice.
    """
    seen: set[str] = set()
    twice = sorted({t for t in found if t and (t in seen or seen.add(t))})  # type: ignore[func-returns-value]
    if twice:
        raise unreadable(
            f"{where}, ligne {line} : colonnes en double ({capped(twice)})",
            TWICE,
        )


def check_size(rows: int, columns: int, where: str) -> None:
    """Refuses a table larger than any survey.

    Raises:
        DeliveryError: more columns, rows or cells than the limits.
    """
    refuse_more(columns, limits.COLUMNS, "colonnes", where)
    refuse_more(rows, limits.ROWS, "lignes", where)
    refuse_more(rows * columns, limits.CELLS, "cellules", where)


def refuse_more(count: int, limit: int, what: str, where: str) -> None:
    """Refuses more than a limit.

    Raises:
        DeliveryError: it is more.
    """
    if count > limit:
        raise too_big(
            f"{where} : {count} {what}, plus que les {limit} admises", "vérifier le fichier, ou le faire couper"
        )


def records(table: RawTable, form: Format, name: str) -> RawTable:
    """Cleans names and cells; leaves out the rows that the contract says are not records of its wave.

    Raises:
        DeliveryError: two columns of one name, a cell beyond all measure, or a rule of the contract about a column
            that is not there.
    """
    where = place(name, table.sheet)
    check_titles([clean(c) for c in table.frame.columns if c != LINE], where, form.lignes_avant_entete + 1)
    frame = table.frame.rename({c: clean(c) for c in table.frame.columns})
    columns = [c for c in frame.columns if c != LINE]
    _check_cells(frame, columns, where)
    frame = _cleaned(frame.with_columns(pl.col(LINE).cast(pl.Int64)), columns, form.decimale)
    if columns:
        frame = frame.filter(pl.any_horizontal(pl.col(columns).is_not_null()))
    frame, announced, ignored = _without_ignored(frame, form, where)
    frame, notes = _kept(frame, form, where)
    left = set(frame[LINE]) if table.ragged else set()
    ragged = {line: said for line, said in table.ragged.items() if line in left}
    wrong = [
        ("total_annonce", 1, f"{where}, ligne {line} : {said} annoncés par l'émetteur, {frame.height} lus")
        for line, said in announced
        if said != frame.height
    ]
    return replace(table, frame=frame, notes=(*table.notes, *ignored, *notes, *wrong), ragged=ragged)


def _cleaned(frame: pl.DataFrame, columns: list[str], decimal: str | None) -> pl.DataFrame:
    """Returns the cells in the one form in which they are compared; blanks become null."""
    if not columns:
        return frame
    # most columns are bare codes: only those with a space, a blank or a letter outside ASCII need the whole cleaning
    unclean = frame.select(pl.col(columns).str.contains(r"[^\x21-\x7e]|^$").any()).row(0)
    frame = frame.with_columns(_cleaned_values(frame[c]) for c, needed in zip(columns, unclean, strict=True) if needed)
    # a whole number is the same code whether a tool wrote 1, 1.0 or 1,00
    whole = _whole(decimal)
    decimals = frame.select(pl.col(columns).str.contains(whole).any()).row(0)
    return frame.with_columns(
        pl.col(c).str.replace(whole, "${1}") for c, needed in zip(columns, decimals, strict=True) if needed
    )


def _cleaned_values(cells: pl.Series) -> pl.Series:
    """Returns a column cleaned; a value that stands many times, as answers do, is cleaned once."""
    values = cells.drop_nulls().unique()
    if 2 * values.len() > cells.len():
        return cells.to_frame().select(clean_column(cells.name)).to_series()
    cleaned = values.to_frame().select(clean_column(cells.name)).to_series()
    return cells.replace_strict(values, cleaned, default=None, return_dtype=pl.String)


def as_cell(value: str, decimal: str | None) -> str:
    """Returns a value as a cell that holds it is read: cleaned, a whole number without its needless decimals.

    Args:
        value: the value, as a contract writes it.
        decimal: the decimal separator of the contract; None where it says none.
    """
    return re.sub(_whole(decimal), r"\1", clean(value))


def _whole(decimal: str | None) -> str:
    """Returns the pattern of a whole number with needless decimals; behind the sign of thousands, 000 are none."""
    if decimal is None:
        return r"^(-?\d+)[.,]0+$"
    grouping = "." if decimal == "," else ","
    return rf"^(-?\d+)(?:\{decimal}0+|\{grouping}(?:0{{1,2}}|0{{4,}}))$"


def _check_cells(frame: pl.DataFrame, columns: list[str], where: str) -> None:
    longest = frame.select(pl.col(columns).str.len_bytes().max()).row(0) if columns else ()
    for column, length in zip(columns, longest, strict=True):
        if (length or 0) > limits.CELL_BYTES:
            line = frame[LINE][frame[column].str.len_bytes().arg_max() or 0]
            raise too_big(f"{where}, ligne {line}, colonne {column} : cellule de {length} octets")


def _column(column: str, frame: pl.DataFrame, key: str, where: str) -> str:
    if column not in frame.columns:
        raise DeliveryError(
            "colonnes_absentes",
            f"{where} : colonne de « {key} » absente ({column}) ; corriger le contrat ou le fichier.",
        )
    return column


def _without_ignored(
    frame: pl.DataFrame, form: Format, where: str
) -> tuple[pl.DataFrame, list[tuple[int, int]], list[Note]]:
    """Returns the rows that no rule leaves out, the totals that the others announce (line, number), and how many."""
    announced: list[tuple[int, int]] = []
    notes: list[Note] = []
    for rule in form.ignored:
        column = _column(rule.colonne, frame, "lignes_ignorees", where)
        ignored = pl.col(column).fill_null("").str.contains(rule.motif)
        if rule.total is not None:
            announced += _totals(frame.filter(ignored), rule.total)
        out, frame = frame.filter(ignored), frame.filter(~ignored)
        if out.height:
            said = f"{where} : {counted(out.height, 'ligne')} hors des entretiens, la première ligne {out[LINE][0]}"
            notes.append(("lignes_ignorees", out.height, f"{said} ({column} répond à « {rule.motif} »)"))
    return frame, announced, notes


def _totals(ignored: pl.DataFrame, pattern: str) -> list[tuple[int, int]]:
    found = []
    for row in ignored.iter_rows(named=True):
        text = " ".join(str(v) for name, v in row.items() if name != LINE and v is not None)
        match = re.search(pattern, text)
        digits = re.sub(r"\D", "", match[1]) if match else ""
        if digits:
            found.append((int(row[LINE]), int(digits)))
    return found


def _kept(frame: pl.DataFrame, form: Format, where: str) -> tuple[pl.DataFrame, list[Note]]:
    rule = form.lignes_gardees
    if rule is None:
        return frame, []
    column = _column(rule.colonne, frame, "lignes_gardees", where)
    wanted = {normalise(str(v)) for v in rule.valeurs}
    present = frame[column].unique().to_list()
    kept = frame.filter(pl.col(column).is_in([v for v in present if v is not None and normalise(v) in wanted]))
    left = frame.height - kept.height
    if not left:
        return kept, []
    others = sorted({"vide" if v is None else v for v in present if v is None or normalise(v) not in wanted})
    note = f"{where} : {left} lignes laissées à d'autres contrats ({column} : {capped(others)})"
    return kept, [("lignes_laissees", left, note)]


def check_not_empty(tables: Sequence[RawTable], name: str) -> None:
    """Refuses a file without a single record.

    Raises:
        DeliveryError: nothing stands under the header.
    """
    if not any(t.frame.height for t in tables):
        left = " que ce contrat garde" if any(rule == "lignes_laissees" for t in tables for rule, *_ in t.notes) else ""
        raise empty(f"{name} : aucune ligne{left} sous l'en-tête")


def cell(value: object) -> str | None:
    """Returns one spreadsheet value as text; a blank is None."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    return str(value)
