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
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from orchestration.errors import ProgrammeError
from orchestration.programme.declarations import DeclarationError, read_yaml
from orchestration.programme.declared import Declared, Maybe, Text
from orchestration.programme.faults import faults
from orchestration.programme.markdown import Block, blocks
from orchestration.programme.pictures import picture_fault
from orchestration.programme.programme import Programme
from orchestration.programme.texts import control

FOLDER = "editorial"
# the places besides the themes: what surrounds the survey, the quality schemes, who publishes
CONTEXT, SCHEMES, PUBLISHER = "contexte", "demarches", "association"
SECTIONS = (CONTEXT, SCHEMES, PUBLISHER)
_HEAD = re.compile(r"---[ \t]*\n(.*?)\n---[ \t]*(?:\n|$)(.*)", re.DOTALL)
_PICTURE_OR_TITLE = re.compile(r"^(?: {0,3}#{1,6} )|!\[", re.MULTILINE)
# of the file, its key where one is at fault, a French sentence
StoryFault = tuple[str, str | None, str]


# what an address is written with; a longer one makes a code that no telephone reads from paper
_ADDRESS = re.compile(r"https?://[!-~]{1,300}")


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError(
            f"« {text} » : une adresse https:// de trois cents signes au plus est attendue, sans espace ni accent"
            " (« é » s'y écrit %C3%A9)."
        )
    if "@" in urlsplit(text).netloc:
        raise ValueError(f"« {text} » : une adresse imprimée n'a ni compte ni mot de passe ; les ôter.")
    return text


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
    lien: Maybe[Annotated[Text, AfterValidator(_address)]] = Field(
        default=None, description="Adresse où aller plus loin ; le papier en porte aussi le code QR."
    )


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
    except IsADirectoryError:
        return [(None, "est un dossier ; l'ôter, ou lui donner un autre nom.")]
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
    if said := picture_fault(path, head.image, "à côté du texte"):
        yield "image", said
