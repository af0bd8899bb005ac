"""What two editions, read together, say of the organismes that changed between them.

A regional total less the one before is what the organismes that came, went or were delivered anew have changed. Two of
them are each other's secret, one is everybody's reading; and a difference made of a few answers tells these answers,
however many organismes they come from. An edition is held to every edition that can still be read.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import polars as pl

from orchestration.extracts.differences import changed_interviews
from orchestration.extracts.election import Key
from orchestration.extracts.lake import Lake
from orchestration.files import write_json
from orchestration.publication.losses import Standing

# how many answers changed, where both standings are known or one of them is missing
Changed = Callable[[Key, Standing | None, Standing | None], int]


@dataclass(frozen=True)
class Isolated:
    """The few organismes that alone changed in a wave both editions consolidate, or the few answers that did."""

    wave: str
    organismes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{', '.join(self.organismes)} en {self.wave}"


def isolated(
    before: Mapping[Key, Standing],
    after: Mapping[Key, Standing],
    least: int,
    dominance: float,
    answers: int = 0,
    changed: Changed | None = None,
) -> Iterator[Isolated]:
    """Yields the waves in which the difference of two editions isolates organismes, or a few answers.

    Args:
        before: what the older edition consolidates.
        after: what the next one would.
        least: organismes under which a regional figure is masked.
        dominance: share of the interviews at which one organisme dominates a figure.
        answers: answers under which a figure is masked.
        changed: interviews that came, went or changed in an organisme; without it, all of them.
    """
    count = changed or _largest
    moved: dict[str, dict[str, int]] = defaultdict(dict)
    sizes: dict[str, dict[str, int]] = defaultdict(dict)
    for key in sorted({*before, *after}):
        wave, organisme = key
        old, new = before.get(key), after.get(key)
        if not _same(old, new):
            moved[wave][organisme] = count(key, old, new)
            sizes[wave][organisme] = _largest(key, old, new)
    known = {wave for wave, _ in before}
    for wave, interviews in sizes.items():
        total = sum(interviews.values())
        few = len(interviews) < least or (least > 1 and max(interviews.values()) >= dominance * total)
        few |= least > 1 and sum(moved[wave].values()) < answers
        # a wave that was not there before has nothing to be subtracted from
        if wave in known and few:
            yield Isolated(wave, tuple(interviews))


def _same(old: Standing | None, new: Standing | None) -> bool:
    """Tells whether an organisme brings the same to both editions.

    Where both fingerprints are known they decide: the same answers delivered anew are no change, other weights are.
    """
    if old and new and old.brought and new.brought:
        return old.brought == new.brought
    return old == new or bool(old and new and (old.interviews, old.delivery) == (new.interviews, new.delivery))


def _largest(_key: Key, old: Standing | None, new: Standing | None) -> int:
    return max(standing.interviews for standing in (old, new) if standing)


def changed_in(lake: Lake) -> Changed:
    """Returns the count of interviews that came, went or changed, from the versions that the lake keeps.

    Where a version is gone or damaged, or holds counts and no interviews, only the difference of their numbers is sure.
    """

    def count(key: Key, old: Standing | None, new: Standing | None) -> int:
        if old is None or new is None or (old.delivery == new.delivery and old.interviews == new.interviews):
            # come, gone, or the same answers under other weights
            return _largest(key, old, new)
        if old.delivery != new.delivery:
            try:
                frames = [pl.read_parquet(lake.version(standing.delivery, *key)) for standing in (old, new)]
            except (OSError, pl.exceptions.PolarsError):
                frames = []
            if frames and all("entretien" in frame.columns for frame in frames):
                return sum(changed_interviews(*frames))
        return abs(new.interviews - old.interviews)

    return count


def brought(warehouse: Path) -> dict[Key, str]:
    """Returns a fingerprint of what each organisme brings to each wave: every count, every weight.

    Another version of DuckDB may hash otherwise; then all organismes seem changed, which isolates none.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select c.vague, c.organisme_code, bit_xor(hash(c.strate || c.unite_primaire, c.axe, c.segment,"
            " c.question_code, c.modalite_code, c.n, c.w)) from intermediaire.int_comptage_extrapole as c group by all"
        ).fetchall()
    return {(wave, organisme): f"{stamp:016x}" for wave, organisme, stamp in rows}


def remember(lake: Lake, edition: str, stamps: Mapping[Key, str], kept: list[str]) -> None:
    """Writes in the lake what an edition is made of, and forgets editions that are gone; nothing of it is published."""
    folder = _folder(lake)
    folder.mkdir(parents=True, exist_ok=True)
    write_json({"/".join(key): stamp for key, stamp in sorted(stamps.items())}, folder / f"{edition}.json")
    for path in folder.glob("*.json"):
        if path.stem not in (*kept, edition):
            path.unlink()


def remembered(lake: Lake, edition: str, standings: Mapping[Key, Standing]) -> dict[Key, Standing]:
    """Returns the standings of an edition with the fingerprints that were written with it, as far as there are any."""
    path = _folder(lake) / f"{edition}.json"
    try:
        stamps = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        stamps = {}
    return {key: replace(standing, brought=stamps.get("/".join(key), "")) for key, standing in standings.items()}


def _folder(lake: Lake) -> Path:
    return lake.root / "lake" / "apports"
