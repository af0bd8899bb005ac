"""Opens a depot as a file system of fsspec: what lies in a folder, the bytes of a file, and why it does not answer.

Each kind of server raises errors of its own libraries, whose messages quote addresses and accounts. They become one
error here, with a sentence that quotes neither.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from orchestration.errors import DepotError
from orchestration.given import SECRETS, given_secret
from orchestration.machine import machine_sentence
from orchestration.patience import NotInTime, in_time
from orchestration.programme.depots import Depot

# seconds a server may take to answer
_PATIENCE = 20
# seconds for a whole answer: one that comes a byte at a time would hold up the other depots for ever
_WHOLE = 180
# bytes asked for at once: what a cut may lose of a file
_CHUNK = 1 << 20
FILE, FOLDER, LINK = "file", "directory", "link"
# error of any of the libraries, by the name of a class of it → what happened and what to do
_REASONS = {
    "KeyImportError": "la clé privée ne se lit pas ; vérifier son texte et sa phrase de passe",
    "SFTPPermissionDenied": "accès refusé ; vérifier les droits de ce compte",
    "PermissionError": "accès refusé ; vérifier le compte, son secret et ses droits",
    "FileNotFoundError": "ce dossier n'y est pas ; vérifier l'adresse",
    "NotADirectoryError": "ce n'est pas un dossier ; vérifier l'adresse",
}
_REFUSED = (401, 403)


@dataclass(frozen=True)
class Entry:
    """What a depot says of one thing in a folder.

    Attributes:
        path: how the depot is asked for it.
        name: its name as the depot gives it, which may be anything.
        kind: FILE, FOLDER, LINK, or what else the server says.
        size: bytes; None where the server does not say.
        modified: when it last changed, in seconds since the epoch, as the server says; 0 where it does not.
        mark: size, time and entity tag in one text: the same as long as the file does not change.
    """

    path: str
    name: str
    kind: str
    size: int | None
    modified: float
    mark: str


@dataclass(frozen=True)
class Place:
    """An open depot.

    Attributes:
        files: its file system.
        root: the folder that its address names.
    """

    files: Any
    root: str

    def entries(self, folder: str) -> list[Entry]:
        """Returns what lies in a folder of the depot, in the order of names; links are not followed.

        Raises:
            DepotError: the depot does not answer, or refuses.
        """
        listed = _in_time(lambda: self.files.ls(folder, detail=True))
        return sorted((_entry(info, folder) for info in listed), key=lambda e: e.name)

    def mark(self, entry: Entry) -> str:
        """Returns the mark of a file as it is now.

        Raises:
            DepotError: the depot does not answer, or no longer has it.
        """
        return _entry(_in_time(lambda: self.files.info(entry.path)), entry.path).mark

    def read(self, entry: Entry, offset: int) -> Iterator[bytes]:
        """Yields the bytes of a file from an offset on.

        Raises:
            DepotError: the depot does not answer, or refuses, or stops before the end.
        """
        file = _in_time(lambda: self.files.open(entry.path, "rb"))
        try:
            if offset:
                _in_time(lambda: file.seek(offset))
            while chunk := _in_time(lambda: file.read(_CHUNK)):
                yield chunk
        finally:
            # Where the connection is lost, closing fails too; the first error says why.
            with suppress(Exception):
                _in_time(file.close)


def open_place(depot: Depot, programme: Path, environment: Mapping[str, str]) -> Place:
    """Connects to a depot.

    Args:
        depot: its declaration.
        programme: the programme's folder, in which `hotes_connus` is.
        environment: where its account and secrets are, or the name of the folder that holds them.

    Raises:
        DepotError: a variable is not there, or the depot does not answer.
    """
    secrets = {
        key: _secret(variable, environment)
        for key in ("identifiant", "mot_de_passe", "cle_privee", "phrase_de_passe")
        if (variable := getattr(depot, key)) is not None
    }
    parts = urlsplit(depot.url)
    if depot.scheme == "file":
        from fsspec.implementations.local import LocalFileSystem

        folder = unquote(parts.path)
        # a listing of a file has that file in it, and no error
        _in_time(lambda: os.scandir(folder).close())
        return Place(LocalFileSystem(skip_instance_cache=True), folder)
    if depot.scheme == "sftp":
        return Place(_in_time(lambda: _sftp(depot, programme, secrets)), unquote(parts.path).rstrip("/") or "/")
    if depot.scheme == "s3":
        return Place(_in_time(lambda: _s3(depot, secrets)), f"{parts.netloc}{unquote(parts.path)}".rstrip("/"))
    return Place(_in_time(lambda: _webdav(depot, secrets)), "")


def _sftp(depot: Depot, programme: Path, secrets: Mapping[str, str]) -> Any:
    known = programme / depot.hotes_connus if depot.hotes_connus else Path("~/.ssh/known_hosts").expanduser()
    inscribed = "l'y inscrire (« ssh-keyscan », puis vérifier auprès de qui le tient)."
    try:
        lines = known.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        said = f"{known} n'existe pas : rien ne dit à quelle clé reconnaître le serveur ; {inscribed}"
        raise DepotError(said) from None
    except OSError as error:
        raise DepotError(machine_sentence(error, known)) from None
    except UnicodeDecodeError:
        said = f"{known} n'est pas un fichier de texte, où lire la clé du serveur ; l'ôter, et {inscribed}"
        raise DepotError(said) from None
    from asyncssh import ConnectionLost, HostKeyNotVerifiable, KeyExchangeFailed, import_known_hosts

    for number, line in enumerate(lines, start=1):
        try:
            import_known_hosts(line)
        except ValueError:
            said = (
                f"{known}, ligne {number} : ce n'est pas la clé d'un serveur, telle que « ssh-keyscan » l'écrit ;"
                " la corriger ou l'ôter."
            )
            raise DepotError(said) from None
    parts = urlsplit(depot.url)
    host, port = str(parts.hostname), parts.port or 22
    try:
        return _sftp_filesystem(host, port, known, secrets)
    except HostKeyNotVerifiable:
        raise DepotError(_unknown_key(host, port, known)) from None
    except (ConnectionLost, KeyExchangeFailed, ConnectionResetError):
        # A server that has no key of the kinds in the file ends the conversation, and says nothing.
        if _has_another_key(host, port, known):
            raise DepotError(_unknown_key(host, port, known)) from None
        raise


def _has_another_key(host: str, port: int, known: Path) -> bool:
    """Returns whether a server answers with a key, and one that is not in the file."""
    from asyncssh import match_known_hosts

    key = _server_key(host, port)
    return key is not None and key not in match_known_hosts(str(known), host, "", port)[0]


def _server_key(host: str, port: int) -> Any:
    """Returns the key that a server answers with; None where it answers with none."""
    import asyncssh

    asked = asyncssh.get_server_host_key(host, port, config=None)
    with suppress(OSError, asyncssh.Error):
        return asyncio.run(asyncio.wait_for(asked, _PATIENCE))
    return None


def _unknown_key(host: str, port: int, known: Path) -> str:
    """Returns why a server is not the one that is known: of a revoked or another key, or none of it in the file."""
    from asyncssh import match_known_hosts

    checked = "la vérifier auprès de qui le tient, puis l'y"
    trusted, authorities, revoked, *_ = match_known_hosts(str(known), host, "", port)
    if revoked and _server_key(host, port) in revoked:
        return (
            f"la clé de {host} est révoquée dans {known} (« @revoked ») : n'importe qui l'a peut-être ; demander à"
            " qui tient ce serveur d'en changer, vérifier auprès de lui la nouvelle, et l'y inscrire (« ssh-keyscan »)."
        )
    if trusted or authorities:
        return (
            f"la clé de {host} n'est plus celle que dit {known} : un autre serveur répond peut-être à sa place ;"
            f" {checked} remplacer (« ssh-keygen -R », puis « ssh-keyscan »)."
        )
    return f"la clé de {host} n'est pas dans {known} ; {checked} inscrire (« ssh-keyscan »)."


def _sftp_filesystem(host: str, port: int, known: Path, secrets: Mapping[str, str]) -> Any:
    from fsspec.asyn import get_loop
    from sshfs import SSHFileSystem

    # What waits in the background on a connection that is lost fails with it: asyncio would write a traceback for each,
    # where whoever asks for something is told already.
    get_loop().set_exception_handler(lambda *_: None)
    key = secrets.get("cle_privee")
    return SSHFileSystem(
        host,
        port=port,
        username=secrets["identifiant"],
        password=secrets.get("mot_de_passe"),
        client_keys=[f"{key.strip()}\n".encode()] if key else None,
        passphrase=secrets.get("phrase_de_passe"),
        # Without this argument sshfs accepts any server.
        known_hosts=str(known),
        # neither the keys nor the settings of whoever runs it
        agent_path=None,
        config=None,
        connect_timeout=_PATIENCE,
        login_timeout=_PATIENCE,
        keepalive_interval=_PATIENCE,
        # A name that is no UTF-8 would otherwise hide all the others.
        sftp_client_kwargs={"path_errors": "surrogateescape"},
        skip_instance_cache=True,
    )


def _s3(depot: Depot, secrets: Mapping[str, str]) -> Any:
    from s3fs import S3FileSystem

    return S3FileSystem(
        key=secrets["identifiant"],
        secret=secrets["mot_de_passe"],
        endpoint_url=depot.serveur,
        client_kwargs={"region_name": depot.region} if depot.region else {},
        config_kwargs={"connect_timeout": _PATIENCE, "read_timeout": _PATIENCE, "retries": {"max_attempts": 1}},
        default_block_size=_CHUNK,
        use_listings_cache=False,
        skip_instance_cache=True,
    )


def _webdav(depot: Depot, secrets: Mapping[str, str]) -> Any:
    from webdav4.client import Client
    from webdav4.fsspec import WebdavFileSystem

    class Quoting(Client):  # type: ignore[misc]
        """Writes a path as an address does; webdav4 leaves the « # » and « % » of a name as they are."""

        def join_url(self, path: str, add_trailing_slash: bool = False) -> Any:
            return super().join_url(quote(path), add_trailing_slash)

    url, account = depot.url.removeprefix("webdav+"), (secrets["identifiant"], secrets["mot_de_passe"])
    client = Quoting(url, auth=account, timeout=_PATIENCE)
    return WebdavFileSystem(url, client=client, skip_instance_cache=True)


def _secret(variable: str, environment: Mapping[str, str]) -> str:
    if (value := given_secret(variable, environment)) is not None:
        return value
    where = f" ni dans le dossier {SECRETS}" if environment.get(SECRETS) else ""
    raise DepotError(f"{variable} n'est pas définie dans l'environnement{where} ; l'y mettre.")


def _entry(info: Mapping[str, Any], folder: str) -> Entry:
    path = str(info["name"])
    # A server may name a file outside the folder that it was asked for: the whole is then its name.
    name = path.removeprefix(f"{folder}/" if folder not in ("", "/") else folder)
    said = next((found for key in ("mtime", "LastModified", "modified") if (found := info.get(key))), 0)
    # S3 gives the same time with more digits in a list than of one file alone.
    modified = int(said.timestamp()) if isinstance(said, dt.datetime) else said
    kind, size = LINK if info.get("islink") else str(info["type"]), info.get("size")
    return Entry(path, name, kind, size, modified, f"{size}|{modified}|{info.get('ETag') or info.get('etag') or ''}")


def _in_time(ask: Callable[[], Any]) -> Any:
    """Returns the answer to a question.

    Raises:
        DepotError: the depot does not answer, or refuses, or has not given the whole answer in time.
    """
    with _answering():
        try:
            return in_time(ask, _WHOLE)
        except NotInTime as error:
            raise DepotError(
                f"il répond trop lentement : rien d'entier en {_WHOLE} secondes ; vérifier le réseau, ou qui le tient."
            ) from error


@contextmanager
def _answering() -> Iterator[None]:
    """Turns whatever a library raises into a DepotError: each has its own roots, and messages that quote accounts."""
    try:
        yield
    except DepotError:
        raise
    except Exception as error:
        raise DepotError(_reason(error), gone=isinstance(error, FileNotFoundError)) from None


def _reason(error: Exception) -> str:
    if getattr(error, "status_code", None) in _REFUSED:
        return f"{_REASONS['PermissionError']}."
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return f"{_REASONS['FileNotFoundError']}."
    for kind in type(error).__mro__:
        if kind.__name__ in _REASONS:
            return f"{_REASONS[kind.__name__]}."
    return f"il ne répond pas, ou s'est interrompu ({type(error).__name__}) ; vérifier l'adresse et le réseau."
