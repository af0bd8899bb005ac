"""The tables of one delivery as the mapping reads them: one row per interview, whatever the form of the files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import polars as pl

from orchestration.extracts.contract import Contract
from orchestration.extracts.explained import with_codebook
from orchestration.extracts.form import Format, Join, LongForm
from orchestration.extracts.joins import Joined, joined
from orchestration.extracts.long_counts import CountsTable, spread
from orchestration.extracts.long_form import Expected, pivoted
from orchestration.extracts.readers import RawTable, place, read_tables, unreadable
from orchestration.extracts.readers.lookup import find_column
from orchestration.extracts.readers.received import shown_name
from orchestration.programme.texts import capped, normalise

# what a joined file has in common with the main one, unless its own `format` says otherwise
_DIALECT = ("type", "encodage", "separateur", "guillemet", "echappement", "decimale")


def delivered_tables(
    paths: Sequence[Path], contract: Contract, check: Callable[[Sequence[str]], None] | None = None
) -> list[RawTable]:
    """Reads a delivery into tables of one row per interview, or per line of counts.

    Args:
        paths: the main file, then those that complete it, in the order of the contract.
        contract: how they are written.
        check: is given the headings of the main file, a delimited text, before its rows are read.

    Raises:
        DeliveryError: a file cannot be read in the form that the contract says; or what `check` raises.
    """
    main, *others = paths
    tables = read_tables(main, contract.form, check)
    if contract.of_counts:
        return [_spread(table, contract, shown_name(main)) for table in tables]
    if contract.of_interviews:
        tables = with_codebook(tables, main, contract)
    if not contract.is_assembled:
        return tables
    keys, known = contract.interview_columns, contract.all_known_columns
    tables = _without_joined_sheets(tables, contract, shown_name(main))
    long_forms = [contract.long_form, *(rule.forme_longue for rule in contract.joins)]
    tables = [_wide(t, contract.long_form, contract, keys, shown_name(main)) for t in tables]
    left = iter(others)
    for rule in contract.joins:
        other = _joined_table(main if rule.fichier is None else next(left), rule, contract)
        tables = joined(tables, other, keys, contract.body.organisme.colonne or "", known)
    if not any(long_forms):
        return tables
    return [_completed(table, known, place(shown_name(main), table.sheet)) for table in tables]


def _wide(table: RawTable, rule: LongForm | None, contract: Contract, keys: Sequence[str], name: str) -> RawTable:
    """Returns a long table as one row per respondent; any other as it is."""
    if rule is None:
        return table
    expected = Expected(
        keys=tuple(keys),
        whose=contract.body.organisme.colonne or "",
        known=contract.all_known_columns,
        ignored=contract.all_ignored_columns,
        separators=contract.separators,
        date=contract.date_column,
    )
    return pivoted(table, rule, expected, name)


def _spread(table: RawTable, contract: Contract, name: str) -> RawTable:
    """Returns a frequency table as lines of counts; any other table of counts as it is."""
    rules, body = contract.counts_rules, contract.sample_rules
    if rules.forme_longue is None:
        return table
    columns, where = table.frame.columns, place(name, table.sheet)
    cut = (rules.decoupage.axe, rules.decoupage.segment) if rules.decoupage else ()
    said = (body.organisme.colonne, body.strate.colonne, *cut)
    keys = tuple(find_column(columns, heading, where) for heading in said if heading is not None)
    sizes = (rules.effectif, rules.effectif_poids, rules.effectif_poids_carre, rules.population)
    repeated = tuple(c for c in columns if any(isinstance(h, str) and normalise(h) == normalise(c) for h in sizes))
    between = contract.form.separateur_entete
    counts = CountsTable(rules.forme_longue, keys, repeated, between, contract.named_counts)
    return spread(table, counts, name)


def _without_joined_sheets(tables: list[RawTable], contract: Contract, name: str) -> list[RawTable]:
    """Returns the tables of interviews: a pattern of sheets may take in those that are joined to them."""
    sheets = [rule.feuille for rule in contract.joins if rule.feuille is not None]
    kept = [t for t in tables if not any(fnmatchcase(t.sheet or "", pattern) for pattern in sheets)]
    if not kept:
        listed = ", ".join(str(t.sheet) for t in tables)
        told = "dire celle des entretiens dans « format.feuilles »"
        raise unreadable(f"{name} : {listed} n'est là que pour une jointure", told)
    return kept


def _joined_table(path: Path, rule: Join, contract: Contract) -> Joined:
    """Reads a table that is joined to the interviews, the columns of its key named as theirs."""
    name, form = shown_name(path), _form(rule, contract.form)
    tables = read_tables(path, form)
    if len(tables) > 1:
        listed = ", ".join(str(t.sheet) for t in tables)
        raise unreadable(f"{name} : plusieurs feuilles pour une jointure ({listed})", "n'en nommer qu'une")
    [table] = tables
    named = dict(zip(rule.keys or contract.interview_columns, contract.interview_columns, strict=True))
    there = {theirs: ours for theirs, ours in named.items() if theirs in table.frame.columns and theirs != ours}
    table = replace(table, frame=table.frame.rename(there))
    table = _wide(table, rule.forme_longue, contract, contract.interview_columns, name)
    return Joined(table, rule, place(name, table.sheet))


def _form(rule: Join, main: Format) -> Format:
    form = rule.format or Format.model_validate({name: getattr(main, name) for name in _DIALECT if getattr(main, name)})
    return form if rule.feuille is None else form.model_copy(update={"feuilles": (rule.feuille,)})


def _completed(table: RawTable, known: Sequence[str], where: str) -> RawTable:
    """Returns a table made of long ones with every known column: a question that nobody answers has no line."""
    unsaid = [c for c in known if c not in table.frame.columns]
    if not unsaid:
        return table
    note = ("questions_sans_ligne", len(unsaid), f"{where} : aucune ligne ne répond à {capped(unsaid)}")
    return replace(
        table,
        frame=table.frame.with_columns(pl.lit(None, pl.String).alias(c) for c in unsaid),
        notes=(*table.notes, note),
        optional=table.optional | set(unsaid),
    )
