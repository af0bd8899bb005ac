"""The alert: what it says, that a real web server and a real mail server get it, and what is said when they do not."""

from __future__ import annotations

import io
import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.errors import PublicationRefused
from orchestration.extracts.decisions import withdraw
from orchestration.extracts.inventory import Inventory, take_inventory
from orchestration.extracts.lake import Lake
from orchestration.operation.alerts import MAIL, WEBHOOK, alert, alert_last, listed_message, message_of
from orchestration.operation.outcomes import LastRun, RunState, last_run, noted
from orchestration.operation.refusals import tell_refusals
from orchestration.programme import Programme, load_programme
from orchestration.settings import Settings
from orchestration.status import print_status, state_of
from tests.support.demo import observatoire
from tests.support.ingestion import ingest_all
from tests.support.listening import served, web
from tests.support.mini import mini_programme, row, write_csv

REASON = "Rien n'a été publié. Vague V2 : 14,3\u202f% du parc attendu consolidé, minimum 50\u202f%."
LAST = LastRun(RunState.REFUSED, "2026-11-25T02:00:00+00:00", "0a1b2c3d", phrase=REASON)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(mini_programme(tmp_path / "programme").root)


class _Mailbox(socketserver.StreamRequestHandler):
    """As much of a mail server as a client needs; it offers no STARTTLS."""

    def handle(self) -> None:
        self._say("220 ici")
        while line := self.rfile.readline().decode().strip():
            self.server.said.append(line)  # type: ignore[attr-defined]
            verb = line.split(":")[0].split()[0].upper()
            if verb == "DATA":
                self._say("354 suite")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.mails.append(b"".join(lines).decode())  # type: ignore[attr-defined]
            if verb == "RCPT" and "inconnue" in line:
                self._say("550 personne de ce nom")
            elif verb == "QUIT":
                self._say("221 fin")
                return
            else:
                self._say("250 bien")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def _post_office() -> Iterator[tuple[int, list[str], list[str]]]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mailbox)
    server.said, server.mails = [], []  # type: ignore[attr-defined]
    with served(server) as port:
        yield port, server.mails, server.said  # type: ignore[attr-defined]


def _mailed(port: int, **changes: str) -> dict[str, str]:
    return {
        "OBSERVATOIRE_ALERTE_SMTP": f"smtp://127.0.0.1:{port}",
        "OBSERVATOIRE_ALERTE_DE": "observatoire@exemple.fr",
        "OBSERVATOIRE_ALERTE_A": "une@exemple.fr, deux@exemple.fr",
    } | changes


def test_it_says_what_why_what_readers_see_and_where_to_look(settings: Settings) -> None:
    message = message_of(LAST, settings, {"OBSERVATOIRE_INTERFACE": "https://dagster.exemple.fr/"})
    assert message.subject == "Observatoire, Programme d'essai : une exécution n'a pas abouti"
    for words in (
        "Données de démonstration.",
        f"Pourquoi : {REASON}",
        "Ce que voient les lecteurs : rien : aucune édition n'a encore été publiée.",
        "https://dagster.exemple.fr/runs/0a1b2c3d ; « observatoire status »",
    ):
        assert words in message.text


def test_it_carries_nothing_personal(settings: Settings) -> None:
    last = LastRun(RunState.REFUSED, LAST.debut, phrase="V2/x.csv, ligne 4 : « 06 12 34 56 78 » n'est pas un nombre")
    message = message_of(last, settings, {})
    assert "06 12" not in message.text + json.dumps(message.data)
    assert "donnée personnelle masquée" in message.text


def test_a_damaged_programme_is_told_of_by_its_folder(settings: Settings) -> None:
    (settings.root / "programme.yaml").write_text("{", encoding="utf-8")
    assert message_of(LAST, settings, {}).text.startswith("programme : l'exécution du ")


def test_by_default_nobody_is_told(settings: Settings) -> None:
    assert alert(LAST, settings, {}) is None


def test_a_webhook_gets_text_and_data(settings: Settings) -> None:
    with web() as (url, posted):
        said = alert(LAST, settings, {"OBSERVATOIRE_ALERTE_WEBHOOK": url})
    assert said is not None
    assert said.startswith("Alerte envoyée le ")
    [body] = posted
    assert body["type"] == "application/json"
    assert REASON in body["text"]
    assert (body["programme"], body["execution"], body["edition"]) == ("mini", "0a1b2c3d", None)


@pytest.mark.parametrize("answer", [302, 404, 500])
def test_what_a_webhook_refuses_is_said_without_its_address(settings: Settings, answer: int) -> None:
    with web(answer) as (url, posted):
        said = alert(LAST, settings, {"OBSERVATOIRE_ALERTE_WEBHOOK": url})
    assert len(posted) == 1
    assert said == (
        f"Alerte non envoyée : OBSERVATOIRE_ALERTE_WEBHOOK (réponse {answer} du serveur) ;"
        " corriger cette variable, ou ce qu'elle désigne."
    )


def test_a_mail_reaches_everybody(settings: Settings) -> None:
    with _post_office() as (port, mails, said):
        assert alert(LAST, settings, _mailed(port)) is not None
    [mail] = mails
    assert "To: une@exemple.fr, deux@exemple.fr" in mail
    assert "Subject: Observatoire, Programme d'essai : une =?utf-8?" in mail
    # Python 3.13 writes "rcpt to", others "rcpt TO"
    assert [line.lower() for line in said if line.lower().startswith("rcpt")] == [
        "rcpt to:<une@exemple.fr>",
        "rcpt to:<deux@exemple.fr>",
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"OBSERVATOIRE_ALERTE_A": ""}, "il y faut OBSERVATOIRE_ALERTE_DE et OBSERVATOIRE_ALERTE_A"),
        ({"OBSERVATOIRE_ALERTE_A": "inconnue@exemple.fr"}, "destinataires refusés par le serveur"),
        ({"OBSERVATOIRE_ALERTE_A": "une@exemple.fr, inconnue@exemple.fr"}, "1 destinataires refusés par le serveur"),
        ({"OBSERVATOIRE_ALERTE_SMTP": "smtp://exemple.fr:abc"}, "son port n'est pas un nombre de 1 à 65535"),
        ({"OBSERVATOIRE_ALERTE_SMTP": "exemple.fr:25"}, "attendu : smtp://serveur:port"),
        ({"OBSERVATOIRE_ALERTE_SMTP": "smtp://127.0.0.1:1"}, "connexion refusée par le serveur"),
    ],
)
def test_what_keeps_a_mail_is_said(settings: Settings, changes: dict[str, str], reason: str) -> None:
    with _post_office() as (port, _, _):
        said = alert(LAST, settings, _mailed(port, **changes))
    assert said is not None
    assert said.startswith("Alerte non envoyée : OBSERVATOIRE_ALERTE_SMTP (")
    assert reason in said


def test_a_password_is_not_sent_in_the_clear(settings: Settings) -> None:
    with _post_office() as (port, mails, said):
        told = alert(
            LAST, settings, _mailed(port, OBSERVATOIRE_ALERTE_SMTP=f"smtp://moi:mot%20secret@127.0.0.1:{port}")
        )
    assert told is not None
    assert "STARTTLS, le mot de passe n'a pas été envoyé" in told
    assert (mails, [line for line in said if "AUTH" in line.upper()]) == ([], [])


def test_a_refusal_is_told_once_and_a_publication_never(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with web() as (url, posted):
        monkeypatch.setenv("OBSERVATOIRE_ALERTE_WEBHOOK", url)
        with noted(settings, "0a1b2c3d", lambda: (RunState.REFUSED, REASON)):
            pass
        assert [alert_last(settings) is None for _ in range(2)] == [False, True]
        with noted(settings, "4e5f", lambda: (RunState.PUBLISHED, "")):
            pass
        assert alert_last(settings) is None
    assert len(posted) == 1
    last = last_run(settings)
    assert last is not None
    assert last.alerte is None


def test_the_command_sends_a_trial(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = CliRunner().invoke(app, ["alert", "--data", str(settings.root)])
    assert isinstance(nobody.exception, PublicationRefused)
    assert "personne à prévenir" in str(nobody.exception)
    with web() as (url, posted):
        monkeypatch.setenv("OBSERVATOIRE_ALERTE_WEBHOOK", url)
        assert CliRunner().invoke(app, ["alert", "--data", str(settings.root)]).exit_code == 0
    # neither heading nor text can be taken for those of an alert
    assert posted[0]["text"].startswith("Observatoire, Programme d'essai : essai des alertes, rien n'est arrivé\n")
    assert "ceci est l'essai" in posted[0]["text"] and "n'a pas abouti" not in posted[0]["text"]
    assert posted[0]["essai"] is True
    assert last_run(settings) is None


def _refused(settings: Settings, *names: str) -> tuple[Programme, Inventory]:
    """The programme once deliveries without a line were read, beside one that is accepted."""
    for name in names:
        write_csv(settings.root / "landing/V2" / name, [], above=[name])
    write_csv(settings.root / "landing/V2/bonne.csv", [row(str(i)) for i in range(20)])
    ingest_all(settings.root)
    programme = load_programme(settings.root)
    return programme, take_inventory(programme)


def test_a_refused_delivery_is_told_once_and_again_when_the_reason_is_another(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    pages = {"OBSERVATOIRE_INTERFACE": "https://dagster.exemple.fr/"}
    with web() as (address, posted):
        told = {WEBHOOK: address, **pages}
        programme, inventory = _refused(settings, "vide.csv")
        assert "Alerte envoyée" in str(tell_refusals(programme, inventory, told))
        [data] = posted
        [refused] = data["refus"]
        assert refused["fichier"] == "V2/vide.csv" and refused["motif"]
        assert (data["programme"], data["page"], data["edition"]) == ("mini", "https://dagster.exemple.fr", None)
        assert data["text"].count("bonne.csv") == 0 and refused["motif"] in data["text"]
        # nothing new: nobody is told
        assert tell_refusals(programme, inventory, told) is None
        programme, inventory = _refused(settings, "vide.csv", "autre.csv")
        assert tell_refusals(programme, inventory, told)
        assert [r["fichier"] for r in posted[1]["refus"]] == ["V2/autre.csv"]
        # taken back, then not: it is refused anew
        withdraw(Lake(settings.root), inventory.records[0].sha256, "V2/autre.csv", "essai")
        assert tell_refusals(programme, take_inventory(programme), told) is None
        (settings.root / "landing/retraits.csv").unlink()
        assert tell_refusals(programme, take_inventory(programme), told)
        assert [r["fichier"] for r in posted[2]["refus"]] == ["V2/autre.csv"]
        assert len(posted) == 3


def test_what_could_not_be_told_is_told_later_and_status_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    programme, inventory = _refused(settings, "vide.csv")
    assert tell_refusals(programme, inventory, {}) is None
    assert "non envoyée" in str(tell_refusals(programme, inventory, {WEBHOOK: "http://127.0.0.1:1/"}))
    text = io.StringIO()
    print_status(Console(file=text, width=120), state_of(programme))
    assert f"Alerte non envoyée : {WEBHOOK}" in text.getvalue()
    with web() as (address, posted):
        assert "Alerte envoyée" in str(tell_refusals(programme, inventory, {WEBHOOK: address}))
        # what was told is forgotten where the file that keeps it is damaged: it is told once more
        (settings.warehouse.parent / "refus_annonces.json").write_text('{"reasons": [1]}', encoding="utf-8")
        assert tell_refusals(programme, inventory, {WEBHOOK: address})
    assert [[r["fichier"] for r in one["refus"]] for one in posted] == [["V2/vide.csv"]] * 2
    text = io.StringIO()
    print_status(Console(file=text, width=120), state_of(programme))
    assert "Alerte" not in text.getvalue()


def test_a_way_that_fails_is_tried_again_alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    programme, inventory = _refused(settings, "vide.csv")
    with web() as (address, posted):
        broken = {WEBHOOK: address, **_mailed(1)}
        for _ in range(3):
            assert f"non envoyée : {MAIL}" in str(tell_refusals(programme, inventory, broken))
        assert len(posted) == 1, "who was told is told each night again"
        with _post_office() as (port, mails, _):
            repaired = broken | _mailed(port)
            assert "Alerte envoyée" in str(tell_refusals(programme, inventory, repaired))
            assert tell_refusals(programme, inventory, repaired) is None
            assert len(mails) == 1 and len(posted) == 1
    # where nobody heard, another way tells it
    (settings.warehouse.parent / "refus_annonces.json").unlink()
    assert "non envoyée" in str(tell_refusals(programme, inventory, broken))
    with web() as (address, posted):
        assert "Alerte envoyée" in str(tell_refusals(programme, inventory, {WEBHOOK: address}))
        assert len(posted) == 1


def test_of_many_refused_deliveries_the_message_lists_some(settings: Settings) -> None:
    message = listed_message("refus", {f"V2/{i:02}.csv": "vide." for i in range(25)}, settings, {})
    assert message.subject == "Observatoire, Programme d'essai : livraisons refusées, 25"
    assert "- V2/19.csv : vide." in message.text and "V2/20.csv" not in message.text
    assert "- et d'autres (5) : « observatoire status » les dit." in message.text
    # the data no more than the text: a messenger refuses what is too long, each night anew
    assert (len(message.data["refus"]), message.data["nombre"]) == (20, 25)


def test_a_backup_that_is_not_made_is_told_once_until_one_is(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing, folder = tmp_path / "disque absent", tmp_path / "sauvegardes"
    folder.mkdir()

    def back_up(to: Path) -> int:
        return observatoire(settings.root, "backup", str(to)).returncode

    with web() as (url, posted):
        monkeypatch.setenv(WEBHOOK, url)
        assert [back_up(missing), back_up(missing)] == [1, 1]
        [told] = posted
        assert "la sauvegarde n'a pas été faite" in told["text"] and "observatoire backup" in told["text"]
        assert told["sauvegarde"][0]["fichier"] == str(missing)
        assert [back_up(folder), back_up(missing)] == [0, 1]
        assert len(posted) == 2
