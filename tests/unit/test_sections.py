"""The texts of a programme besides its themes, and the directory of who publishes: on the page and in the letter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestration.programme.config import ProgrammeConfig
from orchestration.reporting.directory import directory
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.letter.content import letter
from orchestration.reporting.letter.press import moment, press
from orchestration.reporting.site import build_report
from tests.support import paper
from tests.unit import reporting_fixture as fixture

PLACES = {"contexte": "Autour de l'enquête", "demarches": "Ce que prouve un label", "association": "Nos missions"}
MEMBERS = "ordre,nom,famille,source\n3,Trois & fils,F,annuaire 2024\n1,Un,G,annuaire 2024\n2,Deux,F,annuaire 2024\n"
FAMILIES = "famille,ordre,libelle\nG,2,Seconde famille\nF,1,Première famille\nH,3,Famille de personne\n"


def _programme(root: Path, members: str = MEMBERS, places: dict[str, str] = PLACES) -> Path:
    (root / "reference").mkdir(parents=True)
    (root / "reference/adherents.csv").write_text(members, encoding="utf-8")
    (root / "reference/familles.csv").write_text(FAMILIES, encoding="utf-8")
    for place, title in places.items():
        (root / "editorial" / place).mkdir(parents=True)
        text = f"---\ntitre: {title}\ngenre: article\n---\nTexte de {place} <b>écrit</b>.\n"
        (root / "editorial" / place / "un.md").write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _programme(tmp_path_factory.mktemp("rubriques") / "programme")


@pytest.fixture(scope="module")
def regional(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fixture.published(tmp_path_factory.mktemp("edition") / "edition.duckdb")


def _saying(**report: Any) -> ProgrammeConfig:
    """The programme of the fixture with more said of its report."""
    programme = fixture.PROGRAMME
    return programme.model_copy(update={"rapport": programme.rapport.model_copy(update=report)})


def test_a_directory_is_by_family_in_its_order(root: Path, tmp_path: Path) -> None:
    found = directory(root, fixture.PROGRAMME)
    assert found is not None and found.members == 3 and found.sources == ["annuaire 2024"]
    assert list(found.families.items()) == [
        ("Première famille", ["Deux", "Trois & fils"]),
        ("Seconde famille", ["Un"]),
    ]
    assert directory(None, fixture.PROGRAMME) is None
    assert directory(tmp_path, fixture.PROGRAMME) is None
    assert directory(_programme(tmp_path / "vide", MEMBERS.splitlines()[0] + "\n", {}), fixture.PROGRAMME) is None


def test_the_page_has_each_text_in_its_section(root: Path, regional: Path, tmp_path: Path) -> None:
    programme = _saying(edito=("Un mot pour commencer.",), signature="Qui signe")
    build_report(regional, programme, tmp_path, None, root)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    study, who = page.index('id="etude"'), page.index('<section id="association"')
    for place in ("contexte", "association"):
        assert page.count(f'id="{place}-recit-1"') == 1 and f"Texte de {place} &lt;b&gt;écrit&lt;/b&gt;" in page
    assert study < page.index("Un mot pour commencer.") < page.index('id="contexte-recit-1"') < who
    assert who < page.index('id="association-recit-1"') < page.index("Trois &amp; fils")
    assert '<a href="#association">' in page and "Famille de personne" not in page


def test_a_text_of_schemes_that_nobody_holds_is_printed_elsewhere(root: Path, regional: Path, tmp_path: Path) -> None:
    told = letter(regional, fixture.PROGRAMME, root)
    assert told["demarches"] is None
    assert [story["titre"] for story in told["ailleurs"]["recits"]] == ["Ce que prouve un label"]
    build_report(regional, fixture.PROGRAMME, tmp_path, None, root)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert page.index('id="hors-theme"') < page.index("Ce que prouve un label")


def test_the_letter_is_printed_with_them(root: Path, regional: Path, tmp_path: Path) -> None:
    programme = _saying(edito=("Un mot pour commencer.",), signature="Qui signe", numero="Lettre n° 7")
    content = letter(regional, programme, root)
    press("lettre", content, tmp_path / "lettre.pdf", moment(content))
    printed = paper.squeezed(paper.everything(tmp_path / "lettre.pdf"))
    for said in ("Un mot pour commencer.", "Autour de l’enquête", "Texte de contexte <b>écrit</b>.", "Nos missions",
                 "Première famille : Deux, Trois & fils", "Adhérents : 3", "Lettre n° 7"):  # fmt: skip
        assert paper.squeezed(said) in printed, said


def test_without_them_there_is_no_section(regional: Path, tmp_path: Path) -> None:
    told = letter(regional, fixture.PROGRAMME)
    assert told["association"] is None and told["contexte"] is None
    build_report(regional, fixture.PROGRAMME, tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'id="etude"' in page and not [place for place in PLACES if f'id="{place}' in page or f'"#{place}' in page]


def test_a_leaflet_has_none_of_them(root: Path, regional: Path) -> None:
    told = str(leaflet(regional, "UN", fixture.PROGRAMME, root))
    assert not [title for title in PLACES.values() if title.replace("'", "’") in told or title in told]
