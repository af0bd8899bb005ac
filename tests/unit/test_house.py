"""What holds for every file of the repository, whoever writes it."""

import ast
import csv
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import duckdb
import pytest
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
TEXT = {
    "",
    ".cfg",
    ".css",
    ".csv",
    ".html",
    ".in",
    ".j2",
    ".js",
    ".json",
    ".lock",
    ".md",
    ".py",
    ".sh",
    ".sql",
}
TEXT |= {".sqlfluff", ".svg", ".toml", ".txt", ".typ", ".yaml", ".yml"}
LOCKS = sorted(ROOT.glob("requirements*.lock"))
LINES_AT_MOST = 350
PINNED = re.compile(r"^([a-z0-9][a-z0-9.\-]*)==(\S+)(?: ; .+)? \\$")


def _repository() -> list[Path]:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    return [path for path in (ROOT / name for name in sorted(set(listed)) if name) if path.is_file()]


FILES = _repository()


def _files(*suffixes: str, under: str = "") -> list[Path]:
    return [path for path in FILES if path.suffix in suffixes and path.is_relative_to(ROOT / under)]


def _found(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {match.group()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for match in pattern.finditer(line)
    ]


def test_the_repository_is_seen() -> None:
    assert {"pyproject.toml", "Makefile", "requirements.lock"} <= {path.name for path in FILES}


def test_no_path_of_a_machine() -> None:
    """Absolute folders of somebody's machine, except this test's own pattern."""
    pattern = re.compile(r"(?<![\w.~$}/-])/(?:home|root|work|Users)/[\w.-]+|\bC:\\Users\\")
    texts = [path for path in FILES if path.suffix in TEXT and path != Path(__file__).resolve()]
    assert _found(pattern, texts) == []


def test_no_address_of_a_package_registry() -> None:
    """Which index to ask is the machine's setting, never the project's."""
    pattern = re.compile(
        r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|deb\.debian\.org|crates\.io"
        r"|--(?:extra-)?index-url|--find-links|\b(?:artifactory|nexus)\b",
        re.IGNORECASE,
    )
    texts = [path for path in FILES if path.suffix in TEXT and path != Path(__file__).resolve()]
    assert _found(pattern, texts) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_files_hold_hashes_and_no_address(lock: Path) -> None:
    current = ""
    hashed: set[str] = set()
    names: list[str] = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if match := PINNED.match(line):
            current = match.group(1)
            names.append(current)
        else:
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", line), f"{lock.name}: {line}"
            hashed.add(current)
    assert names
    assert set(names) == hashed
    assert len(names) == len(set(names)), "one version of a package for every Python"


def _locked(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {match.group(1): match.group(2) for match in map(PINNED.match, lines) if match}


def test_both_environments_have_the_same_duckdb() -> None:
    """The package reads what dbt wrote."""
    assert _locked("requirements.lock")["duckdb"] == _locked("requirements-dbt.lock")["duckdb"] == duckdb.__version__


def test_lock_files_are_those_of_pyproject() -> None:
    """Every dependency named in pyproject.toml is locked, and a pinned one at that version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    expected = {
        "requirements.lock": project["project"]["dependencies"] + groups.pop("build"),
        **{f"requirements-{group}.lock": requirements for group, requirements in groups.items()},
    }
    assert set(expected) == {path.name for path in LOCKS}
    for name, requirements in expected.items():
        # a developers' lock leaves out what the lock of a run holds already
        locked = _locked(name.replace("-dev.lock", ".lock")) | _locked(name)
        for requirement in requirements:
            package, _, version = re.sub(r"\[.*?\]", "", requirement).partition("==")
            package = re.split(r"[<>=!~ ]", package)[0]
            assert package in locked, f"{name} lacks {package}: run make lock"
            assert version in ("", locked[package]), f"{name} has {package} {locked[package]}: run make lock"


@pytest.mark.parametrize("environment", ["requirements", "requirements-dbt"])
def test_developers_add_to_what_a_run_needs_and_change_nothing_of_it(environment: str) -> None:
    """The two locks are installed together: a package in both could have two versions, one that is tested and one that runs."""
    run, added = set(_locked(f"{environment}.lock")), set(_locked(f"{environment}-dev.lock"))
    assert added
    assert run & added == set()
    tools = {"axe-playwright-python", "hypothesis", "mypy", "playwright", "pytest", "ruff", "sqlfluff"}
    assert run & tools == set()


def test_what_is_installed_is_what_is_locked() -> None:
    """Environments may lag behind their locks; then the tests prove nothing of a run."""
    installed = {re.sub(r"[-_.]+", "-", d.metadata["Name"].lower()): str(Version(d.version)) for d in distributions()}
    locked = _locked("requirements.lock") | _locked("requirements-dev.lock")
    # what is locked for another Python or another system is not installed
    assert {name for name in installed if installed[name] != locked.get(name, installed[name])} == set()
    assert set(installed) - set(locked) == {"observatoire"}


def test_every_dependency_of_a_run_is_imported_or_says_what_needs_it() -> None:
    owners = packages_distributions()
    imported = {
        owner.lower().replace("_", "-")
        for path in _files(".py", under="orchestration")
        for module in _imports(path)
        for owner in owners.get(module, [])
    }
    listed = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("\ndependencies = [\n")[1].split("\n]")[0]
    entries = [re.fullmatch(r' *"([\w.-]+).*",(?: # (.+))?', line) for line in listed.splitlines()]
    assert all(entries)
    unused = {entry[1] for entry in entries if entry and entry[1] not in imported and not entry[2]}
    assert unused == set()


def test_every_import_is_a_declared_dependency() -> None:
    """What comes along with another package today may not tomorrow."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = {
        re.split(r"[\[<>=!~ ]", requirement)[0].lower()
        for requirement in project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    }
    owners = packages_distributions()
    undeclared = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in _files(".py")
        for module in _imports(path)
        if module in owners and not declared & {owner.lower().replace("_", "-") for owner in owners[module]}
    }
    assert undeclared == set()


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        else:
            continue
        for name in names:
            module = name.split(".")[0]
            if module not in sys.stdlib_module_names and module != "orchestration":
                yield module


def _codes(table: str, column: str) -> set[str]:
    with (ROOT / "data" / "reference" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return {row[column] for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("table", "column"),
    [("organismes", "organisme_code"), ("instituts", "institut"), ("questions", "question_code")],
)
def test_the_code_knows_no_programme(table: str, column: str) -> None:
    """Organismes, institutes and questions are data: another programme has others."""
    codes = _codes(table, column)
    assert codes
    # An underscore or a dot ends a code as well: CODE_2022, "CODE.parquet".
    words = re.compile(r"(?<![^\W_])(?:" + "|".join(map(re.escape, sorted(codes))) + r")(?![^\W_])")
    code = _files(".py", under="orchestration") + _files(".sql", under="dbt_project")
    assert _found(words, code) == []


def test_files_stay_readable() -> None:
    """One step of the flow per file."""
    written = [*_files(".py"), *_files(".sql"), *_files(".sh")]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in written}
    long = {f"{path.relative_to(ROOT)}: {lines}" for path, lines in lengths.items() if lines > LINES_AT_MOST}
    assert long == set()


def test_every_macro_says_what_it_gives() -> None:
    """A comment ends right above each macro; a dialect's version is described by the macro that chooses it."""
    bare, seen = [], 0
    for file in sorted((ROOT / "dbt_project").glob("ma*/*.sql")):
        text = file.read_text(encoding="utf-8")
        for macro in re.finditer(r"^\{%-? macro (\w+)", text, re.MULTILINE):
            seen += 1
            if "__" not in macro[1] and not text[: macro.start()].endswith("#}\n"):
                bare.append(f"{file.name}: {macro[1]}")
    assert seen > 50
    assert bare == []


def test_definitions_assemble_and_nothing_else() -> None:
    definitions = ROOT / "orchestration" / "definitions.py"
    assert len(definitions.read_text(encoding="utf-8").splitlines()) <= 50


def test_the_plain_layer_does_without_dagster() -> None:
    """Each of these is usable alone, and quick to import."""
    plain = [
        path
        for folder in ("extracts", "depots", "authoring", "publication", "reporting", "demo", "programme")
        for path in _files(".py", under=f"orchestration/{folder}")
    ]
    guilty = {str(path.relative_to(ROOT)) for path in plain if {"dagster", "dagster_dbt"} & set(_imports(path))}
    assert guilty == set()


def test_the_index_of_decisions_lists_them_all() -> None:
    folder = ROOT / "docs" / "adr"
    listed = re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(p.name for p in folder.glob("[0-9]*.md"))


def _parts(nodes: Iterable[ast.AST]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yields what a module imports as it is read, and for its types alone; not what a function imports when called."""
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _parts(ast.iter_child_nodes(node))


def _arrows(modules: Mapping[str, Path]) -> dict[str, set[str]]:
    """Returns the modules of the package that each of its modules imports."""
    arrows: dict[str, set[str]] = {}
    for name, path in modules.items():
        found = set()
        for node in _parts(ast.parse(path.read_text(encoding="utf-8")).body):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            else:
                assert node.level == 0, f"{name}: a relative import"
                # what is no module of its own is a name of the module before it
                named = [f"{node.module}.{alias.name}" for alias in node.names]
                found |= {name if name in modules else str(node.module) for name in named}
        arrows[name] = found & set(modules) - {name}
    return arrows


def _circle(arrows: Mapping[str, set[str]]) -> list[str]:
    """Returns modules that import one another in a circle; none where each can be read after those it imports."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_in_a_circle() -> None:
    """What two modules share stands below both of them, its types included: an import for types alone is an arrow."""
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in _files(".py", under="orchestration")
    }
    arrows = _arrows(modules)
    assert "orchestration.errors" in arrows["orchestration.cli"]
    assert _circle(arrows) == []


def test_a_circle_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house import b\n")
    (tmp_path / "b.py").write_text("class B:\n    from house.c import C\n")
    (tmp_path / "c.py").write_text(
        "def later():\n    import house.b\n\ntry:\n    import house.a\nexcept ImportError:\n    pass\n"
    )
    arrows = _arrows({f"house.{path.stem}": path for path in tmp_path.iterdir()})
    assert arrows == {"house.a": {"house.b"}, "house.b": {"house.c"}, "house.c": {"house.a"}}
    assert set(_circle(arrows)) == set(arrows)


def test_an_image_carries_nothing_that_git_leaves_out() -> None:
    """`COPY . .` of the Containerfile would bake deliveries into the image."""

    def patterns(name: str) -> set[str]:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        kept = (line.strip() for line in lines if line.strip() and not line.startswith("#"))
        return {line.replace("!/", "!").removeprefix("/").removeprefix("**/") for line in kept}

    assert patterns(".gitignore") <= patterns(".containerignore")
    assert (ROOT / ".dockerignore").resolve() == (ROOT / ".containerignore").resolve()
