"""How much one delivered file may be, and cost: what a refusal is decided on before the memory is spent."""

from __future__ import annotations

import os

MIB = 1 << 20

# On disk, and once decompressed: a million interviews of sixty questions are 200 MB of CSV.
FILE_BYTES = 512 * MIB
TEXT_BYTES = 400 * MIB
ROWS = 5_000_000
# The widest sheet that Excel can hold; beyond, a "column" is a mistaken separator.
COLUMNS = 16_384
# One cell is 16 bytes of a text table: a million interviews of eighty columns.
CELLS = 80_000_000 + COLUMNS  # the header is no interview
# A spreadsheet cell holds no more; a longer one is an unclosed quote or an attack.
CELL_BYTES = 4 * 32_767
LINE_BYTES = 4 * MIB
# XML of a workbook shrinks 5 to 40 times; beyond 200, it is repetition made to fill a memory.
INFLATION = 200
# two hundred thousand interviews of eighty columns; what they unpack to
WORKBOOK_CELLS = 16_000_000 + COLUMNS
WORKBOOK_BYTES = 640 * MIB
ARCHIVE_MEMBERS = 10_000

# What a reader library may cost on one file, in a process of its own: with the table that is handed over, two GiB.
MEMORY_VARIABLE = "OBSERVATOIRE_MEMOIRE_LECTURE"
CPU_VARIABLE = "OBSERVATOIRE_CALCUL_LECTURE"
# A busy machine makes a reading long without making it costly: the clock only ends what no longer computes, in seconds.
STILL = 60.0


def memory_mib() -> int:
    """Returns the memory, in MiB, that the reading process may use."""
    return _said(MEMORY_VARIABLE, 1536)


def cpu_seconds() -> int:
    """Returns the processor time, in seconds, that the reading process may use for one file."""
    return _said(CPU_VARIABLE, 60)


def variables_fault() -> str | None:
    """Returns what is wrong with a variable that should raise a limit, a sentence; None where nothing is.

    Such a variable is passed over: the limit would stay, and the refusal go on asking to raise it.
    """
    for variable, unit in ((MEMORY_VARIABLE, "Mio, par exemple 2048"), (CPU_VARIABLE, "secondes, par exemple 120")):
        said = os.environ.get(variable, "")
        if said and not (said.isdigit() and int(said) > 0):
            return f"{variable} vaut « {said} » : un nombre entier est attendu, en {unit} ; la corriger, ou l'ôter."
    return None


def _said(variable: str, default: int) -> int:
    said = os.environ.get(variable, "")
    return int(said) if said.isdigit() and int(said) > 0 else default
