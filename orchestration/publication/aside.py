"""The editions that a rollback set aside, each with what it was made from: nobody wants these figures back unasked."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from orchestration.errors import PublicationRefused, taken_back
from orchestration.files import write_json
from orchestration.publication.editions import FIGURES

# in the published folder: the editions that were set aside
ASIDE = "ecartees.json"
# what it says of each edition
_ENTRY = ("edition", "ecartee_le", "motif")
# stands for the fingerprint of an edition that says no more what it was made from: no inputs make it
_UNKNOWN = "sans empreinte :"


def set_aside(published: Path, made_of: str) -> str | None:
    """Returns why the figures that these inputs make were set aside, as a sentence; None when they were not.

    Args:
        published: the published folder.
        made_of: fingerprint of the inputs.
    """
    entries = _read(published)
    same = (entry for key, entry in entries.items() if key[:FIGURES] == made_of[:FIGURES])
    entry = entries.get(made_of) or next(same, None)
    if entry is None:
        return None
    why = f" ({entry['motif']})" if entry["motif"] else ""
    return (
        f"L'édition {entry['edition']}, dont les livraisons donnent encore les chiffres, a été écartée le"
        f" {entry['ecartee_le'][:10]}{why} :"
        " rien n'est publié avant que quelque chose ne change ; « observatoire run --publier » passe outre."
    )


def unwanted(published: Path) -> set[str]:
    """Returns the editions that a rollback set aside.

    Args:
        published: the published folder.
    """
    return {entry["edition"] for entry in _read(published).values()}


def put_aside(published: Path, edition: str | None, made_of: str | None, wanted: str, reason: str) -> None:
    """Notes that an edition is set aside and that another is wanted again; written in one step.

    Args:
        published: the published folder.
        edition: the edition that is set aside; None where none is.
        made_of: fingerprint of what it was made from; None where nothing says so any more: it is noted all the same.
        wanted: that of the edition that is wanted again.
        reason: why; may be blank.
    """
    # what is wanted goes first: the one that is set aside may have the same figures
    kept = _without(_read(published), wanted)
    if edition is not None:
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        kept[made_of or f"{_UNKNOWN} {edition}"] = {"edition": edition, "ecartee_le": now, "motif": reason.strip()}
    write_json(kept, published / ASIDE)


def why_aside(published: Path) -> dict[str, str]:
    """Returns the editions that a rollback set aside, each with when and why, in words."""
    return {
        entry["edition"]: f"écartée le {entry['ecartee_le'][:10]}" + (f" ({entry['motif']})" if entry["motif"] else "")
        for entry in _read(published).values()
    }


def take_back(published: Path, made_of: str) -> None:
    """Forgets that the figures these inputs make were set aside: they may be published."""
    kept = _read(published)
    if (left := _without(kept, made_of)) != kept:
        write_json(left, published / ASIDE)


def _without(kept: dict[str, Any], made_of: str) -> dict[str, Any]:
    return {key: entry for key, entry in kept.items() if key[:FIGURES] != made_of[:FIGURES]}


def _read(published: Path) -> dict[str, Any]:
    path = published / ASIDE
    if not path.exists():
        return {}
    try:
        body: Any = json.loads(path.read_text(encoding="utf-8"))
        return {key: {name: str(entry[name]) for name in _ENTRY} for key, entry in body.items()}
    except PermissionError:
        raise  # it may be whole: who reads it has not the right to
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        raise PublicationRefused(
            f"{path} est abîmé : les éditions écartées ne sont plus connues ; {taken_back(f'published/{ASIDE}')}, ou"
            " l'ôter pour publier à nouveau."
        ) from None
