"""Child processes that end with the process that started them: a process that is killed cannot end them itself.

`python children.py COMMAND…` becomes that command, bound to its parent. Without it, a dbt whose parent was killed would
keep running and keep the warehouse locked for the next run. Only Linux offers this; elsewhere `warehouse.make_ready`
waits until the orphaned process ends.
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
    # -SEP skips site-packages and environment variables: only the standard library is needed, and it starts faster.
    return [sys.executable, "-SEP", __file__, *command]


if __name__ == "__main__":
    die_with_parent()
    os.execv(sys.argv[1], sys.argv[1:])
