"""Which contract a delivery is tried with: the one that its name answers to, or any that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import ContractError
from orchestration.extracts.contract import Contract
from orchestration.extracts.contracts import Broken, Contracts, Refusal, load_contracts, overlaps, read_contracts
from orchestration.extracts.deliveries import wave_refusal
from orchestration.extracts.lake import Lake
from orchestration.extracts.readers.received import shown_name
from orchestration.programme import Programme
from orchestration.programme.texts import capped


@dataclass(frozen=True)
class Chosen:
    """The contract of a trial.

    Attributes:
        wave: the wave that the file is tried for.
        contract: the contract; None where there is none that may be used.
        refusal: the rule that the file breaks before it is read, and a sentence; None where it is read.
        faults: what is wrong with the contract that was asked for, in sentences.
        unconfirmed: whether it is a draft, which no run would load.
        unclaimed: whether the file has a name that the contract does not claim.
        rivals: which other contracts claim names that it claims, in sentences: a run would take neither.
    """

    wave: str
    contract: Contract | None
    refusal: Refusal | None = None
    faults: tuple[str, ...] = ()
    unconfirmed: bool = False
    unclaimed: bool = False
    rivals: tuple[str, ...] = ()


def choose(programme: Programme, path: Path, asked: str | None) -> Chosen:
    """Returns the contract that a file is tried with.

    Args:
        programme: whose contracts they are.
        path: the file.
        asked: name or path of a contract; None for the one that the file's name answers to.

    Raises:
        ContractError: there is no such contract.
    """
    if asked is not None:
        return _asked(programme, path, asked)
    contracts = load_contracts(programme)
    wave = _wave(programme, contracts, path)
    if refusal := wave_refusal(programme, wave, shown_name(path)):
        return Chosen(wave, None, refusal)
    return Chosen(wave, *contracts.of(wave, path.name, shown_name(path)))


def _wave(programme: Programme, contracts: Contracts, path: Path) -> str:
    """Returns the wave whose folder the file stands in, else the latest whose contracts claim its name."""
    folder = path.absolute().parent
    if folder.name in programme.waves or folder.parent.resolve() == Lake(programme.root).landing.resolve():
        return folder.name
    current = programme.config.vague_courante
    claimed = [c.wave for c in contracts.sound if c.covers(path.name)]
    claimed += [wave for b in contracts.broken for wave in b.waves if b.claims(wave, path.name)]
    if current in claimed or not claimed:
        return current
    order = list(programme.waves)
    return max(claimed, key=lambda wave: order.index(wave) if wave in order else -1)


def _asked(programme: Programme, path: Path, asked: str) -> Chosen:
    found = read_contracts(_file(programme, asked), programme)
    if isinstance(found, Broken):
        more = f" (et d'autres fautes : {len(found.faults) - 1})" if len(found.faults) > 1 else ""
        said = f"{shown_name(path)} : le contrat demandé est fautif : {found.faults[0]}{more}"
        wave = next(iter(found.waves), programme.config.vague_courante)
        return Chosen(wave, None, ("contrat_fautif", said), found.faults)
    # of a dispositif's contract, the one that was named, or of the wave whose folder the file is in, or the last
    wanted = (asked, path.absolute().parent.name)
    read = next((one for one in found if one.name in wanted or one.wave in wanted), found[-1])
    others = [contract for contract in load_contracts(programme).sound if contract.name != read.name]
    # in the order in which a run reads them
    pairs = ((other, read) if other.path.name < read.path.name else (read, other) for other in others)
    rivals = tuple(overlaps(pairs))
    return Chosen(read.wave, read, None, (), not read.confirmed, not read.covers(path.name), rivals)


def _file(programme: Programme, asked: str) -> Path:
    """Returns the file of a contract, given by its path, its file's name or its own name."""
    if (path := Path(asked)).is_file():
        return path
    files = sorted((programme.root / "contracts").glob("*.yaml"))
    for file in files:
        if asked in (file.stem, file.name):
            return file
    for contract in load_contracts(programme).sound:
        if contract.name == asked:
            return contract.path
    known = f" ; contracts/ a {capped(file.stem for file in files)}" if files else ""
    raise ContractError(f"« {asked} » : ni le chemin ni le nom d'un contrat{known}")
