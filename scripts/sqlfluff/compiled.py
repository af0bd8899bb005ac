"""Has Jinja compile a macro once: SQLFluff asks for each twice per file, a third of its time. See .sqlfluff.

SQLFluff runs the modules of this folder before each file that it renders, so that this one finds its work done.
"""

from typing import Any

from jinja2 import Environment

if Environment.compile.__module__ != __name__:
    _anew = Environment.compile
    _compiled: dict[tuple[Any, ...], Any] = {}

    def _once(environment: Environment, source: Any, *how: Any) -> Any:
        key = (type(environment).__name__, str(source), how)
        if key not in _compiled:
            _compiled[key] = _anew(environment, source, *how)
        return _compiled[key]

    Environment.compile = _once  # type: ignore[method-assign, assignment]
