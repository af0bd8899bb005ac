"""The leaflet as a page: static, self-contained, read from disk; the same content as its PDF."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from orchestration.files import write_text
from orchestration.reporting import pages
from orchestration.reporting.fonts import font_faces
from orchestration.reporting.letter.words import Printable

TEMPLATES = Path(__file__).parent


def build_page(content: Printable, out: Path) -> Path:
    """Writes a leaflet's page; the one that stands there is replaced in one move.

    Args:
        content: what `leaflet` read.
        out: the page.

    Returns:
        the page.
    """
    write_text(_environment().get_template("page.html.j2").render(content), out)
    return out


@cache
def _environment() -> jinja2.Environment:
    """Compiled once for all leaflets; every value is escaped."""
    env = pages.templates(TEMPLATES)
    env.globals |= {"place": place, "regles_des_dessins": _drawn, "polices": _fonts}
    return env


def _fonts() -> Markup:
    return Markup(font_faces())


def _drawn() -> Markup:
    return Markup((pages.TEMPLATES / pages.DRAWN).read_text(encoding="utf-8"))


def place(value: float, ends: list[float]) -> float:
    """Where a value stands between the two ends of a scale, in per cent."""
    low, high = ends
    return round(min(1.0, max(0.0, (value - low) / (high - low))) * 100, 1)
