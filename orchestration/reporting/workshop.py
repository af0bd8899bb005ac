"""The engineer's page: every delivery against the four gates, its rejects to open.

It is no part of the report: rejects may hold answers, and a rule may say what the respondents of one organisme
answered, so the page stands among what is not published. It leads to rejects where they lie, and copies none.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
from markupsafe import Markup

from orchestration.extracts.lake import Lake
from orchestration.files import write_text
from orchestration.programme.config import ProgrammeConfig
from orchestration.reporting.formats import Formats
from orchestration.reporting.pages import environment, styles

GATES = ("fichier", "forme", "metier", "rapprochement")
REJECTS = ("rejets.csv", "valeurs_non_reconnues.csv")


@dataclass(frozen=True)
class Gate:
    """Rules of one gate for one delivery: how many were put to it, how many it breaks, and their labels."""

    rules: int
    broken: int
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Delivery:
    """One delivery: its gates in their order, and the files of its rejects that hold something."""

    vague: str
    fichier: str
    gates: tuple[Gate, ...]
    files: tuple[tuple[str, str], ...]


def write_workshop(lake: Lake, programme: ProgrammeConfig, page: Path) -> Path:
    """Writes the page from the lake's rows of rules, all of them, and the rejects that lie in quarantine.

    Args:
        lake: the programme's; what it says of deliveries is of the last run.
        programme: what programme.yaml says.
        page: where to write, outside of published folders.

    Returns:
        the page.
    """
    f = Formats.of_programme(programme)
    context = {
        "livraisons": deliveries(lake, page.parent),
        "portes": [f.word("portes", gate) for gate in GATES],
        "nom": programme.nom or "",
        "demonstration": programme.demonstration,
        "styles": Markup(styles()),
    }
    write_text(environment(f).get_template("workshop.html.j2").render(context), page)
    return page


def deliveries(lake: Lake, seen_from: Path) -> list[Delivery]:
    """Every delivery of the last run, by wave and file; none where the lake is damaged."""
    try:
        rows = pl.read_parquet(lake.table("qualite")).to_dicts()
    except (OSError, pl.exceptions.PolarsError):
        # what doctor tells; a report that is printed again from an edition needs no lake
        rows = []
    by_delivery: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        by_delivery.setdefault((str(row["vague"] or ""), row["fichier"], row["livraison"]), []).append(row)
    return [
        Delivery(vague, fichier, tuple(_gate(told, gate) for gate in GATES), _files(lake.quarantine(name), seen_from))
        for (vague, fichier, name), told in sorted(by_delivery.items())
    ]


def _gate(rows: list[dict[str, Any]], gate: str) -> Gate:
    """The rules of a gate; one that speaks of several organismes or questions is one rule."""
    broken = {row["regle"]: row["libelle"] for row in rows if row["porte"] == gate and not row["tenue"]}
    rules = {row["regle"] for row in rows if row["porte"] == gate}
    return Gate(len(rules), len(broken), tuple(sorted(set(broken.values()))))


def _files(folder: Path, seen_from: Path) -> tuple[tuple[str, str], ...]:
    """The rejects' files that have more than their header, as (address, name)."""
    found = []
    for name in REJECTS:
        path = folder / name
        if path.is_file() and path.read_bytes().count(b"\n") > 1:
            found.append((quote(os.path.relpath(path, seen_from)), name))
    return tuple(found)
