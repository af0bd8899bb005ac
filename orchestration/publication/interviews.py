"""The interviews of each organisme, for a programme that asks for them: personal data, in a folder that says so.

An interview leaves without date, household and stratum. What describes the household (the axes) is merged until no
combination is rare. Its answers stay, so the files remain personal data.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl

from orchestration.extracts.lake import Lake, write_csv
from orchestration.programme import Programme
from orchestration.programme.vocabulary import words_of
from orchestration.publication.whole import INTERVIEWS

README = "LISEZMOI.txt"
# the segment that merged ones become, and the one of an interview that tells none
OTHER = "AUTRE"
UNKNOWN = "NR"


def write_interviews(programme: Programme, edition: str, codes: Iterable[str], folder: Path) -> None:
    """Writes the interviews of each organisme, one file per wave and a note on what must be done about them.

    Args:
        programme: the programme; its `secret` says how many interviews must share a combination of segments.
        edition: the edition that they go with.
        codes: the organismes.
        folder: where each gets a folder of its own, which nobody but the owner of the process may open.
    """
    lake, least, words = Lake(programme.root), programme.config.secret.export_minimum, words_of(programme.config)
    for code in codes:
        own = folder / code
        own.mkdir(parents=True)
        for wave in programme.waves:
            source = lake.elected(wave, code)
            interviews = pl.read_parquet(source) if source.is_file() else pl.DataFrame()
            if interviews.height >= least:
                write_csv(anonymised(programme, interviews), own / f"{INTERVIEWS}_{code}_{wave}.csv")
        said = words.say("export_note", organisme=code, edition=edition, nom=programme.config.nom, n=least)
        (own / README).write_text(said, encoding="utf-8")
        for path in own.iterdir():
            path.chmod(0o400)
        own.chmod(0o700)


def anonymised(programme: Programme, interviews: pl.DataFrame) -> pl.DataFrame:
    """Returns the interviews of an organisme and wave without what would find a household again.

    Weights are averaged over the interviews that show the same segments, since a weight tells a stratum. A question
    that only some segments are asked is emptied where those are merged: whether it was asked would tell them apart.
    Rows are sorted by what they hold, because the order of a delivery may be that of a register.

    Args:
        programme: the programme; of its axes, the first keep most segments.
        interviews: its rows in the lake, `export_minimum` of them or more.
    """
    axes = [axis for axis in programme.axes if axis in interviews.columns]
    # an index follows from the answers beside it, and would tell who was asked where those are emptied
    questions = [code for code in programme.delivered_questions if code in interviews.columns]
    shown = merged(interviews.select("poids", *axes, *questions), axes, programme.config.secret.export_minimum)
    weight = pl.col("poids").mean()
    return shown.select(
        (weight.over(axes) if axes else weight).round(3),
        *axes,
        *(_answers(programme, shown, code) for code in questions),
    ).sort(pl.all())


def merged(rows: pl.DataFrame, axes: Sequence[str], least: int) -> pl.DataFrame:
    """Merges segments until `least` rows or more show each combination of them.

    Axis after axis: among the rows that show the same so far, a segment that enough of them have stays. The others
    become one, with the rarest of those that would stay where they are too few.

    Args:
        rows: the interviews, `least` or more.
        axes: their columns of segments; the first keep most.
        least: how many rows must show a combination.
    """
    for done, axis in enumerate(axes):
        before = list(axes[:done])
        rows = rows.with_columns(pl.col(axis).fill_null(UNKNOWN))
        counts = rows.group_by(*before, axis).len().sort(*before, "len", axis).rows()
        stay = [
            line
            for _, group in itertools.groupby(counts, key=lambda line: line[:done])
            for line in _kept(list(group), least)
        ]
        kept = pl.DataFrame(stay, schema=[*before, axis], orient="row", schema_overrides=dict.fromkeys(axes, pl.String))
        rows = rows.join(kept.with_columns(reste=True), on=[*before, axis], how="left").with_columns(
            pl.when(pl.col("reste")).then(pl.col(axis)).otherwise(pl.lit(OTHER)).alias(axis)
        )
        rows = rows.drop("reste")
    return rows


def _kept(counts: list[tuple[object, ...]], least: int) -> Iterator[tuple[object, ...]]:
    """Yields the segments that stay, of segments and their numbers of rows, the rarest first."""
    together = 0
    for *segment, number in counts:
        assert isinstance(number, int)
        if number < least or 0 < together < least:
            together += number
        else:
            yield tuple(segment)


def asked_by(programme: Programme, question: str) -> frozenset[str]:
    """Returns the axes that decide who is asked a question, be it by the filters of the questions it follows."""
    condition = programme.conditions.get(question)
    if condition is None:
        return frozenset()
    inherited = (asked_by(programme, name) for name in condition.names & set(programme.questions))
    return frozenset(condition.names & set(programme.axes)).union(*inherited)


def _answers(programme: Programme, shown: pl.DataFrame, question: str) -> pl.Expr:
    """Returns the answers to a question as cells of a CSV hold them; several in one cell are apart by a bar."""
    answers = pl.col(question)
    if isinstance(shown.schema[question], pl.List):
        answers = answers.list.join("|")
    told_by = sorted(asked_by(programme, question) & set(shown.columns))
    kept = pl.all_horizontal(pl.lit(True), *(pl.col(axis) != OTHER for axis in told_by))
    return pl.when(kept).then(answers).alias(question)
