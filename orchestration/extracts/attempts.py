"""Readings that failed: neither an accepted delivery nor a refused one, but one that nobody could judge.

The reason is kept beside the registry until the delivery is read; a rebuild from `landing/` finds it out again.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from orchestration.extracts.ingest import Delivery, ingest
from orchestration.extracts.lake import Lake
from orchestration.extracts.personal_data import masked
from orchestration.extracts.records import Record
from orchestration.files import write_json
from orchestration.programme import Programme

REMEDY = "relancer ; si l'échec revient, retirer la livraison (« observatoire withdraw ») et signaler ce message"
_WORDS = 300


def attempt(delivery: Delivery, programme: Programme) -> Record | str:
    """Reads a delivery; returns its record, or why it could not be read.

    Raises:
        OSError: the machine is at fault (a full disk, a folder gone), not the file.
        MemoryError: likewise.
    """
    note = _note(Lake(programme.root), delivery.id)
    try:
        record = ingest(delivery, programme)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # a defect of a reader, which must cost the others nothing
        said = masked(" ".join(str(error).split()))[:_WORDS]
        reason = f"{type(error).__name__} : {said}" if said else type(error).__name__
        with suppress(OSError):
            write_json({"empreinte": delivery.fingerprint(programme), "raison": reason}, note)
        return reason
    note.unlink(missing_ok=True)
    with suppress(OSError):  # other failures are noted there, or none ever was
        note.parent.rmdir()
    return record


def failed(delivery: Delivery, programme: Programme) -> str | None:
    """Returns why a delivery could not be read as things stand, or None where that was not tried, or is settled."""
    try:
        note = json.loads(_note(Lake(programme.root), delivery.id).read_text(encoding="utf-8"))
        return str(note["raison"]) if delivery.is_current(note["empreinte"], programme) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note(lake: Lake, delivery: str) -> Path:
    return lake.failures / f"{delivery}.json"
