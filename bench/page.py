"""The tables of docs/bench.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; columns after the first are figures, to the right."""
    lines = [header, [":--", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def seconds(value: float) -> str:
    """Seconds, with as many decimals as they bear."""
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def thousands(value: int) -> str:
    """A count, thousands apart."""
    return f"{value:,}".replace(",", " ")
