"""Stands in for dbt's own macros (`dbt.type_string()`, …) when sqlfluff renders a model: see .sqlfluff."""

from collections.abc import Callable


def __getattr__(name: str) -> Callable[..., str]:
    if name.startswith("__"):
        raise AttributeError(name)
    return lambda *args, **kwargs: "varchar" if name.startswith("type_") else f"{name}()"
