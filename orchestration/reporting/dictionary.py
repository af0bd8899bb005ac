"""The dictionary of an edition: each table and column of its file, with its meaning and its keys, as a page.

What it says is read from the published file (`orchestration.publication.described`). The file's comments are French;
the page has them in the programme's language (`orchestration.words.comments`).
"""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from orchestration.files import write_text
from orchestration.programme.config import ProgrammeConfig
from orchestration.publication.described import tables
from orchestration.reporting.cells import Edition
from orchestration.reporting.formats import Formats
from orchestration.reporting.identity import style
from orchestration.reporting.pages import environment, styles
from orchestration.reporting.study import last_edition

PAGE = "dictionnaire.html"


def write_dictionary(database: Path, programme: ProgrammeConfig, f: Formats, out: Path) -> Path:
    """Writes `out/dictionnaire.html`; returns it.

    Args:
        database: the edition's DuckDB file.
        programme: what programme.yaml says.
        f: its language; a comment without a translation stays in the database's French, and says so.
        out: folder of the report.
    """
    report = programme.rapport
    with Edition(database) as edition:
        context = {
            "tables": tables(edition.connection),
            "traduit": f.words.comment,
            "numero": last_edition(edition)["edition"] or "–",
            "nom": programme.nom or report.titre or "",
            "demonstration": programme.demonstration,
            "styles": Markup(styles() + style(report.couleurs)),
        }
    page = out / PAGE
    write_text(environment(f).get_template("dictionnaire.html.j2").render(context), page)
    return page
