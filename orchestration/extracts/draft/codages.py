"""Code maps: one per scale and way to code it, named, shared by the questions that have it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from orchestration.extracts.draft.decide import Chosen
from orchestration.extracts.draft.groups import Answers
from orchestration.extracts.draft.lexicon import lexicon
from orchestration.extracts.draft.line import DECIDED, Line
from orchestration.extracts.draft.routing import yes_values
from orchestration.programme import Programme
from orchestration.programme.texts import normalise


def option_columns(
    answers: Answers, choice: Chosen | None, programme: Programme, scale: str
) -> tuple[dict[str, Any], dict[str, str], tuple[tuple[str, int], ...]]:
    """Returns the map of a column per option, the codes of statuses in its cells, and the values nobody explains."""
    codage = choice.reading.codage if choice else {}
    order = zip(answers.columns, programme.options[scale], strict=False)
    columns = {codage.get(c.name, option): c.name for c, option in order}
    yes = set(yes_values(answers))
    no = {normalise(v) for v in answers.counts} & (set(lexicon()["non"]) | ({"2"} if yes == {"1"} else set())) - yes
    seen = {v for v in answers.counts if normalise(v) in yes}, {v for v in answers.counts if normalise(v) in no}
    codes = {v: codage[v] for v in sorted(answers.blank_codes) if v in codage}
    rest = [v for v in answers.counts if normalise(v) not in yes | no and v not in codes]
    unread = tuple(sorted(((v, answers.counts[v] // len(answers.columns)) for v in rest), key=lambda x: -x[1]))
    value = {"multiple": "oui_non", "colonnes": columns, "oui": sorted(seen[0]), "non": sorted(seen[1])}
    return value, codes, unread


def shared_codage(scale: str, answers: Answers, choice: Chosen | None, shared: dict[str, Line]) -> str:
    """Returns the name of the code map, adding what this column brings; a column that contradicts gets its own."""
    sure = choice is not None and choice.confidence >= DECIDED
    codage = dict(choice.reading.codage) if choice and sure else {}
    unread = choice.reading.unread if choice and sure else tuple(answers.counts)
    base = re.sub(r"[^a-z0-9]+", "_", scale.lower())
    for suffix in ("", *(f"_{i}" for i in range(2, 60))):
        name = base + suffix
        held = shared.get(name)
        if held is None:
            guess = "" if sure or not choice else ", ".join(f"{v} = {c}" for v, c in choice.reading.codage.items())
            why = choice.reason if choice else "aucune lecture"
            reason = f"à dire, peut-être {guess} ({why})" if guess else why
            shared[name] = Line(
                "codages", name, codage, (), choice.confidence if choice else 0, reason, _left(answers, unread, codage)
            )
            return name
        if bool(held.value) == sure and all(held.value.get(v, c) == c for v, c in codage.items()):
            merged = {**held.value, **codage}
            rows = dict(held.unread)
            for value, n in _left(answers, unread, merged):
                rows[value] = rows.get(value, 0) + n
            left = tuple(sorted(((v, n) for v, n in rows.items() if v not in merged), key=lambda x: -x[1]))
            other = choice.confidence if choice else 0
            reason = choice.reason if choice and sure and other < held.confidence else held.reason
            shared[name] = Line("codages", name, merged, (), min(held.confidence, other), reason, left)
            return name
    raise AssertionError("more code maps than questions")


def _left(answers: Answers, unread: tuple[str, ...], codage: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    return tuple((v, answers.counts[v]) for v in unread if v in answers.counts and v not in codage)
