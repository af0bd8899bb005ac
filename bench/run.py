"""The benchmark, `make bench`: writes docs/bench.md.

ARGS chooses: --rounds N --sizes N,N,… --parts nights,history,reading,scale.

Figures compare within one run of it: ratios of durations taken on the same machine, one after the other.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable

from rich.console import Console
from rich.markdown import Markdown

from bench.history import history
from bench.measure import ROOT, machine
from bench.nights import nights
from bench.reading import reading
from bench.scale import scale

PAGE = ROOT / "docs" / "bench.md"
SIZES = "16000,200000,1000000"


def main() -> None:
    """Takes the parts that are asked for and writes the page; a part not asked for keeps its place in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the nights")
    parser.add_argument("--sizes", default=SIZES, help="interviews of the national waves, with commas")
    parser.add_argument("--parts", default="nights,history,reading,scale")
    asked = parser.parse_args()
    console = Console()
    with console.status("") as status:

        def told(what: str) -> None:
            status.update(what)
            if not console.is_terminal:
                console.print(what)

        parts: dict[str, Callable[[], list[str]]] = {
            "nights": lambda: nights(asked.rounds, told),
            "history": lambda: history(told),
            "reading": lambda: reading(told),
            "scale": lambda: scale([int(size) for size in asked.sizes.split(",")], told),
        }
        for name in asked.parts.split(","):
            found = parts[name]()
            _replace(name, [f"Le {dt.date.today():%d/%m/%Y}, {machine()}.", *found])
            console.print(Markdown("\n\n".join(found)))


def _replace(part: str, paragraphs: list[str]) -> None:
    """Puts a part's tables between its marks in the page."""
    text = PAGE.read_text(encoding="utf-8")
    start, end = f"<!-- {part} -->\n", f"\n<!-- /{part} -->"
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(end)
    PAGE.write_text(before + start + "\n" + "\n\n".join(paragraphs) + "\n" + end + after, encoding="utf-8")


if __name__ == "__main__":
    main()
