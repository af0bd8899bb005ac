"""A programme's own colours and pictures, in its reports."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from orchestration.programme.config import Colours

KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
# What a colour of programme.yaml changes: by day, by night, or both.
VARIABLES = {
    "accent": ("--accent", "--accent-ink"),
    "vif": ("--warm",),
    "couverture": ("--cover",),
    "accent_sombre": ("--accent", "--accent-ink"),
    "vif_sombre": ("--warm",),
    "couverture_sombre": ("--cover",),
}


def style(colours: Colours) -> str:
    """The css of the programme's colours."""
    day: list[str] = []
    night: list[str] = []
    for name, value in colours.chosen(*VARIABLES).items():
        rules = night if name.endswith("_sombre") else day
        rules += [f"{variable}:{value}" for variable in VARIABLES[name]]
    # Paper is always by day: the night of the page's own style is for screens only.
    written = f"@media print,(prefers-color-scheme:light){{:root{{{';'.join(day)}}}}}" if day else ""
    if night:
        written += f"@media screen and (prefers-color-scheme:dark){{:root{{{';'.join(night)}}}}}"
    return written


def day_colours(css: str, colours: Colours) -> dict[str, str]:
    """The colours by day as a picture wants them, by name: those of the style, and the programme's own over them.

    Args:
        css: the style, whose first rule of the root names them.
        colours: the programme's.
    """
    found = dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", css.partition(":root{")[2].partition("}")[0]))
    for name, value in colours.chosen(*VARIABLES).items():
        if not name.endswith("_sombre"):
            found |= {variable.removeprefix("--"): value for variable in VARIABLES[name]}
    return found


def picture_file(root: Path | None, name: str | None) -> Path | None:
    """A picture that `rapport` names by its path in the programme's folder; None where there is none."""
    path = root / name if root and name else None
    return path if path is not None and path.is_file() else None


def named_picture(root: Path | None, name: str | None) -> str:
    """A picture that `rapport` names, as a data address; nothing where there is none."""
    path = picture_file(root, name)
    return picture(path) if path is not None and path.suffix.lower() in KINDS else ""


def picture(path: Path) -> str:
    """A picture of one of the formats of `KINDS` as a data address."""
    return f"data:{KINDS[path.suffix.lower()]};base64,{base64.b64encode(path.read_bytes()).decode()}"
