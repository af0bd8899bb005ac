"""One line of a draft: what it says of which columns, how sure that is, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration.extracts.draft.codes import Likely

SINGLE = ("organisme", "entretien", "date_entretien", "ponderation", "strate")
DECIDED = 80  # what is surer than this is written as a line of the contract; the rest is left to a person


@dataclass(frozen=True)
class Line:
    """One line of the draft.

    Attributes:
        section: key of the contract it stands under (`questions`, `axes`, `codages`, …).
        key: key under that section; empty for a section of one line.
        value: what the contract says.
        columns: source columns it settles.
        confidence: 0 to 100.
        reason: in French.
        unread: values that stand in the columns and that nothing says the meaning of, with their rows.
        likely: for some of these, the code that they may stand for, and why.
        told: what the file itself says of values that have no code here: no other column gives them one.
        by_number: whether the number of a column, which may be the institute's own, is all that tells its question.
    """

    section: str
    key: str
    value: Any
    columns: tuple[str, ...]
    confidence: int
    reason: str
    unread: tuple[tuple[str, int], ...] = ()
    likely: Likely = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    by_number: bool = False

    @property
    def decided(self) -> bool:
        """Whether it is sure enough to be written as a line of the contract."""
        return self.confidence >= DECIDED


def most_first(values: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Returns values with their rows, the most frequent first."""
    return tuple(sorted(values, key=lambda item: (-item[1], item[0])))
