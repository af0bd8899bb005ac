"""What a night costs as waves pile up, and what a delivery costs that holds next to nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.measure import Taken
from bench.national import write_national
from bench.page import decimal, seconds, table
from bench.runs import held_back, reading, run

WAVES = ("2016", "2019", "2022")
ORGANISMES, INTERVIEWS = 20, 500
SMALL_FILES, SMALL = 100, 12


def history(told: Callable[[str], None]) -> list[str]:
    """Takes one, two and three waves, then many small deliveries.

    Args:
        told: called with what is being done.

    Returns:
        a table and a sentence, in Markdown.
    """
    rows = []
    for number in range(1, len(WAVES) + 1):
        told(f"{number} waves of {ORGANISMES} organismes, {INTERVIEWS} interviews each")
        whole, late = _waves(WAVES[-number:])
        rows.append([
            str(number), seconds(whole.seconds), seconds(late.seconds), str(reading(late)), decimal(late.peak),
        ])  # fmt: skip
    told(f"{SMALL_FILES} deliveries of {SMALL} interviews")
    each = _small() / SMALL_FILES
    header = ["vagues", "exécution, s", "nuit d'une livraison, s", "dont lecture, s", "pic, Mio"]
    said = f"Une livraison de {SMALL} entretiens se lit, avec tout ce qui l'entoure, en {decimal(each, 2)} s."
    return [table(header, rows), said]


def _waves(waves: tuple[str, ...]) -> tuple[Taken, Taken]:
    """A whole run, and a night with one more delivery of the last wave."""
    with tempfile.TemporaryDirectory(prefix="observatoire-bench-") as temporary:
        root = Path(temporary).resolve() / "programme"
        root.mkdir()
        *_, last = write_national(root, ORGANISMES, INTERVIEWS, waves)
        with held_back(root, last):
            whole = run(root)
        return whole, run(root)


def _small() -> int:
    with tempfile.TemporaryDirectory(prefix="observatoire-bench-") as temporary:
        root = Path(temporary).resolve() / "programme"
        root.mkdir()
        write_national(root, SMALL_FILES, SMALL, WAVES[-1:])
        return reading(run(root))
