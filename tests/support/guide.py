"""Follows a guide: runs the commands that it shows, and writes what it tells to write."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.support.demo import observatoire
from tests.support.touched import look, touched

# what takes minutes: a test of its own runs it
SLOW = "run"


def section(guide: str, title: str) -> str:
    """Returns a section of a guide, by its title."""
    return guide.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def shown(folder: Path, block: str) -> None:
    """Runs the commands of a block, each from the folder; what is shown under a command is among what it says."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *told = part.splitlines()
        name, *arguments = shlex.split(command)
        if name != "observatoire" or arguments[0] == SLOW:
            continue
        done = observatoire(folder, *arguments)
        said = (done.stdout + done.stderr).replace("\u202f", " ").splitlines()
        for line in told:
            assert line in said, f"{line}\n--- is not said by: {command}\n{done.stdout}{done.stderr}"


def follow(folder: Path, text: str) -> int:
    """Follows the section that makes a programme in a folder beside its extract; returns the lines written by hand."""
    [draft, made] = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    [answers] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    shown(folder, draft)
    [path] = folder.glob("*/reponses.yaml")
    before = look(path.parent)
    written = re.sub(r"(?s)^a_decider:.*?\n\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path.write_text(answered(written, answers), encoding="utf-8")
    count = touched(before, look(path.parent))
    command, rest = made.split("$ export OBSERVATOIRE_DATA=", 1)
    shown(folder, command)
    shown(path.parent, rest)
    return count


def answered(text: str, lines: str) -> str:
    """Returns answers with lines in place of those of the same key and indent, in their order, commented or not."""
    written, at = text.splitlines(), 0
    for line in lines.splitlines():
        indent, key = re.match(r"( *)([^:]+):", line).groups()  # type: ignore[union-attr]
        pattern = re.compile(rf"{indent}(?:#\??\ )?{re.escape(key)}:")
        at = next((i for i in range(at, len(written)) if pattern.match(written[i])), -1)
        assert at >= 0, line
        # a line that opens a block is only gone to
        if not line.endswith(":"):
            written[at] = line
    return "\n".join(written) + "\n"
