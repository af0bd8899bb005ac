"""Which answers of a question lead: the two most frequent, where intervals tell them apart; and the sentence for it.

Shares of one question come from the same people: the error of their difference is at most the sum of their errors. So
where two intervals do not overlap the difference is established, whatever people answer together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.reporting.cells import Cell, Edition
from orchestration.reporting.formats import Formats

NAMED = 2


@dataclass(frozen=True)
class Leader:
    """An answer and its share."""

    libelle: str
    part: Cell


def leaders(edition: Edition, options: Sequence[tuple[str, Cell]]) -> tuple[Leader, ...]:
    """The two answers, or the one, whose intervals are above those of all others; none where this is not known.

    Args:
        edition: the published file, which has the bounds of each share beside it.
        options: every answer and its share, the largest first; of a question whose intervals are not only indicative.
    """
    bounds = [_bounds(edition, share) for _, share in options]
    known = [pair for pair in bounds if pair is not None]
    if len(known) < len(bounds):
        return ()
    for count in range(min(NAMED, len(known) - 1), 0, -1):
        if min(low for low, _ in known[:count]) > max(high for _, high in known[count:]):
            return tuple(Leader(label, share) for label, share in options[:count])
    return ()


def said(f: Formats, leading: Sequence[Leader]) -> str:
    """The sentence that names the leading answers with their shares; nothing where none leads."""
    if not leading:
        return ""
    first, *others = ((f.typography(leader.libelle), f.percent(leader.part.valeur)) for leader in leading)
    if not others:
        return f.plain("reponse_premiere", premiere=first[0], part=first[1])
    [second] = others
    return f.plain("reponses_premieres", premiere=first[0], part=first[1], seconde=second[0], part_seconde=second[1])


def _bounds(edition: Edition, share: Cell) -> tuple[float, float] | None:
    """The interval of a share; None without one."""
    low, high = (edition.cell(share.table, share.key, column).valeur for column in ("part_ic_bas", "part_ic_haut"))
    return (float(low), float(high)) if share.shown and low is not None and high is not None else None
