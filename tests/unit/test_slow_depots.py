"""A depot whose server answers, a byte at a time."""

from __future__ import annotations

import socketserver
import time
from contextlib import suppress
from pathlib import Path

import pytest

from orchestration.depots import places
from orchestration.depots.fetching import _Visit
from tests.support.depots import Clock, folder_depot, with_depots
from tests.support.listening import served

ACCOUNT = {"identifiant": "OBSERVATOIRE_DEPOT_A", "mot_de_passe": "OBSERVATOIRE_DEPOT_B"}


class _Dripping(socketserver.StreamRequestHandler):
    """Answers a byte at a time, each soon enough for a client that only waits for the next."""

    def handle(self) -> None:
        self.request.recv(1 << 16)
        with suppress(OSError):
            self.wfile.write(b"HTTP/1.1 207 Multi-Status\r\nContent-Type: text/xml\r\nContent-Length: 9999\r\n\r\n")
            while True:
                self.wfile.write(b" ")
                time.sleep(0.2)


def test_a_server_that_answers_without_end_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look, patience = _Visit.look, places._WHOLE

    def looking(visit: _Visit) -> None:
        # the folder is given its time: a disk may stand still that long
        monkeypatch.setattr(places, "_WHOLE", 2 if visit.depot.nom == "lent" else patience)
        look(visit)

    monkeypatch.setattr(_Visit, "look", looking)
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Dripping)
    server.daemon_threads = True
    elsewhere = folder_depot(tmp_path / "ailleurs")
    (tmp_path / "ailleurs/autre.csv").write_bytes(b"autre")
    with served(server) as port:
        slow = {"nom": "lent", "url": f"webdav+http://127.0.0.1:{port}/x", "vague": "V2", **ACCOUNT}
        programme = with_depots(tmp_path / "p", slow, elsewhere)
        began = time.monotonic()
        late, other = Clock().passage(programme, dict.fromkeys(ACCOUNT.values(), "x"))
    assert time.monotonic() - began < 60
    assert late.failures[0].startswith("il répond trop lentement : rien d'entier en 2 secondes ;")
    assert other.arrived == ["V2/autre.csv"]
