"""SQL that no parameter can carry: DuckDB takes none in `attach`, `copy`, `comment` or a view."""


def literal(value: object) -> str:
    """Returns a value as an SQL string literal, quotes included and doubled."""
    return "'" + str(value).replace("'", "''") + "'"
