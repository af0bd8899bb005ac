"""Stands in for dbt's `adapter` when sqlfluff renders a model: see .sqlfluff."""

from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context


@pass_context
def dispatch(context: Context, name: str, namespace: str | None = None) -> Callable[..., str]:
    """DuckDB's own macro, else the one for every engine, else (another package's) a name with brackets."""
    own = context.get(f"duckdb__{name}") or context.get(f"default__{name}")
    return own or (lambda *args, **kwargs: f"{name}()")


def quote(identifier: str) -> str:
    return f'"{identifier}"'
