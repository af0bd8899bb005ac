"""In which encoding a text is written; or that its lines are not all in one."""

from __future__ import annotations

from dataclasses import dataclass

_SURE, _UNTOLD, _OPEN = 92, 60, 40
# letters and signs of French, and among them those by which two encodings are told apart
_TELLING = "éèêàçôîûùâÉÈÀœ’°«»"
_FRENCH = _TELLING + "ëïÇ"
_UTF8, _MAC = "utf-8", "mac-roman"


@dataclass(frozen=True)
class Encoding:
    """The encoding of a text.

    Attributes:
        name: as a contract declares it.
        reason: in French.
        confidence: 0 to 100.
        mixed: the encoding of the lines that are not UTF-8, where the others are.
    """

    name: str
    reason: str
    confidence: int = _SURE
    mixed: str = ""

    def repaired(self, data: bytes) -> bytes:
        """Returns a text of mixed encodings in the one that is proposed, for the draft to read it."""
        if not self.mixed:
            return data
        lines = (
            line if _is_utf8(line) else line.decode(self.mixed, errors="replace").encode(_UTF8)
            for line in data.split(b"\n")
        )
        return b"\n".join(lines)


def find_encoding(data: bytes) -> Encoding:
    """Returns the encoding of a text: the marks at its beginning, or the one in which its letters are French."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Encoding("utf-16", "marque d'ordre des octets UTF-16")
    if data.isascii():
        return Encoding(_UTF8, "fichier sans accent : rien ne dit l'encodage", _UNTOLD)
    marked = data.startswith(b"\xef\xbb\xbf")
    name = "utf-8-sig" if marked else _UTF8
    if _is_utf8(data):
        return Encoding(name, "marque d'ordre des octets UTF-8" if marked else "tous les octets sont de l'UTF-8")
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), start=1) if not line.isascii()]
    others = [(number, line) for number, line in lines if not _is_utf8(line)]
    accented = [number for number, line in lines if _is_utf8(line) and _speaks_french(line.decode(_UTF8))]
    best = max(("cp1252", _MAC), key=lambda encoding: _french(b"\n".join(line for _, line in others), encoding))
    if not accented and not marked:
        return Encoding(best, "pas de l'UTF-8 ; les lettres accentuées se lisent ainsi")
    told = "le faire réenregistrer en un seul encodage"
    if marked or len(accented) >= len(others):
        reason = f"la ligne {others[0][0]} n'est pas de l'UTF-8 ({len(others)} en tout), les autres le sont ; {told}"
        return Encoding(name, reason, _OPEN, best)
    reason = f"la ligne {accented[0]} est de l'UTF-8 ({len(accented)} en tout), et d'autres n'en sont pas ; {told}"
    return Encoding("cp1252" if best == _MAC else best, reason, _OPEN)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode(_UTF8)
    except UnicodeDecodeError:
        return False
    return True


def _speaks_french(text: str) -> bool:
    return any(c in _FRENCH for c in text)


def _french(data: bytes, encoding: str) -> int:
    text = data.decode(encoding, errors="replace")
    return sum(map(text.count, _TELLING)) - 5 * sum(map(text.count, "\ufffdŽÃ‚ƒˆ√¬"))
