"""The schematic map: a tile per segment of one axis, placed by the programme (`rapport.carte`), shaded by figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.programme import config
from orchestration.reporting.study import Axis, Segment

TONES = 5


@dataclass(frozen=True)
class Tile:
    """A segment at its column and row (from 1); `tone` from 1 (lowest figure) to TONES, 0 without a figure."""

    segment: Segment
    column: int
    row: int
    tone: int


@dataclass(frozen=True)
class TileMap:
    """The tiles of an axis, from top to bottom and left to right, as they are read."""

    axe: str
    columns: int
    tiles: tuple[Tile, ...]


def tile_map(axes: Sequence[Axis], wanted: config.TileMap | None) -> TileMap | None:
    """The map that `rapport.carte` asks for; None if it asks for none, or for an axis without figures."""
    axis = next((axis for axis in axes if wanted and axis.code == wanted.axe), None)
    if axis is None or not wanted:
        return None
    places = wanted.cases
    segments = [segment for segment in axis.segments if segment.code in places]
    values = [float(segment.value.valeur) for segment in segments if segment.value.shown]
    low, high = min(values, default=0.0), max(values, default=0.0)
    tiles = []
    for segment in segments:
        tone = 0
        if segment.value.shown:
            share = (float(segment.value.valeur) - low) / (high - low) if high > low else 1.0
            tone = 1 + min(TONES - 1, int(share * TONES))
        column, row = places[segment.code]
        tiles.append(Tile(segment, int(column), int(row), tone))
    tiles.sort(key=lambda tile: (tile.row, tile.column))
    return TileMap(axis.libelle, max((tile.column for tile in tiles), default=1), tuple(tiles))
