"""Scores that senders publish stand beside the programme's own figures: said as they are, weighted by their bases."""

from __future__ import annotations

import html
import math
import re
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.programme import load_programme
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.letter.content import letter
from tests.support.demo import observatoire
from tests.support.mini import mini_contract, write_contract
from tests.support.paper import everything
from tests.support.scores import declare_scores, deliver_scores, weighted
from tests.support.small import small_programme

FIRST = {"O1": (72.0, 100), "O2": (78.0, 50), "O3": (66.0, 50)}
SECOND = {"O1": (79.0, 120), "O2": (78.0, 40), "O3": (80.0, 40)}
ERROR = 1.5


def _line(code: str, score: tuple[float, int], reco: str) -> str:
    return f"{code};{score[0]};{score[1]};{ERROR};{reco};{score[1]}"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small programme, run once with scores in both waves; of the second, one organisme has no rate."""
    root = small_programme(tmp_path_factory.mktemp("scores"), base_minimale=10)
    for wave in ("V1", "V2"):
        body = mini_contract(wave, organisme={"nom_fichier": r"^(O\d)\.csv$"}, ignorees=["ORG"], fichiers=["O?.csv"])
        write_contract(root, body)
    declare_scores(root)
    deliver_scores(root, [_line(code, score, "60") for code, score in FIRST.items()], "V1")
    rates = {"O1": "70", "O2": "64", "O3": "DI"}
    deliver_scores(root, [_line(code, score, rates[code]) for code, score in SECOND.items()], "V2")
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    return root


def _ask(path: Path, columns: str, where: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as edition:
        return edition.sql(f"select {columns} from observatoire.fct_score where {where} order by all").fetchall()


def test_the_region_is_the_mean_of_scores_weighted_by_their_bases(root: Path) -> None:
    path = root / "published/observatoire.duckdb"
    assert {kind for (kind,) in _ask(path, "distinct perimetre_type", "true")} == {"region"}
    found = _ask(path, "vague, valeur, base, nb_organismes, erreur_type, classe, statut", "score_code = 'SAT'")
    for (wave, *got), scores, klass in zip(found, (FIRST, SECOND), ("B", "A"), strict=True):
        whole = sum(base for _, base in scores.values())
        error = math.sqrt(sum((base * ERROR) ** 2 for _, base in scores.values())) / whole
        # at full figures, as its programme of public figures says: nothing is rounded
        assert got == [pytest.approx(weighted(scores)), whole, 3, pytest.approx(error), klass, "V"], wave


def test_a_change_has_a_verdict_where_both_waves_have_an_error(root: Path) -> None:
    path = root / "published/observatoire.duckdb"
    [(change, p, verdict)] = _ask(path, "ecart, p_valeur, verdict", "score_code = 'SAT' and vague = 'V2'")
    assert change == pytest.approx(weighted(SECOND) - weighted(FIRST)) and p < 0.05 and verdict == "hausse"
    told = _ask(path, "vague, valeur, erreur_type, ic_bas, classe, p_valeur, verdict", "score_code = 'RECO'")
    rate = weighted({"O1": (70.0, 120), "O2": (64.0, 40)})
    assert told == [("V1", 60.0, *[None] * 5), ("V2", pytest.approx(rate), *[None] * 5)]


def test_an_organisme_has_its_own_scores_in_its_own_file(root: Path) -> None:
    own = root / "published/organismes/O3.duckdb"
    rows = _ask(own, "vague, score_code, valeur, base, statut", "perimetre_type = 'organisme'")
    assert rows == [
        ("V1", "RECO", 60.0, 50, "V"), ("V1", "SAT", 66.0, 50, "V"), ("V2", "SAT", 80.0, 40, "V"),
    ]  # fmt: skip
    assert len(_ask(own, "vague", "perimetre_type = 'region'")) == 4


def test_scores_stand_beside_the_answers_and_change_none(root: Path) -> None:
    with duckdb.connect(str(root / "published/observatoire.duckdb"), read_only=True) as edition:
        covered = edition.sql("select distinct statut, nb_entretiens from observatoire.obs_couverture").fetchall()
        assert covered == [("inclus", 12)]
        states = edition.sql(
            "select distinct regle from observatoire.obs_qualite where fichier like '%scores%'"
        ).fetchall()
    rules = {rule for (rule,) in states}
    assert "score_hors_bornes" in rules and not rules & {"strate_inconnue", "poids_invalide", "entretiens_du_plan"}


def test_the_page_prints_them_in_a_section_of_their_own(root: Path) -> None:
    page = (root / "reports/courant/index.html").read_text(encoding="utf-8")
    section = page[page.index('<section id="scores"') :].split("</section>")[0]
    assert "Score de satisfaction" in section and "Taux de recommandation" in section and "Élevé" in section
    assert (
        'data-cell="fct_score|vague=V2&amp;perimetre_type=region&amp;perimetre=region&amp;score_code=SAT|valeur"'
        in section
    )
    # a verdict on scores is about what is established, and not about what matters
    assert "quelle que soit son ampleur" in section and "notable" not in section


def _columns(lines: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """What a printed section says of each score: value, bounds, base, gap; the word where there is none."""
    said = [
        [line["valeur"], *(line["bornes"] or [line["sans_intervalle"]]), line["base"], line["ecart"]] for line in lines
    ]
    return [tuple(str(figure.get("t", figure.get("x"))) for figure in row) for row in said]


def _of_the_page(root: Path) -> list[tuple[str, ...]]:
    page = (root / "reports/courant/index.html").read_text(encoding="utf-8")
    section = page[page.index('<section id="scores"') :].split("</section>")[0]
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", section, re.DOTALL)
    found = []
    for row in rows:
        cells = re.findall(r'<td class="n">(.*?)</td>', row, re.DOTALL)
        figures = [re.findall(r"<data [^>]*>(.*?)</data>", cell) or ["–"] for cell in cells]
        found.append(tuple(html.unescape(figure).strip() for cell in figures for figure in cell))
    return found


def test_page_letter_and_leaflets_print_the_same_figures(root: Path) -> None:
    programme = load_programme(root).config
    path = root / "published/observatoire.duckdb"
    [section] = [letter(path, programme)["scores"]]
    assert _columns(section["lignes"]) == _of_the_page(root)
    assert [line["verdict"]["mot"] for line in section["lignes"] if line["verdict"]] == ["en hausse"]
    for code, (value, base) in SECOND.items():
        own = leaflet(root / f"published/organismes/{code}.duckdb", code, programme)["scores"]
        assert own["chapo"] == section["chapo"] and own["entetes"] == section["entetes"]
        first = own["lignes"][0]
        assert (first["valeur"]["t"], first["base"]["t"]) == (f"{value:.1f}".replace(".", ","), str(base))
        assert first["region"]["t"] == section["lignes"][0]["valeur"]["t"]
        # what is printed is what the page of the leaflet shows, and its PDF
        folder = root / f"published/livrets/courant/{code}"
        shown = (folder / "index.html").read_text(encoding="utf-8")
        for line in own["lignes"]:
            assert f">{line['valeur']['t']}</data>" in shown
            assert line["valeur"]["t"] in everything(folder / "livret.pdf")
    printed = everything(root / "reports/courant/lettre.pdf")
    assert all(line["valeur"]["t"] in printed and line["libelle"] in printed for line in section["lignes"])


def test_a_leaflet_has_the_scores_of_its_own_organisme_and_of_the_region_only(root: Path) -> None:
    for code in SECOND:
        shown = (root / f"published/livrets/courant/{code}/index.html").read_text(encoding="utf-8")
        section = shown[shown.index('<section aria-labelledby="scores"') :].split("</section>")[0]
        keys = set(re.findall(r'data-key="[^"]*perimetre=(\w+)', section))
        assert keys == {"region", code}


def test_the_regional_workbook_has_the_scores(root: Path) -> None:
    [path] = (root / "reports/courant/donnees").glob("*.xlsx")
    with zipfile.ZipFile(path) as book:
        assert 'name="fct_score"' in book.read("xl/workbook.xml").decode()
