"""A contract that has nothing wrong, for tests that read one alone."""

from __future__ import annotations

from pathlib import Path

from orchestration.errors import ContractError
from orchestration.extracts.contract import Contract
from orchestration.extracts.contracts import Broken, read_contracts
from orchestration.programme import Programme


def load_contract(path: Path, programme: Programme) -> Contract:
    """Reads a contract of one wave.

    Raises:
        ContractError: what is wrong with it, a sentence a line.
    """
    read = read_contracts(path, programme)
    if isinstance(read, Broken):
        raise ContractError("\n".join(read.faults))
    [only] = read
    return only


def faults_of(path: Path, programme: Programme) -> list[str]:
    """Returns what is wrong with a contract."""
    read = read_contracts(path, programme)
    return list(read.faults) if isinstance(read, Broken) else []
