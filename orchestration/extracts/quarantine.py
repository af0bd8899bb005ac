"""What a delivery is reproached with: rejects kept with their reasons, values not recognised, rows of `obs_qualite`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

from orchestration.extracts.catalogue import rule_of
from orchestration.extracts.contract import Contract
from orchestration.extracts.lake import write_csv
from orchestration.extracts.personal_data import MASK, mask, masked, personal_columns
from orchestration.extracts.readers import RawTable
from orchestration.extracts.records import QualityRow
from orchestration.extracts.validation import REJECTS_SCHEMA, Judged
from orchestration.files import replace_folder
from orchestration.programme.texts import counted, number, percent

JudgedTable = tuple[RawTable, str | None, Judged]


def quality_rows(judged: list[JudgedTable]) -> list[QualityRow]:
    """Returns one row per organisme and broken rule, with the number of records and one place as an example."""
    rows = []
    for table, organisme, outcome in judged:
        for (rule,), group in sorted(outcome.rejects.group_by("regle"), key=lambda item: str(item[0][0])):
            first = group.sort("ligne").row(0, named=True)
            place = f"feuille {table.sheet}, " if table.sheet else ""
            example = f"{place}ligne {first['ligne']}, {first['colonne'] or first['valeur']}"
            rows.append(QualityRow(organisme, str(rule), "rejet", group["ligne"].n_unique(), example))
    return rows


def told_rejects(rejected: int, read: int, limit: float, cost: str) -> str:
    """Returns, in French, which share of an organisme's lines is rejected, and the share beyond which it costs it."""
    return (
        f"{counted(rejected, 'ligne')} rejetée{'s' if rejected > 1 else ''} sur {number(read)}"
        f" ({percent(rejected / read if read else 1)}), {cost} au-delà de {percent(limit)}"
    )


def told_worst(outcome: Judged, sheet: str | None = None) -> str:
    """Returns, in French, which rule refused most lines of an organisme, where, and what to do: the end of a sentence.

    Args:
        outcome: what became of its lines.
        sheet: the sheet they stand in; None for a file without sheets.
    """
    if outcome.rejects.is_empty():
        return ""
    cases = outcome.rejects.group_by("regle", "colonne").agg(
        pl.col("ligne").n_unique().alias("n"), pl.col("ligne").min()
    )
    worst = cases.sort("n", "regle", "colonne", descending=[True, False, False]).row(0, named=True)
    rule = rule_of(worst["regle"])
    column = f", colonne {worst['colonne']}" if worst["colonne"] else ""
    where = f"feuille {masked(sheet)}, " if sheet else ""
    place = f"{counted(worst['n'], 'ligne')}, la première {where}ligne {worst['ligne']}"
    remedy = f" ; {rule.remedy[0].lower()}{rule.remedy[1:].rstrip('.')}" if rule.remedy else ""
    return f" ; le plus souvent « {rule.label} »{column} ({place}){remedy}"


def note_rows(tables: list[RawTable]) -> list[QualityRow]:
    """Returns what reading had to say: a sheet passed over, rows left to another contract."""
    return [QualityRow(None, rule, "avertissement", n, note) for table in tables for rule, n, note in table.notes]


def personal_rows(tables: list[RawTable], contract: Contract) -> Iterator[QualityRow]:
    """Yields the columns left out that hold personal data: the sender should no longer deliver them."""
    ignored = contract.all_ignored_columns
    for table in tables:
        for column, kind in personal_columns(table.frame, sorted(ignored & set(table.frame.columns))).items():
            filled = table.frame.height - table.frame[column].null_count()
            said = f"colonne {column} : {kind}, écartée ; demander de ne plus la livrer"
            yield QualityRow(None, "donnee_personnelle", "avertissement", filled, said)


def shown_rejects(judged: list[JudgedTable], contract: Contract | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Returns the rejects of a delivery as they may be shown, and the values that no code map recognised.

    Interview numbers are masked, because the institute can tell people from them, and so is what looks personal in
    any other cell: the line number is enough to find the row again.

    Args:
        judged: the rejects, table by table and organisme by organisme.
        contract: which column numbers the interviews, and which are left out; None where the file has none.

    Returns:
        the rejects: feuille, organisme_code, ligne, colonne, valeur, regle; and colonne, valeur, nb_lignes of each
        value that is not recognised.
    """
    frames = [
        outcome.rejects.with_columns(
            pl.lit(table.sheet, pl.String).alias("feuille"),
            pl.lit(organisme, pl.String).alias("organisme_code"),
        )
        for table, organisme, outcome in _hidden(judged, contract.all_ignored_columns if contract else set())
    ]
    empty = pl.DataFrame(schema={**REJECTS_SCHEMA, "feuille": pl.String, "organisme_code": pl.String})
    rejects = pl.concat([empty, *frames]).select("feuille", "organisme_code", "ligne", "colonne", "valeur", "regle")
    interview = ", ".join(contract.interview_columns) if contract else ""
    shown = pl.when((pl.col("colonne") == interview) & (pl.col("valeur") != "")).then(pl.lit(MASK))
    rejects = rejects.with_columns(shown.otherwise(mask(pl.col("valeur"))).alias("valeur"))
    unknown = (
        rejects.filter(pl.col("regle").is_in(["valeur_inconnue", "organisme_inconnu"]))
        .group_by("colonne", "valeur")
        .len("nb_lignes")
    )
    return rejects, unknown.sort("colonne", "valeur")


def keep_rejects(folder: Path, judged: list[JudgedTable], contract: Contract | None) -> None:
    """Keeps the rejects of a delivery, and the values that no code map recognised with a blank to fill in.

    Args:
        folder: the delivery's folder of the quarantine; what it held is replaced.
        judged: the rejects, table by table and organisme by organisme.
        contract: which column numbers the interviews, and which are left out; None where the file has none.
    """
    rejects, unknown = shown_rejects(judged, contract)
    unknown = unknown.with_columns(pl.lit("").alias("modalite_code"))

    def fill(fresh: Path) -> None:
        write_csv(rejects, fresh / "rejets.csv")
        write_csv(unknown, fresh / "valeurs_non_reconnues.csv")

    replace_folder(folder, fill)


def _hidden(judged: Iterable[JudgedTable], ignored: set[str]) -> list[JudgedTable]:
    """Returns rejects without what stands in the personal columns of the same table, nor in the name of its sheet.

    A name looks like any word: it is known by the column it also stands in, when a shift brings it into another.

    Args:
        judged: the rejects, table by table and organisme by organisme.
        ignored: columns that the contract leaves out; the personal ones are among them.
    """
    found = []
    for table, organisme, outcome in judged:
        rejects = outcome.rejects
        if rejects.height and (said := personal_values(table, ignored)):
            cells = pl.col("valeur").str.split(", ").list.eval(pl.element().is_in(list(said))).list.any()
            rejects = rejects.with_columns(pl.when(cells).then(pl.lit(MASK)).otherwise("valeur").alias("valeur"))
        sheet = None if table.sheet is None else masked(table.sheet)
        found.append((replace(table, sheet=sheet), organisme, replace(outcome, rejects=rejects)))
    return found


def personal_values(table: RawTable, ignored: set[str]) -> set[str]:
    """Returns what stands in the personal columns of a table, to be looked for and hidden where else it stands.

    Args:
        table: the table.
        ignored: columns that the contract leaves out; the personal ones are among them.
    """
    personal = personal_columns(table.frame, [c for c in table.frame.columns if c in ignored])
    return {v for c in personal for v in table.frame[c].drop_nulls().unique() if _telling(v)}


def _telling(value: str) -> bool:
    # « 1 » in a column of names is no name, and the same code elsewhere must stay readable
    return len(value) > 2 and not value.isdigit()
