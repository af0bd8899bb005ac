"""Judges the lines of counts of one table: those that can be counted, why the others cannot, what a person should know.

The lake gets one file per organisme and wave, as for interviews, though a national workbook makes hundreds of small
ones: a lot is what is elected, replaced and counted again, so one organisme's correction touches one file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from orchestration.extracts.contract import Contract
from orchestration.extracts.counts_lines import OVERALL, CountsReader, Line, Reject
from orchestration.extracts.counts_tally import Tallier
from orchestration.extracts.readers import RawTable, place, read_tables
from orchestration.extracts.readers.lookup import find_column
from orchestration.extracts.records import QualityRow
from orchestration.extracts.scores import ScoresReader
from orchestration.extracts.validation import Judged, rejects_frame
from orchestration.programme.texts import capped, normalise


def judge_counts(reader: CountsReader, rows: pl.DataFrame, organisme: str) -> Judged:
    """Returns the counts of one organisme's lines, and the rejects: the lines that cannot be counted."""
    read, unreadable = reader.read(rows)
    lines, rejects = _sorted_out(read, reader, organisme)
    tallier = Tallier(reader.contract, reader.programme)
    counts = tallier.rows(lines)
    overall = [line for line in lines if line.axis == OVERALL[0]]
    return Judged(
        counts,
        rejects_frame([*unreadable, *rejects]),
        refusal="" if overall else "aucune ligne d'ensemble acceptée",
        remarks=(
            *(
                QualityRow(organisme, rule, "avertissement", number, f"{reader.table.sheet or 'fichier'}, {text}")
                for rule, number, text in tallier.remarks()
            ),
            *_without_indices(reader, organisme, len(lines)),
        ),
        interviews=round(sum(line.size[0] for line in overall)),
        populations={line.stratum: line.population for line in overall if line.population is not None} or None,
    )


def _without_indices(reader: CountsReader, organisme: str, number: int) -> Iterator[QualityRow]:
    """Yields that counts give no index: nothing says which answers are of the same respondent."""
    asked = [code for code, question in reader.programme.questions.items() if reader.contract.wave in question.waves]
    if codes := [code for code in asked if code in reader.programme.indices]:
        text = f"{capped(codes)} : des comptes ne disent pas ce que chacun répond à plusieurs questions ; non posé"
        yield QualityRow(organisme, "indice_sans_entretiens", "avertissement", number, text)


def _sorted_out(read: list[Line], reader: CountsReader, organisme: str) -> tuple[list[Line], list[Reject]]:
    """Returns the lines that can be counted, and the rejects: repeats, strata without population, lost segments."""
    planned = reader.programme.populations(reader.contract.wave, organisme)
    size, stratum, population = reader.size[0], reader.stratum, reader.population
    rejects: list[Reject] = []
    kept: dict[tuple[str, str, str], Line] = {}
    for line in read:
        key, interviews = (line.stratum, line.axis, line.segment), line.size[0]
        if key in kept:
            rejects.append((line.line, size, ".".join(key), "doublon"))
        elif planned and line.stratum not in planned:
            rejects.append((line.line, stratum, line.stratum, "strate_inconnue"))
        elif not planned and line.population is None and line.axis == OVERALL[0]:
            rejects.append((line.line, population, line.stratum, "population_absente"))
        elif line.population is not None and line.population < interviews:
            rejects.append((line.line, population, str(line.population), "population_inferieure"))
        elif interviews > planned.get(line.stratum, interviews):
            rejects.append((line.line, size, f"{interviews:.0f}", "population_inferieure"))
        else:
            kept[key] = line
    whole = {stratum for stratum, axis, _ in kept if axis == OVERALL[0]}
    lost = [line for line in kept.values() if line.stratum not in whole]
    rejects += [(line.line, size, line.stratum, "ensemble_absent") for line in lost]
    return [line for line in kept.values() if line.stratum in whole], rejects


def unread(reader: CountsReader | ScoresReader) -> list[QualityRow]:
    """Returns remarks on columns that nothing reads, as a workbook has other subjects; and on those a check lacks."""
    told = []
    checks = reader.checks
    if checks.missing or checks.faults:
        lacking = [f"{m.heading} ({m.role})" for m in checks.missing]
        text = capped([*lacking, *map(str, checks.faults)], most=5)
        number = len(checks.missing) + len(checks.faults)
        said = f"{reader.where} : {text} ; les comptes sont lus sans ce contrôle"
        told.append(QualityRow(None, "controle_absent", "avertissement", number, said))
    ignored = {normalise(name) for name in reader.contract.body.ignorees}
    unread = [c for c in reader.columns if c not in reader.used and normalise(c) not in ignored]
    if unread:
        text = f"{reader.where} : {capped((name[:60] for name in unread), most=5)}"
        told.append(QualityRow(None, "colonnes_non_lues", "avertissement", len(unread), text))
    return told


def left_out_tables(path: Path, contract: Contract) -> list[RawTable]:
    """Reads the sheets in which a sender lists the organismes that it left out; there may be none."""
    rule = contract.left_out
    if rule is None:
        return []
    return read_tables(path, contract.form.model_copy(update={"feuilles": rule.feuilles, "lignes_ignorees": ()}))


def left_out(
    table: RawTable, contract: Contract, names: Mapping[str, str], name: str
) -> Iterator[tuple[str | None, pl.DataFrame, str, str]]:
    """Yields the organismes that such a sheet lists: code, row, column that names it, the sender's reason.

    Raises:
        DeliveryError: a column of the contract is not there, or not alone.
    """
    rule, where = contract.left_out, place(name, table.sheet)
    assert rule is not None
    who, why = (find_column(table.frame.columns, heading, where) for heading in (rule.organisme, rule.motif))
    for index, row in enumerate(table.frame.iter_rows(named=True)):
        if row[who]:
            reason = row[why] or "non inclus par l'émetteur"
            yield names.get(normalise(row[who])), table.frame[[index]], who, reason
