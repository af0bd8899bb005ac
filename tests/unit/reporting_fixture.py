"""A published edition in miniature for the report's tests: the contract's tables, invented rows.

Every awkward case: hostile labels, masked questions and segments, new questions, an organisme left out.
"""

from pathlib import Path
from typing import Any

import duckdb

from orchestration.programme.config import PROGRAMME as PROGRAMME_MODEL
from orchestration.programme.config import ProgrammeConfig
from tests.unit.reporting_rows import tables

CONFIG: dict[str, Any] = {
    "programme": "essai",
    "nom": "Enquête d'essai",
    "region": "Région d'essai",
    "editeur": "Observatoire d'essai",
    "langue": "fr",
    "demonstration": True,
    "vague_courante": "2022",
    "seuils": {
        "alpha": 0.05,
        "confiance": 0.95,
        "materialite_note": 0.15,
        "materialite_taux": 0.02,
        "base_minimale": 30,
        "base_fragile": 50,
        "organismes_minimum": 3,
        "dominance_maximum": 0.85,
        "couverture_minimum": 0.5,
        "rejets_reserve": 0.02,
        "rejets_maximum": 0.2,
        "relivraison_perte_maximum": 0.05,
        "relivraison_ecart": 0.02,
        "perte_edition_maximum": 0.05,
        "quarantaine_jours": 90,
        "editions_conservees": 5,
    },
    "rapport": {
        "titre": "Observatoire de la satisfaction",
        "sous_titre": "Sous-titre : essai",
        "avertissement": "Données de démonstration : tout est fictif, jusqu'aux noms.",
        "reference_imprimee": "REF",
        "carte": {"axe": "zone", "cases": {"DEDANS": [1, 1], "DEHORS": [2, 1]}},
    },
}

PROGRAMME = PROGRAMME_MODEL.validate_python(CONFIG)


def bare() -> ProgrammeConfig:
    """Returns the least that a programme may say."""
    least = {name: CONFIG[name] for name in ("programme", "nom", "langue", "demonstration", "vague_courante", "seuils")}
    return PROGRAMME_MODEL.validate_python({**least, "rapport": {"titre": "Nu"}})


DDL = Path(__file__).with_name("reporting_schema.sql").read_text(encoding="utf-8")


def write(path: Path, tables: dict[str, list[dict[str, Any]]]) -> Path:
    """A DuckDB file with the contract's tables and these rows."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(DDL)
        for table, rows in tables.items():
            for row in rows:
                columns = ", ".join(f'"{column}"' for column in row)
                marks = ", ".join("?" * len(row))
                connection.execute(f"insert into {table} ({columns}) values ({marks})", list(row.values()))
    return path


def published(path: Path, **replacements: list[dict[str, Any]]) -> Path:
    """The miniature edition; a table's rows may be replaced."""
    return write(path, tables() | replacements)
