"""What a depot may be and what is fetched from it, by the simplest of them: a folder."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from orchestration.defs.arrivals import demie, releve
from orchestration.defs.resources import ProgrammeFolder
from orchestration.depots import journal
from orchestration.errors import DepotError, ProgrammeError, PublicationRefused
from orchestration.operation import once
from orchestration.operation.alerts import WEBHOOK, Message
from orchestration.operation.arrivals import collect
from orchestration.programme import load_programme
from orchestration.programme.check import check_programme
from tests.support.demo import REPOSITORY
from tests.support.depots import Clock, folder_depot, landed, registered, with_depots

SFTP = {"nom": "a", "url": "sftp://serveur/dossier", "identifiant": "OBSERVATOIRE_DEPOT_A"}
S3 = {"nom": "a", "url": "s3://compartiment", "identifiant": "OBSERVATOIRE_DEPOT_A"}
KEYED = {"mot_de_passe": "OBSERVATOIRE_DEPOT_B"}
LITERAL = "jamais le secret lui-même"


@pytest.mark.parametrize(
    ("depot", "key", "said"),
    [
        (SFTP | {"mot_de_passe": "tiens-le-bien"}, "depots.0.mot_de_passe", LITERAL),
        (SFTP | {"mot_de_passe": 31415926}, "depots.0.mot_de_passe", LITERAL),
        (SFTP | {"mot_de_passe": "TIENS_LE_BIEN"}, "depots.0.mot_de_passe", LITERAL),
        (SFTP | {"cle_privee": "-----BEGIN OPENSSH PRIVATE KEY-----"}, "depots.0.cle_privee", LITERAL),
        (SFTP | KEYED | {"url": "sftp://moi:tiens-le-bien@serveur/d"}, "depots.0.url", "ni compte, ni mot de passe"),
        (SFTP | KEYED | {"url": "sftp://serveur/d?cle=tiens-le-bien"}, "depots.0.url", "ni compte, ni mot de passe"),
        (SFTP | KEYED | {"url": "webdav+http://serveur/d"}, "depots.0.url", "partirait en clair"),
        (S3 | KEYED | {"serveur": "http://serveur"}, "depots.0.serveur", "partirait en clair"),
        (SFTP | KEYED | {"url": "ftp://serveur/d"}, "depots.0.url", "formes admises : file:///dossier"),
        (SFTP | KEYED | {"url": "sftp://serveur:port/d"}, "depots.0.url", "formes admises : file:///dossier"),
        ({"nom": "a", "url": "file://serveur/d"}, "depots.0.url", "formes admises : file:///dossier"),
        (SFTP, "depots.0", "il manque : cle_privee, ou mot_de_passe"),
        (S3, "depots.0", "il manque : mot_de_passe"),
        ({"nom": "a", "url": "file:///d", "serveur": "https://s"}, "depots.0", "sans objet pour un dépôt file : serveur"),
        ({"nom": "a", "url": "file:///d", "stable_secondes": 0}, "depots.0.stable_secondes", "au moins 1 est attendu"),
    ],
)  # fmt: skip
def test_a_depot_at_fault_is_refused_and_what_may_be_a_secret_is_not_quoted(
    tmp_path: Path, depot: dict[str, Any], key: str, said: str
) -> None:
    with pytest.raises(ProgrammeError) as refusal:
        with_depots(tmp_path, depot)
    sentence = str(refusal.value)
    assert f", {key} : " in sentence and said in sentence
    assert not any(secret in sentence.lower() for secret in ("tiens", "31415926", "begin"))


@pytest.mark.parametrize("guide", ["exploitation.md", "programme.md"])
def test_the_depots_of_the_guides_may_be_declared(tmp_path: Path, guide: str) -> None:
    text = (REPOSITORY / "docs" / guide).read_text("utf-8")
    [shown] = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if block.startswith("depots:")]
    declared = yaml.safe_load(shown)["depots"]
    assert [depot.nom for depot in with_depots(tmp_path, *declared).config.depots] == [d["nom"] for d in declared]


def test_two_depots_of_one_name_and_a_wave_that_is_none_are_told(tmp_path: Path) -> None:
    one = folder_depot(tmp_path / "d")
    with pytest.raises(ProgrammeError, match=r"depots : local : deux dépôts de ce nom ; en renommer un\."):
        with_depots(tmp_path, one, one)
    programme = with_depots(tmp_path, one | {"vague": "V9"})
    assert "« V9 » n'est pas dans vagues.csv" in str(check_programme(programme)[0])


def test_only_names_that_are_asked_for_come_and_what_systems_leave_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    programme = with_depots(tmp_path / "p", folder_depot(folder, motif="*.csv"))
    for name in ("a.csv", "lisez-moi.txt", ".cache.csv", "~$a.csv", "b.csv.part"):
        (folder / name).write_bytes(b"x")
    [passage] = Clock().passage(programme)
    assert (passage.arrived, passage.refused) == (["V2/a.csv"], {})


def test_a_file_seen_long_enough_before_is_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    programme = with_depots(tmp_path / "p", folder_depot(folder, stable_secondes=3600))
    (folder / "a.csv").write_bytes(b"x")
    clock = Clock(meanwhile=lambda: (folder / "a.csv").write_bytes(b"xy"))
    assert clock.passage(programme)[0].moving == ["a.csv"]
    clock.now += 3599
    clock.meanwhile = lambda: None
    assert clock.passage(programme)[0].arrived == ["V2/a.csv"]
    assert clock.waited == [3600.0, 1.0]


def test_a_clock_that_is_put_back_makes_no_file_stable(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    programme = with_depots(tmp_path / "p", folder_depot(folder))
    (folder / "a.csv").write_bytes(b"x")
    clock = Clock(meanwhile=lambda: (folder / "a.csv").write_bytes(b"xy"))
    clock.passage(programme)
    clock.now -= 86_400
    clock.meanwhile = lambda: None
    clock.waited.clear()
    clock.passage(programme)
    assert clock.waited == [60.0]


def test_what_a_person_put_under_the_name_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    programme = with_depots(tmp_path / "p", folder_depot(folder))
    (programme.root / "landing/V2").mkdir(parents=True)
    (programme.root / "landing/V2/a.csv").write_bytes(b"d'une personne")
    (folder / "a.csv").write_bytes(b"du depot")
    assert Clock().passage(programme)[0].arrived == ["V2/a (2).csv"]
    assert landed(programme) == {"V2/a.csv": b"d'une personne", "V2/a (2).csv": b"du depot"}


def test_a_crash_before_the_line_of_the_register_lands_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "d"
    programme = with_depots(tmp_path / "p", folder_depot(folder))
    (folder / "a.csv").write_bytes(b"x")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    clock = Clock()
    with monkeypatch.context() as crashing, pytest.raises(KeyboardInterrupt):
        crashing.setattr("orchestration.depots.fetching.register", crash)
        clock.passage(programme)
    assert list(landed(programme)) == ["V2/a.csv"]
    clock.passage(programme)
    assert list(landed(programme)) == ["V2/a.csv"]
    assert [line["fichier"] for line in registered(programme)] == ["a.csv"]


def test_a_disk_without_hard_links_overwrites_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", link)
    folder = tmp_path / "d"
    programme = with_depots(tmp_path / "p", folder_depot(folder))
    clock = Clock()
    for content in (b"un", b"deux !"):
        (folder / "a.csv").write_bytes(content)
        clock.passage(programme)
    assert landed(programme) == {"V2/a.csv": b"un", "V2/a (2).csv": b"deux !"}
    assert not list((programme.root / "landing/V2").glob(".*"))


def test_a_wave_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "d", tmp_path / "dehors"
    programme = with_depots(tmp_path / "p", folder_depot(folder))
    outside.mkdir()
    (programme.root / "landing").mkdir()
    (programme.root / "landing/V2").symlink_to(outside)
    (folder / "a.csv").write_bytes(b"x")
    [passage] = Clock().passage(programme)
    assert "landing/V2 est un lien" in passage.failures[0]
    assert list(outside.iterdir()) == []


def test_a_line_that_a_crash_cut_short_is_passed_over_and_ended(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    programme = with_depots(tmp_path / "p", folder_depot(folder))
    (folder / "a.csv").write_bytes(b"x")
    clock = Clock()
    clock.passage(programme)
    with (programme.root / "landing/depots.csv").open("a") as register:
        register.write("2026-01-01,loc")
    (folder / "b.csv").write_bytes(b"y")
    assert clock.passage(programme)[0].known == 1
    assert clock.passage(programme)[0].known == 2


def test_a_register_saved_in_another_encoding_is_refused_in_a_sentence(tmp_path: Path) -> None:
    programme = with_depots(tmp_path / "p", folder_depot(tmp_path / "d"))
    (programme.root / "landing").mkdir(exist_ok=True)
    (programme.root / "landing/depots.csv").write_bytes("dépôt,é\n".encode("cp1252"))
    with pytest.raises(DepotError, match=r"depots\.csv : illisible.*sauvegarde"):
        Clock().passage(programme)


def test_two_passages_at_once_are_refused(tmp_path: Path) -> None:
    programme = with_depots(tmp_path / "p", folder_depot(tmp_path / "d"))
    with journal.alone(programme.root / "landing"), pytest.raises(PublicationRefused, match="déjà en train"):
        Clock().passage(programme)


def test_a_secret_comes_from_the_environment_or_from_the_folder_of_secrets(tmp_path: Path) -> None:
    depot = {**S3, **KEYED, "serveur": "http://127.0.0.1:1", "vague": "V2"}
    programme = with_depots(tmp_path / "p", depot)

    def said(environment: dict[str, str]) -> str:
        return Clock().passage(programme, environment)[0].failures[0]

    (tmp_path / "OBSERVATOIRE_DEPOT_B").write_text("secret\n")
    account = {"OBSERVATOIRE_DEPOT_A": "compte"}
    assert said({}).startswith("OBSERVATOIRE_DEPOT_A n'est pas définie dans l'environnement ;")
    assert said(account).startswith("OBSERVATOIRE_DEPOT_B n'est pas définie dans l'environnement ;")
    assert said(account | {"OBSERVATOIRE_SECRETS": str(tmp_path)}).startswith("il ne répond pas")


class SFTPPermissionDenied(Exception):
    """Named as the library's own, which is told by its name."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError, "il ne répond pas, ou s'est interrompu (RuntimeError) ; vérifier l'adresse et le réseau."),
        (SFTPPermissionDenied, "accès refusé ; vérifier les droits de ce compte."),
        (FileNotFoundError, "ce dossier n'y est pas ; vérifier l'adresse."),
    ],
)
def test_what_a_library_says_of_an_account_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception], said: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error("https://moi:tiens-le-bien@serveur/depot")

    monkeypatch.setattr("fsspec.implementations.local.LocalFileSystem.ls", refuse)
    [passage] = Clock().passage(with_depots(tmp_path / "p", folder_depot(tmp_path / "d")))
    assert passage.failures == [said]


def _file(place: Path) -> None:
    place.write_bytes(b"x")


def _loop(place: Path) -> None:
    place.symlink_to(place)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_file, "ce n'est pas un dossier ; vérifier l'adresse."),
        (_loop, "ce dossier n'y est pas ; vérifier l'adresse."),
        (lambda place: None, "ce dossier n'y est pas ; vérifier l'adresse."),
    ],
)
def test_a_local_address_that_is_no_folder_is_said(tmp_path: Path, make: Callable[[Path], None], said: str) -> None:
    folder = tmp_path / "d"
    programme = with_depots(tmp_path / "p", folder_depot(folder))
    folder.rmdir()
    make(folder)
    [passage] = Clock().passage(programme)
    assert passage.failures == [said]


def test_a_depot_that_is_given_the_next_wave_fills_that_one(tmp_path: Path) -> None:
    folder, clock = tmp_path / "d", Clock()
    first = with_depots(tmp_path / "p", folder_depot(folder, vague="V1"))
    (folder / "a.csv").write_bytes(b"x")
    clock.passage(first)
    second = with_depots(tmp_path / "p", folder_depot(folder, vague="V2"))
    assert clock.passage(second)[0].known == 1
    os.utime(folder / "a.csv", (1_700_000_000, 1_700_000_000))
    assert clock.passage(second)[0].arrived == ["V2/a.csv"]


def _troubled(tmp_path: Path) -> Path:
    folder = tmp_path / "d"
    root = with_depots(tmp_path / "p", folder_depot(folder, stable_secondes=1), {**S3, **KEYED, "nom": "loin"}).root
    (folder / "a.csv").write_bytes(b"x")
    (folder / "CON").write_bytes(b"x")
    return root


def _observatoire(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "orchestration.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_says_what_came_and_what_did_not_and_its_code_tells(tmp_path: Path) -> None:
    root = _troubled(tmp_path)
    done = _observatoire("fetch", "--data", str(root))
    assert done.returncode == 1
    assert "local : arrivés 1, encore en cours d'envoi 0, reçus avant 0.\n  V2/a.csv\n" in done.stdout
    assert "Fichier laissé dans le dépôt : local, CON : Windows réserve ce nom" in done.stderr
    assert "Dépôt non relevé : loin : OBSERVATOIRE_DEPOT_A n'est pas définie" in done.stderr
    status = _observatoire("status", "--data", str(root))
    assert "À voir dans les dépôts : loin : OBSERVATOIRE_DEPOT_A n'est pas définie" in status.stdout
    told = json.loads(_observatoire("status", "--json", "--data", str(root)).stdout)["depots"]
    assert sorted(told) == ["local : CON", "loin"]
    body = yaml.safe_load((root / "programme.yaml").read_text("utf-8"))
    (root / "programme.yaml").write_text(yaml.safe_dump(body | {"depots": body["depots"][:1]}), "utf-8")
    assert _observatoire("fetch", "--data", str(root)).returncode == 0


def test_trouble_is_told_once_and_again_once_it_has_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Message] = []

    def problem(way: str, message: Message, _: object) -> str:
        sent.append(message)
        return ""

    monkeypatch.setattr(once, "problem", problem)
    programme = load_programme(_troubled(tmp_path))
    environment = {WEBHOOK: "https://messagerie.exemple.fr"}
    assert str(collect(programme, environment).alert).startswith("Alerte envoyée")
    assert collect(programme, environment).alert is None
    assert "- loin : OBSERVATOIRE_DEPOT_A n'est pas définie" in sent[0].text
    assert "- local : CON : Windows réserve ce nom" in sent[0].text
    (tmp_path / "d/CON").rename(tmp_path / "d/con-traire.csv")
    collect(programme, environment)
    (tmp_path / "d/con-traire.csv").rename(tmp_path / "d/CON")
    collect(programme, environment)
    assert [len(message.data["depots"]) for message in sent] == [2, 1]


def test_the_job_fetches_and_fails_where_a_depot_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = _troubled(tmp_path)
    resource = ProgrammeFolder(root=str(root))
    job = dg.Definitions(jobs=[releve], resources={"folder": resource}).resolve_job_def("releve")
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    assert not result.success
    assert (root / "landing/V2/a.csv").read_bytes() == b"x"
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert "Dépôts non relevés. loin : OBSERVATOIRE_DEPOT_A" in str(failure.step_failure_data.user_failure_data)


def test_the_schedule_asks_for_a_passage_where_there_are_depots(tmp_path: Path) -> None:
    def asked(root: Path) -> object:
        return demie(dg.build_schedule_context(resources={"folder": ProgrammeFolder(root=str(root))}))

    assert isinstance(asked(with_depots(tmp_path / "p", folder_depot(tmp_path / "d")).root), dg.RunRequest)
    assert isinstance(asked(with_depots(tmp_path / "q").root), dg.SkipReason)
