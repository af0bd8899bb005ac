"""What a re-delivery changes: interviews that came, went or were answered otherwise, and the questions that moved.

Compares two versions of the same organisme and wave in the lake. Interviews are matched by pseudonym; counts have none,
and are compared as totals and shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.extracts.contract import RESPONDENTS
from orchestration.extracts.election import Election, Key
from orchestration.extracts.lake import Lake, write_csv
from orchestration.extracts.pseudonyms import PLACED
from orchestration.extracts.records import COUNTS, Lot
from orchestration.extracts.tallies import Tallies, tallies
from orchestration.files import replace_folder
from orchestration.programme import Programme
from orchestration.programme.dispositifs import thresholds_of
from orchestration.programme.programme import Question
from orchestration.programme.texts import counted, number

MOVED = {
    "question_code": pl.String, "modalite_code": pl.String, "base_avant": pl.Int64, "base_apres": pl.Int64,
    "part_avant": pl.Float64, "part_apres": pl.Float64, "ecart": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """A version against the one it replaces.

    Attributes:
        interviews: what became of the interviews, a clause in French; empty when both versions say the same.
        moved: options whose unweighted share of expressed answers moved by at least the threshold: question,
            option, base and share before and after, difference in share.
    """

    interviews: str
    moved: pl.DataFrame

    @property
    def sentence(self) -> str:
        """The difference in one French sentence."""
        moved = self.moved["question_code"].n_unique()
        return f"{self.interviews} ; {counted(moved, 'question')} au-delà du seuil"


def compare(root: Path, old: Lot, new: Lot, programme: Programme, threshold: float) -> Difference:
    """Compares two lots of the lake.

    Args:
        root: the programme's folder.
        old: the version replaced.
        new: the version in force.
        programme: its questions and statuses.
        threshold: smallest difference in share that is reported, between 0 and 1.
    """
    before, after = (pl.read_parquet(root / str(lot.fichier)) for lot in (old, new))
    if COUNTS in (old.nature, new.nature):
        same = old.nature == new.nature and before.equals(after)
        told = f"entretiens : {number(old.interviews)} avant, {number(new.interviews)} après"
        interviews = "" if same else told
    else:
        interviews = _matched(before, after)
    moved = _moved(tallies(before, old, programme), tallies(after, new, programme), programme, threshold)
    return Difference(interviews, moved)


def changed_interviews(before: pl.DataFrame, after: pl.DataFrame) -> tuple[int, int, int]:
    """Returns how many interviews came, went, and have another answer, axis, stratum or weight.

    Interviews without an identifier are matched by what they say: one line more at the top of a file must not look like
    a change of all the others.
    """
    key = "entretien"
    # a question added to the questionnaire since is not a change of the delivery
    common = [c for c in before.columns if c in after.columns and before.schema[c] == after.schema[c]]
    if any(frame[key].str.starts_with(PLACED).any() for frame in (before, after)):
        return _changed_contents(before.select(common).drop(key), after.select(common).drop(key))
    kept = before.select(common).join(after.select(key), on=key, how="semi").sort(key)
    again = after.select(common).join(before.select(key), on=key, how="semi").sort(key)
    same = pl.all_horizontal(
        pl.col(c).eq_missing(pl.col(f"{c}_apres")) for c in common if c not in (key, "vague", "organisme_code")
    )
    paired = kept.join(again, on=key, suffix="_apres")
    changed = paired.height - int(paired.select(same.sum()).item() or 0)
    added, removed = after.height - again.height, before.height - kept.height
    return added, removed, changed


def _changed_contents(before: pl.DataFrame, after: pl.DataFrame) -> tuple[int, int, int]:
    """Returns the same of interviews that nothing names: one that went and one that came count as one changed."""
    lists = [name for name, kind in before.schema.items() if isinstance(kind, pl.List)]
    counts = [
        frame.with_columns(pl.col(name).list.join(",") for name in lists).group_by(pl.all()).len(count)
        for frame, count in ((before, "__avant"), (after, "__apres"))
    ]
    paired = counts[0].join(counts[1], on=before.columns, how="full", coalesce=True, nulls_equal=True)
    gaps = paired.select(
        pl.col("__apres").fill_null(0).cast(pl.Int64) - pl.col("__avant").fill_null(0).cast(pl.Int64)
    ).to_series()
    added, removed = int(gaps.clip(lower_bound=0).sum()), int(-gaps.clip(upper_bound=0).sum())
    changed = min(added, removed)
    return added - changed, removed - changed, changed


def _matched(before: pl.DataFrame, after: pl.DataFrame) -> str:
    """Returns what became of the interviews, in words; nothing where both versions say the same."""
    added, removed, changed = changed_interviews(before, after)
    if not (added or removed or changed):
        return ""
    return f"entretiens ajoutés : {number(added)}, retirés : {number(removed)}, modifiés : {number(changed)}"


def _moved(before: Tallies, after: Tallies, programme: Programme, threshold: float) -> pl.DataFrame:
    """Returns the options whose share of expressed answers moved by the threshold, the largest difference first."""
    rows = []
    for code, question in programme.delivered_questions.items():
        for option in programme.options[question.scale]:
            told = [_share(found.get(code, {}), option, question, programme) for found in (before, after)]
            gap = told[1][1] - told[0][1]
            if any(base for base, _ in told) and abs(gap) >= threshold:
                rows.append((code, option, told[0][0], told[1][0], told[0][1], told[1][1], gap))
    order = (pl.col("ecart").abs(), "question_code", "modalite_code")
    return pl.DataFrame(rows, schema=MOVED, orient="row").sort(order, descending=[True, False, False])


def _share(given: Mapping[str, float], option: str, question: Question, programme: Programme) -> tuple[int, float]:
    """Returns the base of an option and its share of it; nothing where nobody gave it."""
    if option not in given:
        return 0, 0.0
    options = programme.options[question.scale]
    base = given.get(RESPONDENTS, 0) if question.multiple else sum(given.get(o, 0) for o in options)
    return round(base), given[option] / max(base, 1)


def write_differences(election: Election, lake: Lake, programme: Programme) -> dict[Key, str]:
    """Writes, for each re-delivery in force, the questions that moved; keeps nothing of earlier comparisons.

    Returns:
        by wave and organisme, the difference in a sentence.
    """
    sentences: dict[Key, str] = {}

    def fill(folder: Path) -> None:
        for (wave, organisme), (_, before) in sorted(election.displaced.items()):
            record, after = election.elected[wave, organisme]
            threshold = thresholds_of(programme, wave).relivraison_ecart
            found = compare(lake.root, before, after, programme, threshold)
            if found.interviews:
                sentences[wave, organisme] = found.sentence
                write_csv(found.moved, folder / f"{record.livraison}.{organisme}.csv")

    replace_folder(lake.root / "lake" / "differences", fill)
    return sentences
