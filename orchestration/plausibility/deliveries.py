"""Each lot held to the suites on deliveries: what it is reproached with, and the questions it cannot be believed on.

Measures and verdicts are kept in the lake by what they depend on (the lot, those it is compared with, suites,
thresholds, plan, questionnaire): a night judges what it received, and again the lots that are compared with it. They
outlive their lot for a while: where a delivery is put back as it was, the state of the programme is known at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import polars as pl

from orchestration.extracts.election import Candidate
from orchestration.extracts.inventory import Inventory, take_inventory
from orchestration.extracts.lake import Lake, write_parquet
from orchestration.extracts.suite_results import OUTCOMES, SuiteResult, context_key, lot_key, suite_results
from orchestration.plausibility.measures import LOT, SAMPLING, Compared, measure, usual_shares
from orchestration.plausibility.questions import QUESTION, Usual
from orchestration.plausibility.run import Expectation, run
from orchestration.plausibility.suites import Suite, own_thresholds, suites
from orchestration.programme import Programme
from orchestration.programme.texts import decimal
from orchestration.programme.vocabulary import words_of
from orchestration.words import Texts

LOTS, QUESTIONS = "livraison", "question"
_KEYS: dict[str, type[pl.DataType]] = {"cle": pl.String, "vague": pl.String, "organisme_code": pl.String}
_SCHEMAS = {LOTS: {**_KEYS, **LOT}, QUESTIONS: {**_KEYS, **QUESTION}}
_TABLES = {LOTS: "mesures_livraisons", QUESTIONS: "mesures_questions"}
# which keys are those of candidates, and how many changes ago the others were
_AGES, _AGED = "verdicts_ages", {"cle": pl.String, "age": pl.Int64}
# changes of the candidates that a verdict outlives
_KEPT_FOR = 10


def judge_lots(programme: Programme, tell: Callable[[str], None] = lambda sentence: None) -> Inventory:
    """Measures and judges the lots that the suites have not seen; a refused one may bring an older one back to judge.

    Args:
        programme: whose lots they are.
        tell: called with a sentence per round.

    Returns:
        the inventory, every candidate judged.
    """
    lake, context = Lake(programme.root), context_key(programme)
    inventory = take_inventory(programme)
    while inventory.unjudged:
        tell(f"{len(inventory.unjudged)} lots à confronter au plan et à la vague précédente.")
        fresh = _measured(programme, context, inventory.unjudged)
        verdicts = _verdicts(fresh, programme)
        wanted = {_key(context, c) for c in inventory.election.candidates.values()} | {*_ages(lake)["cle"]}
        for name, table in _TABLES.items():
            write_parquet(_kept(lake, table, _SCHEMAS[name], wanted, fresh[name]), lake.table(table))
        write_parquet(_kept(lake, "verdicts", OUTCOMES, wanted, verdicts), lake.table("verdicts"))
        inventory = take_inventory(programme)
    _note_ages(lake, {_key(context, c) for c in inventory.election.candidates.values()})
    return inventory


def results_of(programme: Programme, candidates: Iterable[Candidate]) -> dict[str, SuiteResult]:
    """Measures and judges some lots, and keeps nothing of it.

    Args:
        programme: whose lots they are.
        candidates: the lots, their files still there.

    Returns:
        what the suites say of each, by the key under which `judge_lots` keeps it.
    """
    measured = _measured(programme, context_key(programme), candidates)
    return suite_results(_verdicts(measured, programme).to_dicts(), words_of(programme.config))


def frames(programme: Programme) -> dict[str, pl.DataFrame]:
    """Returns the measures of the lots that were last judged: one row per lot, one per lot and question."""
    lake = Lake(programme.root)
    current = _ages(lake).filter(age=0)["cle"].to_list()
    return {
        name: _read(lake, table, _SCHEMAS[name]).filter(pl.col("cle").is_in(current)) for name, table in _TABLES.items()
    }


def _measured(programme: Programme, context: str, candidates: Iterable[Candidate]) -> dict[str, pl.DataFrame]:
    least = programme.thresholds.base_minimale
    found: dict[str, list[pl.DataFrame]] = {LOTS: [], QUESTIONS: []}
    peers: dict[str, Usual] = {}
    # two deliveries of the same answers are one thing to judge
    for key, candidate in {_key(context, c): c for c in candidates}.items():
        record, lot = candidate.record, candidate.lot
        code = str(lot.organisme_code)
        if candidate.peers.key not in peers:
            peers[candidate.peers.key] = usual_shares(programme, candidate.peers.lots, least)
        compared = Compared(candidate.previous, peers[candidate.peers.key])
        figures = measure(programme, record.vague, code, lot, compared, least)
        keys = [pl.lit(value).alias(name) for name, value in zip(_KEYS, (key, record.vague, code), strict=True)]
        for name, rows in zip((LOTS, QUESTIONS), figures, strict=True):
            found[name].append(rows.select(*keys, pl.all()))
    return {name: pl.concat([pl.DataFrame(schema=_SCHEMAS[name]), *parts]) for name, parts in found.items()}


def _key(context: str, candidate: Candidate) -> str:
    return lot_key(context, candidate.lot, candidate.previous, candidate.peers.key)


def _verdicts(measured: dict[str, pl.DataFrame], programme: Programme) -> pl.DataFrame:
    own, words = own_thresholds(programme), words_of(programme.config).texts
    secret = programme.config.secret.organismes_secrets
    rows: list[dict[str, Any]] = []
    for suite in suites():
        if suite.frame and not measured[suite.frame].is_empty():
            for entry in run(suite, measured[suite.frame].to_pandas(), own, words["attentes"]).expectations:
                rows += _outcomes(entry, suite, measured, words, secret=secret)
    return pl.DataFrame(rows, schema=OUTCOMES)


def _outcomes(
    entry: Expectation, suite: Suite, measured: dict[str, pl.DataFrame], words: Texts, *, secret: bool
) -> Iterator[dict[str, Any]]:
    """Yields one row per lot: kept, or broken by how much and where."""
    frame = measured[suite.frame]
    broken = frame[list(entry.rows)]
    for key in measured[LOTS]["cle"]:
        cases = broken.filter(pl.col("cle") == key).sort(entry.column, descending=True)
        questions = cases["question_code"].to_list() if suite.frame == QUESTIONS else []
        yield {
            "cle": key,
            "regle": entry.rule,
            "tenue": cases.is_empty(),
            "nombre": cases.height,
            "exemple": "" if cases.is_empty() else _told(entry, cases, words, named=bool(questions), secret=secret),
            "questions": questions,
        }


def _told(entry: Expectation, cases: pl.DataFrame, words: Texts, *, named: bool, secret: bool) -> str:
    """Returns what was measured and what was expected, in the words of a language; up to three values.

    Reasons are published. Where organismes' figures are secret, what was measured on the answers of one is not told.
    """
    mark = words["nombres"]["decimale"]

    def number(value: float) -> str:
        return decimal(value).replace(",", mark)

    templates = words["constats"]
    shown = entry.column in SAMPLING or not secret

    def value(row: dict[str, Any]) -> str:
        names = [str(row["question_code"])] if named else []
        numbers = [number(row[entry.column])] if shown else []
        return " ".join(names + numbers)

    values = ", ".join(value(row) for row in cases.head(3).iter_rows(named=True))
    if cases.height > 3:
        values = templates["autres"].format(valeurs=values, n=cases.height - 3)
    low, high = entry.expected
    kind = "entre" if low is not None and high is not None else "au_plus" if low is None else "au_moins"
    bounds = {name: number(value) for name, value in (("bas", low), ("haut", high)) if value is not None}
    what = words["mesures"][entry.column]
    template = templates["constat" if named or shown else "constat_sans_chiffre"]
    return str(template.format(mesure=what, valeurs=values, attendu=templates[kind].format(**bounds)))


def _ages(lake: Lake) -> pl.DataFrame:
    return _read(lake, _AGES, _AGED)


def _note_ages(lake: Lake, wanted: set[str]) -> None:
    """Notes which keys are those of candidates; what has not been one for a while is kept no longer."""
    ages = _ages(lake)
    if wanted == {*ages.filter(age=0)["cle"]}:
        return
    older = ages.filter(~pl.col("cle").is_in(list(wanted)), pl.col("age") < _KEPT_FOR).with_columns(pl.col("age") + 1)
    current = pl.DataFrame({"cle": sorted(wanted), "age": 0}, schema=_AGED)
    write_parquet(pl.concat([current, older.sort("cle")]), lake.table(_AGES))


def _kept(lake: Lake, table: str, schema: Any, wanted: set[str], fresh: pl.DataFrame) -> pl.DataFrame:
    """Returns a table with the fresh rows, without those that nobody wants any more."""
    old = _read(lake, table, schema)
    new = set(fresh["cle"])
    return pl.concat([old.filter(pl.col("cle").is_in(list(wanted - new))), fresh]).sort(
        list(schema)[:3], maintain_order=True
    )


def _read(lake: Lake, table: str, schema: Any) -> pl.DataFrame:
    try:
        return pl.read_parquet(lake.table(table)).select(list(schema)).cast(schema)
    except (OSError, pl.exceptions.PolarsError):
        return pl.DataFrame(schema=schema)
