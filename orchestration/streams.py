"""The streams and the encoding that the command line works with, whatever a shell or a service starts it with."""

from __future__ import annotations

import codecs
import io
import os
import sys

_UTF8_MODE = "PYTHONUTF8"


def open_streams() -> None:
    """Makes the three standard streams fit to be used: those that were closed lead nowhere, no character stops one.

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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def speak_utf8() -> None:
    """Starts the command again in Python's UTF-8 mode, where the locale is of another encoding.

    File names, arguments and variables are then read as the daemon reads them, and the programs that are started write
    UTF-8 too. Without this, an accent in a name or in a key would make another name, another key.
    """
    utf8 = codecs.lookup(sys.getfilesystemencoding()).name == "utf-8"
    if not utf8 and os.environ.get(_UTF8_MODE) != "1":
        os.environ[_UTF8_MODE] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
