"""Where the command `observatoire` begins: an interruption has its word before the libraries are imported too."""

from __future__ import annotations

from orchestration.interrupts import leave_at_once


def main() -> None:
    """Runs the command line; imports take a second, during which Ctrl-C would otherwise end with a traceback."""
    leave_at_once()
    from orchestration.cli import main as command_line

    command_line()
