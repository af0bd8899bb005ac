"""Servers that a test has alerts sent to."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@contextmanager
def served(server: socketserver.BaseServer) -> Iterator[int]:
    """Serves while the block runs; the port it listens to."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]  # type: ignore[misc]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def web(answer: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A web server that takes what is posted: its address, and the bodies as data, with their media type.

    Of what is only asked for, the path stands in the list.
    """
    posted: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append(json.loads(body) | {"type": self.headers["Content-Type"]})
            self.send_response(answer)
            self.send_header("Location", "/ailleurs")
            self.end_headers()

        def do_GET(self) -> None:
            posted.append({"path": self.path})
            self.send_response(answer)
            self.send_header("Location", "/ailleurs")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://127.0.0.1:{port}/crochet?jeton=secret", posted
