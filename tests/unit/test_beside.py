"""Commitments and stories beside their theme: on the page, in the letter, and in the leaflet of whose they are."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.reporting.cells import Edition
from orchestration.reporting.commitments import beside, commitments
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.leaflet.page import build_page
from orchestration.reporting.letter.content import letter
from orchestration.reporting.letter.press import moment, press
from orchestration.reporting.site import build_report
from orchestration.reporting.study import scope
from tests.support import paper
from tests.unit import reporting_fixture as fixture
from tests.unit import reporting_rows as rows
from tests.unit.reporting_labels import HOSTILE
from tests.unit.test_leaflet import OWN
from tests.unit.test_stories import PNG

BEFORE, AFTER = date(2020, 1, 1), date(2023, 1, 1)


def _commitment(code: str, organisme: str | None = None, **said: Any) -> dict[str, Any]:
    row = {
        "engagement_code": code,
        "organisme_code": organisme,
        "organisme": "Un Habitat" if organisme else None,
        "theme_code": "A",
        "ordre": 1,
        "texte": f"Texte de {code}",
        "debut": BEFORE,
        "etat": "en_cours",
        "situation": "a_jour",
        "vague_depart": "2019",
    }
    return row | said


COMMITMENTS = [
    _commitment("TOUS", ordre=1),
    _commitment("SIEN", "UN", ordre=2, etat="tenu", fin=date(2021, 12, 31), preuve=HOSTILE),
    _commitment("APRES", "UN", ordre=3, debut=AFTER, vague_depart="2022"),
    _commitment("SANS_DEPART", ordre=4, vague_depart=None),
    _commitment("AILLEURS", ordre=5, theme_code="Z"),
]
OVERDUE = _commitment("ECHU", "UN", ordre=6, situation="echu")
# Q1 of the theme, one that is masked, and one of several answers, that no wave is compared on
NAMED = {"TOUS": ("G1", "G4", "M1"), "SIEN": ("G2",), "APRES": ("G1",), "SANS_DEPART": ("G1",), "ECHU": ("G1",)}


def _bridge(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"engagement_code": one["engagement_code"], "question_code": code, "organisme_code": one["organisme_code"]}
        for one in found
        for code in NAMED.get(one["engagement_code"], ())
    ]


def _stories(root: Path) -> None:
    (root / "editorial/A").mkdir(parents=True)
    for name, organisme, more in (
        ("un", "UN", "image: a.png\ntexte_alternatif: Un point gris.\n"),
        ("deux", "DEUX", ""),
    ):
        head = f"titre: Récit de {name}\ngenre: temoignage\norganisme: {organisme}\nauteur: Quelqu'un\n{more}"
        text = "Dit **fort** <script>alert(1)</script>\n\n- et en liste\n"
        (root / f"editorial/A/{name}.md").write_text(f"---\n{head}---\n{text}", encoding="utf-8")
    (root / "editorial/A/a.png").write_bytes(PNG)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("programme")
    _stories(folder)
    return folder


@pytest.fixture(scope="module")
def regional(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("edition") / "edition.duckdb"
    return fixture.published(path, dim_engagement=COMMITMENTS, pont_engagement_question=_bridge(COMMITMENTS))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables, held = rows.tables(), [*COMMITMENTS, OVERDUE]
    evolution = [row | OWN | {"ecart_note": 0.77} for row in tables["fct_evolution"]]
    return fixture.published(
        tmp_path_factory.mktemp("fichier") / "UN.duckdb",
        fct_satisfaction=tables["fct_satisfaction"] + [row | OWN for row in tables["fct_satisfaction"]],
        fct_evolution=tables["fct_evolution"] + evolution,
        obs_couverture=[row for row in tables["obs_couverture"] if row["organisme_code"] == "UN"],
        dim_organisme=[row for row in tables["dim_organisme"] if row["organisme_code"] == "UN"],
        dim_engagement=held,
        pont_engagement_question=_bridge(held),
    )


def test_a_commitment_has_the_published_change_of_its_questions_since_the_wave_before_it(regional: Path) -> None:
    told = letter(regional, fixture.PROGRAMME)
    [common, own, after, without] = told["themes"][0]["cote"]["engagements"]
    assert common["mesure"].startswith("Région, depuis 2019")
    with Edition(regional) as edition:
        for change in common["evolutions"][:1]:
            assert edition.find("|".join(change["ecart"][part] for part in ("table", "cle", "mesure"))) == [
                change["ecart"]["valeur"]
                if isinstance(change["ecart"]["valeur"], float)
                else float(change["ecart"]["valeur"])
            ]
    assert [change["libelle"] for change in common["evolutions"]] == [
        "Satisfaction d’ensemble\u202f: globale", "Question masquée", "Motifs d’insatisfaction",
    ]  # fmt: skip
    assert [change["ecart"].get("x") for change in common["evolutions"]][1:] == ["masqué", "–"]
    assert own["evolutions"][0]["verdict"]["mot"] == "en baisse"
    assert (after["evolutions"], without["evolutions"]) == ([], [])
    assert after["absent"].startswith("Pas encore mesuré") and without["absent"].startswith("Sans évolution")


def test_nothing_is_told_as_an_effect(regional: Path) -> None:
    told = letter(regional, fixture.PROGRAMME)
    said = " ".join(
        [told["themes"][0]["cote"]["chapo"], *(e["mesure"] for e in told["themes"][0]["cote"]["engagements"])]
    )
    assert "depuis" in said and "rien ne prouve" in said
    assert not re.search(r"grâce à|permis|effet de|porté ses fruits", said)


def test_what_belongs_to_a_theme_that_is_not_printed_is_printed_apart(regional: Path, tmp_path: Path) -> None:
    assert [e["texte"] for e in letter(regional, fixture.PROGRAMME)["ailleurs"]["engagements"]] == ["Texte de AILLEURS"]
    page = build_report(regional, fixture.PROGRAMME, tmp_path).page.read_text(encoding="utf-8")
    assert "Texte de AILLEURS" in page.split('id="hors-theme"')[1]


def test_the_page_prints_commitments_and_stories_as_text(regional: Path, root: Path, tmp_path: Path) -> None:
    page = build_report(regional, fixture.PROGRAMME, tmp_path, root=root).page.read_text(encoding="utf-8")
    theme = page.split('id="engagements-theme-a"')[1].split('id="theme-b"')[0]
    assert all(f"Texte de {code}" in theme for code in ("TOUS", "SIEN", "APRES", "SANS_DEPART"))
    assert "Un Habitat, du 1er\u00a0janvier 2020 au 31\u00a0décembre 2021" in theme
    assert "Tous les organismes, à partir du 1er\u00a0janvier 2020" in theme
    assert "<strong>fort</strong> &lt;script&gt;alert(1)&lt;/script&gt;" in theme and "<li>et en liste</li>" in theme
    assert 'alt="Un point gris."' in theme and 'src="data:image/png;base64,' in theme
    assert not re.search(r'src="(?!data:)', page)


def test_a_leaflet_has_its_own_commitments_its_own_figures_and_what_is_left_to_do(own: Path, root: Path) -> None:
    content = leaflet(own, "UN", fixture.PROGRAMME, root)
    found = content["themes"][0]["cote"]
    assert [e["texte"] for e in found["engagements"]] == ["Texte de SIEN", "Texte de APRES"]
    [change] = found["engagements"][0]["evolutions"]
    assert "perimetre=UN" in change["ecart"]["cle"] and change["ecart"]["t"] == "+0,77"
    assert [recit["titre"] for recit in found["recits"]] == ["Récit de un"]
    [left] = content["a_reprendre"]
    assert left["texte"] == "Texte de ECHU" and left["surtitre"] == "Engagement · en cours · échu"


def test_paper_and_page_of_a_leaflet_say_the_same(own: Path, root: Path, tmp_path: Path) -> None:
    content = leaflet(own, "UN", fixture.PROGRAMME, root)
    page = build_page(content, tmp_path / "index.html").read_text(encoding="utf-8")
    printed = press("livret", content, tmp_path / "livret.pdf", moment(content))
    assert printed.accessible
    text = paper.squeezed("\n".join(paper.pages(printed.path)))
    for said in ("Texte de SIEN", "Texte de ECHU", "Récit de un", "Vos engagements à reprendre"):
        assert said in page and paper.squeezed(said) in text
    assert "Récit de deux" not in page and paper.squeezed("Récit de deux") not in text
    assert "&lt;script&gt;alert(1)" in page and "<script" not in page


def test_the_letter_prints_pictures_with_what_they_show(regional: Path, root: Path, tmp_path: Path) -> None:
    content = letter(regional, fixture.PROGRAMME, root)
    printed = press("lettre", content, tmp_path / "lettre.pdf", moment(content))
    assert printed.accessible
    text = paper.squeezed("\n".join(paper.pages(printed.path)))
    assert all(paper.squeezed(said) in text for said in ("Récit de un", "Récit de deux", "Texte de TOUS"))
    assert content["themes"][0]["cote"]["recits"][1]["image"]["alternative"] == "Un point gris."


def test_an_edition_of_before_has_nothing_beside_its_themes(tmp_path: Path) -> None:
    database = fixture.published(tmp_path / "edition.duckdb")
    with Edition(database) as edition:
        edition.tables -= {"dim_engagement", "pont_engagement_question"}
        assert commitments(edition, scope(edition, fixture.PROGRAMME), []) == []
    assert not beside(["A"], [], None)["A"]
    page = build_report(database, fixture.PROGRAMME, tmp_path).page.read_text(encoding="utf-8")
    assert 'class="engagements"' not in page and 'class="recit"' not in page
