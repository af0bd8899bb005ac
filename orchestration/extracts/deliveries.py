"""What stands in the landing folder: each file a delivery, with its contract and when it was first seen."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from orchestration.extracts.again import as_sent
from orchestration.extracts.companions import companions, completing, is_companion, main_names
from orchestration.extracts.contract import Contract
from orchestration.extracts.contracts import Contracts, Refusal
from orchestration.extracts.lake import Lake, delivery_id
from orchestration.extracts.personal_data import masked
from orchestration.extracts.pseudonyms import key_fingerprint
from orchestration.extracts.readers.received import identify, shown_name
from orchestration.extracts.receptions import Seen, receptions
from orchestration.extracts.records import times_of_records
from orchestration.ignored import is_ignored
from orchestration.programme import Programme
from orchestration.programme.fingerprint import extraction_fingerprint
from orchestration.programme.texts import capped

_HERE = Path(__file__).parent
# the rule of a delivery that lacks a file
_AWAITED = "fichier_attendu"


@dataclass(frozen=True)
class Delivery:
    """One file of the landing folder, or several that a contract joins: where, which bytes, under which contract, when.

    Attributes:
        refusal: the rule it breaks before it is read, and a sentence.
        files: path and SHA-256 of each of its files, the main one first, where a contract joins several; `sha256` is
            then that of all of them, and `received` when the last one came.
    """

    id: str
    wave: str
    path: Path
    sha256: str
    contract: Contract | None
    received: dt.datetime
    refusal: Refusal | None = None
    files: tuple[tuple[Path, str], ...] = ()

    @property
    def awaits(self) -> bool:
        """Whether a file that its contract joins to it is not there yet."""
        return self.refusal is not None and self.refusal[0] == _AWAITED

    @property
    def irregular(self) -> bool:
        """Whether it is no ordinary file: a link, a folder, a pipe, a device. None is ever opened."""
        return self.path.is_symlink() or not self.path.is_file()

    def told_unread(self, programme: Programme) -> str | None:
        """Returns why it is refused whenever it is read, a sentence, where that is known before; None elsewhere."""
        if self.refusal and (self.wave not in programme.waves or self.closed):
            return self.refusal[1]
        return None

    @property
    def contents(self) -> tuple[tuple[Path, str], ...]:
        """Path and SHA-256 of each of its files, the main one first."""
        return self.files or ((self.path, self.sha256),)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Its files, the main one first."""
        return tuple(path for path, _ in self.contents)

    @property
    def closed(self) -> tuple[Path, ...]:
        """Its files that this account cannot read."""
        return tuple(path for path in self.paths if not self.irregular and not os.access(path, os.R_OK))

    @property
    def name(self) -> str:
        """Name of the file, fit to be shown and stored."""
        return shown_name(self.path)

    @property
    def place(self) -> str:
        """What the delivery is called: `<wave>/<file>`; of a wave's folder that is a link, the folder's name alone."""
        return f"{self.wave}/{self.name}" if self.path.parent.name == self.wave else self.name

    @property
    def sources(self) -> dict[str, str]:
        """What each of its files is called, and its SHA-256."""
        if not self.files:
            return {self.place: self.sha256}
        return {f"{self.wave}/{shown_name(path)}": sha256 for path, sha256 in self.files}

    def fingerprint(self, programme: Programme) -> str:
        """Returns what tells all that decides what the file becomes: name, bytes, contract, questionnaire, code, key.

        A SHA-256, a dot, and what tells the key of pseudonyms, or nothing where whoever asks has none.
        """
        parts = [
            # The identifier ignores case and accents, and the file name may say which organisme it is.
            self.name,
            self.sha256,
            self.contract.fingerprint if self.contract else repr(self.refusal),
            extraction_fingerprint(programme, self.wave),
            code_fingerprint(),
        ]
        return f"{hashlib.sha256('|'.join(parts).encode()).hexdigest()}.{key_fingerprint()}"

    def is_current(self, fingerprint: str, programme: Programme) -> bool:
        """Returns whether what was read under a fingerprint is what would be read now, as far as one can tell."""
        now = self.fingerprint(programme)
        return fingerprint == now or (now.endswith(".") and fingerprint.partition(".")[0] == now[:-1])


@cache
def code_fingerprint() -> str:
    """Returns the SHA-256 of the code of extraction: a new version reads the deliveries again."""
    digest = hashlib.sha256()
    for path in sorted([*_HERE.rglob("*.py"), *(_HERE.parent / "programme").glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def deliveries(
    programme: Programme, contracts: Contracts, *, looking: bool = False, registering: bool = True
) -> list[Delivery]:
    """Lists what stands in the landing folder, wave by wave, each with the contract that covers it.

    What no run may read (a link, a folder, a file beyond measure) is one, with the reason; so is a wave that is a link.

    Args:
        programme: the programme.
        contracts: its contracts.
        looking: whether nothing is made of the list, so that receptions need not be remembered.
        registering: whether receptions are remembered at all.

    Raises:
        ProgrammeError: there is a file never seen before, and the register cannot be written.
    """
    lake = Lake(programme.root)
    present = [
        (folder.name, path, *identify(path))
        for folder in sorted(p for p in lake.landing.glob("*") if is_wave(p))
        for path in ([folder] if folder.is_symlink() else _within(folder))
    ]
    seen = [Seen(wave, sha256, shown_name(path), modified(path)) for wave, path, sha256, _ in present]
    told = partial(times_of_records, lake.registry)
    received = receptions(lake.landing, seen, looking=looking, registering=registering, remembered=told)
    found = []
    for wave, path, sha256, irregular in present:
        name = shown_name(path)
        contract, refusal = contracts.of(wave, path.name, name)
        refusal = wave_refusal(programme, wave, name) or refusal
        if irregular:
            refusal = ("depot_irregulier", irregular)
        identity = delivery_id(wave, name, sha256)
        found.append(Delivery(identity, wave, path, sha256, contract, received[wave, sha256], refusal))
    return put_together(found)


def put_together(found: Sequence[Delivery]) -> list[Delivery]:
    """Returns one delivery for the files that a contract joins; what waits for another file says so, and is refused.

    A refused delivery displaces nothing; when the file comes, the delivery has other bytes and is read.
    """
    by_place = {(d.wave, d.path.name): d for d in found}
    joined: set[tuple[str, str]] = set()
    result = []
    for delivery in found:
        contract = delivery.contract
        if contract is None or is_companion(contract, delivery.path.name):
            continue
        names = companions(contract, delivery.path.name)
        joined |= {(delivery.wave, name) for name in names}
        present = {name for wave, name in by_place if wave == delivery.wave} if names else set()
        chosen = {name: completing(delivery.path.name, name, present) for name in names}
        others = [by_place[delivery.wave, name] for name in chosen.values() if name is not None]
        missing = [name for name, there in chosen.items() if there is None]
        result.append(_whole(delivery, others, missing) if names else delivery)
    for delivery in found:
        contract, name = delivery.contract, delivery.path.name
        if contract is None:
            result.append(delivery)
        elif is_companion(contract, name) and (delivery.wave, as_sent(name)) not in joined:
            awaited = _awaited(delivery, main_names(contract, name))
            result.append(replace(delivery, refusal=delivery.refusal or awaited))
    return sorted(result, key=lambda d: (d.wave, d.path))


def _whole(main: Delivery, others: Sequence[Delivery], missing: Sequence[str]) -> Delivery:
    if not others:
        return replace(main, refusal=main.refusal or _awaited(main, missing))
    files = tuple((d.path, d.sha256) for d in (main, *others))
    sha256 = hashlib.sha256("|".join(digest for _, digest in files).encode()).hexdigest()
    refusal = next((d.refusal for d in (main, *others) if d.refusal), None)
    return replace(
        main,
        id=delivery_id(main.wave, main.name, sha256),
        sha256=sha256,
        received=max(d.received for d in (main, *others)),
        refusal=refusal or (_awaited(main, missing) if missing else None),
        files=files,
    )


def _awaited(delivery: Delivery, names: Sequence[str]) -> Refusal:
    """Returns why a delivery cannot be read yet: a file that its contract joins to it is not there."""
    listed = " et ".join(masked(name) for name in names)
    return (
        _AWAITED,
        f"{delivery.place} : attend {listed}, qui n'est pas dans landing/{delivery.wave}/ ; l'y déposer, et la"
        " livraison sera lue ; s'il ne doit pas venir, corriger « jointures » dans le contrat.",
    )


def wave_refusal(programme: Programme, wave: str, shown: str) -> Refusal | None:
    """Returns the rule that a file breaks where its folder is of no wave of the programme, and a sentence.

    Args:
        programme: the programme.
        wave: name of the folder in `landing/`.
        shown: name of the file, fit to be shown.
    """
    if wave in programme.waves:
        return None
    known = capped(f"landing/{code}" for code in programme.waves)
    said = f"« {wave} » n'est pas une vague de vagues.csv ; le déposer dans {known}, ou ajouter la vague à vagues.csv"
    return "depot_irregulier", f"{wave}/{shown} : {said}."


def is_wave(path: Path) -> bool:
    """Returns whether what lies in the landing folder itself stands for a wave: a folder, or a link to no file."""
    return (path.is_dir() or (path.is_symlink() and not path.exists())) and not is_ignored(path.name)


def _within(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if not is_ignored(p.name))


def modified(path: Path) -> dt.datetime:
    """Returns the time of a file, or now when it is gone since it was listed."""
    try:
        return dt.datetime.fromtimestamp(path.lstat().st_mtime, tz=dt.UTC)
    except (OSError, ValueError, OverflowError):
        return dt.datetime.now(tz=dt.UTC)
