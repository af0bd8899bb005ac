"""Asks a web address for something, or posts to it; redirections are refused, and errors quote no address."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from urllib.parse import urlsplit

SECONDS = 10


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: what is sent would be lost on the way, and the answer be that of another page."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Returns nothing to follow: the answer is then an error."""


def hold(url: str) -> None:
    """Raises ValueError where an address is none of the web."""
    place = urlsplit(url)
    if place.scheme not in ("http", "https"):
        raise ValueError("ni http:// ni https://")
    if not place.hostname:
        raise ValueError("aucun serveur n'y est nommé")


def call(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> None:
    """Posts a body to an address, or asks for the address where there is none.

    Raises:
        ValueError: the address is none of the web.
        OSError: it does not answer, or with anything but success.
    """
    hold(url)
    request = urllib.request.Request(url, body, dict(headers or {}))
    with urllib.request.build_opener(_Straight).open(request, timeout=SECONDS):
        pass


def told(error: Exception) -> str:
    """Returns what went wrong, without what the server quotes of the request."""
    if isinstance(error, urllib.error.HTTPError):
        return f"réponse {error.code} du serveur"
    if isinstance(error, urllib.error.URLError):
        return str(getattr(error.reason, "strerror", None) or error.reason)
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error) or type(error).__name__
