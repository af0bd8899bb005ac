"""Says whose file it is: wave, institute, organismes, the file names that its contract covers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import polars as pl
from rapidfuzz import fuzz

from orchestration.extracts.draft.groups import share
from orchestration.extracts.draft.lexicon import best_match, plain
from orchestration.extracts.draft.profile import Column, date_form, other_date_form
from orchestration.extracts.draft.roles import organisme_aliases
from orchestration.extracts.draft.sniff import Sniffed
from orchestration.programme import Programme
from orchestration.programme.texts import percent

_CODES_AT_MOST = 7  # organismes told apart by the plan: all orders are tried


def guess_wave(path: Path, columns: Sequence[Column], programme: Programme) -> tuple[str | None, int, str]:
    """Returns the wave, a confidence and the reason: dates in its fieldwork, or its name in the path."""
    best: tuple[float, str] = (0.0, "")
    for column in columns:
        # days and months that may stand one in the place of the other tell no wave
        dates = date_form(column) if len(column.counts) > 5 and not other_date_form(column) else None
        for wave, window in programme.waves.items():
            if dates:
                share = sum(window.start <= d <= window.end for d in dates[1]) / len(dates[1])
                best = max(best, (share, wave))
    if best[0] > 0.8:
        return best[1], 97, f"{percent(best[0], 0)} des dates dans son terrain"
    named = [w for w in programme.waves if w in path.name or w == path.parent.name]
    return (named[0], 85, "nom du fichier ou du dossier") if len(named) == 1 else (None, 0, "ni date ni nom ne la dit")


def guess_institute(path: Path, sniffed: Sniffed, programme: Programme) -> tuple[str | None, int, str]:
    """Returns the institute, a confidence and the reason: its name in the file name or in the notes."""
    for where, text in [("nom du fichier", path.stem), *(("note du fichier", n) for n in sniffed.notes)]:
        scored: dict[str, float] = {}
        for r in programme.rows("instituts"):
            names = [r["institut"] or "", r["nom"] or ""]
            scored[r["institut"] or ""] = max(fuzz.partial_ratio(plain(n), plain(text)) for n in names)
        order = sorted(scored, key=lambda k: -scored[k])
        if order and scored[order[0]] >= 95 and (len(order) == 1 or scored[order[1]] < 85):
            return order[0], 95, where
    known = [r["institut"] for r in programme.rows("instituts")]
    if len(known) == 1:
        return known[0], 85, "le seul d'instituts.csv"
    return None, 0, "aucun nom d'instituts.csv dans le nom du fichier ; l'y ajouter s'il est nouveau"


def file_pattern(path: Path, programme: Programme) -> tuple[str, str | None, str | None]:
    """Returns the pattern of file names, the expression that finds the organisme in one, and the organisme found."""
    name = re.sub(r"(?<=[_ -][vV])\d+(?=\.)", "*", path.name)
    tokens = [*re.findall(r"[^\W_]+(?:[ -][^\W\d_]+)*", path.stem), *re.findall(r"[^\W\d_]+", path.stem)]
    for token in sorted(dict.fromkeys(tokens), key=len, reverse=True):
        found = programme.organisme_names.get(token.casefold())
        near = best_match(token, {c: [a, c] for a, c in programme.organisme_names.items()}, 0.93)
        code = found or (near[0] if near else None)
        if code and token in name:
            before, after = name.split(token, 1)
            expression = "^" + re.escape(before) + r"(\w+)" + re.escape(after).replace(r"\*", ".*") + "$"
            return f"{before}*{after}", expression.replace(r"\ ", " ").replace(r"\-", "-"), code
    return name, None, None


def expected_organismes(programme: Programme, wave: str | None, institute: str | None) -> list[str]:
    """Returns the organismes that the institute surveys in the wave."""
    return [
        r["organisme_code"] or ""
        for r in programme.rows("participations")
        if r["vague"] == wave and r["institut"] == institute
    ]


def sheets_named(sniffed: Sniffed, programme: Programme) -> dict[str, str]:
    """Returns the organisme of each sheet, when every sheet names one."""
    names = organisme_aliases(programme)
    found = {s: m[0] for s in sniffed.sheets if (m := best_match(s, names))}
    return found if sniffed.sheets and len(found) == len(sniffed.sheets) == len(set(found.values())) else {}


def organisme_codes(
    column: str, frame: pl.DataFrame, programme: Programme, wave: str | None, institute: str | None,
    strata: pl.Series | None, departments: pl.Series | None,
) -> tuple[dict[str, str], int, str] | None:  # fmt: skip
    """Tells an institute's own organisme codes apart by the sampling plan: interviews per stratum, and department.

    Returns:
        organisme by code, confidence and reason; None when the codes are not as many as the organismes.
    """
    candidates = expected_organismes(programme, wave, institute)
    values = sorted(
        frame[column].drop_nulls().value_counts(name="__lignes").filter(pl.col("__lignes") > 5)[column].to_list()
    )
    if len(values) != len(candidates) or len(values) > _CODES_AT_MOST:
        return None
    planned = {
        o: {r["strate"] or "": float(r["entretiens_vises"] or 0) for r in programme.rows("plan_sondage")
            if r["vague"] == wave and r["organisme_code"] == o}
        for o in candidates
    }  # fmt: skip
    home = {r["organisme_code"]: r["departement"] for r in programme.rows("organismes")}

    def cost(value: str, organisme: str) -> float:
        rows = frame[column] == value
        plan = planned[organisme]
        if strata is not None:
            seen = dict(strata.filter(rows).drop_nulls().value_counts().iter_rows())
        else:
            seen, plan = {"": int(rows.sum())}, {"": sum(plan.values())}
        total = sum(plan.values()) or 1.0
        distance: float = sum(abs(seen.get(k, 0) - plan.get(k, 0.0)) for k in {*seen, *plan}) / total
        if departments is not None:
            distance += 1.0 - share(departments.filter(rows) == home.get(organisme))
        return distance

    costs = {(v, o): cost(v, o) for v in values for o in candidates}
    ranked = sorted(
        (sum(costs[v, o] for v, o in zip(values, order, strict=True)) / len(values), order)
        for order in permutations(candidates)
    )
    gap = ranked[1][0] - ranked[0][0] if len(ranked) > 1 else 1.0
    confidence = 90 if gap > 0.15 and ranked[0][0] < 0.5 else 82 if gap > 0.08 and ranked[0][0] < 0.2 else 60
    return dict(zip(values, ranked[0][1], strict=True)), confidence, "effectifs et départements du plan de sondage"
