"""The counts an institute would deliver of interviews it keeps for itself: one wide line per stratum and segment."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

AXES = ("type_construction", "age")
OPTIONS = {
    "G1": ("TS", "PS", "PPS", "PDT", "NSP", "NC"),
    "C1": ("TS", "PS", "PPS", "PDT"),
    "D1": ("OUI", "NON"),
    "D2": ("TS", "PS", "PPS", "PDT"),
    "M1": ("A", "AB", "AUCUN", "*"),
}


def count_lines(answers: pl.DataFrame) -> list[dict[str, Any]]:
    """Returns the lines of counts of one organisme's accepted interviews, as the lake keeps them."""
    lines = []
    for (stratum,), rows in answers.partition_by("strate", as_dict=True, maintain_order=True).items():
        lines.append(_line(stratum, "", "", rows))
        for axis in AXES:
            for (segment,), part in rows.partition_by(axis, as_dict=True, maintain_order=True).items():
                if segment is not None:
                    lines.append(_line(stratum, axis, segment, part))
    return lines


def _line(stratum: object, axis: str, segment: object, rows: pl.DataFrame) -> dict[str, Any]:
    line = {"strate": stratum, "axe": axis, "segment": segment, **_sums("effectif", rows)}
    for question, options in OPTIONS.items():
        for option in options:
            column = pl.col(question)
            if option == "*":
                told = column.list.eval(pl.element().is_in(["A", "AB", "AUCUN"])).list.any()
            else:
                told = column.list.contains(option) if question == "M1" else column == option
            line |= _sums(f"{question} {option}", rows.filter(told))
    return line


def _sums(name: str, rows: pl.DataFrame) -> dict[str, Any]:
    weight = rows["poids"]
    return {
        name: rows.height,
        f"{name} poids": repr(float(weight.sum())),
        f"{name} carre": repr(float((weight * weight).sum())),
    }


def write_lines(path: Path, lines: Sequence[Mapping[str, Any]]) -> Path:
    """Writes lines of counts as a `;` CSV under a title, with a footnote below."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("Tableau des comptes\n\n")
        writer = csv.DictWriter(file, fieldnames=list(lines[0]), delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    return path


def counts_contract(*, weighted: bool = False, **changes: Any) -> dict[str, Any]:
    """Returns the contract of what `write_lines` writes, in wave V2, one file per organisme."""
    questions: dict[str, Any] = {}
    for question, options in OPTIONS.items():
        questions[question] = {"comptes": {o: f"{question} {o}" for o in options}}
        if weighted:
            questions[question] |= {
                "poids": {o: f"{question} {o} poids" for o in options},
                "poids_carre": {o: f"{question} {o} carre" for o in options},
            }
    sizes = {"effectif_poids": "effectif poids", "effectif_poids_carre": "effectif carre"} if weighted else {}
    body = {
        "contrat": "i-v2-comptes", "version": 1, "statut": "confirme", "institut": "I", "vague": "V2",
        "nature": "comptages", "fichiers": ["*.csv"],
        "format": {"type": "csv", "separateur": ";", "entete": {"cherche": "^strate;"}},
        "organisme": {"nom_fichier": r"^(O\d)\.csv$"}, "strate": {"colonne": "strate"},
        "comptages": {
            "effectif": "effectif", **sizes, "decoupage": {"axe": "axe", "segment": "segment"}, "questions": questions,
        },
    }  # fmt: skip
    return {**body, **changes}
