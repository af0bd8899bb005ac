"""The streams and the encoding that the command line works with, whatever a shell or a service starts it with."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_UTF8_MODE = "PYTHONUTF8"
_OUTPUT, _ERRORS = 1, 2
# the disk that the output goes to is full
_FULL = (errno.ENOSPC, errno.EDQUOT)
_CUT = (
    "La sortie est coupée : le disque où elle va est plein. Ce que la commande fait se fait tout de même ; faire de la"
    " place, et la relancer si c'est pour lire ce qu'elle dit.\n"
)


def open_streams() -> None:
    """Makes the three standard streams fit to be used: those that were closed lead nowhere, nothing stops one.

    Without this a file that is opened later would take the descriptor of a closed stream, and receive what is printed.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest that is free, which is this one
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if not isinstance(stream, io.TextIOWrapper):
            continue
        # ASCII has no French letters: whoever asks for it gets them all the same
        ascii_only = codecs.lookup(stream.encoding).name == "ascii"
        stream.reconfigure(encoding="utf-8" if ascii_only else stream.encoding, errors="replace")
        if stream is getattr(sys, f"__{name}__"):
            setattr(sys, name, _outliving(stream))


class _Outlet(io.FileIO):
    """What is printed goes to a file or a pipe; once nobody reads that pipe, or that disk is full, it goes nowhere.

    `observatoire purge | head -1` is to purge all the same, and every command to end with the code of what it did. That
    the disk is full is said where errors go, unless it is they that found no room.
    """

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            # EPIPE: nobody reads the pipe any more
            if error.errno not in (errno.EPIPE, *_FULL):
                raise
            if error.errno in _FULL and self.fileno() == _OUTPUT:
                with suppress(OSError):
                    os.write(_ERRORS, _CUT.encode(sys.stderr.encoding or "utf-8", "replace"))
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return memoryview(data).nbytes


def _outliving(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    """Returns a stream to the same place, which the end of its reader does not stop."""
    outlet = io.BufferedWriter(_Outlet(stream.fileno(), "w", closefd=False))
    return io.TextIOWrapper(
        outlet, stream.encoding, stream.errors, line_buffering=stream.line_buffering, write_through=stream.write_through
    )


def speak_utf8() -> None:
    """Starts the command again in Python's UTF-8 mode, where the locale is of another encoding.

    File names, arguments and variables are then read as the daemon reads them, and the programs that are started write
    UTF-8 too. Without this, an accent in a name or in a key would make another name, another key.
    """
    utf8 = codecs.lookup(sys.getfilesystemencoding()).name == "utf-8"
    if not utf8 and os.environ.get(_UTF8_MODE) != "1":
        os.environ[_UTF8_MODE] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
