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


def leaders(edition: Edition, options: Sequence[tuple[str, Cell]], fragile: int) -> tuple[Leader, ...]:
    """The two answers, or the one, whose intervals are above those of all others; none where this is not known.

    Args:
        edition: the published file, which has the bounds of each share beside it.
        options: every answer and its share, the largest first.
        fragile: answers, effective ones too, below which nothing is called established.
    """
    bounds = [_bounds(edition, share, fragile) for _, share in options]
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


def _bounds(edition: Edition, share: Cell, fragile: int) -> tuple[float, float] | None:
    """The interval of a share; None without one, or where too few answers make it."""
    low, high, base = (
        edition.cell(share.table, share.key, column).valeur for column in ("part_ic_bas", "part_ic_haut", "base_brute")
    )
    if not share.shown or low is None or high is None or base is None:
        return None
    part, width = float(share.valeur), float(high) - float(low)
    # as many simple answers as would make an interval of that width, which goes twice two errors across
    effective = part * (1 - part) * (4 / width) ** 2 if width and 0 < part < 1 else base
    return (float(low), float(high)) if min(base, effective) >= fragile else None
