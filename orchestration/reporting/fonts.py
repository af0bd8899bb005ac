"""The fonts of every page, written in it: the same letters on every machine, and nothing is fetched.

They are cut to the characters that pages of Western and Central European languages print, and to the features that the
style asks for; a character outside of them is shown in a font of the reader's machine.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

import fontpkg_fira_sans
import fontpkg_spectral

from orchestration.files import write_text

# family, weight, style → the file
_SERIF, _SANS = (module.ROOT / "files" for module in (fontpkg_spectral, fontpkg_fira_sans))
FACES = {
    ("Spectral", 400, "normal"): _SERIF / "Spectral-Regular.ttf",
    ("Spectral", 600, "normal"): _SERIF / "Spectral-SemiBold.ttf",
    ("Spectral", 400, "italic"): _SERIF / "Spectral-Italic.ttf",
    ("Fira Sans", 400, "normal"): _SANS / "FiraSans-Regular.ttf",
    ("Fira Sans", 600, "normal"): _SANS / "FiraSans-SemiBold.ttf",
}
# Latin and its supplement, then what typography and verdicts use: dashes, quotation marks, thin spaces, arrows, signs
_CHARACTERS = [
    *range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2009, 0x200B), *range(0x2010, 0x2027), 0x202F, 0x20AC, 0x2212,
    *range(0x2190, 0x219A), 0x2248, 0x2260, 0x2264, 0x2265, *range(0x25A0, 0x25D2),
]  # fmt: skip
# kerning, ligatures, accents, and figures of one width that stand on the line
_FEATURES = ["kern", "liga", "ccmp", "locl", "mark", "tnum", "lnum"]


@cache
def font_faces() -> str:
    """The rules that declare the fonts, each with its own bytes (WOFF2).

    They are kept in the account's cache, where it has one: cutting them takes more than a second of each process.
    """
    kept = _kept()
    if kept is not None:
        with suppress(OSError, UnicodeDecodeError):
            return kept.read_text(encoding="utf-8")
    made = "".join(
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-style:{style};font-display:block;'
        f"src:url(data:font/woff2;base64,{base64.b64encode(_cut(path)).decode()}) format('woff2')}}\n"
        for (family, weight, style), path in FACES.items()
    )
    if kept is not None:
        with suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_text(made, kept)
    return made


def _kept() -> Path | None:
    """Where the cut fonts are kept, named by all that they come from; None for an account without a home."""
    with suppress(RuntimeError):
        cache_home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        made_from = [Path(__file__).read_bytes(), *(path.read_bytes() for path in FACES.values())]
        made_from += [version(name).encode() for name in ("fonttools", "brotli")]
        return cache_home / "observatoire" / f"polices-{hashlib.sha256(b''.join(made_from)).hexdigest()[:16]}.css"
    return None


def _cut(path: Path) -> bytes:
    """A font cut to what pages need of it, without the instructions for old screens."""
    # it takes half a second to import, and most commands print no page
    from fontTools import subset

    options = subset.Options(flavor="woff2", layout_features=_FEATURES, hinting=False, drop_tables=["meta", "DSIG"])
    font = subset.load_font(str(path), options)
    cut = subset.Subsetter(options)
    cut.populate(unicodes=_CHARACTERS)
    cut.subset(font)
    written = io.BytesIO()
    subset.save_font(font, written, options)
    return written.getvalue()
