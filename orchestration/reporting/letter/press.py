"""From a template and its contents to a PDF: tagged for those who hear it, fonts embedded, replaced in one move."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.errors import ObservatoireError
from orchestration.files import replacing

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).parent


@dataclass(frozen=True)
class Printed:
    """What came off the press.

    Attributes:
        path: the PDF.
        accessible: whether it conforms to PDF/UA-1; a text that no font can show forbids it.
    """

    path: Path
    accessible: bool


def press(template: str, content: Mapping[str, Any], out: Path, created: datetime | None = None) -> Printed:
    """Prints a document; the one that stands there is replaced in one move.

    Args:
        template: name of a template of this folder, such as `lettre`.
        content: what it prints, nothing but text, numbers, lists and mappings.
        out: the PDF.
        created: its date of creation: the same contents then give the same bytes.

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
    created = (created or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    accessible = True
    try:
        pdf = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=created)
    except typst.TypstError:
        # a character that no font has: printed all the same, with a box in its place
        accessible = False
        try:
            pdf = compiler.compile(format="pdf", timestamp=created)
        except typst.TypstError as problem:
            raise ObservatoireError(f"{out.name} ne s'imprime pas : {problem.message}") from None
    assert isinstance(pdf, bytes)
    with replacing(out) as fresh:
        fresh.write_bytes(pdf)
    return Printed(out, accessible)


def moment(content: Mapping[str, Any]) -> datetime | None:
    """The day of the edition, as a document's moment of creation: printed again, the same bytes."""
    day = content["document"]["date"]
    return datetime(day["year"], day["month"], day["day"], tzinfo=UTC) if day else None


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the project, whatever the machine has: the same pages everywhere."""
    import fontpkg_fira_sans
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[str(fontpkg_fira_sans.ROOT / "files")])
