"""A rollback that cannot be done whole is refused before anything moves, and says why; one that was cut short is ended by the next."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import PublicationRefused
from orchestration.extracts.inventory import take_inventory
from orchestration.installation import rollback
from orchestration.programme import load_programme
from orchestration.publication.aside import unwanted
from orchestration.publication.currency import NOTHING_NEW, nothing_to_publish
from orchestration.publication.editions import Editions
from tests.support.demo import KEY, REPOSITORY, observatoire
from tests.support.installations import flip, tree

OLD, NEW = "V2-0.0", "V2-9.9"
LINKS = ("published/courante", "reports/courant", "published/livrets/courant")


def _shown(root: Path) -> list[str]:
    return [(root / link).readlink().name for link in LINKS]


def _rollback(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Rolls back by an account to which modes apply: root's own right to pass over them is taken away."""
    plain = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    if plain and not shutil.which("setpriv"):
        pytest.skip("setpriv is not on this machine: apt install util-linux")
    command = [*plain, str(REPOSITORY / ".venv/bin/python"), "-m", "orchestration.cli", "rollback", *arguments]
    environment = {**os.environ, "OBSERVATOIRE_DATA": str(root), "OBSERVATOIRE_CLE": KEY}
    return subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("folder", ["reports", "published/livrets", "published"])
def test_where_a_folder_cannot_be_written_nothing_moves_and_the_same_command_ends_it_later(
    root: Path, folder: str
) -> None:
    mode = (root / folder).stat().st_mode
    (root / folder).chmod(0o555)
    before = tree(root)
    done = _rollback(root)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False), done.stderr
    assert done.stderr.startswith("Refusé : Droits insuffisants") and str(root / folder) in done.stderr
    assert tree(root) == before and _shown(root) == [NEW] * 3
    (root / folder).chmod(mode)
    assert _rollback(root).returncode == 0
    assert _shown(root) == [OLD] * 3 and unwanted(root / "published") == {NEW}


@pytest.mark.parametrize("folder", ["reports", "published/livrets"])
def test_a_file_in_the_place_of_a_folder_is_one_sentence_before_anything_moves(root: Path, folder: str) -> None:
    shutil.rmtree(root / folder)
    (root / folder).write_text("un fichier", encoding="utf-8")
    before = tree(root)
    done = observatoire(root, "rollback")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Refusé : {root / folder} n'est pas un dossier ; l'ôter, puis relancer. Rien n'a changé.\n"
    assert tree(root) == before


@pytest.mark.parametrize("reached", ["go_back", "show"])
def test_what_was_cut_short_is_ended_by_the_same_command(
    root: Path, monkeypatch: pytest.MonkeyPatch, reached: str
) -> None:
    """As a full disk would, after all that was tried beforehand."""
    programme = load_programme(root)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(rollback, reached, full)
        with pytest.raises(
            PublicationRefused, match=r"^Le disque est plein .* « observatoire rollback V2-0.0 » le finit"
        ):
            rollback.roll_back(programme, None, "")
    assert _shown(root) == ([NEW] * 3 if reached == "go_back" else [OLD, NEW, NEW])
    assert rollback.roll_back(programme, None, "").choice.edition == OLD
    assert _shown(root) == [OLD] * 3 and unwanted(root / "published") == {NEW}


def test_what_is_missing_is_printed_before_anything_moves(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programme = load_programme(root)
    shutil.rmtree(root / "reports" / OLD)

    def refused(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("orchestration.reporting.letter.printing.print_letter", refused)
        with pytest.raises(OSError, match="No space"):
            rollback.roll_back(programme, None, "")
    assert _shown(root) == [NEW] * 3 and unwanted(root / "published") == set()
    assert observatoire(root, "rollback").returncode == 0
    assert _shown(root) == [OLD] * 3 and (root / "reports" / OLD / "lettre.pdf").is_file()


def _manifest(edition: Path) -> None:
    path = edition / "manifeste.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(said | {"entrees": {}}), encoding="utf-8")


DAMAGES: list[tuple[str, Callable[[Path], object]]] = [
    ("organismes/O1.duckdb manque, ou n'est plus", lambda edition: flip(edition / "organismes/O1.duckdb")),
    ("dim_vague.parquet manque, ou n'est plus", lambda edition: (edition / "donnees/dim_vague.parquet").unlink()),
    ("manifeste.json est abîmé", lambda edition: (edition / "manifeste.json").write_bytes(b"[]")),
    ("manifeste.json ne dit plus ce que dit", _manifest),
    ("intrus.csv n'est pas de cette édition", lambda edition: (edition / "intrus.csv").touch()),
]


@pytest.mark.parametrize(("said", "damage"), DAMAGES, ids=[case[0] for case in DAMAGES])
def test_a_damaged_edition_is_not_come_back_to_and_the_list_says_so(
    root: Path, said: str, damage: Callable[[Path], object]
) -> None:
    damage(root / "published/editions" / OLD)
    listed = csv.DictReader(io.StringIO(observatoire(root, "editions", columns=None).stdout))
    assert {row["edition"]: row["abimee"] for row in listed} == {OLD: "oui", NEW: "non"}
    done = observatoire(root, "rollback", OLD)
    assert (done.returncode, said in done.stderr) == (1, True), done.stderr
    back = f"« observatoire restore FICHIER --seulement published/editions/{OLD} --remplacer »"
    assert ("l'ôter" if "intrus" in said else back) in done.stderr and "observatoire run" not in done.stderr
    done = observatoire(root, "rollback")
    assert done.returncode == 1 and f"Aucune édition antérieure ne peut être remise en place : {OLD} est" in done.stderr
    assert said in done.stderr and _shown(root) == [NEW] * 3


def test_what_a_desktop_leaves_in_an_edition_is_no_damage(root: Path) -> None:
    for name in ("Thumbs.db", "donnees/.DS_Store", "organismes/desktop.ini"):
        (root / "published/editions" / OLD / name).touch()
    assert "non\n" in observatoire(root, "editions", columns=None).stdout
    assert "oui\n" not in observatoire(root, "editions", columns=None).stdout
    assert observatoire(root, "rollback", OLD).returncode == 0


def test_where_an_edition_was_set_aside_the_refusal_names_it_and_why(root: Path) -> None:
    assert observatoire(root, "rollback", "--motif", "barème à revoir").returncode == 0
    done = observatoire(root, "rollback")
    assert done.returncode == 1
    assert "Aucune édition antérieure n'est gardée ; " in done.stderr
    assert f"remettre {NEW}, qui a été écartée le " in done.stderr and "(barème à revoir)" in done.stderr
    done = observatoire(root, "rollback", NEW)
    assert (done.returncode, done.stdout) == (0, f"Édition courante : {NEW} (avant : {OLD}).\n")
    assert _shown(root) == [NEW] * 3
    done = observatoire(root, "rollback", NEW)
    assert done.returncode == 0 and f"Édition courante : {NEW}, comme avant" in done.stdout


def test_a_damaged_list_of_those_set_aside_stops_a_run_that_has_nothing_new(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", KEY)
    assert observatoire(root, "rollback").returncode == 0
    programme = load_programme(root)
    inventory = take_inventory(programme, looking=True)
    assert nothing_to_publish(programme, inventory) == NOTHING_NEW
    (root / "published/ecartees.json").write_bytes(b"[")
    with pytest.raises(PublicationRefused, match=r"ecartees\.json est abîmé"):
        nothing_to_publish(programme, inventory)


@pytest.mark.parametrize("body", [b"[]", b""])
def test_a_damaged_edition_that_is_left_is_set_aside_all_the_same(root: Path, body: bytes) -> None:
    current = root / "published/editions" / NEW
    (current / "manifeste.json").write_bytes(body)
    done = observatoire(root, "rollback", "--motif", "fautive")
    assert (done.returncode, _shown(root)) == (0, [OLD] * 3), done.stderr
    assert unwanted(root / "published") == {NEW}
    # that it could not be told is told
    assert observatoire(root, "rollback", OLD).returncode == 0
    with duckdb.connect(str(root / "published/editions" / OLD / "edition.duckdb"), read_only=True) as connection:
        assert connection.sql("select edition from observatoire.meta_edition").fetchall() == [(OLD,)]


def test_where_nothing_says_what_an_edition_was_made_from_that_is_told(root: Path) -> None:
    current = root / "published/editions" / NEW
    for name in ("manifeste.json", "edition.duckdb", "donnees/meta_edition.parquet"):
        (current / name).chmod(0o644)
        (current / name).write_bytes(b"[]")
    done = observatoire(root, "rollback")
    assert (done.returncode, _shown(root)) == (0, [OLD] * 3), done.stderr
    assert f"Plus rien ne dit de quoi l'édition {NEW} était faite" in done.stdout
    # it is known to have been left, although no inputs make what nothing tells of
    assert unwanted(root / "published") == {NEW}


@pytest.mark.parametrize("arguments", [("rollback",), ("run",), ("backup", "{elsewhere}")])
def test_a_folder_in_the_place_of_the_lock_is_one_sentence(
    root: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    lock = root / "warehouse/run.verrou"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    done = observatoire(root, *(argument.format(elsewhere=tmp_path) for argument in arguments))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith(
        f"Un dossier se trouve là où le chemin veut un fichier ({lock}) ; l'ôter, puis relancer.\n"
    )
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_the_store_alone_knows_which_edition_to_lead_readers_to_where_the_link_is_gone(root: Path) -> None:
    """What is printed still says which one they read, which need not be the last."""
    assert observatoire(root, "rollback", OLD).returncode == 0
    assert observatoire(root, "rollback", NEW).returncode == 0
    assert observatoire(root, "rollback", OLD).returncode == 0
    (root / "published/ecartees.json").unlink()
    (root / "published/courante").unlink()
    assert observatoire(root, "rollback").returncode == 0
    assert Editions(root / "published").current() == OLD and _shown(root) == [OLD] * 3
