"""A rollback of a store of editions alone, without what is printed of them."""

from __future__ import annotations

from orchestration.publication.editions import Editions
from orchestration.publication.going_back import earlier, go_back, named


def roll_back(editions: Editions, edition: str | None, reason: str) -> tuple[str, str | None]:
    """Comes back to an edition, by default to an earlier one: the edition now current, and the one that was."""
    choice = earlier(editions) if edition is None else named(editions, edition)
    before, _ = go_back(editions, choice, reason)
    return choice.edition, before
