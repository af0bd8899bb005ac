"""The scores that senders publish, as page, letter and leaflets print them: read from `fct_score`, the current wave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestration.reporting.cells import Cell, Edition
from orchestration.reporting.figures import own_reader
from orchestration.reporting.indicators import Scope

_KEY = ("vague", "perimetre_type", "perimetre", "score_code")


# how each column is written, wherever it is printed
WRITTEN = {"valeur": "note", "ic_bas": "note", "ic_haut": "note", "base": "entier", "ecart": "ecart_note"}


@dataclass(frozen=True)
class PublishedScore:
    """A score; a column of fct_score is an item of it."""

    code: str
    libelle: str
    unite: str
    classe: str
    cell: Callable[[str], Cell]

    def __getitem__(self, column: str) -> Cell:
        """A column as a figure."""
        return self.cell(column)


def published_scores(edition: Edition, scope: Scope) -> list[PublishedScore]:
    """The scores of the current wave, the region's or an organisme's own, in their order; none without any."""
    rows = edition.rows("fct_score", vague=scope.current, **scope.perimetre)
    return [
        PublishedScore(
            str(row["score_code"]), str(row["libelle"]), str(row["unite"]), str(row["classe_libelle"] or ""),
            own_reader("fct_score", row, *_KEY),
        )
        for row in sorted(rows, key=lambda row: (row["ordre"], row["score_code"]))
    ]  # fmt: skip
