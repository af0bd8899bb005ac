"""Which version of an organisme's answers is in force.

The newest accepted delivery wins; a refused, withdrawn or much smaller one displaces nothing. Only files that stand in
the landing folder are candidates, so that the lake is always what a rebuild from `landing/` would give.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from orchestration.extracts.lake import Lake
from orchestration.extracts.receptions import read_time
from orchestration.extracts.records import REFUSED, SCORES, Lot, Record
from orchestration.extracts.suite_results import SuiteResult
from orchestration.files import file_sha256, give_second_name
from orchestration.programme.texts import capped, counted, number

Key = tuple[str, str]
Version = tuple[Record, Lot]


@dataclass(frozen=True)
class Peers:
    """The newest lot of each organisme of a wave, for what cannot be compared with the wave before; and their key."""

    lots: tuple[Lot, ...] = ()
    key: str = ""


Judge = Callable[[Lot, Lot | None, Peers], SuiteResult | None]


@dataclass(frozen=True)
class Candidate:
    """An accepted lot, the lots its answers are compared with, and what the suites say of it.

    Attributes:
        record: its delivery.
        lot: the lot.
        previous: the lot in force for the same organisme in the wave before; None where there is none.
        peers: the lots of its wave, itself included; none where all its answers have a wave before.
        suites: what they say; None where they have not seen it yet.
    """

    record: Record
    lot: Lot
    previous: Lot | None
    peers: Peers
    suites: SuiteResult | None


@dataclass(frozen=True)
class Election:
    """Which lots are in force.

    Attributes:
        elected: by wave and organisme, the lot in force and the record it comes from.
        scores: likewise of lots of scores, which displace no answers and which no suite judges.
        displaced: by wave and organisme, the version that the one in force replaced.
        held: by delivery and organisme, why an accepted lot is not in force although it is the newest.
        candidates: by delivery and organisme, each lot that its own lines did not refuse.
        uncertain: by delivery and organisme, which other delivery came at the very same time; names decided.
        twins: by delivery and organisme, which other organisme has the same interviews: neither lot may be in force.
    """

    elected: dict[Key, Version] = field(default_factory=dict)
    scores: dict[Key, Version] = field(default_factory=dict)
    displaced: dict[Key, Version] = field(default_factory=dict)
    held: dict[Key, str] = field(default_factory=dict)
    candidates: dict[Key, Candidate] = field(default_factory=dict)
    uncertain: dict[Key, str] = field(default_factory=dict)
    twins: dict[Key, str] = field(default_factory=dict)

    def retains(self, record: Record, lot: Lot) -> bool:
        """Returns whether a lot is the one in force."""
        in_force = self.scores if lot.nature == SCORES else self.elected
        found = in_force.get((record.vague, lot.organisme_code or ""))
        return found is not None and found[0].livraison == record.livraison

    def suites(self, record: Record, lot: Lot) -> SuiteResult | None:
        """Returns what the suites say of a lot; None where they have not seen it, or its own lines refused it."""
        candidate = self.candidates.get((record.livraison, lot.organisme_code or ""))
        return candidate.suites if candidate else None

    @property
    def interviews(self) -> int:
        """Interviews in force, all waves together."""
        return sum(lot.interviews for _, lot in self.elected.values())


def elect(
    records: Iterable[Record],
    *,
    waves: Iterable[str] = (),
    dispositifs: Mapping[str, str] | None = None,
    renewed: Collection[str] = (),
    withdrawn: Mapping[str, str] | None = None,
    losses: Mapping[str, float] | None = None,
    judge: Judge = lambda lot, previous, peers: None,
) -> Election:
    """Chooses, for each wave and organisme, the newest accepted lot.

    Args:
        records: what became of each delivery.
        waves: codes of the waves in chronological order: a lot is compared with the one in force in the wave before.
        dispositifs: the dispositif of each wave, where there are several: the wave before is of the same one.
        renewed: those that ask what the wave before did not: their lots are compared with one another too.
        withdrawn: reasons of withdrawal, by delivery; a withdrawn delivery is no candidate.
        losses: by wave, which share of interviews a re-delivery may lose and still displace the version in force; a
            truncated file would otherwise take the place of a whole one. All of them in a wave that is not there.
        judge: gives what the suites say of a lot, None where they have not seen it: it is then taken as sound.
    """
    rank = {wave: i for i, wave in enumerate(waves)}
    placed = dispositifs or {}
    election = Election()
    latest: dict[str, dict[str, Lot]] = {}
    counted_in = [r for r in records if r.livraison not in (withdrawn or {})]
    ordered = sorted(counted_in, key=lambda r: (rank.get(r.vague, 0), r.vague, r.recue_le, r.livraison))
    together = _together_in_a_wave(ordered)
    for wave, of_wave in groupby(ordered, key=lambda r: r.vague):
        most = (losses or {}).get(wave, 1.0)
        refused: list[Version] = []
        believed: list[Version] = []
        for record, lot in ((r, lot) for r in of_wave for lot in r.lots):
            if lot.organisme_code is None:
                continue
            if lot.nature == SCORES:
                if lot.statut != REFUSED:
                    election.scores[wave, lot.organisme_code] = (record, lot)
                continue
            if lot.statut == REFUSED:
                refused.append((record, lot))
                continue
            before = [
                w
                for w in latest.get(lot.organisme_code, {})
                if rank.get(w, 0) < rank.get(wave, 0) and placed.get(w) == placed.get(wave)
            ]
            previous = latest[lot.organisme_code][before[-1]] if before else None
            peers = Peers() if previous and record.vague not in renewed else together[record.vague]
            candidate = Candidate(record, lot, previous, peers, judge(lot, previous, peers))
            election.candidates[record.livraison, lot.organisme_code] = candidate
            unlikely = candidate.suites is not None and candidate.suites.refusal
            (refused if unlikely else believed).append((record, lot))
        election.twins.update(_twins([*refused, *believed]))
        for record, lot in believed:
            key = (wave, str(lot.organisme_code))
            if (record.livraison, key[1]) in election.twins:
                continue
            current = election.elected.get(key)
            # a line of counts stands for many interviews
            if current is not None and lot.interviews < (1 - most) * current[1].interviews:
                found, kept = counted(lot.interviews, "entretien"), number(current[1].interviews)
                election.held[record.livraison, key[1]] = (
                    f"{found} contre {kept} en vigueur :"
                    " la livraison précédente reste ; la retirer pour accepter celle-ci"
                )
                continue
            if current is not None:
                election.displaced[key] = current
                if _together(record, current[0]):
                    election.uncertain[record.livraison, key[1]] = (
                        f"reçue en même temps que {current[0].fichier}, l'ordre des noms a décidé ;"
                        " retirer celle des deux qui ne vaut pas"
                    )
            election.elected[key] = (record, lot)
            latest.setdefault(key[1], {})[wave] = lot
    return election


def _together_in_a_wave(ordered: Iterable[Record]) -> dict[str, Peers]:
    newest: dict[str, dict[str, Lot]] = {}
    for record in ordered:
        answers = (lot for lot in record.lots if lot.nature != SCORES and lot.statut != REFUSED)
        lots = {lot.organisme_code: lot for lot in answers if lot.organisme_code}
        newest.setdefault(record.vague, {}).update(lots)
    return {wave: Peers(tuple(lots.values()), _digest(lots.values())) for wave, lots in newest.items()}


def _digest(lots: Iterable[Lot]) -> str:
    return hashlib.sha256("|".join(sorted(lot.empreinte or "" for lot in lots)).encode()).hexdigest()


def _twins(versions: Iterable[Version]) -> dict[Key, str]:
    """Returns the lots of a wave that may not be in force because another organisme's are the same, and why.

    Nothing tells whose they are while both organismes stand by them. An organisme that has sent other answers since, or
    has others that were accepted, no longer does: the lot is then the other one's.

    Args:
        versions: lots that nobody withdrew, the refused ones first, each kind in order of reception.
    """
    newest: dict[str, Lot] = {}
    alike: dict[tuple[str, str], list[Version]] = {}
    for record, lot in versions:
        newest[str(lot.organisme_code)] = lot
        # a file of several organismes has the same bytes for each of them, and is no twin of itself
        if len(record.lots) == 1:
            alike.setdefault(("mêmes octets", record.sha256), []).append((record, lot))
        if lot.contenu:
            alike.setdefault(("mêmes entretiens", lot.contenu), []).append((record, lot))
    twins: dict[Key, str] = {}
    for (what, _), found in alike.items():
        if len({lot.organisme_code for _, lot in found}) < 2:
            continue
        standing = {lot.organisme_code for _, lot in found if newest[str(lot.organisme_code)] is lot}
        named = capped(sorted(f"{record.fichier} ({lot.organisme_code})" for record, lot in found))
        for record, lot in found:
            if standing != {lot.organisme_code}:
                twins.setdefault(
                    (record.livraison, str(lot.organisme_code)),
                    f"{named} : {what} ; livrer le bon fichier, ou retirer celui qui n'est pas de son organisme",
                )
    return twins


def _together(one: Record, other: Record) -> bool:
    # The register of receptions gives files that came together times a microsecond apart.
    times = [read_time(r.recue_le) for r in (one, other)]
    return abs(times[0] - times[1]) < dt.timedelta(milliseconds=1)


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
        give_second_name(source, target.with_name(f".{target.name}.neuf")).replace(target)
    for folder in ("reponses", "comptages"):
        for path in (lake.root / "lake" / folder).glob("vague=*/*"):
            if path not in wanted:
                path.unlink()
