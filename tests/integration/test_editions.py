"""From one edition to the next and back: what changed and why, what a rollback leaves, what the next run does then."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.files import file_sha256
from tests.support.demo import observatoire
from tests.support.place import put_back
from tests.support.small import new_answers, published


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A programme published twice: before and after an organisme's answers were delivered anew, and a file refused."""
    root = published()
    new_answers(root)
    _refused_file(root, "vide.csv")
    _exclude(root)
    _run(root)
    return shutil.copytree(root, tmp_path_factory.mktemp("editions") / "programme", symlinks=True)


@pytest.fixture
def programme(twice: Path) -> Path:
    return put_back(twice)


def _run(root: Path, *options: str) -> str:
    done = observatoire(root, "run", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _exclude(root: Path) -> None:
    done = observatoire(root, "exclude", "V2", "O2", "D1", "--motif", "question posée de travers")
    assert done.returncode == 0, done.stderr


def _refused_file(root: Path, name: str) -> None:
    (root / "landing/V2" / name).write_text(f"{name}\n", encoding="utf-8")


def _current(root: Path) -> tuple[str, str]:
    """Returns the edition readers see, and the one whose report they see."""
    with duckdb.connect(str(root / "published/observatoire.duckdb"), read_only=True) as connection:
        [(edition,)] = connection.sql("select edition from observatoire.meta_edition").fetchall()
    return edition, (root / "reports/courant").readlink().name


def test_an_edition_says_what_it_changes_and_why(programme: Path) -> None:
    note = (programme / "published/courante/changements.md").read_text(encoding="utf-8")
    assert note.startswith("# Édition V2-0.1 : ce qui change depuis V2-0.0")
    assert "fichier modifié : landing/V2/O1.csv" in note
    assert "nouveau fichier : landing/exclusions.csv" in note
    assert "- livraison refusée : vide.csv : colonnes du contrat i-v2 absentes du fichier" in note
    assert "question laissée de côté, D1 de O2 en V2 : question posée de travers" in note
    assert "V2, O1 : inclus ; 12 entretiens, puis 12" in note
    with duckdb.connect() as session:
        for alias, edition in (("a", "V2-0.0"), ("b", "V2-0.1")):
            session.execute(f"attach '{programme}/published/editions/{edition}/edition.duckdb' as {alias} (read_only)")
        [(before, after)] = session.execute(
            "select a.note_moyenne, b.note_moyenne from a.observatoire.obs_indicateur as a"
            " inner join b.observatoire.obs_indicateur as b using (question_code, vague)"
            " where question_code = 'G1' and vague = 'V2'"
        ).fetchall()
    shown = [f"{value:.3f}".replace(".", ",") for value in (before, after)]
    assert shown[0] != shown[1]
    [line] = [line for line in note.splitlines() if line.startswith("| G1 ") and "| V2 |" in line]
    assert line.split(" | ")[2:4] == shown
    said = observatoire(programme, "diff", "V2-0.0", "V2-0.1").stdout
    assert "fichier modifié : landing/V2/O1.csv" in said and shown[0] in said and shown[1] in said
    piped = list(csv.DictReader(io.StringIO(observatoire(programme, "diff", "V2-0.0", "V2-0.1", columns=None).stdout)))
    [moved] = [row for row in piped if row["question_code"] == "G1" and row["vague"] == "V2"]
    assert [float(moved[f"note_{side}"]) for side in ("avant", "apres")] == [before, after]
    assert "fichier modifié : landing/V2/O1.csv" in [row["constat"] for row in piped if row["partie"] == "pourquoi"]
    as_json = json.loads(observatoire(programme, "diff", "V2-0.0", "V2-0.1", "--json").stdout)
    assert (as_json["ancienne"], as_json["nouvelle"], as_json["changements"]) == ("V2-0.0", "V2-0.1", piped)
    assert "Rien" in observatoire(programme, "diff", "V2-0.1", "V2-0.1").stdout
    first = programme / "published/editions/V2-0.0/changements.md"
    assert first.read_text(encoding="utf-8").startswith("Première édition")


def test_the_manifest_names_every_input(programme: Path) -> None:
    manifest = json.loads((programme / "published/courante/manifeste.json").read_text(encoding="utf-8"))
    with duckdb.connect(str(programme / "published/observatoire.duckdb"), read_only=True) as connection:
        entries = dict(connection.sql("select fichier, sha256 from observatoire.meta_entree").fetchall())
    assert manifest["entrees"] == entries
    delivered = {f"landing/{path.parent.name}/{path.name}" for path in programme.glob("landing/*/*.csv")}
    assert set(entries) >= {*delivered, "programme.yaml", "reference/questions.csv", "landing/exclusions.csv"}


def test_what_a_link_leads_to_stands_in_no_edition(programme: Path) -> None:
    """A link in place of a wave's folder is refused; neither a name nor a hash of another folder's files goes out."""
    elsewhere = programme.parent / "ailleurs"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "jamais-vu.csv").write_text("salaires\n", encoding="utf-8")
    (programme / "landing/2019bis").symlink_to(elsewhere)
    said = _run(programme)
    assert "2019bis : c'est un lien" in said and "jamais-vu" not in said
    with duckdb.connect(str(programme / "published/observatoire.duckdb"), read_only=True) as connection:
        entries = str(connection.sql("select * from observatoire.meta_entree").fetchall())
    assert "landing/V2/O1.csv" in entries and "landing/2019bis/" not in entries
    hidden = file_sha256(elsewhere / "jamais-vu.csv").encode()
    kept = [path for name in ("published", "reports") for path in (programme / name).rglob("*") if path.is_file()]
    assert len(kept) > 50
    assert [p for p in kept if any(text in os.fsencode(p) + p.read_bytes() for text in (b"jamais-vu", hidden))] == []


def test_a_rollback_holds_until_something_changes(programme: Path) -> None:
    done = observatoire(programme, "rollback", "--motif", "barème à revoir")
    assert (done.returncode, _current(programme)) == (0, ("V2-0.0", "V2-0.0")), done.stderr
    said = _run(programme)
    assert (
        "l'édition V2-0.1, dont les livraisons donnent encore les chiffres, a été écartée le" in said
        and "(barème à revoir)" in said
    )
    assert _current(programme) == ("V2-0.0", "V2-0.0")
    # a file that is refused meanwhile brings the figures that were left back to nobody
    _refused_file(programme, "encore.csv")
    said = _run(programme)
    assert (
        "l'édition V2-0.1, dont les livraisons donnent encore les chiffres, a été écartée le" in said
        and "encore.csv : colonnes" in said
    )
    assert _current(programme) == ("V2-0.0", "V2-0.0")
    (programme / "landing/V2/encore.csv").unlink()
    unknown = observatoire(programme, "rollback", "V2-9.9")
    assert (unknown.returncode, "V2-9.9" in unknown.stderr) == (1, True)
    # back to the edition set aside: it is wanted again
    assert observatoire(programme, "rollback", "V2-0.1").returncode == 0
    assert "rien de nouveau" in _run(programme)
    assert _current(programme) == ("V2-0.1", "V2-0.1")


@pytest.mark.long
def test_what_was_set_aside_is_not_published_by_a_rebuild_but_by_a_decision(programme: Path) -> None:
    assert observatoire(programme, "rollback").returncode == 0
    shutil.rmtree(programme / "lake")
    # the report of the edition come back to is printed again where it is gone
    shutil.rmtree(programme / "reports")
    done = observatoire(programme, "run")
    assert (done.returncode, "V2-0.1" in done.stdout) == (0, True), done.stdout + done.stderr
    assert _current(programme) == ("V2-0.0", "V2-0.0")
    assert observatoire(programme, "rollback", "V2-0.0").returncode == 0
    assert _current(programme) == ("V2-0.0", "V2-0.0")
    assert "publiée" in _run(programme, "--publier")
    assert _current(programme) == ("V2-0.2", "V2-0.2")
    assert "rien de nouveau" in _run(programme)


@pytest.mark.slow
def test_a_final_wave_is_corrected_under_a_new_number(programme: Path) -> None:
    waves = programme / "reference/vagues.csv"
    waves.write_text(waves.read_text(encoding="utf-8").replace(",provisoire,", ",definitive,"), encoding="utf-8")
    _run(programme)
    assert _current(programme)[0] == "V2-1.0"
    new_answers(programme, "4")
    _run(programme)
    assert _current(programme)[0] == "V2-1.1"
    note = (programme / "published/courante/changements.md").read_text(encoding="utf-8")
    assert note.startswith("# Édition V2-1.1 : ce qui change depuis V2-1.0")
    assert "fichier modifié : landing/V2/O1.csv" in note
