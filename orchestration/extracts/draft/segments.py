"""How the axes read: segments by label, by the filters that look at them, by the sampling plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import polars as pl

from orchestration.extracts.draft.codes import RISING, axis_options
from orchestration.extracts.draft.decide import Chosen, choose
from orchestration.extracts.draft.groups import Answers
from orchestration.extracts.draft.origin import expected_organismes
from orchestration.extracts.draft.profile import Column
from orchestration.extracts.draft.roles import Role, axis_readings
from orchestration.extracts.draft.routing import Source, Support
from orchestration.programme import Programme
from orchestration.programme.texts import percent

_NEAR, _APART = 0.12, 0.2


def axis_sources(
    roles: Mapping[str, Role], columns: Sequence[Column], frame: pl.DataFrame, programme: Programme
) -> dict[str, Source]:
    """Returns the columns of the axes, and the ways to read them."""
    found = {}
    for column in columns:
        role = roles.get(column.name)
        if role and role.role == "axe":
            options = axis_options(programme, role.key)
            answers = Answers("unique", (column,), frame)
            found[role.key] = Source(answers, options, axis_readings(column, options), False)
    return found


def axis_choices(
    sources: Mapping[str, Source], support: Mapping[str, Sequence[Support]], roles: Mapping[str, Role],
    frame: pl.DataFrame, programme: Programme, wave: str | None, institute: str | None,
) -> tuple[dict[str, Chosen | None], dict[str, Role]]:  # fmt: skip
    """Chooses how each axis reads, and says so of the column: a filter that holds confirms the axis too."""
    chosen: dict[str, Chosen | None] = {}
    planned = _planned(programme, wave, expected_organismes(programme, wave, institute))
    roles = dict(roles)
    for name, role in roles.items():
        if role.role != "axe":
            continue
        source, axis = sources[role.key], role.key
        choice = choose(source, support.get(axis, []))
        if choice and choice.confidence < 80:
            choice = _by_plan(choice, source, planned.get(axis, {}))
            if choice.confidence >= 80 and not role.more:
                roles[name] = role = replace(role, confidence=max(role.confidence, 90))
        chosen[axis] = choice
        fit = max((s.fit for s in support.get(axis, [])), default=0.0)
        if fit >= 0.93:
            reason = f"{role.reason}, confirmé par les filtres ({percent(fit, 0)})"
            roles[name] = replace(role, confidence=max(role.confidence, 95), reason=reason)
    return chosen, roles


def _by_plan(choice: Chosen, source: Source, planned: Mapping[str, float]) -> Chosen:
    # segments without an order may stand under any code, and shares tell only the two ends of a scale apart
    if not planned or len(source.readings) < 2 or (len(planned) > 2 and not source.options.ordered):
        return choice
    counts = source.answers.counts
    total = sum(counts.values())
    ranked = []
    for reading in source.readings:
        seen: dict[str, float] = defaultdict(float)
        for value, n in counts.items():
            seen[reading.codage.get(value, "")] += n / total
        distance = sum(abs(seen.get(k, 0.0) - planned.get(k, 0.0)) for k in {*seen, *planned}) / 2
        ranked.append((distance, reading.origin != RISING, reading))
    ranked.sort(key=lambda r: r[:2])
    (best, _, reading), (other, _, _) = ranked[:2]
    if best <= _NEAR and other - best >= _APART:
        return Chosen(
            reading, 92, f"parts du plan de sondage à {percent(best, 0)} près ({percent(other, 0)} dans l'autre sens)"
        )
    return choice


def _planned(programme: Programme, wave: str | None, organismes: Sequence[str]) -> dict[str, dict[str, float]]:
    """Returns the planned share of interviews of each segment, for the axes that make the strata."""
    totals: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for r in programme.rows("plan_sondage"):
        if r["vague"] == wave and (r["organisme_code"] in organismes or not organismes):
            for axis, segment in strata_axes(r["strate"] or "", programme).items():
                totals[axis][segment] += float(r["entretiens_vises"] or 0)
    return {a: {s: n / (sum(t.values()) or 1.0) for s, n in t.items()} for a, t in totals.items()}


def strata_axes(stratum: str, programme: Programme) -> dict[str, str]:
    """Returns the segment of each axis that a stratum's code joins; empty when it joins none."""
    parts = stratum.split(".")
    for axes in product(programme.axes, repeat=min(len(parts), 3)):
        if len(set(axes)) == len(parts) and all(
            p in {b.code for b in programme.axes[a]} for a, p in zip(axes, parts, strict=True)
        ):
            return dict(zip(axes, parts, strict=True))
    return {}
