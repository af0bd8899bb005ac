"""Data Docs that open from disk: nothing in them asks the network for anything, and their front page speaks French."""

from __future__ import annotations

import re
import shutil
from html import escape
from pathlib import Path

from orchestration.plausibility.expectation import Expectation, Suite

# styles, scripts, pictures and fonts that would be fetched from elsewhere, and the library's own publicity
_REMOTE = (
    re.compile(r"""<(?:link|script)\b[^>]*(?:href|src)=["']https?://[^>]*>(?:\s*</script>)?"""),
    re.compile(r"""<img\b[^>]*src=["'](?:https?:|[^"']*static/images)[^>]*>"""),
    re.compile(r"""url\(["']?(?:https?:|[^)"']*fonts/)[^)]*\)"""),
    re.compile(r"""<footer\b.*?</footer>""", re.DOTALL),
)
_STYLE = """
body{font:1rem/1.45 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #d0d7de;padding:.4rem;text-align:left}
td.n{text-align:right}.bris{color:#9a1c1c;font-weight:600}nav,.cooltip{display:none}
.fa-check-circle::before{content:"\\2713"}.fa-times::before{content:"\\2717"}.fa-exclamation-triangle::before{content:"!"}
"""


def settle(folder: Path, ran: list[tuple[Suite, list[Expectation]]]) -> Path:
    """Makes the pages of a site readable where there is no network, and gives it its front page.

    Args:
        folder: the site, as Great Expectations built it.
        ran: the suites that were run, each with what became of its expectations.

    Returns:
        the front page.
    """
    # three megabytes of fonts, and pictures of a help that is not shown
    for unused in ("fonts", "images"):
        shutil.rmtree(folder / "static" / unused, ignore_errors=True)
    for path in [*folder.rglob("*.html"), *folder.rglob("*.css")]:
        text = path.read_text(encoding="utf-8")
        for pattern in _REMOTE:
            text = pattern.sub("", text)
        path.write_text(text.replace("</head>", f"<style>{_STYLE}</style></head>"), encoding="utf-8")
    page = folder / "index.html"
    page.write_text(_front(folder, ran), encoding="utf-8")
    return page


def _front(folder: Path, ran: list[tuple[Suite, list[Expectation]]]) -> str:
    sections = "".join(_section(folder, suite, entries) for suite, entries in ran)
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Contrôles de plausibilité</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><main>'
        "<h1>Contrôles de plausibilité</h1>"
        "<p>Ce que les suites Great Expectations ont vu des livraisons et de l’édition."
        f" Les pages de détail (Data Docs) sont en anglais.</p>{sections}</main></body></html>\n"
    )


def _section(folder: Path, suite: Suite, entries: list[Expectation]) -> str:
    [*_, detail] = sorted((folder / "validations" / suite.name).rglob("*.html"))
    lines = "".join(map(_line, entries))
    return (
        f"<h2>{escape(suite.name.replace('_', ' '))}</h2><p>{escape(suite.subject)}"
        f" <a href='{escape(str(detail.relative_to(folder)))}'>Détail</a>,"
        f" <a href='expectations/{escape(suite.name)}.html'>attentes</a>.</p>"
        "<table><thead><tr><th>Attente</th><th>Raison</th><th>Gravité</th><th>Issue</th><th>Cas</th></tr></thead>"
        f"<tbody>{lines}</tbody></table>"
    )


def _line(entry: Expectation) -> str:
    outcome = "<td>tenue</td>" if entry.passed else "<td class='bris'>non tenue</td>"
    return (
        f"<tr><th scope='row'>{escape(entry.rule.replace('_', ' '))}</th><td>{escape(entry.reason)}</td>"
        f"<td>{escape(entry.severity)}</td>{outcome}<td class='n'>{entry.unexpected}</td></tr>"
    )
