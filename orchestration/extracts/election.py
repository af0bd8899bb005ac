"""Which version of an organisme's answers is in force, and the control tables that tell dbt so.

The newest accepted delivery wins; a refused one displaces nothing. Only files that stand in the landing folder are
candidates, so that the lake is always what a rebuild from `landing/` would give.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from orchestration.extracts.lake import Lake, file_sha256
from orchestration.extracts.records import REFUSED, Lot, Record


@dataclass(frozen=True)
class Election:
    """The lots in force, by wave and organisme, each with the record it comes from."""

    elected: dict[tuple[str, str], tuple[Record, Lot]]

    def retains(self, record: Record, lot: Lot) -> bool:
        """Returns whether a lot is the one in force."""
        found = self.elected.get((record.vague, lot.organisme_code or ""))
        return found is not None and found[0].livraison == record.livraison

    @property
    def interviews(self) -> int:
        """Interviews in force, all waves together."""
        return sum(lot.interviews for _, lot in self.elected.values())


def elect(records: Iterable[Record]) -> Election:
    """Chooses, for each wave and organisme, the newest lot that was accepted."""
    elected: dict[tuple[str, str], tuple[Record, Lot]] = {}
    for record in sorted(records, key=lambda r: (r.recue_le, r.livraison)):
        for lot in record.lots:
            if lot.statut != REFUSED and lot.organisme_code is not None:
                elected[record.vague, lot.organisme_code] = (record, lot)
    return Election(elected)


def install(election: Election, lake: Lake) -> None:
    """Puts the elected versions at their place, answers or counts, and takes away what is no longer in force."""
    wanted: set[Path] = set()
    for (wave, organisme), (_, lot) in election.elected.items():
        target = lake.elected(wave, organisme, lot.nature)
        wanted.add(target)
        source = lake.root / str(lot.fichier)
        if target.exists() and (target.samefile(source) or file_sha256(target) == lot.empreinte):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.neuf")
        temporary.unlink(missing_ok=True)
        os.link(source, temporary)
        temporary.replace(target)
    for folder in ("reponses", "comptages"):
        for path in (lake.root / "lake" / folder).glob("vague=*/*"):
            if path not in wanted:
                path.unlink()
