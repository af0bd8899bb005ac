"""The tables of docs/ that print what simulations measured, line by line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import polars as pl

from tests.support.demo import REPOSITORY


def holds(page: str, lines: Iterable[str]) -> None:
    """Holds a page of docs/ to lines that it should have; fails with all of them, to be copied."""
    wanted, there = list(lines), (REPOSITORY / "docs" / page).read_text(encoding="utf-8").splitlines()
    missing = [line for line in wanted if line not in there]
    assert missing == [], f"docs/{page} says otherwise:\n" + "\n".join(wanted)


def percent(share: float) -> str:
    """A share as the pages write it: 94,6 %."""
    return f"{100 * share:.1f} %".replace(".", ",")


def cases(measured: Mapping[str, pl.DataFrame], names: Iterable[str], judged: Collection[str]) -> Iterator[str]:
    """Yields a line per case: how often intervals cover and tests reject, by measure, and whether a verdict is given."""
    by_case = [{row["cas"]: row for row in table.to_dicts()} for table in measured.values()]
    for case in names:
        shown = [percent(of[case][name]) for name in ("covered", "rejected") for of in by_case]
        yield f"| {case} | {' | '.join(shown)} | {'oui' if case in judged else 'non'} |"
