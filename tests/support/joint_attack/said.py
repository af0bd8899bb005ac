"""What verdicts and p-values say of the means they compare: a gap lies on one side of a threshold, or between two.

A verdict stays where the figures around it are held back. It then speaks of a mean that nothing else tells, and which another wave's
or segment's published mean, give or take the gap, places.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

from tests.support.joint_attack.columns import COMPARISON, EVOLUTION, Figure
from tests.support.joint_attack.counts import Counts
from tests.support.joint_attack.figures import Reader

Ends = tuple[float, float]
# Student's quantiles are above the normal ones, by no more than this where a test has 20 degrees of freedom.
STUDENT_MORE = 1.2
# Where the gap of each verdict stands, in shares of what is notable.
NOTABLE, SLIGHT = (1.0, math.inf), (0.0, 1.0)
GAPS = {
    "hausse": NOTABLE, "au-dessus": NOTABLE, "hausse légère": SLIGHT, "légèrement au-dessus": SLIGHT,
    "stable": (-1.0, 1.0), "au niveau": (-1.0, 1.0),
    "baisse": (-math.inf, -1.0), "en dessous": (-math.inf, -1.0), "baisse légère": (-1.0, 0.0), "légèrement en dessous": (-1.0, 0.0),
}  # fmt: skip
ANY = (-math.inf, math.inf)


@dataclass
class Said:
    """The verdicts on a question, as intervals of the means of a wave."""

    reader: Reader
    wave: str
    question: str

    def figures(self) -> Iterator[Figure]:
        """What verdicts tell of means of this wave, each beside a mean that is published."""
        if self.reader.estimator == "mean_w":
            yield from self.of_evolutions()
            yield from self.of_comparisons()
            yield from self.of_references()

    def of_evolutions(self) -> Iterator[Figure]:
        """Evolutions, those whose figures are held back too."""
        known = self.reader.known
        told = {wave: self.told(wave) for wave in known.takers}
        for line in self.verdicts("fct_evolution"):
            waves = line["vague"], line["vague_precedente"]
            if self.wave not in waves:
                continue
            sides = known.compared(line["methode"], *waves, line["perimetre_type"], line["perimetre"])
            keys = [(frozenset(side), line["axe"], line["segment"], self.worth(line)) for side in sides]
            yield from self.placed(line, keys, [told[wave].get(key) for wave, key in zip(waves, keys, strict=True)],
                                   EVOLUTION, waves.index(self.wave))  # fmt: skip

    def of_comparisons(self) -> Iterator[Figure]:
        """Comparisons of two segments, or of two perimeters, of one wave: each side places the other."""
        told = self.told(self.wave)
        for line in self.verdicts("fct_comparaison"):
            if line["vague"] == self.wave and (sides := self.reader.sides(self.wave, line)):
                keys = [(whom, line["axe"], place, self.worth(line)) for whom, place in sides]
                for side in (0, 1):
                    yield from self.placed(line, keys, [told.get(key) for key in keys], COMPARISON, side)

    def of_references(self) -> Iterator[Figure]:
        """Gaps to a national reference, which is known exactly."""
        for line in self.verdicts("fct_ecart_reference"):
            if line["vague"] == self.wave and line.get("reference") is not None:
                line |= {
                    "mesure": "note" if line["unite"] == "note_10" else "taux",
                    "axe": "ensemble",
                    "segment": "tous",
                }
                scale = 1.0 if line["mesure"] == "note" else 100.0
                key = self.reader.whom(self.wave, line), "ensemble", "tous", self.worth(line)
                yield from self.placed(line, [key, key], [None, (line["reference"] / scale,) * 2], (), 0)

    def verdicts(self, table: str) -> list[dict]:
        """The lines of the question that have a verdict, published or not."""
        where = f"question_code = '{self.question}' and verdict is not null and statut in ('V', 'D')"
        return self.reader.known.table(table, where).to_dicts()

    def worth(self, line: dict) -> str:
        """What the verdict is about; a line that is held back does not say, but a question has a note or none."""
        return {"note": "score", "taux": "satisfied"}[line.get("mesure") or self.measure]

    @cached_property
    def notable(self) -> dict[str, float]:
        """From how large a gap on it is called notable, by what is measured."""
        [edition] = self.reader.known.table("meta_edition").to_dicts()
        return {measure: edition[f"materialite_{measure}"] for measure in ("note", "taux")}

    @cached_property
    def measure(self) -> str:
        """What the question's published verdicts are about."""
        frame = self.reader.known.table("fct_evolution", f"mesure is not null and question_code = '{self.question}'")
        return str(frame["mesure"][0]) if len(frame) else "note"

    def told(self, wave: str) -> dict[tuple, Ends]:
        """Between what and what each published mean of a wave lies."""
        found: dict[tuple, Ends] = {}
        for one in self.reader.figures(wave, self.question):
            if one.way == "mean_w":
                key = one.organismes, one.axis, one.segment, one.worth
                low, high = found.get(key, (-math.inf, math.inf))
                found[key] = max(low, one.low), min(high, one.high)
        return found

    def placed(
        self, line: dict, keys: list[tuple], ends: list[Ends | None], columns: tuple, side: int
    ) -> Iterator[Figure]:
        """The mean of one side, from the other's and the gap."""
        other, gap = ends[1 - side], self.gap(line, columns)
        if other and gap != ANY:
            low, high = gap if side == 0 else (-gap[1], -gap[0])
            whom, axis, segment, worth = keys[side]
            yield Figure(whom, axis, segment, "mean_w", worth, other[0] + low, other[1] + high, "verdict")

    def gap(self, line: dict, columns: tuple) -> Ends:
        """Between what and what a gap lies, by its verdict, and by its p-value and its error where they are published."""
        measure = line.get("mesure") or self.measure
        low, high = (self.notable[measure] * end for end in GAPS.get(line["verdict"], ANY))
        error = line.get("erreur_type" if measure == "note" else "erreur_type_taux")
        if error and line.get("p_valeur"):
            (least, most), (near, far) = _digit(line["p_valeur"]), _digit(error)
            unlikely = NormalDist().inv_cdf(1 - max(least, 1e-12) / 2) if line["p_valeur"] > 0.001 else math.inf
            widest = STUDENT_MORE * unlikely * far
            low, high = max(low, -widest), min(high, widest)
            published = [line.get(gap) for _, _, gap, _, worth in columns if gap and worth == self.worth(line)]
            narrowest = NormalDist().inv_cdf(1 - min(most, 1.0) / 2) * near
            if published and published[0]:
                low, high = (max(low, narrowest), high) if published[0] > 0 else (low, min(high, -narrowest))
        return low, high


def write(system: Counts) -> None:
    """Writes what verdicts say of the means of a system's question into its programme."""
    for one in Said(system.reader, system.wave, system.question).figures():
        if one.axis not in ("ensemble", system.axis, *system.known.strata_axes):
            continue
        where = one.axis, one.segment
        over, under = (system.form("w", worth, one.organismes, where) for worth in (one.worth, "base"))
        top = 10.0 if one.worth == "score" else 1.0
        for end, sides in ((one.low, (0, math.inf)), (one.high, (-math.inf, 0))):
            if over and 0 < end < top:
                line = {k: over.get(k, 0.0) - end * under.get(k, 0.0) for k in {*over, *under}}
                system.programme.line(line, *sides, one.source)


def _digit(value: float) -> Ends:
    """Between what and what a number lies of which one digit is published."""
    half = 10 ** math.floor(math.log10(value)) / 2
    return value - half, value + half
