"""Real servers to fetch deliveries from, each behind a wire that a test may cut: OpenSSH, S3 (moto), WebDAV (wsgidav)."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.support.wire import Wire

ACCOUNT, PASSWORD = "compte-du-depot", "secret-du-depot"
_VARIABLES = {"identifiant": "OBSERVATOIRE_DEPOT_COMPTE", "mot_de_passe": "OBSERVATOIRE_DEPOT_SECRET"}
_ENVIRONMENT = {"OBSERVATOIRE_DEPOT_COMPTE": ACCOUNT, "OBSERVATOIRE_DEPOT_SECRET": PASSWORD}


Put = Callable[[str, bytes], None]


@dataclass
class Server:
    """A depot on a server of its own.

    Attributes:
        depot: how programme.yaml declares it, but for its wave.
        environment: its account and secrets.
        put: writes a file there, by its path in the depot.
        put_later: does so a second later, as the server tells time.
        remove: deletes one.
        files: what lies there, by path.
        wire: what the server is reached through.
    """

    depot: dict[str, Any]
    environment: dict[str, str]
    put: Put
    put_later: Put
    remove: Callable[[str], None]
    files: Callable[[], dict[str, bytes]]
    wire: Wire


def sshd() -> str | None:
    """Where the OpenSSH server is; none where it is not installed."""
    return shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")


@contextmanager
def sftp_server(folder: Path) -> Iterator[Server]:
    """Runs OpenSSH's server for whoever runs the tests, by a key of its own."""
    files = folder / "files"
    files.mkdir()
    for name in ("host", "user"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    command = [str(sshd()), "-i", "-e", "-f", "/dev/null", "-h", str(folder / "host")]
    for option in (
        f"AuthorizedKeysFile={folder / 'user.pub'}",
        "StrictModes=no",
        "UsePAM=no",
        "PermitRootLogin=yes",
        "Subsystem=sftp internal-sftp",
    ):
        command += ["-o", option]
    with _started_for_each(command, folder / "sshd.log") as port:
        wire = Wire(port)
        known = folder / "known_hosts"
        known.write_text(f"[127.0.0.1]:{wire.port} {(folder / 'host.pub').read_text()}")
        try:
            yield Server(
                {
                    "url": f"sftp://127.0.0.1:{wire.port}{files}",
                    "identifiant": "OBSERVATOIRE_DEPOT_COMPTE",
                    "cle_privee": "OBSERVATOIRE_DEPOT_CLE",
                    "hotes_connus": str(known),
                },
                {
                    "OBSERVATOIRE_DEPOT_COMPTE": getpass.getuser(),
                    "OBSERVATOIRE_DEPOT_CLE": (folder / "user").read_text(),
                },
                *_on_disk(files),
                wire,
            )
        finally:
            wire.cut()


@contextmanager
def _started_for_each(command: list[str], log: Path) -> Iterator[int]:
    """Starts a command for each connection, as inetd does: no port is drawn for a server that takes it later, or too late."""
    started: list[subprocess.Popen[bytes]] = []
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as journal:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    with listener.accept()[0] as connection:
                        streams = {"stdin": connection, "stdout": connection, "stderr": journal}
                        started.append(subprocess.Popen(command, start_new_session=True, **streams))  # type: ignore[call-overload]

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            # waking whoever waits on it
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for process in started:
                process.terminate()
                process.wait()


@contextmanager
def s3_server(_folder: Path) -> Iterator[Server]:
    """Runs moto's S3 server."""
    from moto.server import ThreadedMotoServer
    from s3fs import S3FileSystem

    # one that finds its port taken would be waited for without end
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    wire = Wire(server.get_host_and_port()[1])
    address = "http://{}:{}".format(*server.get_host_and_port())
    store = S3FileSystem(
        key=ACCOUNT, secret=PASSWORD, endpoint_url=address, skip_instance_cache=True, use_listings_cache=False
    )
    # the server keeps its buckets as long as the process lives, and a port may be given out twice
    bucket = f"livraisons-{uuid4()}"
    store.mkdir(bucket)

    def put(name: str, data: bytes) -> None:
        store.pipe_file(f"{bucket}/{name}", data)

    def put_later(name: str, data: bytes) -> None:
        time.sleep(1.1)
        put(name, data)

    def files() -> dict[str, bytes]:
        return {str(p).removeprefix(f"{bucket}/"): store.cat_file(p) for p in store.find(bucket)}

    try:
        yield Server(
            {"url": f"s3://{bucket}", "serveur": f"http://127.0.0.1:{wire.port}", "region": "fr-par", **_VARIABLES},
            _ENVIRONMENT,
            put,
            put_later,
            lambda name: store.rm_file(f"{bucket}/{name}"),
            files,
            wire,
        )
    finally:
        wire.cut()
        server.stop()


@contextmanager
def webdav_server(folder: Path) -> Iterator[Server]:
    """Runs wsgidav over a folder, with a password."""
    from cheroot import wsgi
    from wsgidav.fs_dav_provider import FilesystemProvider
    from wsgidav.wsgidav_app import WsgiDAVApp

    files = folder / "files"
    files.mkdir()
    app = WsgiDAVApp(
        {
            "provider_mapping": {"/depot": FilesystemProvider(str(files))},
            "simple_dc": {"user_mapping": {"*": {ACCOUNT: {"password": PASSWORD}}}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
            "logging": {"enable": False},
            "verbose": 0,
        }
    )
    server = wsgi.Server(("127.0.0.1", 0), app, numthreads=4)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    wire = Wire(server.bind_addr[1])
    try:
        depot = {"url": f"webdav+http://127.0.0.1:{wire.port}/depot", **_VARIABLES}
        yield Server(depot, _ENVIRONMENT, *_on_disk(files), wire)
    finally:
        wire.cut()
        server.stop()
        thread.join()


def _on_disk(root: Path) -> tuple[Put, Put, Callable[[str], None], Callable[[], dict[str, bytes]]]:
    def put(name: str, data: bytes) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def put_later(name: str, data: bytes) -> None:
        put(name, data)
        later = time.time() + 1.1
        os.utime(root / name, (later, later))

    def files() -> dict[str, bytes]:
        return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}

    return put, put_later, lambda name: (root / name).unlink(), files
