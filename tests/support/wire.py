"""A TCP connection to a real server that a test may cut, at once or after so many bytes, and lay again on the same port."""

from __future__ import annotations

import contextlib
import socket
import threading

_HOST = "127.0.0.1"


class Wire:
    """Listens on a port of its own and passes on what comes; counts what the server sends."""

    def __init__(self, target: int) -> None:
        self._target, self._held = target, threading.Lock()
        self._open: set[socket.socket] = set()
        self._left: int | None = None
        self.received = 0
        # held all along, and never listened to: while the wire is cut, nobody else is given the port
        self._kept = socket.socket()
        self._kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._kept.bind((_HOST, 0))
        self.port: int = self._kept.getsockname()[1]
        self._listener = self._listen(self.port)

    def cut(self) -> None:
        """Closes every connection and the port."""
        with self._held:
            for one in (self._listener, *self._open):
                # waking whoever waits on it
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            self._open.clear()

    def cut_after(self, received: int) -> None:
        """Cuts once the server has sent so many bytes more."""
        self._left = received

    def lay(self) -> None:
        """Opens the port again."""
        self._left, self.received = None, 0
        self._listener = self._listen(self.port)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server((_HOST, port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection((_HOST, self._target))
                with self._held:
                    self._open |= {near, far}
                threading.Thread(target=self._pass_on, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(far, near, True), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 14):
                if counted:
                    self.received += len(data)
                    if self._left is not None:
                        self._left -= len(data)
                        if self._left < 0:
                            self.cut()
                            return
                sink.sendall(data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
