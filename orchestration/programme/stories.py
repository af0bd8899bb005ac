"""The texts printed beside the figures: `editorial/<place>/*.md`, which a programme may leave out.

A place is a theme, for its testimonies and stories, or one of the sections that a report has besides its themes.

Each file opens with a few keys between two lines `---`, then its text; a picture lies beside it. They are printed as
texts of the programme, as its editorial is, and are in no table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from xml.etree import ElementTree

from pydantic import Field, TypeAdapter, ValidationError

from orchestration.errors import ProgrammeError
from orchestration.programme.declarations import DeclarationError, read_yaml
from orchestration.programme.declared import Declared, Maybe, Text
from orchestration.programme.faults import faults
from orchestration.programme.markdown import Block, blocks
from orchestration.programme.programme import Programme
from orchestration.programme.texts import control

FOLDER = "editorial"
# the places besides the themes: what surrounds the survey, the quality schemes, who publishes
CONTEXT, SCHEMES, PUBLISHER = "contexte", "demarches", "association"
SECTIONS = (CONTEXT, SCHEMES, PUBLISHER)
# what a picture weighs at most: it is in the page, in the letter and in a leaflet
PICTURE_BYTES = 500_000
_HEAD = re.compile(r"---[ \t]*\n(.*?)\n---[ \t]*(?:\n|$)(.*)", re.DOTALL)
_PICTURE_OR_TITLE = re.compile(r"^(?: {0,3}#{1,6} )|!\[", re.MULTILINE)
# how the files of each format begin
_BEGINS = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "webp": b"RIFF"}
# of the file, its key where one is at fault, a French sentence
StoryFault = tuple[str, str | None, str]


class Head(Declared):
    """Ce qui est dit en tête d'un témoignage, d'un récit ou d'un article."""

    titre: Text = Field(min_length=1, description="Titre imprimé.")
    genre: Literal["temoignage", "recit", "article"] = Field(description="Ce que c'est.")
    organisme: Maybe[Text] = Field(default=None, description="Code de l'organisme qui en parle ; sans lui, la région.")
    auteur: Maybe[Text] = Field(default=None, description="Qui parle, tel qu'il a accepté d'être nommé.")
    role: Maybe[Text] = Field(default=None, description="Ce qu'il est, ou ce qu'il fait.")
    image: Maybe[Annotated[Text, Field(pattern=r"^[^/\\]+\.(svg|png|jpg|webp)$")]] = Field(
        default=None, description="Image, un fichier à côté du texte."
    )
    texte_alternatif: Maybe[Text] = Field(default=None, description="Ce que l'image montre, pour qui ne la voit pas.")


_ADAPTER: TypeAdapter[Head] = TypeAdapter(Head)


@dataclass(frozen=True)
class Story:
    """A testimony, a story or an article: its place, its head, the blocks of its text, its picture where it has one."""

    place: str
    name: str
    head: Head
    body: list[Block]
    picture: Path | None


def stories(root: Path | None) -> list[Story]:
    """Returns the stories of a programme's folder, in the order of their places and their files' names.

    Args:
        root: the programme's folder; None for a print without one.

    Raises:
        ProgrammeError: one of them is at fault; the message says which and how.
    """
    found = []
    for path in _files(root) if root else []:
        story = _read(path)
        if isinstance(story, list):
            raise ProgrammeError(f"{_name(path)} : {story[0][1]}")
        found.append(story)
    return found


def story_faults(programme: Programme) -> Iterator[StoryFault]:
    """Yields what is wrong with the stories of a programme whose reference files are sound one by one."""
    themes = {row["theme_code"] for row in programme.rows("themes")}
    organismes = {row["organisme_code"] for row in programme.rows("organismes")}
    for path in sorted((programme.root / FOLDER).glob("*.md")):
        yield f"{FOLDER}/{path.name}", None, "hors d'un dossier de thème ou de rubrique ; le ranger dans le sien."
    sections = ", ".join(SECTIONS)
    for path in _files(programme.root):
        place = path.parent.name
        if place in themes and place in SECTIONS:
            said = f"« {place} » est à la fois un thème et une rubrique ; donner un autre code au thème."
            yield _name(path), None, said
        elif place not in themes and place not in SECTIONS:
            said = (
                f"« {place} » n'est ni un thème de themes.csv, ni une rubrique ({sections}) ; nommer ainsi le dossier."
            )
            yield _name(path), None, said
        story = _read(path)
        if isinstance(story, list):
            yield from ((_name(path), key, said) for key, said in story)
        elif story.head.organisme is not None and story.head.organisme not in organismes:
            said = f"« {story.head.organisme} » n'existe pas dans organismes.csv ; l'y ajouter ou corriger."
            yield _name(path), "organisme", said


def _files(root: Path) -> list[Path]:
    return sorted((root / FOLDER).glob("*/*.md"))


def _name(path: Path) -> str:
    return f"{FOLDER}/{path.parent.name}/{path.name}"


def _read(path: Path) -> Story | list[tuple[str | None, str]]:
    """Returns a story, or what is wrong with it: the key at fault and a sentence."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return [(None, "n'est pas de l'UTF-8 ; l'enregistrer en UTF-8.")]
    parts = _HEAD.fullmatch(text)
    if parts is None:
        return [(None, "l'en-tête manque ; commencer par une ligne « --- », les clés, puis une ligne « --- ».")]
    try:
        head = _ADAPTER.validate_python(read_yaml(parts[1].encode()))
    except DeclarationError as error:
        return [(None, f"en-tête : {error}")]
    except ValidationError as error:
        return [*faults(error, _ADAPTER)]
    wrong = [*_text_faults(parts[2]), *_picture_faults(path.parent, head)]
    if wrong:
        return [*wrong]
    picture = path.parent / head.image if head.image else None
    return Story(path.parent.name, path.stem, head, blocks(parts[2]), picture)


def _text_faults(text: str) -> Iterator[tuple[None, str]]:
    if not text.strip():
        yield None, "rien n'est écrit sous l'en-tête ; y écrire le texte."
    if sign := control(text):
        yield None, f"ligne {sign[0]} du texte : {sign[1]}."
    if found := _PICTURE_OR_TITLE.search(text):
        line = text[: found.start()].count("\n")
        said = text.splitlines()[line].strip()
        yield None, f"« {said[:40]} » : ni titre ni image dans le texte ; les dire en tête, par « titre » et « image »."


def _picture_faults(folder: Path, head: Head) -> Iterator[tuple[str, str]]:
    if head.image is None:
        return
    path = folder / head.image
    if not (head.texte_alternatif or "").strip():
        yield "texte_alternatif", "absent ; dire ce que l'image montre, pour qui ne la voit pas."
    if not path.is_file():
        yield "image", f"« {head.image} » n'est pas à côté du texte ; l'y mettre, ou ôter la clé."
    elif (size := path.stat().st_size) > PICTURE_BYTES:
        most = PICTURE_BYTES // 1000
        yield "image", f"« {head.image} » pèse {-(-size // 1000)} ko, plus que {most} ; la réduire."
    elif said := _not_a_picture(path.suffix[1:], path.read_bytes()):
        yield "image", f"« {head.image} » {said}"


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
