"""Checks that every JSON, YAML and TOML file of the repository parses, and that no mapping repeats a key.

YAML readers keep the last of two equal keys in silence: in a contract that is a column lost.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import yaml


class StrictLoader(yaml.CSafeLoader):
    """Refuses a key that stands twice in one mapping."""


def _mapping(loader: StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        if key_node.tag == "tag:yaml.org,2002:merge":
            continue
        key = loader.construct_object(key_node)
        if key in seen:
            line = key_node.start_mark.line + 1
            raise ValueError(f"line {line}: the key {key!r} stands twice")
        seen.add(key)
    loader.flatten_mapping(node)
    return {loader.construct_object(k): loader.construct_object(v, deep=True) for k, v in node.value}


StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"the key {key!r} stands twice")
    return dict(pairs)


def _parse(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        json.loads(text, object_pairs_hook=_pairs)
    elif path.suffix == ".toml":
        tomllib.loads(text)
    else:
        for _ in yaml.load_all(text, Loader=StrictLoader):
            pass


def main() -> int:
    """Parses every file that git knows or would add; prints one line per defect."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    defects = 0
    for name in sorted(set(filter(None, listed))):
        path = Path(name)
        if path.suffix in {".json", ".yaml", ".yml", ".toml"} and path.is_file():
            try:
                _parse(path)
            except (ValueError, yaml.YAMLError) as error:
                print(f"{name}: {error}", file=sys.stderr)
                defects += 1
    return min(defects, 1)


if __name__ == "__main__":
    sys.exit(main())
