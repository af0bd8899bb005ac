"""The directory of who belongs to the publisher (`reference/adherents.csv`): names under families, no figure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orchestration.programme import Programme
from orchestration.programme.config import ProgrammeConfig


@dataclass(frozen=True)
class Directory:
    """Names under the label of each family, in the directory's order, and where they are taken from."""

    families: dict[str, list[str]]
    sources: list[str]

    @property
    def members(self) -> int:
        """How many names there are."""
        return sum(map(len, self.families.values()))


def directory(root: Path | None, programme: ProgrammeConfig) -> Directory | None:
    """The members of the publisher; None where the programme has no directory, or no folder.

    Args:
        root: the programme's folder.
        programme: what programme.yaml says.
    """
    if root is None:
        return None
    reference = Programme(root, programme)
    members = reference.ordered("adherents")
    if not members:
        return None
    families = reference.ordered("familles")
    named = {
        str(family["libelle"]): [str(row["nom"]) for row in members if row["famille"] == family["famille"]]
        for family in families
    }
    sources = dict.fromkeys(str(row["source"]) for row in members)
    return Directory({label: names for label, names in named.items() if names}, list(sources))
