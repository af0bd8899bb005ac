"""The regional page as a reader of its lines sees it: sentences, figures, verdicts and lists."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any


class Page(HTMLParser):
    """The lines of the report: of each question, its sentence, what is said of the panel, the figures beside it and its verdicts; the lists, in order."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[dict[str, Any]] = []
        self.lists: dict[str, list[str]] = {}
        # by question, what the strongest rises say beside it
        self.rises: dict[str, str] = {}
        self._inside: list[tuple[str, str]] = []
        self._list, self._open = "", False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        style = given.get("class", "").split()
        if tag == "tr" and "question" in style and given.get("id"):
            self.lines.append({"code": given["data-q"], "phrase": "", "panel": "", "figures": [], "verdicts": []})
            self._open = True
        if tag == "h3":
            self._list = given.get("id", "")
        if tag == "table":
            self._list = ""
        if tag == "a" and self._list in ("progres", "vigilance", "hautes", "basses"):
            self.lists.setdefault(self._list, []).append(given["href"].removeprefix("#Q-"))
        into = ""
        if "phrase" in style:
            into = "phrase"
        elif "aparte" in style:
            into = "panel"
        elif tag == "data" and self._open:
            self.lines[-1]["figures"].append({"cell": given["data-cell"], "text": ""})
            into = "figure"
        elif tag == "span" and "data-valeur" in given and self._open:
            self.lines[-1]["verdicts"].append({"cell": given["data-cell"], "code": given["data-valeur"], "text": ""})
            into = "verdict"
        if tag in ("span", "data", "tr", "table", "th", "td"):
            self._inside.append((tag, into))

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1][0] == tag:
            self._inside.pop()
        self._open = self._open and tag != "tr"

    def handle_data(self, data: str) -> None:
        if self.lists.get(self._list) and self._list == "progres":
            self.rises[self.lists["progres"][-1]] = self.rises.get(self.lists["progres"][-1], "") + data
        held = {into for _, into in self._inside}
        if "phrase" in held:
            self.lines[-1]["phrase"] += data
        elif "panel" in held:
            self.lines[-1]["panel"] += data
        elif "figure" in held:
            self.lines[-1]["figures"][-1]["text"] += data
        elif "verdict" in held:
            self.lines[-1]["verdicts"][-1]["text"] += data
