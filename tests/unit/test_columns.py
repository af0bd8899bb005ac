"""What the dbt project says of its columns is said once: by an anchor within a file, by a text of _colonnes.md between files."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.demo import REPOSITORY

MODELS = REPOSITORY / "dbt_project" / "models"
TEXTS = MODELS / "_colonnes.md"
# Columns of the other layers fit on a line: an alias would be no shorter than what it stands for.
FILES = sorted(path for layer in ("intermediate", "marts") for path in (MODELS / layer).rglob("*.yml"))
CITED = re.compile(r"\{\{ doc\('(\w+)'\) \}\}")


def _columns(path: Path) -> list[dict[str, Any]]:
    """Returns the columns that a file declares; one that several models cite by an alias is there once."""
    models = yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or []
    return list({id(column): column for model in models for column in model.get("columns", ())}.values())


DECLARING = [path for path in FILES if _columns(path)]


@pytest.mark.parametrize("path", DECLARING, ids=lambda path: path.stem)
def test_a_column_is_declared_once_in_a_file(path: Path) -> None:
    declared = Counter(json.dumps(column, sort_keys=True) for column in _columns(path))
    assert [column for column, times in declared.items() if times > 1] == []


@pytest.mark.parametrize("path", DECLARING, ids=lambda path: path.stem)
def test_an_anchor_is_a_column_that_is_cited_twice(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    cited = Counter(re.findall(r"(?:- |<<: )\*(\w+)$", text, re.MULTILINE))
    assert [anchor for anchor in re.findall(r"- &(\w+)", text) if cited[anchor] < 2] == []


def test_a_text_that_several_files_need_is_written_once() -> None:
    assert DECLARING
    files: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in DECLARING:
        for column in _columns(path):
            if not CITED.search(column["description"]):
                files[column["name"], column["description"]].add(path.name)
    assert [where for where in files.items() if len(where[1]) > 1] == []


def test_a_text_of_one_line_stands_where_its_only_column_is() -> None:
    texts = dict(
        re.findall(r"\{% docs (\w+) %\}\n(.+?)\n\{% enddocs %\}", TEXTS.read_text(encoding="utf-8"), re.DOTALL)
    )
    cited = Counter(name for path in MODELS.rglob("*.yml") for name in CITED.findall(path.read_text(encoding="utf-8")))
    assert set(cited) <= set(texts)
    assert [name for name, text in texts.items() if cited[name] < (1 if "\n" in text else 2)] == []
