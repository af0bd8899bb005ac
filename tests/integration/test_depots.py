"""Deliveries fetched from real servers: OpenSSH, S3, WebDAV; cut short, still being sent, badly named."""

from __future__ import annotations

import hashlib
import logging
import os
import random
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.depots.fetching import Passage
from orchestration.programme import Programme
from tests.support.depot_servers import Server, s3_server, sftp_server, sshd, webdav_server
from tests.support.depots import Clock, folder_depot, landed, registered, with_depots

SERVERS = {"sftp": sftp_server, "s3": s3_server, "webdav": webdav_server}
# More than what is asked of a server at once, so that a cut leaves something of it.
LARGE = random.Random(1).randbytes(12 << 20)
HOSTILE = ["CON", "con.csv", "a:b.csv", "a\\b.csv", "x" * 230 + ".csv"]


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    if request.param == "sftp" and sshd() is None:
        pytest.skip("sshd is not installed (Debian: apt install openssh-server)")
    folder = tmp_path / "serveur"
    folder.mkdir()
    with SERVERS[request.param](folder) as running:
        yield running


@pytest.fixture
def programme(server: Server, tmp_path: Path) -> Programme:
    return with_depots(tmp_path / "programme", {"nom": "institut", "vague": "V2", **server.depot})


def _pass(programme: Programme, server: Server, clock: Clock | None = None) -> Passage:
    [passage] = (clock or Clock()).passage(programme, server.environment)
    return passage


def test_a_file_arrives_whole_with_its_origin_and_stays_in_the_depot(server: Server, programme: Programme) -> None:
    server.put("extrait.csv", b"a;b\n1;2\n")
    clock = Clock()
    first, second = _pass(programme, server, clock), _pass(programme, server, clock)
    assert (first.arrived, first.failures, second.arrived, second.known) == (["V2/extrait.csv"], [], [], 1)
    assert landed(programme) == {"V2/extrait.csv": b"a;b\n1;2\n"}
    assert clock.waited == [60.0], "what arrived already is not waited for"
    [line] = registered(programme)
    expected = {
        "depot": "institut",
        "source": "extrait.csv",
        "vague": "V2",
        "fichier": "extrait.csv",
        "taille": "8",
        "sha256": hashlib.sha256(b"a;b\n1;2\n").hexdigest(),
    }
    assert {key: line[key] for key in expected} == expected
    assert line["serveur"] == "/".join(str(server.depot["url"]).split("/")[:3])
    assert server.files() == {"extrait.csv": b"a;b\n1;2\n"}


def test_folders_named_as_waves_fill_those_of_landing(server: Server, tmp_path: Path) -> None:
    programme = with_depots(tmp_path / "vagues", {"nom": "institut", **server.depot})
    for name in ("V1/un.csv", "V2/deux.csv", "V9/trois.csv", "quatre.csv"):
        server.put(name, b"x")
    passage = _pass(programme, server)
    assert sorted(landed(programme)) == ["V1/un.csv", "V2/deux.csv"]
    assert {place: why.split(" ;")[0] for place, why in passage.refused.items()} == {
        "V9": "ce dossier n'est pas celui d'une vague",
        "quatre.csv": "hors du dossier d'une vague",
    }


def test_a_file_that_is_still_being_sent_is_left(server: Server, programme: Programme) -> None:
    server.put("extrait.csv", b"deb")
    clock = Clock(meanwhile=lambda: server.put("extrait.csv", b"debut et s"))
    growing = _pass(programme, server, clock)
    assert (growing.moving, landed(programme)) == (["extrait.csv"], {})
    clock.meanwhile = lambda: None
    server.put("extrait.csv", b"debut et suite")
    whole = _pass(programme, server, clock)
    assert (whole.moving, landed(programme)) == ([], {"V2/extrait.csv": b"debut et suite"})


def test_what_a_cut_left_is_gone_on_with(server: Server, programme: Programme) -> None:
    server.put("a_grand.csv", LARGE)
    server.put("z_petit.csv", b"petit")
    clock = Clock(meanwhile=lambda: server.wire.cut_after(9 << 20))
    cut = _pass(programme, server, clock)
    assert "a_grand.csv : " in cut.failures[0]
    assert (cut.arrived, landed(programme)) == ([], {}), "half a file is no delivery"
    [part] = (programme.root / "landing/V2").iterdir()
    kept = part.stat().st_size
    assert 0 < kept < len(LARGE) and part.name.startswith(".")

    server.wire.lay()
    clock.meanwhile = lambda: None
    resumed = _pass(programme, server, clock)
    assert (resumed.arrived, resumed.failures) == (["V2/a_grand.csv", "V2/z_petit.csv"], [])
    assert landed(programme)["V2/a_grand.csv"] == LARGE
    assert server.wire.received < len(LARGE) - kept + (4 << 20), "what was there already is not sent again"


def test_what_a_cut_left_of_a_file_that_changed_is_thrown_away(server: Server, programme: Programme) -> None:
    server.put("extrait.csv", LARGE)
    clock = Clock(meanwhile=lambda: server.wire.cut_after(9 << 20))
    _pass(programme, server, clock)
    server.wire.lay()
    other = LARGE[::-1] + b"x"
    server.put("extrait.csv", other)
    clock.meanwhile = lambda: None
    _pass(programme, server, clock)
    assert landed(programme) == {"V2/extrait.csv": other}
    assert len(list((programme.root / "landing/V2").iterdir())) == 1


def test_a_file_that_changes_while_it_is_downloaded_waits(
    server: Server, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.depots.places import Entry, Place

    server.put("extrait.csv", b"avant")
    reading = Place.read

    def changing(place: Place, entry: Entry, offset: int) -> Iterator[bytes]:
        yield from reading(place, entry, offset)
        server.put("extrait.csv", b"apres et plus long")

    monkeypatch.setattr(Place, "read", changing)
    passage = _pass(programme, server)
    assert (passage.moving, landed(programme)) == (["extrait.csv"], {})


def test_another_file_under_the_same_name_comes_beside_it(server: Server, programme: Programme) -> None:
    clock = Clock()
    for content in (b"un", b"deux, corrige", b"trois, corrige encore"):
        server.put("extrait.csv", content)
        _pass(programme, server, clock)
    server.remove("extrait.csv")
    assert _pass(programme, server, clock).arrived == []
    assert landed(programme) == {
        "V2/extrait.csv": b"un",
        "V2/extrait (2).csv": b"deux, corrige",
        "V2/extrait (3).csv": b"trois, corrige encore",
    }


def test_the_same_bytes_deposited_again_are_no_delivery(server: Server, programme: Programme) -> None:
    clock = Clock()
    server.put("extrait.csv", b"un")
    _pass(programme, server, clock)
    known = registered(programme)[0]["marque"]
    server.remove("extrait.csv")
    server.put_later("extrait.csv", b"un")
    passage = _pass(programme, server, clock)
    assert passage.arrived == []
    assert landed(programme) == {"V2/extrait.csv": b"un"}
    assert registered(programme)[-1]["marque"] != known
    assert _pass(programme, server, clock).known == 1


def test_hostile_names_are_refused_one_by_one_and_the_others_come(server: Server, programme: Programme) -> None:
    accents = [unicodedata.normalize(form, "été.csv") for form in ("NFC", "NFD")]
    names = [*HOSTILE, *accents]
    if server.depot["url"].startswith("s3"):
        # the test server takes no key with a line break
        names += ["../dehors.csv", "/absolu.csv", "signe\x01.csv"]
    else:
        names += ["retour\nligne.csv"]
    if server.depot["url"].startswith("sftp"):
        files = programme.root.parent / "serveur/files"
        (files / "lien.csv").symlink_to("/etc/hostname")
        Path(os.fsdecode(os.fsencode(files) + b"/latin\xe9.csv")).write_bytes(b"x")
        names += ["lien.csv", "latin"]
    for name in names:
        if name not in ("lien.csv", "latin"):
            server.put(name, b"x")
    server.put("bon été 100%#1.csv", b"bon")
    passage = _pass(programme, server)
    assert landed(programme) == {"V2/bon été 100%#1.csv": b"bon"}
    assert passage.failures == []
    assert len(passage.refused) == len(names), passage.refused
    assert all(reason.endswith(".") and " ; " in reason for reason in passage.refused.values())
    assert not any("\n" in place for place in passage.refused)
    assert not (programme.root / "landing/dehors.csv").exists()


@pytest.mark.parametrize("server", ["sftp", "webdav"], indirect=True)
def test_a_wrong_secret_is_said_to_be_one(server: Server, programme: Programme) -> None:
    if "OBSERVATOIRE_DEPOT_CLE" in server.environment:
        other = programme.root.parent / "autre"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
        wrong = server.environment | {"OBSERVATOIRE_DEPOT_CLE": other.read_text()}
    else:
        wrong = server.environment | {"OBSERVATOIRE_DEPOT_SECRET": "un-faux-secret"}
    [passage] = Clock().passage(programme, wrong)
    assert passage.failures == ["accès refusé ; vérifier le compte, son secret et ses droits."]


@pytest.mark.parametrize("server", ["sftp"], indirect=True)
def test_a_server_with_a_key_of_another_kind_is_told_as_one_whose_key_changed(
    server: Server, programme: Programme, tmp_path: Path
) -> None:
    """It ends the conversation: nothing that it says names its key."""
    known = Path(str(server.depot["hotes_connus"]))
    place = known.read_text().split()[0]
    kept = known.read_bytes()
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", str(tmp_path / "autre")], check=True)
    known.write_text(f"{place} {(tmp_path / 'autre.pub').read_text()}")
    [changed] = Clock().passage(programme, server.environment)
    known.write_text("# clés\nlorem\n")
    [malformed] = Clock().passage(programme, server.environment)
    known.write_bytes(b"\xff\xfe\x00")
    [unread] = Clock().passage(programme, server.environment)
    known.unlink()
    known.mkdir()
    [folder] = Clock().passage(programme, server.environment)
    known.rmdir()
    known.write_bytes(kept)
    assert f"Un dossier se trouve là où le chemin veut un fichier ({known})" in folder.failures[0]
    assert f"n'est plus celle que dit {known}" in changed.failures[0]
    assert f"{known}, ligne 2 : ce n'est pas la clé d'un serveur" in malformed.failures[0]
    assert f"{known} n'est pas un fichier de texte" in unread.failures[0]


@pytest.mark.parametrize("server", ["sftp"], indirect=True)
def test_a_server_whose_key_is_not_known_is_not_trusted(server: Server, programme: Programme) -> None:
    server.put("extrait.csv", b"x")
    known = Path(str(server.depot["hotes_connus"]))
    trusted = known.read_text()
    place, kind, _ = trusted.split()[:3]
    own = (programme.root.parent / "serveur/user.pub").read_text().split()[1]
    known.write_text(f"{place} {kind} {own}\n")
    [changed] = Clock().passage(programme, server.environment)
    known.write_text(f"{trusted}@revoked {trusted}")
    [revoked] = Clock().passage(programme, server.environment)
    known.write_text("")
    [unknown] = Clock().passage(programme, server.environment)
    known.unlink()
    [nowhere] = Clock().passage(programme, server.environment)
    [other], [absent] = changed.failures, unknown.failures
    assert f"n'est plus celle que dit {known}" in other and "ssh-keygen -R" in other
    assert f"n'est pas dans {known}" in absent and "ssh-keyscan" in absent
    assert f"est révoquée dans {known}" in revoked.failures[0] and "nouvelle" in revoked.failures[0]
    assert other.endswith("»).") and absent.endswith("»).")
    assert f"{known} n'existe pas" in nowhere.failures[0]
    assert landed(programme) == {}


def test_a_server_that_does_not_answer_stops_no_other(server: Server, tmp_path: Path) -> None:
    elsewhere = folder_depot(tmp_path / "ailleurs")
    (tmp_path / "ailleurs/autre.csv").write_bytes(b"autre")
    programme = with_depots(tmp_path / "deux", {"nom": "institut", "vague": "V2", **server.depot}, elsewhere)
    server.wire.cut()
    silent, other = Clock().passage(programme, server.environment)
    assert len(silent.failures) == 1 and "il ne répond pas" in silent.failures[0]
    assert other.arrived == ["V2/autre.csv"]


def test_no_account_and_no_secret_is_said_or_written(
    server: Server, programme: Programme, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server.put("extrait.csv", LARGE)
    clock = Clock(meanwhile=lambda: server.wire.cut_after(1 << 20))
    said = repr(_pass(programme, server, clock))
    server.wire.lay()
    clock.meanwhile = lambda: None
    wrong = dict.fromkeys(server.environment, "un-faux-secret")
    said += repr(_pass(programme, server, clock)) + repr(Clock().passage(programme, wrong))
    # two of the servers write their own journals in this process
    said += "".join(r.getMessage() for r in caplog.records if not r.name.startswith(("wsgidav", "werkzeug")))
    written = [path for path in (programme.root / "landing").rglob("*") if path.is_file()]
    said += "".join(path.read_text("utf-8") for path in written if path.suffix != ".csv" or path.name == "depots.csv")
    # the account of the tests' SFTP server is that of whoever runs them, a word like any other
    secrets = [value for name, value in server.environment.items() if not name.endswith("COMPTE") or len(value) > 8]
    assert not [secret for secret in (*secrets, "un-faux-secret") if secret in said]
