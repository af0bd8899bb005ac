"""The leaflet as a workbook: the lines of its tables, as numbers, and the same questions by segment.

The sheets of indicators, of predecessors and of periods hold what the page prints, from the same content. The one by
segment is read from the organisme's own file, for the page has no room for it. A cell without a figure has the word of
its status.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration.programme.config import ProgrammeConfig
from orchestration.reporting.cells import Edition, Row
from orchestration.reporting.downloads import disarmed, explain
from orchestration.reporting.indicators import ENSEMBLE
from orchestration.reporting.letter.words import Printable, Writer
from orchestration.reporting.pages import statuses

# How a spreadsheet shows a note, a rate, and a difference of either; the value in the cell is the published one.
FORMATS = {"note": "0.0", "taux": "0%", "ecart_note": "+0.0;-0.0;0.0", "ecart_taux": "+0%;-0%;0%", "entier": "#,##0"}
# the tables of a theme, and the kind of their figures
TABLES = {"notes": "note", "taux": "taux", "faits": "taux"}
# the columns of what is heard between two waves, by their words
PERIOD_COLUMNS = (
    "ecoute", "indicateur", "periode_ecoutee", "valeur", "borne_basse", "borne_haute", "intervalle_indicatif",
    "base", "quatre_periodes", "quatre_borne_basse", "quatre_borne_haute", "quatre_intervalle_indicatif",
)  # fmt: skip
WIDE = 44
# a value, and how it is shown: a kind of FORMATS, "absent", or "" for a text
_Cell = tuple[float | str | None, str]


def write_workbook(content: Printable, database: Path, programme: ProgrammeConfig, out: Path) -> Path:
    """Writes a leaflet's workbook; returns it.

    Args:
        content: what `leaflet` read of `database`.
        database: the organisme's own DuckDB file.
        programme: what programme.yaml says.
        out: the workbook.
    """
    # xlsxwriter ships no types.
    import xlsxwriter

    writer = Writer.of_programme(programme)
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(out), options) as book:
        title = writer.plain("livret_titre_classeur", nom=content["organisme"]["nom"])
        book.set_properties({"created": datetime(1980, 1, 1), "title": title})
        styles = {kind: book.add_format({"num_format": form}) for kind, form in FORMATS.items()}
        styles["titre"] = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        styles["absent"] = book.add_format({"italic": True, "font_color": "#6b6b6b"})
        explain(book, styles["titre"], writer, programme, _without_figure(writer, programme))
        sheet = book.add_worksheet(writer.plain("classeur_indicateurs"))
        _fill(sheet, styles, _titles(writer, content), _lines(content))
        sheet.activate()
        names = [
            writer.plain(name) for name in ("axe", "profil", "indicateur", "note", "part", "base", "code_question")
        ]
        sheet = book.add_worksheet(writer.plain("classeur_segments"))
        _fill(sheet, styles, names, _segments(writer, database, content["vagues"][-1]))
        if content["predecesseurs"]:
            title = content["predecesseurs"]["titre"]
            sheet = book.add_worksheet(title)
            names = [*(writer.plain(name) for name in ("theme", "indicateur", "vague")), title, content["vagues"][-1]]
            names += [writer.plain(name) for name in ("evolution", "verdict", "base")]
            _fill(sheet, styles, names, _predecessors(content["predecesseurs"]))
        if content["entre_vagues"]:
            sheet = book.add_worksheet(writer.plain("entre_vagues"))
            _fill(sheet, styles, [writer.plain(name) for name in PERIOD_COLUMNS], _periods(content["entre_vagues"]))
    return out


def _without_figure(writer: Writer, programme: ProgrammeConfig) -> Iterator[tuple[str, str]]:
    """Yields each word that stands in a cell for a figure, and what it means; an empty cell is the last one."""
    labels = [*statuses(writer, programme).values(), writer.no_value]
    for word in dict.fromkeys(label.word for label in labels):
        reasons = dict.fromkeys(label.reason for label in labels if label.word == word)
        yield word, writer.plain("point_virgule").join(reasons)
    yield writer.plain("case_vide"), writer.plain("case_vide_sens")


def _fill(sheet: Any, styles: Mapping[str, Any], titles: list[str], lines: Iterable[list[_Cell]]) -> None:
    """Writes the titles of a sheet, which stay in view, then its lines."""
    sheet.set_column(0, 2, WIDE // 2)
    sheet.set_column(1, 1, WIDE)
    sheet.set_column(3, len(titles) - 1, 13)
    sheet.write_row(0, 0, titles, styles["titre"])
    sheet.freeze_panes(1, 2)
    last = 0
    for last, line in enumerate(lines, start=1):
        for column, (value, kind) in enumerate(line):
            if isinstance(value, str):
                sheet.write_string(last, column, disarmed(value), styles.get(kind))
            elif value is not None:
                sheet.write_number(last, column, value, styles[kind])
    sheet.autofilter(0, 0, last, len(titles) - 1)


def _titles(writer: Writer, content: Printable) -> list[str]:
    names = [writer.plain("theme"), writer.plain("indicateur"), *content["vagues"]]
    if len(content["vagues"]) > 1:
        names += [writer.plain("evolution"), writer.plain("verdict")]
    return [*names, *(writer.plain(name) for name in ("region", "autres", "verdict", "place", "base", "code_question"))]


def _lines(content: Printable) -> Iterator[list[_Cell]]:
    """Yields the lines of the page's tables, theme after theme."""
    for theme in content["themes"]:
        for table, kind in TABLES.items():
            for line in theme[table]:
                row = [(theme["libelle"], ""), (line["libelle"], ""), *(_figure(note, kind) for note in line["notes"])]
                if len(content["vagues"]) > 1:
                    row += [_figure(line["evolution"], f"ecart_{kind}"), _verdict(line["verdict"])]
                row += [_figure(line["region"], kind), _figure(line["ecart"], f"ecart_{kind}"), _verdict(line["face"])]
                yield [*row, (line["quart"] or "", ""), _figure(line["base"], "entier"), (line["code"], "")]


def _predecessors(content: Printable) -> Iterator[list[_Cell]]:
    """Yields the predecessors' lines: their figure at that wave, the organisme's, the change, their base."""
    for table in content["tableaux"]:
        for group in table["groupes"]:
            for line in group["lignes"]:
                kind = line["genre"]
                yield [
                    *((text, "") for text in (group["libelle"], line["libelle"], table["vague"])),
                    *(_figure(line[name], kind) for name in ("avant", "valeur")),
                    _figure(line["ecart"], f"ecart_{kind}"),
                    _verdict(line["verdict"]),
                    _figure(line["base"], "entier"),
                ]


def _periods(between: Printable) -> Iterator[list[_Cell]]:
    """Yields each question's last wave and periods: figure, interval, base, and those of the four that end there."""
    for heard in between["ecoutes"]:
        # before the periods stand the headings of what is read and of the last wave
        periods = heard["entetes"][2:]
        for line in heard["lignes"]:
            told = [(line["vague"], [row["vague"] for row in line["rangs"]])] if line["vague"] else []
            told += [(label, [row["valeurs"][rank] for row in line["rangs"]]) for rank, label in enumerate(periods)]
            for label, figures in told:
                named = [(heard["libelle"], ""), (line["libelle"], ""), (label, "")]
                rows = zip(line["rangs"], figures, strict=True)
                yield [*named, *(cell for row, figure in rows for cell in _of_row(row["quoi"], figure, line["genre"]))]


def _of_row(what: str, figure: Printable | None, kind: str) -> list[_Cell]:
    """Returns the cells of a figure; of an interval both ends, masked together, and the word of an indicative one."""
    if what == "bornes":
        found = figure or {}
        ends = [_figure(end, kind) for end in found.get("bornes", [figure, figure])]
        return [*ends, (found.get("indicatif", ""), "")]
    return [_figure(figure, "entier" if what == "base" else kind)]


def _figure(figure: Printable | None, kind: str) -> _Cell:
    """Returns a printed figure as a number, or the word and the reason that stand for it."""
    if figure is None:
        return None, kind
    if "valeur" in figure:
        return float(figure["valeur"]), kind
    return ", ".join(filter(None, (figure["x"], figure.get("raison")))), "absent"


def _verdict(label: Printable | None) -> _Cell:
    return (f"{label['signe']} {label['mot']}" if label else ""), ""


def _segments(writer: Writer, database: Path, wave: str) -> Iterator[list[_Cell]]:
    """Yields each question of the current wave by segment: note and rate where the question has them, and the base."""
    with Edition(database) as edition:
        questions = {row["question_code"]: row for row in edition.rows("dim_question")}
        segments = {(row["axe"], row["segment"]): row for row in edition.rows("dim_segment")}
        own = edition.rows("fct_satisfaction", vague=wave, perimetre_type="organisme")

    def place(row: Row) -> tuple[int, int, int]:
        segment, question = segments[row["axe"], row["segment"]], questions[row["question_code"]]
        return int(segment["axe_ordre"] or 0), int(segment["ordre"] or 0), int(question["ordre"] or 0)

    for row in sorted((row for row in own if row["axe"] != ENSEMBLE["axe"]), key=place):
        segment, question = segments[row["axe"], row["segment"]], questions[row["question_code"]]
        named = [(segment["axe_libelle"], ""), (segment["libelle"], ""), (writer.text(question["libelle"]), "")]
        figures: list[_Cell] = [(writer.status(row["statut"]).word, "absent"), (None, ""), (None, "")]
        if row["statut"] == "V":
            kinds = {"note_imprimee": "note", "taux_imprime": "taux", "base_brute": "entier"}
            figures = [(row[name], kind) for name, kind in kinds.items()]
        yield [*named, *figures, (row["question_code"], "")]
