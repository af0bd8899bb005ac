"""The pictures that a programme brings to its reports: what a file must be to stand in page, letter and leaflet."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from orchestration.folder import DECLARED
from orchestration.programme.programme import Programme

# what a picture weighs at most: it is in the page, in the letter and in a leaflet
PICTURE_BYTES = 500_000
# the keys of `rapport` that name one, a path in the programme's folder
OF_REPORT = ("logo", "image", "portrait")
# how the files of each format begin
_BEGINS = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "webp": b"RIFF"}
_FILE = "programme.yaml"
# the file at fault, its line, its key, a French sentence
PictureFault = tuple[str, int | None, str | None, str]


def picture_fault(path: Path, name: str, where: str) -> str | None:
    """Returns why a file can be no picture of a report, in French, with what to do; None where it can.

    Args:
        path: the file.
        name: how the programme names it.
        where: where it has to be, in French.
    """
    if not _is_file(path):
        return f"« {name} » n'est pas {where} ; l'y mettre, ou ôter la clé."
    if (size := path.stat().st_size) > PICTURE_BYTES:
        return f"« {name} » pèse {-(-size // 1000)} ko, plus que {PICTURE_BYTES // 1000} ; la réduire."
    kind, data = path.suffix[1:], path.read_bytes()
    said = _not_a_picture(kind, data) or _not_printable(kind, data)
    return f"« {name} » {said}" if said else None


def report_pictures(programme: Programme) -> list[Path]:
    """Returns the pictures that `rapport` names, those that are there, in a fixed order."""
    named = (getattr(programme.config.rapport, key) for key in OF_REPORT)
    return sorted(path for name in named if name and _is_file(path := programme.root / name))


def report_picture_faults(programme: Programme) -> Iterator[PictureFault]:
    """Yields what is wrong with the pictures that `rapport` names in programme.yaml."""
    report = programme.config.rapport
    for key in OF_REPORT:
        name = getattr(report, key)
        if not name:
            continue
        if ".." in Path(name).parts:
            yield _FILE, None, f"rapport.{key}", f"« {name} » sort du dossier du programme ; l'y copier."
        elif _leads_away(programme.root, name):
            yield (
                _FILE, None, f"rapport.{key}",
                f"« {name} » est un lien vers un fichier d'ailleurs, que la sauvegarde n'aurait pas ; l'y copier.",
            )  # fmt: skip
        elif said := picture_fault(programme.root / name, name, "dans le dossier du programme"):
            yield _FILE, None, f"rapport.{key}", said
    if report.portrait and not report.signature:
        yield _FILE, None, "rapport.signature", "absente ; dire de qui est le portrait, pour qui ne le voit pas."


def _leads_away(root: Path, name: str) -> bool:
    """Whether a picture is a link out of the programme that a backup saves as a link: those of DECLARED, it follows."""
    top = Path(name).parts[0]
    real = Path(os.path.realpath(root / name))
    return top not in DECLARED and _is_file(real) and not real.is_relative_to(os.path.realpath(root))


def _is_file(path: Path) -> bool:
    # a name that the system finds too long is that of no file, and a Path raises on it
    return os.path.isfile(path)  # noqa: PTH113


def _not_a_picture(kind: str, data: bytes) -> str:
    """Returns why a file is no picture of the format that its name says; nothing where it is one."""
    if kind != "svg":
        sound = data.startswith(_BEGINS[kind]) and (kind != "webp" or data[8:12] == b"WEBP")
        return "" if sound else f"n'est pas une image {kind.upper()} ; l'enregistrer dans ce format."
    # entities can swell without end, and name files
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return "déclare un DOCTYPE ; l'enregistrer en SVG simple."
    try:
        drawing = ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return "n'est pas une image SVG ; l'enregistrer dans ce format."
    if drawing.tag != "{http://www.w3.org/2000/svg}svg":
        return "n'est pas une image SVG ; l'enregistrer dans ce format."
    return "" if all(map(_stands_alone, drawing.iter())) else "va chercher ailleurs ce qu'elle montre ; l'y inclure."


@lru_cache(maxsize=256)
def _not_printable(kind: str, data: bytes) -> str:
    """Returns why a picture cannot be printed, found by printing it; nothing where it can.

    A file may begin as its format does and be cut or damaged further on. Found here, it stops no letter later.
    """
    # it takes a while to be imported, and many programmes have no picture
    import typst

    page = f'#set page(width: auto, height: auto)\n#image(bytes(json(bytes(sys.inputs.octets))), format: "{kind}")'
    try:
        typst.compile(page.encode(), sys_inputs={"octets": json.dumps(list(data))}, ignore_system_fonts=True)
    except typst.TypstError:
        return f"ne s'imprime pas, ou est abîmée ; l'enregistrer à nouveau en {kind.upper()}."
    return ""


def _stands_alone(element: ElementTree.Element) -> bool:
    """Whether a part of a drawing neither runs a script nor fetches anything: it refers to the drawing itself only."""
    tag = element.tag if isinstance(element.tag, str) else ""
    said = [*element.attrib.values(), element.text or ""]
    links = [value for name, value in element.attrib.items() if name.rpartition("}")[2] == "href"]
    fetched = re.compile(r"url\(\s*['\"]?(?!#)|@import", re.IGNORECASE)
    return (
        tag.rpartition("}")[2] not in ("script", "foreignObject")
        and all(link.startswith(("#", "data:image/")) for link in links)
        and not any(fetched.search(value) for value in said)
    )
