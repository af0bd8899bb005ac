"""The scores that senders publish: the values that each may have, and its classes."""

from __future__ import annotations

from collections.abc import Iterator

from orchestration.programme.programme import Programme
from orchestration.programme.values import FIRST_LINE

# the file at fault, its line, its column, a French sentence
ScoreFault = tuple[str, int | None, str, str]


def score_bounds(programme: Programme) -> dict[str, tuple[float, float]]:
    """Returns the lowest and the highest value that each score of a programme may have, by its code."""
    rows = programme.typed("scores", "score_code", "minimum", "maximum")
    return {code: (low, high) for code, low, high in rows}


def score_faults(programme: Programme) -> Iterator[ScoreFault]:
    """Yields what is wrong with the scores of a programme whose reference files are sound one by one."""
    bounds = score_bounds(programme)
    for line, row in enumerate(programme.rows("scores"), start=FIRST_LINE):
        low, high = bounds[str(row["score_code"])]
        if low >= high:
            yield "scores.csv", line, "maximum", f"« {high:g} » : plus que minimum ({low:g}) est attendu."
    for line, row in enumerate(programme.rows("scores_classes"), start=FIRST_LINE):
        low, high = bounds[str(row["score_code"])]
        if not low <= float(row["borne_min"] or 0) <= high:
            said = f"« {row['borne_min']} » : entre {low:g} et {high:g}, les bornes du score, est attendu."
            yield "scores_classes.csv", line, "borne_min", said
    for code, (low, _) in bounds.items():
        floors = [float(r["borne_min"] or 0) for r in programme.rows("scores_classes") if r["score_code"] == code]
        if floors and min(floors) > low:
            said = f"aucune classe de « {code} » ne commence à {low:g} ; en dire une, que tout score en ait."
            yield "scores_classes.csv", None, "borne_min", said
        if len({*floors}) < len(floors):
            yield "scores_classes.csv", None, "borne_min", f"deux classes de « {code} » commencent au même score."
