"""A delivery of counts, from landing folder to lake: one Parquet file of counts per organisme.

One file per organisme and wave, as for interviews, though a national workbook makes hundreds of small ones: a lot is
what is elected, replaced and counted again, so one landlord's correction touches one file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from orchestration.extracts.contract import Contract
from orchestration.extracts.counts_body import LeftOut
from orchestration.extracts.counts_contract import counts_maps
from orchestration.extracts.counts_lines import OVERALL, CountsReader, Line, Reject
from orchestration.extracts.counts_tally import Tallier, grouped
from orchestration.extracts.form import Format
from orchestration.extracts.headers import find_column
from orchestration.extracts.lake import Lake, write_parquet
from orchestration.extracts.quarantine import told_rejects
from orchestration.extracts.readers import LINE, RawTable, read_tables
from orchestration.extracts.readers.received import shown_name
from orchestration.extracts.records import ACCEPTED, COUNTS, REFUSED, RESERVED, Lot, QualityRow, unknown_organisme
from orchestration.extracts.validation import REJECTS_SCHEMA, Judged
from orchestration.files import file_sha256
from orchestration.programme import Programme
from orchestration.programme.texts import normalise


@dataclass
class Taken:
    """What was made of a delivery of counts: rejects by table and organisme, lots, remarks."""

    judged: list[tuple[RawTable, str | None, Judged]] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    quality: list[QualityRow] = field(default_factory=list)


def take_counts(
    path: Path, delivery: str, contract: Contract, programme: Programme, names: Mapping[str, str], named: str | None
) -> Taken:
    """Reads a file of counts and writes one lake file per organisme in it.

    Args:
        path: the file.
        delivery: identifier of the delivery.
        contract: how to read it.
        programme: questionnaire, axes, sampling plan.
        names: organisme code by normalised name.
        named: organisme that the contract or the file name gives.

    Raises:
        DeliveryError: the file is unreadable, or a column of the contract is not there, or not alone.
    """
    taken = Taken()
    for table in read_tables(path, contract.form):
        where = shown_name(path) + (f", feuille {table.sheet}" if table.sheet else "")
        columns = [c for c in table.frame.columns if c != LINE]
        reader = CountsReader(columns, contract, programme, where)
        for organisme, rows, column in _by_organisme(table, contract, names, named, where):
            reader.used.add(column)
            if organisme is None:
                taken.judged.append((table, None, _refused(rows, column, "organisme_inconnu")))
                taken.lots.append(_nothing(None, rows.height, unknown_organisme(rows.height)))
            else:
                _take(taken, table, organisme, rows, reader, Lake(programme.root), delivery)
        _tell_unread(taken, columns, reader, contract, where)
    if contract.counts_rules.non_inclus is not None:
        _take_excluded(taken, path, contract.form, contract.counts_rules.non_inclus, names)
    return taken


def _take(
    taken: Taken, table: RawTable, organisme: str, rows: pl.DataFrame, reader: CountsReader, lake: Lake, delivery: str
) -> None:
    contract, programme = reader.contract, reader.programme
    lines, rejects = _sorted_out(list(reader.read(rows)), programme, contract.wave, organisme, reader)
    rules = contract.counts_rules
    maps = counts_maps(rules, programme)
    tallier = Tallier(maps, programme, gap=rules.ecart_pourcentage, excess=rules.depassement_maximum)
    counts = tallier.rows(lines)
    taken.judged.append((table, organisme, Judged(counts, _frame(rejects))))
    taken.quality += [
        QualityRow(organisme, rule, "avertissement", number, f"{table.sheet or 'fichier'}, {text}")
        for rule, number, text in grouped(tallier.remarks)
    ]
    bad = len({r.line for r in rejects})
    overall = [line for line in lines if line.axis == OVERALL[0]]
    share, thresholds = bad / rows.height, programme.thresholds
    if not overall or share > thresholds.rejets_maximum:
        limit = thresholds.rejets_maximum
        reason = told_rejects(bad, rows.height, limit, "refus") if overall else "aucune ligne d'ensemble acceptée"
        taken.lots.append(_nothing(organisme, rows.height, reason, rows.height - bad))
        return
    path = lake.version(delivery, contract.wave, organisme)
    keys = [pl.lit(contract.wave).alias("vague"), pl.lit(organisme).alias("organisme_code")]
    write_parquet(counts.select(*keys, pl.all()), path)
    reserved = share > thresholds.rejets_reserve
    populations = {line.stratum: line.population for line in overall if line.population is not None}
    taken.lots.append(
        Lot(
            organisme, rows.height, rows.height - bad, bad, RESERVED if reserved else ACCEPTED,
            told_rejects(bad, rows.height, thresholds.rejets_reserve, "réserve") if reserved else "",
            str(path.relative_to(lake.root)), file_sha256(path),
            "livree" if any(m.weights for m in maps.values()) else "plan",
            nature=COUNTS,
            entretiens_comptes=round(sum(line.size.n for line in overall)),
            populations=populations or None,
        )
    )  # fmt: skip


def _sorted_out(
    found: list[Line | Reject], programme: Programme, wave: str, organisme: str, reader: CountsReader
) -> tuple[list[Line], list[Reject]]:
    """Returns the lines that can be counted, and the rejects: repeats, strata without population, lost segments."""
    planned = programme.populations(wave, organisme)
    rejects = [x for x in found if isinstance(x, Reject)]
    kept: dict[tuple[str, str, str], Line] = {}
    for line in (x for x in found if isinstance(x, Line)):
        key = (line.stratum, line.axis, line.segment)
        if key in kept:
            rejects.append(Reject(line.line, reader.size[0], ".".join(key), "doublon"))
        elif planned and line.stratum not in planned:
            rejects.append(Reject(line.line, reader.stratum, line.stratum, "strate_inconnue"))
        elif not planned and line.population is None and line.axis == OVERALL[0]:
            rejects.append(Reject(line.line, reader.population, line.stratum, "population_absente"))
        elif line.population is not None and line.population < line.size.n:
            rejects.append(Reject(line.line, reader.population, str(line.population), "population_inferieure"))
        elif line.size.n > planned.get(line.stratum, line.size.n):
            rejects.append(Reject(line.line, reader.size[0], f"{line.size.n:.0f}", "population_inferieure"))
        else:
            kept[key] = line
    whole = {stratum for stratum, axis, _ in kept if axis == OVERALL[0]}
    lost = [line for line in kept.values() if line.stratum not in whole]
    rejects += [Reject(line.line, reader.size[0], line.stratum, "ensemble_absent") for line in lost]
    return [line for line in kept.values() if line.stratum in whole], rejects


def _by_organisme(
    table: RawTable, contract: Contract, names: Mapping[str, str], named: str | None, where: str
) -> Iterator[tuple[str | None, pl.DataFrame, str]]:
    """Yields the rows of each organisme, None where it is not known, with the column that says it."""
    frame, rule = table.frame, contract.body.organisme
    if rule.colonne is not None:
        column = find_column(frame.columns, rule.colonne, where)
        resolved = [names.get(normalise(name)) if name else None for name in frame[column]]
    else:
        by_sheet = names.get(normalise(table.sheet)) if rule.feuille and table.sheet else None
        column, resolved = "", [by_sheet or named] * frame.height
    groups: dict[str | None, list[int]] = defaultdict(list)
    for index, organisme in enumerate(resolved):
        groups[organisme].append(index)
    for organisme, indices in groups.items():
        yield organisme, frame[indices], column


def _tell_unread(taken: Taken, columns: list[str], reader: CountsReader, contract: Contract, where: str) -> None:
    """A workbook has columns of other subjects, and new ones every year: they are told, not refused."""
    ignored = {normalise(name) for name in contract.body.ignorees}
    unread = [c for c in columns if c not in reader.used and normalise(c) not in ignored]
    if unread:
        text = f"{where} : {', '.join(name[:60] for name in unread[:5])}{', …' if len(unread) > 5 else ''}"
        taken.quality.append(QualityRow(None, "colonnes_non_lues", "avertissement", len(unread), text))


def _take_excluded(taken: Taken, path: Path, form: Format, rule: LeftOut, names: Mapping[str, str]) -> None:
    """Takes the organismes that the sender itself left out, with its reason."""
    for table in read_tables(path, form.model_copy(update={"feuilles": rule.feuilles, "lignes_ignorees": ()})):
        where = f"{shown_name(path)}, feuille {table.sheet}"
        who = find_column(table.frame.columns, rule.organisme, where)
        why = find_column(table.frame.columns, rule.motif, where)
        for index, row in enumerate(table.frame.iter_rows(named=True)):
            if not row[who]:
                continue
            organisme = names.get(normalise(row[who]))
            rule_name = "non_inclus" if organisme else "organisme_inconnu"
            taken.judged.append((table, organisme, _refused(table.frame[[index]], who, rule_name)))
            taken.lots.append(_nothing(organisme, 1, row[why] or "non inclus par l'émetteur"))


def _nothing(organisme: str | None, read: int, reason: str, accepted: int = 0) -> Lot:
    return Lot(organisme, read, accepted, read - accepted, REFUSED, reason, None, None, "plan", nature=COUNTS)


def _refused(rows: pl.DataFrame, column: str, rule: str) -> Judged:
    said = rows[column].to_list() if column else [None] * rows.height
    return Judged(
        rows.clear(), _frame([Reject(n, column, v or "", rule) for n, v in zip(rows[LINE], said, strict=True)])
    )


def _frame(rejects: list[Reject]) -> pl.DataFrame:
    rows = [(r.line, r.column, r.value, r.rule) for r in rejects]
    return pl.DataFrame(rows, schema=REJECTS_SCHEMA, orient="row").sort("ligne", "regle", "colonne")
