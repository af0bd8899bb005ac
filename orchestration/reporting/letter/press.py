"""From a template and its contents to a PDF: tagged for readers who hear it, every font embedded, replaced in one move."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.errors import ObservatoireError

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).parent
STANDARD = "ua-1"


@dataclass(frozen=True)
class Printed:
    """What came off the press.

    Attributes:
        path: the PDF.
        accessible: whether it conforms to PDF/UA-1; a text that no font can show forbids it, and nothing else.
    """

    path: Path
    accessible: bool


def press(template: str, content: Mapping[str, Any], out: Path, moment: datetime | None = None) -> Printed:
    """Prints a document; the one that stands there is replaced in one move.

    Args:
        template: name of a template of this folder, such as `lettre`.
        content: what it prints, nothing but text, numbers, lists and mappings.
        out: the PDF.
        moment: its date of creation: the same contents then give the same bytes.

    Raises:
        ObservatoireError: the template does not print these contents.
    """
    import typst

    compiler = typst.Compiler(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=_fonts(),
        sys_inputs={"contenu": json.dumps(content, ensure_ascii=False)},
    )
    moment = (moment or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    accessible = True
    try:
        pdf = compiler.compile(format="pdf", pdf_standards=[STANDARD], timestamp=moment)
    except typst.TypstError as problem:
        if not _unshown(problem):
            raise ObservatoireError(f"{out.name} ne s'imprime pas : {problem.message}") from None
        # printed all the same, with a box for the character that no font has
        accessible = False
        pdf = compiler.compile(format="pdf", timestamp=moment)
    assert isinstance(pdf, bytes)
    write(out, pdf)
    return Printed(out, accessible)


def _unshown(problem: typst.TypstError) -> bool:
    return "could not be displayed with font" in str(problem.message)


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the project, whatever the machine has: the same pages everywhere."""
    import fontpkg_fira_sans
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[str(fontpkg_fira_sans.ROOT / "files")])


def write(path: Path, body: bytes) -> None:
    """Writes a file in one move: whoever opens it sees the whole old one or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        # mkstemp is private to its owner, a report is not.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
