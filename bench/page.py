"""The tables of docs/bench.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; columns after the first are figures, to the right."""
    lines = [header, [":--", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def decimal(value: float, digits: int = 0) -> str:
    """A figure, as French writes it."""
    return f"{value:.{digits}f}".replace(".", ",")


def seconds(value: float) -> str:
    """Seconds, with as many decimals as they bear."""
    return decimal(value, 2 if value < 10 else 0)


def thousands(value: int) -> str:
    """A count, thousands apart."""
    return f"{value:,}".replace(",", " ")
