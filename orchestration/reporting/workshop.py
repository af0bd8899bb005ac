"""The engineer's page: every delivery against the four gates, its rejects to open.

It is no part of the report: rejects may hold answers, so the page stands among what is not published and leads to
them where they lie; it copies nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from orchestration.files import write_text
from orchestration.programme.config import ProgrammeConfig
from orchestration.reporting.cells import Cell, Edition
from orchestration.reporting.formats import Formats
from orchestration.reporting.pages import environment, styles

GATES = ("fichier", "forme", "metier", "rapprochement")
REJECTS = ("rejets.csv", "valeurs_non_reconnues.csv")


@dataclass(frozen=True)
class Gate:
    """Rules of one gate for one delivery: how many were put to it, how many it breaks, and their labels."""

    rules: Cell
    broken: Cell
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Delivery:
    """One delivery: its gates in their order, and the files of its rejects that hold something."""

    vague: str
    fichier: str
    gates: tuple[Gate, ...]
    files: tuple[tuple[str, str], ...]


def write_workshop(database: Path, programme: ProgrammeConfig, quarantine: Path, page: Path) -> Path:
    """Writes the page from the edition's `obs_qualite` and the rejects that lie in quarantine.

    Args:
        database: the edition's DuckDB file.
        programme: what programme.yaml says.
        quarantine: the programme's folder of rejects.
        page: where to write, outside of published folders.

    Returns:
        the page.
    """
    f = Formats.of_programme(programme)
    with Edition(database) as edition:
        context = {
            "livraisons": deliveries(edition, quarantine, page.parent),
            "portes": [f.word("portes", gate) for gate in GATES],
            "nom": programme.nom or "",
            "demonstration": programme.demonstration,
            "styles": Markup(styles()),
        }
    write_text(environment(f).get_template("workshop.html.j2").render(context), page)
    return page


def deliveries(edition: Edition, quarantine: Path, seen_from: Path) -> list[Delivery]:
    """Every delivery of the edition, by wave and file; addresses are relative to the folder of the page."""
    known = {(str(r["livraison"]), str(r["fichier"]), str(r.get("vague") or "")) for r in edition.rows("obs_qualite")}
    return [
        Delivery(
            vague, fichier, tuple(_gate(edition, name, gate) for gate in GATES), _files(quarantine / name, seen_from)
        )
        for name, fichier, vague in sorted(known, key=lambda line: (line[2], line[1]))
    ]


def _gate(edition: Edition, delivery: str, gate: str) -> Gate:
    key = {"livraison": delivery, "porte": gate}
    broken = [row for row in edition.rows("obs_qualite", **key) if not row["tenue"]]
    return Gate(
        rules=edition.cell("obs_qualite", key, "count(distinct regle)"),
        broken=edition.cell("obs_qualite", key, "count(distinct regle) filter (where not tenue)"),
        labels=tuple(sorted({str(row["libelle"]) for row in broken})),
    )


def _files(folder: Path, seen_from: Path) -> tuple[tuple[str, str], ...]:
    """The rejects' files that have more than their header, as (address, name)."""
    found = []
    for name in REJECTS:
        path = folder / name
        if path.is_file() and path.read_bytes().count(b"\n") > 1:
            found.append((quote(os.path.relpath(path, seen_from)), name))
    return tuple(found)
