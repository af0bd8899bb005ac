"""What is told of editions that are closed, shared with a print, or half set aside; and lists that may not be read."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from orchestration.errors import PublicationRefused
from orchestration.files import file_sha256, write_json
from orchestration.installation import rollback
from orchestration.installation.doctor import examine
from orchestration.installation.findings import Finding, Health
from orchestration.programme import load_programme
from orchestration.publication import going_back
from orchestration.publication.aside import ASIDE, unwanted
from orchestration.publication.editions import FIGURES, Editions
from orchestration.publication.going_back import earlier, named
from orchestration.settings import Settings
from orchestration.summary import editions_of
from tests.support.accounts import ordinary
from tests.support.attributes import immutable
from tests.support.demo import observatoire

OLD, NEW = "V2-0.0", "V2-9.9"


def _told(root: Path) -> list[Finding]:
    return [finding for finding in examine(Settings(root)).found if finding.etat != Health.SOUND]


@pytest.mark.parametrize(
    "place",
    ["published/ecartees.json", "published/renoncees.json", "landing/receptions.csv", f"lake/apports/{NEW}.json"],
)
def test_a_list_that_may_not_be_read_is_not_called_damaged(root: Path, place: str) -> None:
    path = root / place
    if not path.exists():
        path.write_text("{}", encoding="utf-8")
    path.chmod(0)
    with ordinary():
        told = _told(root)
        assert told
        about = [finding for finding in told if str(path) in finding.constat]
    assert [finding for finding in about if "Droits insuffisants" in finding.constat and "chmod" in finding.remede], (
        told
    )
    said = " ".join(finding.constat + finding.remede for finding in told)
    assert "abîmé" not in said and "sauvegarde" not in said and "manque" not in said, told


@pytest.mark.parametrize("closed", ["", "manifeste.json", "edition.duckdb"])
def test_an_edition_that_may_not_be_read_is_not_said_to_be_gone_or_damaged(root: Path, closed: str) -> None:
    path = root / "published/editions" / OLD / closed
    path.chmod(0)
    editions = Editions(root / "published")
    with ordinary():
        for choose in (lambda: named(editions, OLD), lambda: earlier(editions)):
            with pytest.raises(PublicationRefused) as refused:
                choose()
            said = str(refused.value)
            assert str(path) in said and "ne se lit pas, faute de droits" in said and "n'est pas dans" not in said
        listed, damage = editions_of(load_programme(root))
        if not closed:
            assert [row["edition"] for row in listed] == [NEW] and "chmod -R u+rX" in str(damage)
            assert listed[0]["ecartee"] is False
        told = [finding for finding in _told(root) if finding.controle == "editions"]
    assert len(told) == 1 and "faute de droits" in told[0].constat and f"chmod -R u+rX {path}" in told[0].remede


def _shared(root: Path) -> Path:
    """Gives a print second names of its edition's files, as printing does; returns the one that the print shows."""
    edition = root / "published/editions" / NEW
    of_edition = {file_sha256(path): path for path in edition.rglob("*") if path.is_file()}
    found = []
    for path in sorted((root / "reports" / NEW).rglob("*")):
        if path.is_file() and (same := of_edition.get(file_sha256(path))) is not None:
            path.unlink()
            os.link(same, path)
            found.append(same)
    return found[0]


def test_bytes_that_an_edition_shares_with_its_print_are_told_once_with_the_remedy_that_mends_them(root: Path) -> None:
    shared = _shared(root)
    assert _told(root) == []
    shared.chmod(0o644)
    with shared.open("r+b") as file:
        file.seek(shared.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    [told] = _told(root)
    assert told.controle == "editions" and f"--seulement published/editions/{NEW} --remplacer" in told.remede
    # another file of the same print is told all the same
    (root / "reports" / NEW / "index.html").write_bytes(b"x")
    [_, print_] = _told(root)
    assert print_.controle == "imprimes" and "(1) : index.html" in print_.constat


def test_a_rollback_that_stopped_before_the_link_is_told_with_both_ways_out(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editions = Editions(root / "published")

    def killed(self: Editions, edition: str) -> None:
        raise KeyboardInterrupt

    def stop() -> Finding:
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(Editions, "switch", killed)
            going_back.go_back(editions, earlier(editions), "essai")
        [told] = [finding for finding in _told(root) if finding.controle == "editions"]
        assert told.etat == Health.FAULT and f"dit écartée l'édition {NEW}, que les lecteurs voient" in told.constat
        assert "« observatoire rollback »" in told.remede and f"« observatoire rollback {NEW} »" in told.remede
        return told

    stop()
    assert observatoire(root, "rollback", NEW).returncode == 0
    assert unwanted(root / "published") == set() and editions.current() == NEW and _told(root) == []
    stop()
    assert observatoire(root, "rollback").returncode == 0
    assert unwanted(root / "published") == {NEW} and editions.current() == OLD and _told(root) == []


def test_a_list_of_those_set_aside_that_no_longer_names_the_edition_that_was_left_is_told(root: Path) -> None:
    """Emptied, or taken back from before the last rollback: the next run would publish again what somebody refused."""
    assert observatoire(root, "rollback", "--motif", "faute").returncode == 0
    assert not any("ecartees.json" in finding.constat for finding in _told(root))
    (root / "published" / ASIDE).write_text("{}", encoding="utf-8")
    [finding] = [finding for finding in _told(root) if "ecartees.json" in finding.constat]
    assert finding.etat == Health.FAULT and NEW in finding.constat
    # with the figures of the edition that readers see, there is nothing that would be published again
    for edition, rest in ((OLD, "a"), (NEW, "b")):
        path = root / "published/editions" / edition / "manifeste.json"
        write_json(json.loads(path.read_text(encoding="utf-8")) | {"empreinte": "0" * FIGURES + rest * FIGURES}, path)
    assert not any("ecartees.json" in finding.constat for finding in _told(root))


def test_of_what_is_printed_of_older_editions_doctor_says_which_have_nothing(root: Path) -> None:
    shutil.rmtree(root / "reports" / OLD)
    shutil.rmtree(root / "published/livrets" / OLD)
    [finding] = [finding for finding in examine(Settings(root)).found if finding.controle == "imprimes"]
    assert OLD in finding.constat and NEW not in finding.constat


def test_a_report_that_readers_had_and_that_is_gone_is_a_fault(root: Path) -> None:
    shutil.rmtree(root / "reports" / NEW)
    assert Health.FAULT in {finding.etat for finding in examine(Settings(root)).found if finding.controle == "liens"}


def test_a_list_of_those_set_aside_that_was_deleted_is_told_after_a_rollback_only(root: Path) -> None:
    aside = root / "published" / ASIDE
    aside.unlink(missing_ok=True)
    assert _told(root) == []
    assert observatoire(root, "rollback", "--motif", "barème").returncode == 0
    kept = json.loads(aside.read_text(encoding="utf-8"))
    shutil.move(aside, root / "ailleurs.json")
    [told] = _told(root)
    assert told.etat == Health.FAULT and f"a quitté l'édition {NEW}" in told.constat
    assert f"--seulement published/{ASIDE}" in told.remede
    # without a backup: the two commands that it gives
    assert observatoire(root, "rollback", NEW).returncode == 0
    assert observatoire(root, "rollback", OLD, "--motif", "barème").returncode == 0
    assert json.loads(aside.read_text(encoding="utf-8")).keys() == kept.keys()
    (root / "ailleurs.json").unlink()
    assert _told(root) == []


def test_a_publication_that_died_before_it_was_listed_is_no_rollback(root: Path) -> None:
    """The next run lists it: setting aside an edition that nobody left would be wrong."""
    seen = root / "published/historique.txt"
    lines = seen.read_text(encoding="utf-8").splitlines()
    assert lines[-1] == NEW
    seen.write_text("".join(f"{line}\n" for line in lines if line != NEW), encoding="utf-8")
    assert not any("ecartees.json" in finding.constat for finding in _told(root))


@pytest.mark.parametrize("place", [f"published/editions/{OLD}", f"published/livrets/{OLD}", "published/historique.txt"])
def test_what_an_attribute_protects_among_what_readers_have_is_told_with_what_takes_it_off(
    root: Path, place: str
) -> None:
    with immutable(root / place):
        told = [finding for finding in _told(root) if str(root / place) in finding.constat]
        assert [f"chattr -R -i -a {root / place}" in finding.remede for finding in told] == [True]


def test_a_rollback_that_stops_on_its_way_says_that_readers_may_have_moved(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(root / "reports/.courant.1"))

    with monkeypatch.context() as patched:
        patched.setattr(rollback, "show", full)
        with pytest.raises(PublicationRefused, match=f"Le disque est plein.*déjà revenus.*rollback {OLD} »"):
            rollback.roll_back(load_programme(root), None, "essai")
    assert observatoire(root, "rollback", OLD).returncode == 0
    assert Editions(root / "published").current() == OLD and _told(root) == []
