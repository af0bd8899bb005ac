"""The overall question by profile on paper: the schematic map, and a line per segment with its interval drawn."""

from __future__ import annotations

from collections.abc import Sequence

from orchestration.programme import config
from orchestration.reporting import marks
from orchestration.reporting.indicators import AS_PUBLISHED, Indicator
from orchestration.reporting.letter.words import Notes, Printable, Writer
from orchestration.reporting.study import Axis
from orchestration.reporting.tiles import TileMap, tile_map

# how high the title of a table and a row of the map are, in lines of a table
_TITLE, _ROW = 2, 3


def printed_profiles(
    writer: Writer, axes: Sequence[Axis], item: Indicator | None, wave: str, wanted: config.TileMap | None
) -> Printable | None:
    """What is printed of profiles, of all or of one organisme; None where there is no overall question or no axis.

    Args:
        writer: the language.
        axes: the overall question by segment.
        item: the overall question.
        wave: the current wave.
        wanted: the map that the programme asks for.
    """
    if item is None or not axes:
        return None
    unit = marks.unit_of(item)
    low, high = ends = marks.domain(marks.axis_marks(writer, axes, item.current, unit), unit, unit.step / 2)
    notes, tiles = Notes(), tile_map(axes, wanted)
    tables = [_table(writer, axis, item, unit, notes) for axis in axes]
    # a map may place segments of which the edition has none
    rows = max((tile.row for tile in tiles.tiles), default=0) * _ROW if tiles else 0
    return {
        "chapo": writer.plain("profils_chapo", question=item.libelle, vague=wave),
        "titre": writer.plain("notes_moyennes", sur=writer.out_of(item.maximum))
        if item.kind == "note"
        else writer.plain("parts_positives"),
        "carte": _map(writer, tiles, item) if tiles and rows else None,
        "colonnes": _halves(tables, rows),
        "bornes": list(ends),
        "echelle": [writer.decimal(end, 0 if end.is_integer() else 1) for end in (low, high)],
        "ensemble": unit.place(item.current),
        "raisons": notes.printed(),
    }


def _table(writer: Writer, axis: Axis, item: Indicator, unit: marks.Unit, notes: Notes) -> Printable:
    kind = AS_PUBLISHED[item.kind]
    return {
        "libelle": writer.text(axis.libelle),
        "millesime": writer.plain("geographie", annee=axis.millesime) if axis.millesime else "",
        "lignes": [
            {
                "libelle": writer.text(one.libelle),
                "valeur": writer.figure(one.value, kind, notes),
                "bornes": [writer.figure(end, kind) for end in (one.low, one.high)]
                if one.low.shown and one.high.shown
                else None,
                "indicatif": writer.indicative(one.fragile),
                "trait": [unit.place(cell) for cell in (one.low, one.high, one.value)]
                if one.value.shown and one.low.shown and one.high.shown
                else None,
                "base": writer.figure(one.base, "entier"),
            }
            for one in marks.told(axis)
        ],
    }


def _map(writer: Writer, tiles: TileMap, item: Indicator) -> Printable:
    return {
        "titre": writer.plain("carte_titre", axe=tiles.axe),
        "aide": writer.plain("carte_aide"),
        "colonnes": tiles.columns,
        "cases": [
            {
                "code": tile.segment.code,
                "libelle": writer.text(tile.segment.libelle),
                "valeur": writer.figure(tile.segment.value, AS_PUBLISHED[item.kind]),
                "colonne": tile.column - 1,
                "ligne": tile.row - 1,
                "ton": tile.tone,
            }
            for tile in tiles.tiles
        ],
    }


def _halves(tables: Sequence[Printable], above: int) -> list[list[Printable]]:
    """The tables in two columns of about the same height, the first with the map above; each stays whole."""
    heights = [len(table["lignes"]) + _TITLE for table in tables]
    cut = min(range(len(tables) + 1), key=lambda n: abs(above + sum(heights[:n]) - sum(heights[n:])))
    return [list(tables[:cut]), list(tables[cut:])]
