"""Gives a file that was downloaded its name in the folder of its wave, beside what is there."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from orchestration.extracts.again import names_again
from orchestration.files import file_sha256, settle

# what a file system answers that gives no file a second name
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def named(part: Path, folder: Path, wanted: str, sha256: str) -> str:
    """Gives a downloaded file its name, or the next one that is free; never one that is taken.

    Returns:
        the name. Where the same bytes stand under one of these names already, the file is that one: a crash came
        between its landing and its line in the register, or a person had put it there.
    """
    for name in names_again(wanted):
        target = folder / name
        if os.path.lexists(target):
            if target.is_file() and not target.is_symlink() and file_sha256(target) == sha256:
                part.unlink()
                return name
            continue
        try:
            os.link(part, target)
            part.unlink()
        except FileExistsError:
            continue
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            part.rename(target)
        settle(folder)
        return name
    raise AssertionError("names are never at an end")
