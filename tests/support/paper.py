"""A printed document as its readers have it: its text, its fonts, where each word stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pypdf
import pypdfium2
import zxingcpp

BLANK = re.compile(r"[-\s\u00a0\u202f\u00ad\ufffe]+")


class Word(NamedTuple):
    """A run of text and its box, in points from the page's lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


def pages(pdf: Path) -> list[str]:
    """The text of each page, in the order in which it is read."""
    return [page.extract_text() for page in pypdf.PdfReader(pdf).pages]


def everything(pdf: Path) -> str:
    """All the text of a document, quickly, in the order of its drawing."""
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


def codes(pdf: Path) -> list[str]:
    """What the codes of a document say, page by page, read from its pages as a camera sees them."""
    document = pypdfium2.PdfDocument(pdf)
    seen = (zxingcpp.read_barcodes(page.render(scale=3).to_numpy()) for page in document)
    found = [code.text for page in seen for code in page]
    document.close()
    return found


def squeezed(text: str) -> str:
    """A text without blanks nor hyphens, which fall where lines end: what a table and a paragraph have in common."""
    return BLANK.sub("", text)


def fonts(pdf: Path) -> dict[str, bool]:
    """Every font of a document, and whether it is embedded."""
    found: dict[str, bool] = {}

    def look(resources: Any) -> None:
        for font in (resources.get("/Font") or {}).values():
            for part in [font.get_object(), *(d.get_object() for d in font.get_object().get("/DescendantFonts", []))]:
                descriptor = part.get("/FontDescriptor")
                if descriptor is not None:
                    embedded = any(f"/FontFile{n}" in descriptor.get_object() for n in ("", "2", "3"))
                    found[str(part["/BaseFont"])] = embedded
        for inner in (resources.get("/XObject") or {}).values():
            if "/Resources" in inner.get_object():
                look(inner.get_object()["/Resources"])

    for page in pypdf.PdfReader(pdf).pages:
        look(page["/Resources"])
    return found


def words(pdf: Path) -> Iterator[tuple[int, float, float, list[Word]]]:
    """For each page: its number, width, height and words."""
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document, start=1):
        text = page.get_textpage()
        found = []
        for index in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(index)
            found.append(Word(text.get_text_bounded(left, bottom, right, top).strip(), left, bottom, right, top))
        yield number, page.get_width(), page.get_height(), found
    document.close()


def collisions(found: list[Word], slack: float = 1.2) -> list[tuple[str, str]]:
    """Runs of text printed over each other."""
    ordered = sorted((word for word in found if word.text), key=lambda word: word.left)
    over = []
    for index, word in enumerate(ordered):
        for other in ordered[index + 1 :]:
            if other.left > word.right - slack:
                break
            # the letters of a ligature share one glyph, hence one box
            ligature = other.text.isalpha() and other.text in word.text
            # a value on a drawing is printed twice, the first time as a halo around itself
            halo = word.text == other.text and max(abs(word.left - other.left), abs(word.bottom - other.bottom)) < 0.1
            if min(word.top, other.top) - max(word.bottom, other.bottom) > slack and not ligature and not halo:
                over.append((word.text, other.text))
    return over
