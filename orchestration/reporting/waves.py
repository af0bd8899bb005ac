"""Which waves and questions an edition prints as its own: the principal dispositif's. Asked here, and nowhere else."""

from __future__ import annotations

from orchestration.reporting.cells import Edition, Row


def printed_waves(edition: Edition) -> list[Row]:
    """Returns the rows of dim_vague that are printed, the oldest first: all of an edition that tells no dispositif."""
    rows = [row for row in edition.rows("dim_vague") if row.get("est_principale", True)]
    return sorted(rows, key=lambda row: (row.get("ordre") or 0, str(row["vague"])))


def of_printed_waves(edition: Edition) -> dict[str, str]:
    """Returns the part of a cell's key that keeps to the printed waves; nothing where the edition has no other one."""
    codes = [str(row["vague"]) for row in printed_waves(edition)]
    return {"vague in": "|".join(codes)} if len(codes) < len(edition.rows("dim_vague")) else {}


def printed_questions(edition: Edition) -> list[Row]:
    """Returns the rows of dim_question that are printed: not those that another dispositif alone asks."""
    several = bool(of_printed_waves(edition))
    return [row for row in edition.rows("dim_question") if not several or row.get("premiere_vague") is not None]
