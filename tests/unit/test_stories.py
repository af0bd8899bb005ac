"""Testimonies and stories: what their head may say, what their text is read as, which pictures are let in."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest
import yaml

from orchestration.errors import ProgrammeError
from orchestration.extracts.inventory import take_inventory
from orchestration.programme import load_programme
from orchestration.programme.check import check_programme
from orchestration.programme.markdown import blocks
from orchestration.programme.pictures import PICTURE_BYTES
from orchestration.programme.stories import stories
from orchestration.publication.inputs import declared, fingerprint
from tests.support.mini import mini_programme

HEAD = "titre: Un titre\ngenre: recit\n"
TEXT = "Un texte.\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/>{more}</svg>'


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


# a grey dot
PNG = b"\x89PNG\r\n\x1a\n" + b"".join(
    (
        _chunk(b"IHDR", bytes((0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0))),
        _chunk(b"IDAT", zlib.compress(b"\0\x80")),
        _chunk(b"IEND", b""),
    )
)


def _written(root: Path, head: str = HEAD, text: str = TEXT, theme: str = "T1") -> list[str]:
    programme = mini_programme(root)
    folder = root / "editorial" / theme
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "un.md").write_text(f"---\n{head}---\n{text}", encoding="utf-8")
    return [str(problem) for problem in check_programme(programme)]


def _with_picture(root: Path, name: str, data: bytes, told: str = "Un point.") -> list[str]:
    folder = root / "editorial/T1"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(data)
    said = f"texte_alternatif: {told}\n" if told else ""
    return _written(root, f"{HEAD}image: {name}\n{said}")


def test_a_programme_without_the_folder_has_none(tmp_path: Path) -> None:
    assert check_programme(mini_programme(tmp_path)) == []
    assert stories(tmp_path) == stories(None) == []


def test_a_story_is_read_with_its_picture_and_is_an_input_of_the_edition(tmp_path: Path) -> None:
    assert _with_picture(tmp_path, "point.png", PNG) == []
    [story] = stories(tmp_path)
    assert (story.place, story.name, story.head.titre, story.head.genre) == ("T1", "un", "Un titre", "recit")
    assert story.picture == tmp_path / "editorial/T1/point.png"
    assert {"editorial/T1/un.md", "editorial/T1/point.png"} <= {
        path.relative_to(tmp_path).as_posix() for path in declared(tmp_path)
    }


@pytest.mark.parametrize(
    ("head", "text", "said"),
    [
        (
            "titre: T\ngenre: poeme\n",
            TEXT,
            "clé genre : « poeme » n'est pas admis ; valeurs admises : temoignage, recit, article.",
        ),
        ("genre: recit\n", TEXT, "titre"),
        (f"{HEAD}auteurs: X\n", TEXT, "auteurs (« auteur » ?)"),
        (f"{HEAD}organisme: XX\n", TEXT, "clé organisme : « XX » n'existe pas dans organismes.csv"),
        (f"{HEAD}image: absente.png\ntexte_alternatif: Rien.\n", TEXT, "« absente.png » n'est pas à côté du texte"),
        (
            f"{HEAD}image: ../autre.png\ntexte_alternatif: Rien.\n",
            TEXT,
            "clé image : « ../autre.png » : forme attendue",
        ),
        (f"{HEAD}image: https://exemple.fr/a.png\ntexte_alternatif: Rien.\n", TEXT, "clé image : "),
        ("titre: [\n", TEXT, "en-tête : ligne"),
        (HEAD, "  \n", "rien n'est écrit sous l'en-tête"),
        (HEAD, "Voir ![ceci](https://exemple.fr/a.png).\n", "ni titre ni image dans le texte"),
        (HEAD, "# Titre\n\nTexte\n", "« # Titre » : ni titre ni image dans le texte"),
    ],
)
def test_each_fault_is_one_sentence_that_names_the_file(tmp_path: Path, head: str, text: str, said: str) -> None:
    [found] = _written(tmp_path, head, text)
    assert found.startswith("editorial/T1/un.md") and said in found


def test_a_folder_that_is_no_theme_and_a_file_in_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "editorial").mkdir()
    (tmp_path / "editorial/seul.md").write_text(TEXT, encoding="utf-8")
    alone, strange = _written(tmp_path, theme="T9")
    assert alone == "editorial/seul.md : hors d'un dossier de thème ou de rubrique ; le ranger dans le sien."
    assert strange == (
        "editorial/T9/un.md : « T9 » n'est ni un thème de themes.csv, ni une rubrique (contexte, demarches,"
        " association) ; nommer ainsi le dossier."
    )


@pytest.mark.parametrize("section", ["contexte", "demarches", "association"])
def test_a_section_of_the_report_has_its_texts(tmp_path: Path, section: str) -> None:
    assert _written(tmp_path, "titre: Un titre\ngenre: article\n", theme=section) == []
    assert [(story.place, story.head.genre) for story in stories(tmp_path)] == [(section, "article")]


def test_a_theme_with_the_name_of_a_section_is_told(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    for path in (tmp_path / "reference").glob("*.csv"):
        path.write_text(re.sub(r"\bT1\b", "contexte", path.read_text(encoding="utf-8")), encoding="utf-8")
    (tmp_path / "editorial/contexte").mkdir(parents=True)
    (tmp_path / "editorial/contexte/un.md").write_text(f"---\n{HEAD}---\n{TEXT}", encoding="utf-8")
    [found] = map(str, check_programme(load_programme(programme.root)))
    assert found.startswith("editorial/contexte/un.md : « contexte » est à la fois un thème et une rubrique")


def test_a_text_without_its_head_is_told_and_is_not_printed(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    (tmp_path / "editorial/T1").mkdir(parents=True)
    (tmp_path / "editorial/T1/un.md").write_text(TEXT, encoding="utf-8")
    [found] = map(str, check_programme(programme))
    assert found.startswith("editorial/T1/un.md : l'en-tête manque")
    with pytest.raises(ProgrammeError, match=r"editorial/T1/un\.md : l'en-tête manque"):
        stories(tmp_path)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.png", b"GIF89a", "n'est pas une image PNG"),
        ("a.jpg", PNG, "n'est pas une image JPG"),
        ("a.webp", b"RIFF0000WAVE", "n'est pas une image WEBP"),
        ("a.svg", b"<html/>", "n'est pas une image SVG"),
        ("a.svg", b"pas du xml", "n'est pas une image SVG"),
        ("a.svg", b"<!DOCTYPE svg>" + SVG.format(more="").encode(), "déclare un DOCTYPE"),
        ("a.svg", SVG.format(more="<script>alert(1)</script>").encode(), "va chercher ailleurs"),
        ("a.svg", SVG.format(more='<image href="https://exemple.fr/a.png"/>').encode(), "va chercher ailleurs"),
        ("a.svg", SVG.format(more='<rect style="fill:url(https://exemple.fr/a)"/>').encode(), "va chercher ailleurs"),
        ("a.svg", SVG.format(more="<style>@import 'a.css';</style>").encode(), "va chercher ailleurs"),
        ("a.png", PNG + b"\0" * PICTURE_BYTES, "pèse 501 ko, plus que 500 ; la réduire"),
    ],
)
def test_a_picture_is_what_its_name_says_small_and_alone(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    [found] = _with_picture(tmp_path, name, data)
    assert found.startswith("editorial/T1/un.md, clé image : ") and said in found


def test_a_drawing_may_refer_to_itself(tmp_path: Path) -> None:
    inner = '<defs><g id="a"/></defs><use href="#a"/><rect fill="url(#a)"/>'
    assert _with_picture(tmp_path, "a.svg", SVG.format(more=inner).encode()) == []


def test_a_picture_says_what_it_shows(tmp_path: Path) -> None:
    [found] = _with_picture(tmp_path, "a.png", PNG, told="")
    assert found.startswith("editorial/T1/un.md, clé texte_alternatif : absent")


def _faces(text: str) -> list[tuple[str, list[list[tuple[str, str]]]]]:
    return [
        (
            block["genre"],
            [[(run["texte"], "g" * run["gras"] + "i" * run["italique"]) for run in line] for line in block["lignes"]],
        )
        for block in blocks(text)
    ]


def test_a_text_is_read_into_paragraphs_lists_quotations_and_emphasis() -> None:
    assert _faces("Un *mot*\net **deux ***trois***.**\n\n- a\n  - b\n- c\n\n> dit\n\n3. n\n") == [
        ("paragraphe", [[("Un ", ""), ("mot", "i"), (" et ", ""), ("deux ", "g"), ("trois", "gi"), (".", "g")]]),
        ("puces", [[("a", "")], [("b", "")], [("c", "")]]),
        ("citation", [[("dit", "")]]),
        ("numeros", [[("n", "")]]),
    ]


def test_nothing_of_a_text_is_markup() -> None:
    hostile = "<script>alert(1)</script> [lien](javascript:alert(1)) <https://exemple.fr> &lt;b&gt;"
    assert _faces(hostile) == [
        ("paragraphe", [[("<script>alert(1)</script> [lien](javascript:alert(1)) <https://exemple.fr> <b>", "")]])
    ]


def test_the_pictures_of_a_report_are_held_to_the_same_rules(tmp_path: Path) -> None:
    root = mini_programme(tmp_path / "programme").root
    said = yaml.safe_load((root / "programme.yaml").read_text(encoding="utf-8"))
    said["rapport"] |= {"logo": "reference/l.png", "portrait": "../p.svg"}
    (root / "programme.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    assert [str(problem) for problem in check_programme(load_programme(root))] == [
        "programme.yaml, clé rapport.logo : « reference/l.png » n'est pas dans le dossier du programme ; l'y mettre, ou"
        " ôter la clé.",
        "programme.yaml, clé rapport.portrait : « ../p.svg » sort du dossier du programme ; l'y copier.",
        "programme.yaml, clé rapport.signature : absente ; dire de qui est le portrait, pour qui ne le voit pas.",
    ]
    (root / "reference/l.png").write_bytes(PNG)
    assert not [one for one in check_programme(load_programme(root)) if one.column == "rapport.logo"]
    (root / "reference/l.png").write_bytes(b"GIF89a")
    [told] = [one for one in check_programme(load_programme(root)) if one.column == "rapport.logo"]
    assert "n'est pas une image PNG" in told.message
    (tmp_path / "ailleurs.png").write_bytes(PNG)
    said["rapport"] = {**said["rapport"], "logo": "l.png"}
    (root / "programme.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    (root / "l.png").symlink_to("../ailleurs.png")
    [away] = [one for one in check_programme(load_programme(root)) if one.column == "rapport.logo"]
    assert "« l.png » est un lien vers un fichier d'ailleurs, que la sauvegarde n'aurait pas" in away.message
    # one in a folder of what is declared is saved as the file
    (root / "reference/l.png").unlink()
    (root / "reference/l.png").symlink_to("../../ailleurs.png")
    said["rapport"] = {**said["rapport"], "logo": "reference/l.png"}
    (root / "programme.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    assert not [one for one in check_programme(load_programme(root)) if one.column == "rapport.logo"]


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "ftp://exemple.fr", "https://", "https://exemple.fr/a b", "https://exemple.fr/été",
        "https://compte:secret@exemple.fr", f"https://exemple.fr/{'a' * 300}",
    ],
)  # fmt: skip
def test_a_link_is_an_address_of_the_web(tmp_path: Path, link: str) -> None:
    assert _written(tmp_path, f"{HEAD}lien: https://exemple.fr/a?b=c\n") == []
    [said] = _written(tmp_path, f'{HEAD}lien: "{link}"\n')
    assert said.startswith("editorial/T1/un.md, clé lien : ")


def test_a_picture_that_is_cut_is_refused_before_it_stops_a_letter(tmp_path: Path) -> None:
    cut = (("a.png", PNG[:-20]), ("a.jpg", b"\xff\xd8\xff<script>"), ("a.webp", b"RIFF\0\0\0\0WEBP"))
    for rank, (name, data) in enumerate(cut):
        [said] = _with_picture(tmp_path / str(rank), name, data)
        assert "ne s'imprime pas, ou est abîmée" in said


def test_a_story_that_moves_or_changes_makes_another_edition(tmp_path: Path) -> None:
    root = mini_programme(tmp_path).root
    _written(tmp_path)
    seen = [_fingerprint(root)]
    (root / "editorial/T1").rename(root / "editorial/contexte")
    seen.append(_fingerprint(root))
    # what is behind a link is printed, and so it counts
    (root / "editorial/contexte").rename(root / "ailleurs")
    (root / "editorial/contexte").symlink_to("../ailleurs")
    assert _fingerprint(root) == seen[1] and len(stories(root)) == 1
    (root / "ailleurs/un.md").write_text(f"---\n{HEAD}---\nUn autre.\n", encoding="utf-8")
    seen.append(_fingerprint(root))
    assert len({*seen}) == 3
    assert "editorial/contexte/un.md" in {path.relative_to(root).as_posix() for path in declared(root)}
    # the same programme in another place is the same programme
    root.rename(tmp_path.with_name("deplace"))
    assert _fingerprint(tmp_path.with_name("deplace")) == seen[2]


def _fingerprint(root: Path) -> str:
    programme = load_programme(root)
    return fingerprint(programme, take_inventory(programme, looking=True))
