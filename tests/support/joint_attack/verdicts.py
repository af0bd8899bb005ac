"""Organismes whose verdict is told by how many got each."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np

from tests.support.joint_attack.findings import Finding
from tests.support.joint_attack.known import Known

COUNTS = {
    "organismes_en_hausse": ("hausse",),
    "organismes_stables": ("stable",),
    "organismes_non_significatifs": ("non_significatif",),
    "organismes_en_baisse": ("baisse",),
}
CELL = ("vague", "vague_precedente", "methode", "axe", "segment", "question_code")


def counted_verdicts(known: Known, attacker: str | None) -> Iterator[Finding]:
    """Organismes whose verdict is told by how many got each: unanimous counts, less one's own, less those of a smaller perimeter."""
    table = known.table("fct_evolution", "statut = 'V' and organismes_en_hausse is not null")
    if table.is_empty():
        return
    own = own_verdicts(known, attacker)
    sides: dict[tuple[str, ...], frozenset[str]] = {}
    for key, lines in table.group_by(*CELL):
        held: dict[frozenset[str], tuple[np.ndarray, str]] = {}
        for line in lines.to_dicts():
            name = (*key[:3], line["perimetre_type"], line["perimetre"])
            if name not in sides:
                now, _ = known.compared(key[2], key[0], key[1], line["perimetre_type"], line["perimetre"])
                sides[name] = frozenset(now)
            held[sides[name]] = np.array([line[c] for c in COUNTS]), line["perimetre"]
        mine = own.get(key)
        for whom, (counts, code) in held.items():
            if counts.sum() and counts.max() == counts.sum():
                yield told(key, "", code, "verdict: unanimous", counts)
            if attacker in whom and mine is not None:
                rest = counts - mine
                if rest.sum() > 0 and rest.max() == rest.sum():
                    yield told(key, str(attacker), code, "verdict: all others'", rest)
            for inner, (fewer, part) in held.items():
                rest = counts - fewer
                if inner < whom and rest.sum() > 0 and rest.max() == rest.sum():
                    yield told(key, "", f"{code} less {part}", "verdict: by difference", rest)


def own_verdicts(known: Known, attacker: str | None) -> dict[tuple[str, ...], np.ndarray]:
    """A member's own verdicts, from its own file."""
    if attacker is None:
        return {}
    families = {r["verdict"]: r["famille"] for r in known.table("dim_verdict").to_dicts()}
    places = {"hausse": 0, "stable": 1, "incertain": 2, "baisse": 3}
    found = {}
    with duckdb.connect(
        known.folder / f"published/{known.edition}/organismes/{attacker}.duckdb", read_only=True
    ) as file:
        query = f"select {', '.join(CELL)}, verdict from observatoire.fct_evolution where statut = 'V' and verdict is not null"
        for *key, verdict in file.sql(query).fetchall():
            place = places.get(families.get(verdict, ""))
            if place is not None:
                found[tuple(key)] = np.eye(4, dtype=int)[place]
    return found


def told(key: tuple, attacker: str, whom: str, kind: str, counts: np.ndarray) -> Finding:
    """A finding about verdicts."""
    vague, before, method, axis, segment, question = key
    if list(COUNTS)[int(counts.argmax())] == "organismes_non_significatifs":
        kind = f"no {kind}"  # that nothing is established of any of them: hardly a result
    name = f"{before} {method} {axis} {segment}"
    return Finding(vague, question, attacker or "public", whom, kind, name, 0, 0, float(counts.sum()), "count")
