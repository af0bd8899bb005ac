"""Which faults are tried again: those of the machine that pass after a while, and no other.

A refused programme, a damaged contract, a full disk or a file that cannot be read will not change by waiting: trying
again would only delay the person who has to act. So no asset has a RetryPolicy, which retries on any exception.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

TRIES, SECONDS = 3, 20
# A file or device is in use for a moment, or a network folder cannot be reached.
_PASSING = {
    errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.ETXTBSY, errno.ENFILE, errno.EMFILE, errno.ESTALE, errno.ETIMEDOUT,
    errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETUNREACH, errno.ECONNRESET, errno.ECONNABORTED,
}  # fmt: skip
# what DuckDB says, and dbt repeats, when another process has the file open
_HELD = "Could not set lock on file"


@contextmanager
def tried_again() -> Iterator[None]:
    """Has Dagster try a step again some seconds later if a passing fault stopped it; other faults go through.

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
