"""A wave that has published scores and nobody's answers: it is published, and says so wherever it is printed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from orchestration.programme import load_programme
from orchestration.reporting.leaflet.content import leaflet
from orchestration.reporting.letter.content import letter
from tests.support.demo import observatoire
from tests.support.mini import mini_contract, write_contract, write_csv
from tests.support.mini import row as interview
from tests.support.paper import everything
from tests.support.scores import declare_scores, deliver_scores
from tests.support.small import small_programme

SAID = "Aucun entretien en V2 : seuls des scores établis par d'autres sont publiés."


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("’", "'").replace("&#39;", "'")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small programme, whose second wave is two organismes' scores: no contract reads an answer of it."""
    root = small_programme(tmp_path_factory.mktemp("scores-seuls"), base_minimale=10)
    (root / "contracts/i-v2.yaml").unlink()
    for path in (root / "landing/V2").iterdir():
        path.unlink()
    declare_scores(root)
    deliver_scores(root, ["O1;79;120;1.5;70;118", "O2;66;80;1.5;DI;"])
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Attendus en V2 et non reçus : O3." in done.stdout
    assert re.search(r"V2 +1 +2 +0 +2 +0 +0", done.stdout), done.stdout
    return root


def test_its_coverage_is_that_of_its_scores(root: Path) -> None:
    with duckdb.connect(str(root / "published/observatoire.duckdb"), read_only=True) as edition:
        covered = edition.sql(
            "select organisme_code, statut, motif_code, nb_entretiens from observatoire.obs_couverture where vague = 'V2' order by 1"
        ).fetchall()
        regional = edition.sql(
            "select score_code, base, nb_organismes, statut from observatoire.fct_score where vague = 'V2' order by 1"
        ).fetchall()
        [(asked,)] = edition.sql("select count(*) from observatoire.fct_satisfaction where vague = 'V2'").fetchall()
    assert covered == [
        ("O1", "inclus", "scores_seuls", 0),
        ("O2", "inclus", "scores_seuls", 0),
        ("O3", "attendu", "livraison_non_recue", 0),
    ]
    # the rate is one organisme's: the region's would be its own
    assert regional == [("RECO", None, None, "S"), ("SAT", 200, 2, "V")]
    assert asked == 0


def test_page_letter_and_leaflets_say_that_there_are_no_interviews(root: Path) -> None:
    page = _plain((root / "reports/courant/index.html").read_text(encoding="utf-8"))
    assert _plain(SAID) in page and 'id="scores"' in page
    # no question of another wave is printed as if this one had asked it, and no list says that nothing rose
    assert 'id="essentiel"' not in page and "Q-G1" not in page and "Aucune hausse" not in page
    assert "nan" not in page.lower().split() and "inf" not in page.lower().split()
    programme = load_programme(root).config
    told = letter(root / "published/observatoire.duckdb", programme)
    assert _plain(told["profil"]["phrase"]) == _plain(SAID)
    assert (told["themes"], told["essentiel"]["ensemble"]) == ([], None)
    assert _plain(SAID)[:40] in _plain(everything(root / "reports/courant/lettre.pdf"))
    for code in ("O1", "O2", "O3"):
        content = leaflet(root / f"published/organismes/{code}.duckdb", code, programme)
        assert _plain(content["sans_entretiens"]) == _plain(SAID)
        assert (content["themes"], content["ensemble"]) == ([], None)
        assert (content["scores"] is None) == (code == "O3")
        folder = root / f"published/livrets/courant/{code}"
        assert _plain(SAID)[:40] in _plain((folder / "index.html").read_text(encoding="utf-8"))
        assert _plain(SAID)[:40] in _plain(everything(folder / "livret.pdf"))


def test_status_knows_the_edition_and_who_is_missing(root: Path) -> None:
    done = observatoire(root, "status", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.dumps(json.loads(done.stdout), ensure_ascii=False)
    assert "V2-" in said and "O3" in said


def test_where_a_contract_awaits_answers_scores_do_not_stand_for_them(root: Path, tmp_path: Path) -> None:
    again = small_programme(tmp_path, base_minimale=10)
    for path in (again / "landing/V2").iterdir():
        path.unlink()
    body = mini_contract("V2", organisme={"nom_fichier": r"^(O\d)\.csv$"}, ignorees=["ORG"], fichiers=["O?.csv"])
    write_contract(again, body)
    declare_scores(again)
    deliver_scores(again, ["O1;79;120;1.5;70;118", "O2;66;80;1.5;DI;"])
    done = observatoire(again, "run")
    assert done.returncode == 1
    assert "0 % du parc attendu consolidé" in _plain(done.stdout + done.stderr)
    # the answers that come make it a wave like another: the scores stay beside them
    for code in ("O1", "O2"):
        rows = [
            interview(str(i), ORG=code, Q1=str(1 + i % 4), TC="CI"[i % 2], Q2="" if i % 2 else "2", Q4="3")
            for i in range(12)
        ]
        write_csv(again / f"landing/V2/{code}.csv", rows)
    done = observatoire(again, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    with duckdb.connect(str(again / "published/observatoire.duckdb"), read_only=True) as edition:
        [(reasons, interviews)] = edition.sql(
            "select count(*) filter (motif_code = 'scores_seuls'), sum(nb_entretiens) from observatoire.obs_couverture where vague = 'V2'"
        ).fetchall()
    assert (reasons, interviews) == (0, 24)
