"""What a re-delivery changes: interviews that came, went or were answered otherwise, and the questions that moved.

Compares two versions of the same organisme and wave in the lake. Interviews are matched by pseudonym; counts have none,
and are compared as totals and shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.extracts.contract import RESPONDENTS
from orchestration.extracts.election import Election, Key
from orchestration.extracts.lake import Lake, write_csv
from orchestration.extracts.records import COUNTS, Lot
from orchestration.files import replace_folder
from orchestration.programme import Programme
from orchestration.programme.texts import counted, number

MOVED = {
    "question_code": pl.String, "modalite_code": pl.String, "base_avant": pl.Int64, "base_apres": pl.Int64,
    "part_avant": pl.Float64, "part_apres": pl.Float64, "ecart": pl.Float64,
}  # fmt: skip
_SHARES = {"question_code": pl.String, "modalite_code": pl.String, "base": pl.Int64, "part": pl.Float64}


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
    moved = _shares(before, old, programme).join(
        _shares(after, new, programme),
        on=["question_code", "modalite_code"],
        how="full",
        coalesce=True,
        suffix="_apres",
    )
    moved = (
        moved.rename({"base": "base_avant", "part": "part_avant"})
        .with_columns(pl.col("base_avant", "base_apres", "part_avant", "part_apres").fill_null(0))
        .with_columns((pl.col("part_apres") - pl.col("part_avant")).alias("ecart"))
        .filter(pl.col("ecart").abs() >= threshold)
        .select(list(MOVED))
        .cast(MOVED)  # type: ignore[arg-type]
        .sort(pl.col("ecart").abs(), "question_code", "modalite_code", descending=[True, False, False])
    )
    return Difference(interviews, moved)


def changed_interviews(before: pl.DataFrame, after: pl.DataFrame) -> tuple[int, int, int]:
    """Returns how many interviews came, went, and have another answer, axis, stratum or weight."""
    key = "entretien"
    # a question added to the questionnaire since is not a change of the delivery
    common = [c for c in before.columns if c in after.columns and before.schema[c] == after.schema[c]]
    kept = before.select(common).join(after.select(key), on=key, how="semi").sort(key)
    again = after.select(common).join(before.select(key), on=key, how="semi").sort(key)
    same = pl.all_horizontal(
        pl.col(c).eq_missing(pl.col(f"{c}_apres")) for c in common if c not in (key, "vague", "organisme_code")
    )
    paired = kept.join(again, on=key, suffix="_apres")
    changed = paired.height - int(paired.select(same.sum()).item() or 0)
    added, removed = after.height - again.height, before.height - kept.height
    return added, removed, changed


def _matched(before: pl.DataFrame, after: pl.DataFrame) -> str:
    """Returns what became of the interviews, in words; nothing where both versions say the same."""
    added, removed, changed = changed_interviews(before, after)
    if not (added or removed or changed):
        return ""
    return f"entretiens ajoutés : {number(added)}, retirés : {number(removed)}, modifiés : {number(changed)}"


def _shares(frame: pl.DataFrame, lot: Lot, programme: Programme) -> pl.DataFrame:
    """Returns the share of each option among expressed answers: question_code, modalite_code, base, part."""
    parts = [pl.DataFrame(schema=_SHARES)]
    for code, question in programme.questions.items():
        options = programme.options[question.scale]
        if lot.nature == COUNTS:
            told = frame.filter(axe="ensemble", question_code=code).group_by("modalite_code").agg(pl.col("n").sum())
            given = told.filter(pl.col("modalite_code").is_in(options))
            base = (told.filter(modalite_code=RESPONDENTS) if question.multiple else given)["n"].sum()
        elif code in frame.columns:
            said = frame.select(pl.col(code).alias("modalite_code"), pl.int_range(pl.len()).alias("rang"))
            said = said.explode("modalite_code") if question.multiple else said
            said = said.filter(pl.col("modalite_code").is_in(options))
            given, base = said.group_by("modalite_code").len("n"), said["rang"].n_unique()
        else:
            continue
        keys = (pl.lit(code).alias("question_code"), "modalite_code", pl.lit(round(base)).alias("base"))
        shares = given.select(*keys, (pl.col("n") / max(base, 1)).alias("part"))
        parts.append(shares.cast(_SHARES))  # type: ignore[arg-type]
    return pl.concat(parts)


def write_differences(election: Election, lake: Lake, programme: Programme) -> dict[Key, str]:
    """Writes, for each re-delivery in force, the questions that moved; keeps nothing of earlier comparisons.

    Returns:
        by wave and organisme, the difference in a sentence.
    """
    threshold = programme.thresholds.relivraison_ecart
    sentences: dict[Key, str] = {}

    def fill(folder: Path) -> None:
        for (wave, organisme), (_, before) in sorted(election.displaced.items()):
            record, after = election.elected[wave, organisme]
            found = compare(lake.root, before, after, programme, threshold)
            if found.interviews:
                sentences[wave, organisme] = found.sentence
                write_csv(found.moved, folder / f"{record.livraison}.{organisme}.csv")

    replace_folder(lake.root / "lake" / "differences", fill)
    return sentences
