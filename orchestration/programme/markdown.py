"""The little of Markdown that a printed story may have: paragraphs, lists, quotations, emphasis.

A text is read into runs, which whoever prints escapes as any other text: HTML in it is printed as it is written, and
nothing of it is ever read as markup by a page or a press. Pictures, links, headings and tables are no part of it.
"""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

# a part of a line in one face: `texte`, `gras`, `italique`
Run = dict[str, Any]
# `genre` (paragraphe, citation, puces, numeros) and `lignes`, each a list of runs
Block = dict[str, Any]

_PARSER = MarkdownIt("zero").enable(["list", "blockquote", "emphasis", "newline", "escape", "entity"])
_LISTS = {"bullet_list_open": "puces", "ordered_list_open": "numeros"}


def blocks(text: str) -> list[Block]:
    """Returns the blocks of a text, in its order; a list within a list is part of it, line by line."""
    found: list[Block] = []
    lists = quotes = 0
    for token in _PARSER.parse(text):
        lists += token.nesting if token.type.endswith("list_open") or token.type.endswith("list_close") else 0
        quotes += token.nesting if token.type.startswith("blockquote") else 0
        if token.type in _LISTS and lists == 1:
            found.append({"genre": _LISTS[token.type], "lignes": []})
        elif token.type == "list_item_open":
            found[-1]["lignes"].append([])
        elif token.type == "inline" and lists:
            line = found[-1]["lignes"][-1]
            line += [{"texte": " ", "gras": False, "italique": False}] if line else []
            line += _runs(token)
        elif token.type == "inline":
            found.append({"genre": "citation" if quotes else "paragraphe", "lignes": [_runs(token)]})
    return found


def _runs(token: Token) -> list[Run]:
    bold = italic = 0
    found: list[Run] = []
    for child in token.children or []:
        bold += child.nesting if child.type.startswith("strong") else 0
        italic += child.nesting if child.type.startswith("em_") else 0
        text = " " if child.type in ("softbreak", "hardbreak") else child.content
        if not text:
            continue
        face = {"gras": bold > 0, "italique": italic > 0}
        if found and all(found[-1][name] == value for name, value in face.items()):
            found[-1]["texte"] += text
        else:
            found.append({"texte": text, **face})
    return found
