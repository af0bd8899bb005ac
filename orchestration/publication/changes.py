"""What changed from one edition to another, and why: the release note that goes with an edition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.extracts.decisions import EXCLUSIONS, LOSSES, WITHDRAWALS, decided
from orchestration.extracts.lake import Lake
from orchestration.programme.texts import number
from orchestration.publication.naming import SCHEMA
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
        lake: the programme's folders, for the decisions taken between the two.
    """
    with duckdb.connect() as session:
        for alias, path in (("avant", old), ("apres", new)):
            session.execute(f"attach {literal(path)} as {alias} (read_only)")
        (name, since, revision), (next_name, until, next_revision) = (
            session.execute(f"select edition, publiee_le, revision from {alias}.{SCHEMA}.meta_edition").fetchall()[0]
            for alias in ("avant", "apres")
        )
        reasons = [*_inputs(session), *_decisions(lake, since, until)]
        if revision != next_revision:
            reasons.append(f"code : révision {revision}, puis {next_revision}")
        return Changes(
            name, next_name, reasons, list(_coverage(session)), list(_indicators(session)), list(_cells(session))
        )


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


def _inputs(session: duckdb.DuckDBPyConnection) -> Iterator[str]:
    rows = session.execute(
        f"""
        select fichier, avant.sha256 is null, apres.sha256 is null
        from avant.{SCHEMA}.meta_entree as avant full join apres.{SCHEMA}.meta_entree as apres using (fichier)
        where avant.sha256 is distinct from apres.sha256
        order by fichier
        """
    ).fetchall()
    for name, arrived, left in rows:
        yield f"{'nouveau fichier' if arrived else 'fichier ôté' if left else 'fichier modifié'} : {name}"


def _decisions(lake: Lake, since: dt.datetime, until: dt.datetime) -> Iterator[str]:
    for name, (dated, said) in _DECISIONS.items():
        path = lake.landing / name
        for row in decided(path, _columns(path)).to_dicts() if path.is_file() else []:
            taken = dt.datetime.fromisoformat(row[dated]).astimezone(dt.UTC).replace(tzinfo=None)
            if since < taken <= until:
                yield f"{said.format(**row)} : {row['motif']}"


def _columns(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").partition("\n")[0].strip().split(","))


def _coverage(session: duckdb.DuckDBPyConnection) -> Iterator[str]:
    rows = session.execute(
        f"""
        select vague, organisme_code, a.statut, b.statut, a.nb_entretiens, b.nb_entretiens, b.motif
        from avant.{SCHEMA}.obs_couverture as a full join apres.{SCHEMA}.obs_couverture as b
            using (vague, organisme_code)
        where (a.statut, a.nb_entretiens, a.livraison) is distinct from (b.statut, b.nb_entretiens, b.livraison)
        order by vague, organisme_code
        """
    ).fetchall()
    for wave, code, status, next_status, interviews, next_interviews, reason in rows:
        states = f"{status or 'absent'}, puis {next_status or 'absent'}" if status != next_status else str(status)
        counted = f"{number(interviews or 0)} entretiens, puis {number(next_interviews or 0)}"
        yield f"{wave}, {code} : {states} ; {counted}{f' ({reason})' if reason else ''}"


def _indicators(session: duckdb.DuckDBPyConnection) -> Iterator[Moved]:
    rows = session.execute(
        f"""
        select
            question_code, coalesce(b.libelle, a.libelle), vague, a.note_moyenne, b.note_moyenne, a.verdict, b.verdict
        from avant.{SCHEMA}.obs_indicateur as a full join apres.{SCHEMA}.obs_indicateur as b
            using (question_code, vague)
        where (a.note_moyenne, a.verdict) is distinct from (b.note_moyenne, b.verdict)
        order by vague desc, coalesce(b.ordre, a.ordre), question_code
        """
    ).fetchall()
    yield from (Moved(*row) for row in rows)


def _cells(session: duckdb.DuckDBPyConnection) -> Iterator[str]:
    counted = """
        select vague, count(*) filter (where statut = 'V') as publiees, count(*) filter (where statut in ('S', 'D'))
            as masquees from {alias}.{schema}.fct_satisfaction group by vague
    """
    queries = [counted.format(alias=alias, schema=SCHEMA) for alias in ("avant", "apres")]
    rows = session.execute(
        f"""
        select vague, coalesce(a.publiees, 0), coalesce(b.publiees, 0), coalesce(a.masquees, 0), coalesce(b.masquees, 0)
        from ({queries[0]}) as a full join ({queries[1]}) as b using (vague)
        where (a.publiees, a.masquees) is distinct from (b.publiees, b.masquees)
        order by vague
        """
    ).fetchall()
    for wave, shown, next_shown, masked, next_masked in rows:
        yield (
            f"{wave} : {number(shown)} publiées, puis {number(next_shown)} ;"
            f" {number(masked)} masquées, puis {number(next_masked)}"
        )


def _turn(moved: Moved) -> str:
    if moved.verdict_before == moved.verdict_after:
        return moved.verdict_after or "—"
    return f"{moved.verdict_before or '—'}, puis {moved.verdict_after or '—'}"


def _note(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}".replace(".", ",")


def _plain(text: str) -> str:
    # a bar would end the cell
    return text.replace("|", "\\|")
