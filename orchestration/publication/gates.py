"""What a candidate must pass before it is published: coverage here, plausibility by the Great Expectations suites.

Keys, relations and reconciliation are dbt's; shape and domains were pandera's.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.programme import Programme
from orchestration.publication.organismes import SCHEMA


@dataclass(frozen=True)
class Verdict:
    """The outcome of one gate.

    Attributes:
        passed: whether the candidate may be published, as far as this gate goes.
        sentence: what was found, in French, for the run page, the command line and the alert.
        figures: the numbers behind it.
    """

    passed: bool
    sentence: str
    figures: dict[str, Any]


def coverage(candidate: Path, programme: Programme) -> Verdict:
    """Compares the consolidated share of the expected stock with the programme's minimum, in its current wave."""
    wave = str(programme.config["vague_courante"])
    least = float(programme.thresholds["couverture_minimum"])
    with duckdb.connect(str(candidate), read_only=True) as connection:
        rows = connection.execute(
            f"select organisme_code, statut, coalesce(part_parc, 0) from {SCHEMA}.obs_couverture where vague = ?",
            [wave],
        ).fetchall()
    covered = sum(share for _, status, share in rows if status in ("inclus", "reserve"))
    missing = sorted(code for code, status, _ in rows if status in ("attendu", "rejete"))
    sentence = f"Vague {wave} : {covered:.1%} du parc attendu consolidé, minimum {least:.0%}."
    if missing:
        sentence += f" Manquent : {', '.join(missing)}."
    return Verdict(
        covered >= least, sentence, {"part_parc": covered, "minimum": least, "manquants": ", ".join(missing)}
    )
