"""Data travels one way: a module imports from its own layer and those below, wherever in a file the import stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.demo import REPOSITORY

PACKAGE = REPOSITORY / "orchestration"
# from the ground floor up; modules of one line may not import each other unless they are one folder
LAYERS = (
    ("errors", "sql", "files", "ignored", "children", "interrupts", "patience", "streams"),
    ("accounts", "given", "settings", "words"),
    ("machine",),
    ("folder",),
    ("programme",),
    ("demo", "extracts"),
    ("authoring", "depots"),
    ("plausibility",),
    ("publication",),
    ("reporting",),
    ("operation",),
    ("installation",),
    ("defs",),
    ("definitions", "runs"),
    ("summary",),
    ("status", "trial"),
    ("cli_words",),
    ("cli_contract",),
    ("cli_alerts", "cli_author", "cli_deliveries", "cli_depots", "cli_installation", "cli_look"),
    ("cli",),
    ("entry",),
)
RANKS = {room: rank for rank, layer in enumerate(LAYERS) for room in layer}
# Modules and members of Dagster that are not public; why each stays is in ADR 36.
PRIVATE = {
    "operation/journal.py": {"import dagster._core.storage.event_log"},
    "runs.py": {"dagster._core.storage.noop_compute_log_manager"},
    "defs/resources.py": {"def _cli_version", "def _initialize_dbt_core_adapter"},
}


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def _room(module: str) -> str:
    return module.split(".")[1]


def test_every_room_has_its_layer() -> None:
    rooms = {p.stem for p in PACKAGE.iterdir() if p.suffix == ".py" or (p.is_dir() and any(p.glob("*.py")))}
    assert rooms - {"__init__"} == set(RANKS)


def test_no_import_goes_up() -> None:
    upward = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in PACKAGE.rglob("*.py")
        for own in [path.relative_to(PACKAGE).parts[0].removesuffix(".py")]
        for name in _imports(path)
        if name.startswith("orchestration.")
        if _room(name) != own and RANKS[_room(name)] >= RANKS[own]
    ]
    assert upward == []


def _private(path: Path) -> Iterator[str]:
    """Yields the private modules of Dagster that a file names, and the private members of Dagster's that it overrides."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for name in _imports(path):
        module = name.rpartition(".")[0]
        if name.startswith("dagster") and any(part.startswith("_") for part in name.split(".")):
            yield f"import {module if not name.rpartition('.')[2].startswith('_') else name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("dagster._"):
            yield node.value
        if isinstance(node, ast.ClassDef):
            bases = {base for base in map(_base, node.bases) if base in DAGSTER}
            members = [m.name for m in node.body if bases and isinstance(m, ast.FunctionDef)]
            private = [name for name in members if name.startswith("_") and not name.startswith("__")]
            yield from (f"def {name}" for name in private if any(hasattr(DAGSTER[base], name) for base in bases))


def _base(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _of_dagster() -> dict[str, type]:
    import dagster
    import dagster_dbt
    from dagster._core.storage.event_log import SqliteEventLogStorage

    named = {name: getattr(module, name) for module in (dagster, dagster_dbt) for name in dir(module)}
    return {"SqliteEventLogStorage": SqliteEventLogStorage} | {k: v for k, v in named.items() if isinstance(v, type)}


DAGSTER = _of_dagster()


def test_what_is_used_of_dagster_that_is_not_public_is_listed() -> None:
    found = {str(path.relative_to(PACKAGE)): set(_private(path)) for path in PACKAGE.rglob("*.py")}
    assert {path: names for path, names in found.items() if names} == PRIVATE


def test_a_private_module_or_member_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "new.py"
    path.write_text(
        "import dagster as dg\nfrom dagster._serdes import whitelist_for_serdes\nfrom dagster_dbt import DbtCliResource\n"
        "class Ours(DbtCliResource):\n    def _get_unique_target_path(self): ...\n    def _own(self): ...\n",
        encoding="utf-8",
    )
    assert set(_private(path)) == {"import dagster._serdes", "def _get_unique_target_path"}
