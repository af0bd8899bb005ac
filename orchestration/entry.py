"""Where the command `observatoire` begins: an interruption has its word before the libraries are imported too."""

from __future__ import annotations

import sys

from orchestration.interrupts import leave_at_once


def main() -> None:
    """Runs the command line; imports take a second, during which Ctrl-C would otherwise end with a traceback."""
    leave_at_once()
    try:
        from orchestration.cli import main as command_line
    except ModuleNotFoundError as error:
        from orchestration.machine import machine_refusal

        sys.exit(f"Refusé : {machine_refusal(error)}")
    command_line()
