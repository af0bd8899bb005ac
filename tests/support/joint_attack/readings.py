"""What a member's own file says of the others, and what profiles say of segments, as lines over numbers of respondents.

A member's file says again what the rest of the region answered, and what the region's tenants are like on an axis, each with a
rounding of its own. The same lines of the regional file tie a perimeter's segments together.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from tests.support.joint_attack.columns import COMPARISON, KNOWN, PROFILE, Figure
from tests.support.joint_attack.counts import Counts
from tests.support.joint_attack.figures import Reader

if TYPE_CHECKING:
    from tests.support.joint_attack.system import System

Ends = tuple[float, float]
# What ties the segments of more organismes together singles nobody out.
MANY = 8


@dataclass
class Member(Reader):
    """What the file of one organisme says of the others."""

    organisme: str = ""

    @cached_property
    def file(self) -> duckdb.DuckDBPyConnection | None:
        """The organisme's file; None where the edition has none of it."""
        path = self.known.folder / "published" / self.known.edition / "organismes" / f"{self.organisme}.duckdb"
        return duckdb.connect(str(path), read_only=True) if path.exists() and not self.known.database else None

    def tables(self, table: str) -> dict[tuple[str, ...], pl.DataFrame]:
        """The organisme's own published lines of a table, by question."""
        if table not in self.frames:
            frame = pl.DataFrame()
            with contextlib.suppress(duckdb.CatalogException):
                if self.file:
                    query = f"select * from observatoire.{table} where perimetre_type = 'organisme' and statut = 'V'"
                    frame = self.file.sql(query).pl()
            parts = {} if frame.is_empty() else frame.partition_by("question_code", as_dict=True)
            self.frames[table] = {tuple(map(str, key)): part for key, part in parts.items()}
        return self.frames[table]

    def sort(self, line: dict) -> tuple[str, ...]:
        """Lines that are as fine as the region of their wave, or as coarse as any perimeter."""
        return (str(line.get("comparaison")), line["vague"] if line["axe"] == "ensemble" else "")

    def figures(self, wave: str, question: str) -> Iterator[Figure]:
        """What is said of the rest of the region, and of the region itself."""
        others = frozenset(self.known.takers[wave]) - {self.organisme}
        table = "fct_comparaison"
        for line in self.rows(table, wave, question):
            if line["comparaison"] == "reste_region":
                for _, other, _, way, worth in COMPARISON:
                    if found := self.interval(table, other, line, whole=way == "n"):
                        yield Figure(others, line["axe"], line["segment"], way, worth, *found, f"own {table}.{other}")
        for line in self.rows("fct_profil_comparable", wave, question):
            for _, _, _, _, region, worth in PROFILE:
                if found := self.interval("fct_profil_comparable", region, line):
                    everybody = frozenset(self.known.takers[wave])
                    yield Figure(everybody, line["axe"], KNOWN, "mean_w", worth, *found, f"own {region}")


def member(reader: Reader, organisme: str) -> Member:
    """The reader of an organisme's own file, beside that of the regional one."""
    if organisme not in reader.members:
        reader.members[organisme] = Member(reader.known, organisme=organisme)
    return reader.members[organisme]  # type: ignore[return-value]


def write_own(system: Counts, organisme: str) -> None:
    """Writes what an organisme's own file says of the others on the system's question."""
    own = member(system.reader, organisme)
    if not own.file or organisme not in system.takers or system.bases:
        return
    for one in own.figures(system.wave, system.question):
        if one.axis in system.axes:
            system.say(one.organismes, one.axis, one.segment, one.way, one.worth, one.low, one.high, one.source)
    everybody = frozenset(system.takers)
    for line, axis, worth, (low, high) in profiles(own, system):
        means = own_means(system, organisme, axis, worth)
        if line["nb_segments"] != len(means):
            continue
        # Σ P × mean = profile × Σ P, where P, what the region's respondents of a segment weigh, is all that is unknown
        for end, least, most in ((low, 0.0, float("inf")), (high, float("-inf"), 0.0)):
            form: dict[int, float] = {}
            for segment, mean in means.items():
                for column, weight in system.form("w", "base", everybody, (axis, segment)).items():
                    form[column] = form.get(column, 0.0) + weight * (mean - end)
            system.programme.line(form, least, most, "own profile")


def profiles(reader: Reader, system: Counts) -> Iterator[tuple[dict, str, str, Ends]]:
    """Each published figure at the region's profile: its line, axis, what it averages, and between what and what it lies."""
    table = "fct_profil_comparable"
    for line in reader.rows(table, system.wave, system.question):
        for _, profile, low, high, _, worth in PROFILE:
            found = reader.interval(table, profile, line)
            if found and line["axe"] in system.axes:
                yield line, line["axe"], worth, reader.narrowed(table, found, low, high, line)


def own_means(system: Counts, organisme: str, axis: str, worth: str) -> dict[str, float]:
    """An organisme's own mean in each segment of an axis that is known of its tenants."""
    heavy = system.known.weighed(system.wave, system.question, organisme, axis)
    worths = system.worth_of(worth, organisme) or {}
    return {
        place: sum(value * heavy.get((place, code), 0.0) for code, value in worths.items()) / total
        for (place, answer), total in heavy.items()
        if answer == "*" and place != "NR"
    }


def write_profiles(system: System) -> None:
    """Writes what a figure at the region's profile says of a perimeter's segments, whose means are published beside it."""
    region = frozenset(system.takers)
    means: dict[tuple, int] = {}
    for line, axis, worth, (low, high) in profiles(system.reader, system):
        whom = system.reader.whom(system.wave, line)
        segments = [s for w, a, s, way, what in system.published if (w, a, way, what) == (region, axis, "w", "base")]
        parts = {s: system.published[region, axis, s, "w", "base"][:2] for s in segments if s not in ("NR", KNOWN)}
        keys = {s: (whom, axis, s, worth) for s in parts}
        told = {s: system.published.get((*key[:3], "mean_w", worth)) for s, key in keys.items()}
        if len(whom) > MANY or line["nb_segments"] != len(parts) or None in told.values():
            continue
        middle = (low + high) / 2
        if not means:
            system.programme.load()
        total = sum(sum(ends) / 2 for ends in parts.values())
        form, slack = {}, 0.0
        for segment, (least, most) in parts.items():
            # Σ part × (mean − middle) = profile − middle, whatever the parts, that a rounding each makes uncertain
            form[system.mean(means, keys[segment])] = (least + most) / 2
            said = told[segment] or (0.0, 0.0)
            slack += (most - least) / 2 * max(abs(end - middle) for end in said[:2])
        more = sum(most - least for least, most in parts.values()) / 2 * (high - low) / 2
        slack += (high - low) / 2 * total + more
        system.programme.line(form, middle * total - slack, middle * total + slack, "fct_profil_comparable")
