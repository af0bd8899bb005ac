"""The variables that every run uses, held before anything is begun."""

from __future__ import annotations

from orchestration.errors import ProgrammeError
from orchestration.extracts.pseudonyms import refuse_bad_key
from orchestration.extracts.readers.limits import variables_fault
from orchestration.operation.warehouse import memory_fault


def refuse_bad_variables() -> None:
    """Raises a ProgrammeError, naming the variable, where a limit, the memory or the pseudonym key cannot be used."""
    if fault := variables_fault() or memory_fault():
        raise ProgrammeError(fault)
    refuse_bad_key()
