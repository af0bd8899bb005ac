"""What changed from one edition to another, and why: the release note that goes with an edition."""

from __future__ import annotations

import datetime as dt
import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from orchestration.extracts.catalogue import REFUSAL
from orchestration.extracts.decision_lists import EXCLUSIONS, LOSSES, WITHDRAWALS, moment_of
from orchestration.extracts.lake import Lake
from orchestration.programme.texts import number
from orchestration.publication.memory import decisions_of, key_of, standing_decisions
from orchestration.publication.naming import SCHEMA
from orchestration.publication.whole import MANIFEST
from orchestration.sql import literal

# file of decisions: its date column, and what a line of it says
_DECISIONS = {
    WITHDRAWALS: ("retiree_le", "livraison retirée, {fichier}"),
    EXCLUSIONS: ("exclue_le", "question laissée de côté, {question_code} de {organisme_code} en {vague}"),
    LOSSES: (
        "acceptee_le",
        "perte acceptée, {organisme_code} en {vague}, {entretiens_avant} entretiens, puis {entretiens_apres}",
    ),
}
# before what a line of a list decided that is no longer there
_TAKEN_BACK = "ligne ôtée de {} : "
# what an accepted loss without a wave is: not of interviews, but of the decisions that its reason names
_GIVEN_UP = "décisions perdues auxquelles il est renoncé"


@dataclass(frozen=True)
class Moved:
    """An indicator whose note or verdict is not what it was; None where it is not published."""

    question: str
    label: str
    wave: str
    before: float | None
    after: float | None
    verdict_before: str | None
    verdict_after: str | None


@dataclass(frozen=True)
class Changes:
    """What two editions do not have in common.

    Attributes:
        old: number of the older one.
        new: number of the newer one.
        reasons: sentences on inputs, decisions and code, the causes.
        organismes: sentences on what became of an organisme in a wave.
        indicators: what moved in the newsletter's table.
        cells: sentences on the number of cells published and masked, wave by wave.
    """

    old: str
    new: str
    reasons: list[str]
    organismes: list[str]
    indicators: list[Moved]
    cells: list[str]


def changes(old: Path, new: Path, lake: Lake) -> Changes:
    """Compares two editions.

    Args:
        old: DuckDB file of the older edition.
        new: DuckDB file of the newer one, or a candidate.
        lake: the programme's folders, for the decisions taken between the two, and the key each was made under.
    """
    with duckdb.connect() as session:
        for alias, path in (("avant", old), ("apres", new)):
            session.execute(f"attach {literal(path)} as {alias} (read_only)")
        (name, since, revision), (next_name, until, next_revision) = (
            session.execute(f"select edition, publiee_le, revision from {alias}.{SCHEMA}.meta_edition").fetchall()[0]
            for alias in ("avant", "apres")
        )
        reasons = [*_inputs(session), *_refusals(session), *_decisions(lake, (name, since), (next_name, until))]
        keys = {key for key in (key_of(lake, name), key_of(lake, next_name)) if key}
        if len(keys) > 1:
            reasons.append("clé des pseudonymes : une autre ; les livraisons sont relues sous d'autres pseudonymes")
        if revision != next_revision:
            reasons.append(f"code : révision {revision}, puis {next_revision}")
        reasons += _tools(old.parent, new.parent)
        return Changes(
            name, next_name, reasons, list(_coverage(session)), list(_indicators(session)), list(_cells(session))
        )


def change_lines(found: Changes) -> list[dict[str, str]]:
    """Returns the changes as lines of one table: what part each is of, then a sentence or what moved."""
    parts = (("pourquoi", found.reasons), ("organismes", found.organismes), ("cellules", found.cells))
    told = [_line(part, constat=sentence) for part, sentences in parts for sentence in sentences]
    return told + [
        _line(
            "indicateurs",
            constat=moved.label,
            vague=moved.wave,
            question_code=moved.question,
            note_avant=_figure(moved.before),
            note_apres=_figure(moved.after),
            verdict_avant=moved.verdict_before or "",
            verdict_apres=moved.verdict_after or "",
        )
        for moved in found.indicators
    ]


CHANGE_COLUMNS = (
    "partie",
    "constat",
    "vague",
    "question_code",
    "note_avant",
    "note_apres",
    "verdict_avant",
    "verdict_apres",
)


def _line(part: str, **said: str) -> dict[str, str]:
    return {column: {"partie": part, **said}.get(column, "") for column in CHANGE_COLUMNS}


def _figure(value: float | None) -> str:
    return "" if value is None else repr(value)


def release_note(found: Changes) -> str:
    """Returns the changes as a text in Markdown, in French."""
    parts = [f"# Édition {found.new} : ce qui change depuis {found.old}"]
    for title, listed in (("Pourquoi", found.reasons), ("Organismes", found.organismes), ("Cellules", found.cells)):
        if listed:
            parts += [f"## {title}", "\n".join(f"- {line}" for line in listed)]
    if found.indicators:
        rows = [
            f"| {m.question} {_plain(m.label)} | {m.wave} | {_note(m.before)} | {_note(m.after)} | {_turn(m)} |"
            for m in found.indicators
        ]
        head = f"| Indicateur | Vague | {found.old} | {found.new} | Verdict |\n| --- | --- | ---: | ---: | --- |"
        parts += ["## Indicateurs", "\n".join([head, *rows])]
    if len(parts) == 1:
        parts.append("Rien : les deux éditions disent la même chose.")
    else:
        parts.append(f"Indicateurs dont la note ou le verdict change : {len(found.indicators)}.")
    return "\n\n".join(parts) + "\n"


def _compared(
    session: duckdb.DuckDBPyConnection, table: str, keys: str, compared: str, shown: str, order: str
) -> list[tuple[Any, ...]]:
    """Returns the rows of a table that the two editions do not have alike.

    Args:
        session: where the editions are attached, as `avant` and `apres`.
        table: a published table, or a query over one in which `{edition}` stands for the edition.
        keys: the columns that make two rows the same.
        compared: the columns that are compared.
        shown: what is returned: columns of the older edition as `a.…`, of the newer one as `b.…`.
        order: the order of the rows.
    """
    source = table if table.startswith("(") else f"{{edition}}.{SCHEMA}.{table}"
    before, after = (", ".join(f"{side}.{column}" for column in compared.split(", ")) for side in "ab")
    return session.execute(
        f"select {shown} from {source.format(edition='avant')} as a full join {source.format(edition='apres')} as b"
        f" using ({keys}) where ({before}) is distinct from ({after}) order by {order}"
    ).fetchall()


def _inputs(session: duckdb.DuckDBPyConnection) -> Iterator[str]:
    shown = "fichier, a.sha256 is null, b.sha256 is null"
    for name, arrived, left in _compared(session, "meta_entree", "fichier", "sha256", shown, "fichier"):
        yield f"{'nouveau fichier' if arrived else 'fichier ôté' if left else 'fichier modifié'} : {name}"


def _refusals(session: duckdb.DuckDBPyConnection) -> Iterator[str]:
    refused = f"select fichier, exemple from {{}}.{SCHEMA}.obs_qualite where gravite = '{REFUSAL}' and not tenue"
    rows = session.execute(f"{refused.format('apres')} except {refused.format('avant')} order by all").fetchall()
    for name, reason in rows:
        yield f"livraison refusée : {reason if Path(name).name in reason else f'{name} : {reason}'}"


def _decisions(lake: Lake, old: tuple[str, dt.datetime], new: tuple[str, dt.datetime]) -> Iterator[str]:
    """Yields what was decided between two editions, each its number and its time, and what was taken back.

    The lines that both were made with are compared, whenever they say that they were written: a clock may have been
    wrong. Where older code made the first edition, the dates of the lines tell which came between, and none that left.
    """
    before = decisions_of(lake, old[0])
    after = decisions_of(lake, new[0])
    if after is None:
        after = standing_decisions(lake)
    for name, (dated, said) in _DECISIONS.items():
        lines = after.get(name, [])
        if before is None:
            came = [line for line in lines if old[1] < moment_of(line[dated]).replace(tzinfo=None) <= new[1]]
            left = []
        else:
            had = before.get(name, [])
            came, left = _not_in(had, lines, dated), _not_in(lines, had, dated)
        for prefix, found in (("", came), (_TAKEN_BACK.format(name), left)):
            for line in found:
                what = _GIVEN_UP if name == LOSSES and not line["vague"] else said
                yield f"{prefix}{what.format(**line)} : {line['motif']}"


def _not_in(others: list[dict[str, str]], lines: list[dict[str, str]], dated: str) -> list[dict[str, str]]:
    """Returns the lines that are not among others, whatever their date, which a spreadsheet may write otherwise."""
    known = [{**line, dated: ""} for line in others]
    return [line for line in lines if {**line, dated: ""} not in known]


def tools() -> dict[str, str]:
    """Returns the versions that an edition is made with, as its manifest keeps them."""
    return {name: version(name) for name in ("duckdb", "dagster", "polars")} | {"python": platform.python_version()}


def _tools(old: Path, new: Path) -> Iterator[str]:
    """Yields which versions are others: with them the code is another, though its revision is the same."""
    before, after = _made_with(old, {}), _made_with(new, tools())
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            yield f"{name} : version {before[name]}, puis {after[name]}"


def _made_with(folder: Path, otherwise: dict[str, str]) -> dict[str, str]:
    """Returns the versions that an edition's manifest tells; of a candidate, which has none yet, `otherwise`."""
    try:
        return dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["versions"])
    except (OSError, ValueError, KeyError, TypeError):
        return otherwise


def _coverage(session: duckdb.DuckDBPyConnection) -> Iterator[str]:
    keys, compared = "vague, organisme_code", "statut, nb_entretiens, livraison"
    shown = f"{keys}, a.statut, b.statut, a.nb_entretiens, b.nb_entretiens, b.motif"
    rows = _compared(session, "obs_couverture", keys, compared, shown, keys)
    for wave, code, status, next_status, interviews, next_interviews, reason in rows:
        states = f"{status or 'absent'}, puis {next_status or 'absent'}" if status != next_status else str(status)
        counted = f"{number(interviews or 0)} entretiens, puis {number(next_interviews or 0)}"
        yield f"{wave}, {code} : {states} ; {counted}{f' ({reason})' if reason else ''}"


def _indicators(session: duckdb.DuckDBPyConnection) -> Iterator[Moved]:
    shown = "question_code, coalesce(b.libelle, a.libelle), vague, a.note_moyenne, b.note_moyenne, a.verdict, b.verdict"
    order = "vague desc, coalesce(b.ordre, a.ordre), question_code"
    rows = _compared(session, "obs_indicateur", "question_code, vague", "note_moyenne, verdict", shown, order)
    yield from (Moved(*row) for row in rows)


def _cells(session: duckdb.DuckDBPyConnection) -> Iterator[str]:
    counted = (
        "(select vague, count(*) filter (where statut = 'V') as publiees, count(*) filter (where statut in ('S', 'D'))"
        f" as masquees from {{edition}}.{SCHEMA}.fct_satisfaction group by vague)"
    )
    shown = "vague, a.publiees, b.publiees, a.masquees, b.masquees"
    for wave, *counts in _compared(session, counted, "vague", "publiees, masquees", shown, "vague"):
        was, now, masked, masked_now = (number(count or 0) for count in counts)
        yield f"{wave} : {was} publiées, puis {now} ; {masked} masquées, puis {masked_now}"


def _turn(moved: Moved) -> str:
    if moved.verdict_before == moved.verdict_after:
        return moved.verdict_after or "—"
    return f"{moved.verdict_before or '—'}, puis {moved.verdict_after or '—'}"


def _note(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}".replace(".", ",")


def _plain(text: str) -> str:
    # a bar would end the cell
    return text.replace("|", "\\|")
