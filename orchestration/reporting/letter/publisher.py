"""Who publishes, as the letter prints it: its own texts, then the directory of its members."""

from __future__ import annotations

from orchestration.reporting.commitments import Beside
from orchestration.reporting.directory import Directory
from orchestration.reporting.letter.beside import printed_beside
from orchestration.reporting.letter.words import Printable, Writer


def printed_publisher(writer: Writer, found: Beside | None, members: Directory | None) -> Printable | None:
    """The section of who publishes; None where the programme says nothing of it.

    Args:
        writer: the language.
        found: the texts of that section.
        members: who belongs to the publisher.
    """
    if not found and members is None:
        return None
    return {
        "titre": writer.plain("association"),
        "cote": printed_beside(writer, found, ""),
        "annuaire": _directory(writer, members) if members else None,
    }


def _directory(writer: Writer, members: Directory) -> Printable:
    return {
        "titre": writer.plain("annuaire"),
        "chapo": writer.plain("annuaire_chapo", n=members.members, source=", ".join(map(writer.text, members.sources))),
        "familles": [
            {"famille": writer.text(label), "noms": ", ".join(map(writer.text, names))}
            for label, names in members.families.items()
        ],
    }
