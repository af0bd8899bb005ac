"""Leaves to a person which of two columns is the organisme, or an axis, where both could be and do not say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from orchestration.extracts.draft.codes import axis_names
from orchestration.extracts.draft.line import DECIDED
from orchestration.extracts.draft.meaning import equal
from orchestration.extracts.draft.profile import Column
from orchestration.extracts.draft.roles import Role, claims
from orchestration.programme import Programme

_OPEN = 60


def with_rivals(
    roles: Mapping[str, Role], columns: Sequence[Column], frame: pl.DataFrame, programme: Programme, wave: str | None
) -> dict[str, Role]:
    """Returns the roles, less sure where another column claims one.

    A column that has the very name of an axis keeps it. A code beside its label, or bounds beside a number, are no
    rivals: one tells the other.

    Args:
        roles: role by column.
        columns: all columns of the file.
        frame: its cells.
        programme: reference data.
        wave: to hold dates against its fieldwork.
    """
    found = dict(roles)
    for column in (column for column in columns if column.name not in roles):
        for claim in claims(column, programme, wave):
            held = next((n for n, r in roles.items() if (r.role, r.key) == (claim.role, claim.key)), None)
            if claim.role not in ("organisme", "axe") or claim.confidence < DECIDED or held is None:
                continue
            if _one_tells_the_other(frame, held, column.name):
                continue
            what = claim.key or claim.role
            reason = f"pourrait être {what}, comme « {held} », qui ne dit pas la même chose : dire laquelle"
            found[column.name] = Role("ignorees", "", _OPEN, reason)
            names = axis_names(programme, claim.key) if claim.key else ()
            if not any(equal(title, name) for title in _titles(held, columns) for name in names):
                doubt = f"{found[held].reason} ; mais « {column.name} » pourrait l'être aussi : dire laquelle"
                found[held] = replace(found[held], confidence=min(found[held].confidence, _OPEN), reason=doubt)
    return found


def _titles(name: str, columns: Sequence[Column]) -> Sequence[str]:
    return next((column.header, *column.titles) for column in columns if column.name == name)


def _one_tells_the_other(frame: pl.DataFrame, one: str, other: str) -> bool:
    """Returns whether each value of one column goes with one value of the other, in one direction at least."""
    pairs = frame.select(pl.col(one).alias("one"), pl.col(other).alias("other")).drop_nulls().unique()
    return pairs.height in (pairs["one"].n_unique(), pairs["other"].n_unique())
