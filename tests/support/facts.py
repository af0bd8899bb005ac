"""The facts of a warehouse, with the tables and the columns that they declare."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Fact:
    """A fact as the warehouse has it.

    Attributes:
        name: the mart.
        model: the table of its organismes' rows; of those of a view, the table beneath it.
        only: which rows of that table are the fact's.
        columns: its columns by role.
    """

    name: str
    model: str
    only: str
    columns: dict[str, list[str]]

    def places(self) -> dict[str, tuple[str, str]]:
        """Returns, by kind of perimeter, the table that holds such rows and which of its rows they are."""
        return {
            "organisme": (f"intermediaire.{self.model}", f"perimetre_type = 'organisme' and {self.only}"),
            "region": (f"publication.observatoire.{self.name}", "true"),
        }

    def of(self, organisme: str) -> str:
        return f"perimetre_type = 'organisme' and perimetre = '{organisme}' and {self.only}"

    def having(self, *suffixes: str) -> list[str]:
        return [column for column in self.columns["mesure"] if column.endswith(suffixes)]


# A view has no rows to change: those beneath it are changed.
BENEATH = {
    "int_distribution": ("int_repartition", "type = 'unique'"),
    "int_motif": ("int_repartition", "type = 'multiple'"),
}


def facts(connection: duckdb.DuckDBPyConnection) -> list[Fact]:
    """Returns the facts that have rows of organismes, as the warehouse declares them."""
    declared = connection.execute(
        "select mart, modele, role, list(colonne order by rang) from intermediaire.int_declarations"
        " where modele is not null and mart like 'fct%' group by all order by all"
    ).fetchall()
    columns: dict[tuple[str, str], dict[str, list[str]]] = {}
    for mart, model, role, names in declared:
        columns.setdefault((mart, model), {})[role] = names
    return [Fact(mart, *BENEATH.get(model, (model, "true")), roles) for (mart, model), roles in columns.items()]
