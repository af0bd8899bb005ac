"""What the reference data decide of an extract, wave by wave: while it stands, nothing need be read again."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from weakref import WeakKeyDictionary

from orchestration.programme.dispositifs import thresholds_of
from orchestration.programme.programme import Programme

_KNOWN: WeakKeyDictionary[Programme, dict[str, str]] = WeakKeyDictionary()


def extraction_fingerprint(programme: Programme, wave: str) -> str:
    """Returns the SHA-256 over what the reference data decide of an extract of a wave, computed once a programme.

    Labels decide nothing of what is read, nor do notes but those that an index is made of, nor the filters and options
    of questions that the wave does not ask; their codes do: an extract has a column for every question.

    Args:
        programme: the programme.
        wave: code of a wave; one that the programme does not know has no window, no plan and no question.
    """
    known = _KNOWN.setdefault(programme, {})
    if wave not in known:
        known[wave] = _computed(programme, wave)
    return known[wave]


def _computed(programme: Programme, wave: str) -> str:
    questions = programme.questions.values()
    asked = [q for q in questions if wave in q.waves]
    asked_codes, scales = {q.code for q in asked}, {q.scale for q in asked}
    window, thresholds = programme.waves.get(wave), thresholds_of(programme, wave)
    decided: list[Any] = [
        (window.start, window.end) if window else None,
        sorted(programme.statuses.items()),
        [(q.code, q.multiple) for q in questions],
        [(q.code, q.scale, q.condition) for q in asked],
        sorted((r["echelle"] or "", r["modalite_code"] or "", r["ordre"] or "", r["est_satisfait"] or "")
               for r in programme.rows("modalites") if r["echelle"] in scales),
        [(axis, [(b.code, b.low, b.high) for b in bands]) for axis, bands in programme.axes.items()],
        sorted(programme.organisme_names.items()),
        sorted(programme.planned(wave).items()),
        thresholds.rejets_reserve,
        thresholds.rejets_maximum,
    ]  # fmt: skip
    if margins := programme.known_margins(wave):
        chosen = programme.config.estimation
        # weights are calibrated to margins within bounds
        decided += [json.dumps(margins, sort_keys=True), chosen.calage_rapport_maximum, chosen.calage_poids_maximum]
    if scores := programme.rows("scores"):
        decided.append(sorted((r["score_code"], r["minimum"], r["maximum"]) for r in scores))
    # The notes of its components decide the index that is read; a label decides nothing.
    decided += [(i.declared, sorted(i.notes.items())) for i in programme.indices.values() if i.code in asked_codes]
    return hashlib.sha256(repr(decided).encode()).hexdigest()
