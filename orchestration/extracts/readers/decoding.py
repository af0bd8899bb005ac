"""From the bytes of a delivered text to UTF-8 lines, counted on the way: what is refused never costs its memory."""

from __future__ import annotations

import codecs
import io
from typing import IO

from orchestration.extracts.readers import limits
from orchestration.extracts.readers.archives import check_decompressed
from orchestration.extracts.readers.tables import empty, refuse_more, too_big, unreadable

# Stands for a separator of several characters, which parsers do not have.
UNIT = "\x1f"
_CHUNK = limits.MIB
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class _Tally:
    """Counts what went by, and refuses as soon as it is too much."""

    def __init__(self, name: str, separator: bytes) -> None:
        self.name = name
        self.separator = separator
        self.read = self.lines = self.cells = self.unfinished = 0

    def raw(self, chunk: bytes) -> None:
        self.read += len(chunk)
        check_decompressed(self.read, self.name)

    def text(self, data: bytes) -> None:
        for character, what in ((b"\0", "caractère nul"), (UNIT.encode(), "caractère de contrôle U+001F")):
            if character in data:
                line = self.lines + 1 + data.count(b"\n", 0, data.index(character))
                raise unreadable(
                    f"{self.name}, ligne {line} : {what}, ce n'est pas un texte dans l'encodage du contrat",
                    "redemander le fichier, ou corriger « encodage »",
                )
        breaks = data.count(b"\n")
        first = data.find(b"\n") if breaks else len(data)
        if self.unfinished + first > limits.LINE_BYTES:
            raise too_big(
                f"{self.name}, ligne {self.lines + 1} : ligne de plus de {limits.LINE_BYTES // limits.MIB} Mio"
            )
        self.unfinished = len(data) - data.rfind(b"\n") - 1 if breaks else self.unfinished + len(data)
        self.lines += breaks
        self.cells += breaks + data.count(self.separator)
        refuse_more(self.lines, limits.ROWS, "lignes", self.name)
        refuse_more(self.cells, limits.CELLS, "cellules", self.name)


def decoded(file: IO[bytes], encoding: str, separator: str, name: str) -> bytes:
    """Returns the text in UTF-8, lines ended by LF, without byte order mark, a long separator made `UNIT`.

    Raises:
        DeliveryError: not in that encoding, a null character, an endless line, no text, or beyond measure.
    """
    codec = codecs.lookup(encoding).name.removesuffix("-sig")
    inner = codecs.getincrementaldecoder(codec)()
    decoder = io.IncrementalNewlineDecoder(inner, translate=True)
    tally = _Tally(name, separator.encode())
    out = io.BytesIO()
    more = True
    while more:
        chunk = file.read(_CHUNK)
        more = bool(chunk)
        if not tally.read:
            _check_mark(chunk, codec, encoding, name)
        pending = len(inner.getstate()[0])
        try:
            text = decoder.decode(chunk, final=not more)
        except UnicodeDecodeError as error:
            line = tally.lines + 1 + chunk.count(b"\n", 0, max(0, error.start - pending))
            raise unreadable(
                f"{name}, ligne {line} : l'octet {tally.read - pending + error.start} n'est pas du {encoding}",
                "corriger « encodage » dans le contrat",
            ) from None
        data = (text if tally.read else text.removeprefix("\ufeff")).encode()
        tally.raw(chunk)
        tally.text(data)
        out.write(data)
    whole = out.getvalue()
    if not whole or whole.isspace():
        raise empty(f"{name} : fichier vide")
    return whole.replace(separator.encode(), UNIT.encode()) if len(separator) > 1 else whole


def _check_mark(head: bytes, codec: str, said: str, name: str) -> None:
    found = next((kind for mark, kind in _MARKS.items() if head.startswith(mark)), None)
    if found and not codec.startswith(found):
        raise unreadable(
            f"{name} : le fichier porte la marque {found} et le contrat dit {said}",
            "corriger « encodage » dans le contrat",
        )
