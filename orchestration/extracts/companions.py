"""Which files of a wave's folder make one delivery: those that a contract joins to a main file, known by their names.

In a `fichier` of `jointures` each star stands for what the same star stands for in the pattern of the main file: of
« *_reponses.csv » joined to « *_poids.csv », altair_reponses.csv waits for altair_poids.csv.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase

from orchestration.extracts.again import answers, as_sent, rank
from orchestration.extracts.contract import Contract

# a class, or any one character
TOKEN = re.compile(r"\[!?\]?[^\]]*\]|.", re.DOTALL)


def is_companion(contract: Contract, filename: str) -> bool:
    """Returns whether a file's name is that of one that the contract joins to another."""
    return answers(filename, contract.companion_patterns)


def companions(contract: Contract, filename: str) -> tuple[str, ...]:
    """Returns the names under which the files that complete a main file are sent, in the order of the contract."""
    sent = as_sent(filename)
    return tuple(_renamed(sent, contract.body.fichiers, pattern) for pattern in contract.companion_patterns)


def completing(filename: str, companion: str, present: Collection[str]) -> str | None:
    """Returns which of the files that came under one name completes a main file; None where none does.

    The last main file takes the last companion; one that came before takes what had come as often by then.

    Args:
        filename: name of the main file.
        companion: the name under which the other is sent.
        present: names of all files of the wave.
    """
    last = all(rank(name) <= rank(filename) for name in present if as_sent(name) == as_sent(filename))
    found = [name for name in present if as_sent(name) == companion and (last or rank(name) <= rank(filename))]
    return max(found, key=rank, default=None)


def main_names(contract: Contract, filename: str) -> tuple[str, ...]:
    """Returns the names that the main file of a joined one may have; one with a star where its name does not tell."""
    sent = as_sent(filename)
    said = [p for p in contract.companion_patterns if fnmatchcase(sent, p)]
    return tuple(_renamed(sent, said, pattern) for pattern in contract.body.fichiers)


def _renamed(filename: str, patterns: Sequence[str], target: str) -> str:
    """Returns a pattern with its stars replaced by what those of the pattern that a name answers to stand for."""
    stars: Iterator[str] = iter(())
    for pattern in patterns:
        if found := re.fullmatch("".join(map(_expression, TOKEN.findall(pattern))), filename, re.DOTALL):
            stars = iter(found.groups())
            break
    return "".join(next(stars, "*") if token == "*" else token for token in TOKEN.findall(target))


def _expression(token: str) -> str:
    if token == "*":
        return "(.*)"
    if token == "?":
        return "."
    return re.escape(token) if len(token) == 1 else token.replace("[!", "[^", 1)
