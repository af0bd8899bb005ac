"""Child processes that end with the process that started them: one that is killed cannot end them itself.

Run as a script, `python children.py COMMAND…` becomes that command: dbt, orphaned, would go on and hold the warehouse
against the next run. Only Linux has the means; elsewhere `warehouse.make_ready` waits for the orphan.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

# prctl(2)
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Asks the kernel to kill this process when the one that started it ends; does nothing where it cannot be asked."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def bound(command: list[str]) -> list[str]:
    """Returns the command that runs another one bound to the process that starts it."""
    # no site, no environment: nothing but the standard library is wanted, and it starts in a moment
    return [sys.executable, "-SEP", __file__, *command]


if __name__ == "__main__":
    die_with_parent()
    os.execv(sys.argv[1], sys.argv[1:])
