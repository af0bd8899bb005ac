"""Asks a web address for something, or posts to it; what goes wrong is told in a few words, which quote no address."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from orchestration.patience import NotInTime

# seconds a server may take to answer, and those in which whoever is told must have been
SECONDS, WHOLE = 10, 30


class Unusable(ValueError):
    """An address, or what goes with it, with which nobody can be told; said in a few words of ours."""


def hold(url: str) -> None:
    """Raises Unusable where an address is none of the web."""
    place = parts_of(url)
    if place.scheme not in ("http", "https"):
        raise Unusable("ni http:// ni https://")
    if not place.hostname:
        raise Unusable("aucun serveur n'y est nommé")


def parts_of(url: str) -> SplitResult:
    """Returns the parts of an address; raises Unusable where it has none, or a port that is no port."""
    if not url.isprintable() or " " in url:
        raise Unusable("une espace, ou un caractère qui ne s'imprime pas, s'y trouve")
    try:
        place = urlsplit(url)
    except ValueError:
        raise Unusable("ce n'est pas une adresse") from None
    try:
        usable = place.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise Unusable("son port n'est pas un nombre de 1 à 65535")
    return place


def call(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> None:
    """Posts a body to an address, or asks for the address where there is none.

    No redirection is followed: what is sent would be lost on the way, and the answer be that of another page.

    Raises:
        Unusable: the address is none of the web.
        httpx.HTTPError: it does not answer, or with anything but success; `told` says it without the address.
    """
    import httpx

    hold(url)
    for library in ("httpx", "httpcore"):
        # they write each address into the log, and its token with it
        logging.getLogger(library).setLevel(logging.WARNING)
    try:
        with httpx.Client(timeout=SECONDS, follow_redirects=False) as client:
            method = "GET" if body is None else "POST"
            # the answer's body is of no use, however long it is
            with client.stream(method, url, content=body, headers=dict(headers or {})) as answer:
                answer.raise_for_status()
    except httpx.InvalidURL:
        raise Unusable("ce n'est pas une adresse") from None


def told(error: Exception) -> str:
    """Returns what went wrong, in a few words of ours: a server or a library may quote the address, and its token."""
    import httpx

    if isinstance(error, Unusable):
        return str(error)
    if isinstance(error, NotInTime):
        return f"pas de réponse entière en {WHOLE} secondes"
    if isinstance(error, httpx.HTTPStatusError):
        return f"réponse {error.response.status_code} du serveur"
    causes = _causes(error)
    for kinds, said in (
        ((TimeoutError, httpx.TimeoutException), f"pas de réponse en {SECONDS} secondes"),
        (socket.gaierror, "aucun serveur de ce nom"),
        (ssl.SSLCertVerificationError, "le certificat du serveur n'est pas de ceux que cette machine connaît"),
        (ssl.SSLError, "le serveur ne chiffre pas comme il le faut"),
        (ConnectionRefusedError, "connexion refusée par le serveur"),
        (httpx.RemoteProtocolError, "sa réponse n'est pas celle d'un serveur web"),
        ((OSError, httpx.TransportError), "le serveur ne répond pas, ou se tait avant la fin"),
    ):
        if any(isinstance(cause, kinds) for cause in causes):
            return said
    return type(error).__name__


def _causes(error: BaseException) -> list[BaseException]:
    """Returns an error and those that it comes from."""
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found
