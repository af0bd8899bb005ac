"""What is tried again by itself: faults of the machine that pass while one waits, and nothing else.

A refused programme, a damaged contract, a full disk, a file that a reader stumbles over stay what they are: trying
again would only delay the one who has to act. So no asset has a RetryPolicy, which retries on any exception.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

TRIES, SECONDS = 3, 20
# a resource taken for a moment, a network folder that was away
_PASSING = {
    errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.ETXTBSY, errno.ENFILE, errno.EMFILE, errno.ESTALE, errno.ETIMEDOUT,
    errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETUNREACH, errno.ECONNRESET, errno.ECONNABORTED,
}  # fmt: skip
# DuckDB's words, its own or as dbt repeats them, when another process holds the file
_HELD = "Could not set lock on file"


@contextmanager
def tried_again() -> Iterator[None]:
    """Has a step that a passing fault stopped tried again, some times and seconds later; lets every other fault be.

    Raises:
        RetryRequested: the fault may have passed by then.
    """
    try:
        yield
    except Exception as error:
        if passes(error):
            raise dg.RetryRequested(max_retries=TRIES, seconds_to_wait=SECONDS) from error
        raise


def passes(error: BaseException | None) -> bool:
    """Returns whether a fault, or what caused it, is one that passes while one waits."""
    while error is not None:
        if (isinstance(error, OSError) and error.errno in _PASSING) or _HELD in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
