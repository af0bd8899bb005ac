"""Alerts and heartbeats that cannot go: whatever answers, and whatever stands in the variable, only they do not go."""

from __future__ import annotations

import logging
import socket
import socketserver
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.operation import web
from orchestration.operation.alerts import MAIL, RECIPIENTS, SENDER, WEBHOOK, Message, alert, problem, ways_faults
from orchestration.operation.beat import BEAT, address_fault, beat
from orchestration.operation.outcomes import LastRun, RunState
from orchestration.settings import Settings
from tests.support.listening import served
from tests.support.mini import mini_programme

LAST = LastRun(RunState.REFUSED, "2026-11-25T02:00:00+00:00", "0a1b2c3d", phrase="Rien n'a été publié.")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(mini_programme(tmp_path / "programme").root)


def _nowhere(*_: Any, **__: Any) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"lorem {asked}\r\n\r\n", "sa réponse n'est pas celle d'un serveur web"),
        (b"", "sa réponse n'est pas celle d'un serveur web"),
        (b"HTTP/1.1 {asked} OK\r\n\r\n", "sa réponse n'est pas celle d'un serveur web"),
        (b"HTTP/1.1 200 OK\r\n{asked}\r\n\r\n", "sa réponse n'est pas celle d'un serveur web"),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://[/{asked}\r\n\r\n", "réponse 301 du serveur"),
    ],
)
def test_a_server_that_answers_anything_keeps_only_its_alert_from_going(
    settings: Settings, answer: bytes, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It repeats what it was asked for: no word of it is repeated."""
    caplog.set_level(logging.DEBUG)

    class Echo(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked = self.rfile.readline().split()[1]
            self.wfile.write(answer.replace(b"{asked}", asked))

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with served(Server(("127.0.0.1", 0), Echo)) as port:
        url = f"http://127.0.0.1:{port}/crochet?jeton=secret"
        sentence = alert(LAST, settings, {WEBHOOK: url})
        beaten = beat(settings, {BEAT: url}, lambda _: None)
    assert sentence == f"Alerte non envoyée : {WEBHOOK} ({said}) ; corriger cette variable, ou ce qu'elle désigne."
    assert beaten == f"Battement non envoyé : {BEAT} ({said}) ; corriger cette variable, ou ce qu'elle désigne."
    assert "jeton" not in caplog.text


class _Dripping(socketserver.StreamRequestHandler):
    """Answers a byte at a time, each soon enough for a client that only waits for the next."""

    def handle(self) -> None:
        with suppress(OSError):
            while True:
                self.wfile.write(b"2")
                time.sleep(0.05)


@pytest.mark.parametrize("way", [WEBHOOK, MAIL])
def test_a_server_that_answers_without_end_is_left_after_its_time(
    settings: Settings, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "WHOLE", 1)
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Dripping)
    server.daemon_threads = True
    with served(server) as port:
        address = f"{'smtp' if way == MAIL else 'http'}://127.0.0.1:{port}"
        environment = {way: address, SENDER: "a@exemple.fr", RECIPIENTS: "b@exemple.fr"}
        told = str(alert(LAST, settings, environment))
    assert f"{way} (pas de réponse entière en 1 secondes)" in told


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:abc/jeton", "son port n'est pas un nombre de 1 à 65535"),
        ("http://127.0.0.1:0/jeton", "son port n'est pas un nombre de 1 à 65535"),
        ("http://127.0.0.1:70000/jeton", "son port n'est pas un nombre de 1 à 65535"),
        ("http://127.0.0.1:8080/jeton secret", "une espace, ou un caractère qui ne s'imprime pas, s'y trouve"),
        ("http://127.0.0.1:8080/jeton\x07", "une espace, ou un caractère qui ne s'imprime pas, s'y trouve"),
        ("http://[::1/jeton", "ce n'est pas une adresse"),
        ("http:///jeton", "aucun serveur n'y est nommé"),
        ("ftp://exemple.fr/jeton", "ni http:// ni https://"),
    ],
)
def test_an_address_that_cannot_be_one_is_told_before_any_night(settings: Settings, url: str, said: str) -> None:
    assert ways_faults({WEBHOOK: url}) == [f"{WEBHOOK} ({said})"]
    assert address_fault({BEAT: url}) == f"{BEAT} ({said})"
    assert f"{WEBHOOK} ({said})" in str(alert(LAST, settings, {WEBHOOK: url}))
    assert f"{BEAT} ({said})" in str(beat(settings, {BEAT: url}, lambda _: None))


@given(
    st.text(max_size=30), st.sampled_from(["http://", "https://", "http://127.0.0.1:1/", "http://é:", "smtp://", ""])
)
def test_no_address_stops_a_night(tail: str, head: str) -> None:
    message = Message("Sujet", "Texte", {})
    for way in (WEBHOOK, MAIL):
        environment = {way: f"{head}{tail}", SENDER: tail, RECIPIENTS: f"{tail}@exemple.invalid"}
        with pytest.MonkeyPatch.context() as patch:
            # no name is looked for outside this machine
            patch.setattr(socket, "getaddrinfo", _nowhere)
            assert problem(way, message, environment).startswith(f"{way} (")
