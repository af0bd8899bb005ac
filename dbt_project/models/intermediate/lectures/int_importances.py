"""What each question, and each theme, weighs in the overall satisfaction; the one model that needs the interviews.

Drivers are the questions with a note that nearly everyone answered; the interviews are those that answered them all.
They are read some organismes at a time, so that a national wave needs no more memory than a region's.
"""

import os

import engines
import numpy as np
import pyarrow as pa
from importance import Sample, importance

DRAWS = 200
SEED = 20_000
# interviews read at a time
READ = 50_000
# units drawn in a stratum at most, and about as many in a perimeter, of which a stratum keeps the least
UNITS, UNITS_IN_ALL, LEAST_UNITS = 1000, 100_000, 50
# below the noise of sums whose order a processor chooses
DIGITS = 9

SCHEMA = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("vague", "perimetre_type", "perimetre", "question_globale", "niveau", "code")
        ),
        *((name, pa.int64()) for name in ("base", "nb_organismes")),
        *(
            (name, pa.float64())
            for name in (
                "base_efficace",
                "part_dominante",
                "r2",
                *(f"importance{end}" for end in ("", "_ic_bas", "_ic_haut")),
            )
        ),
        *((name, pa.int64()) for name in ("rang", "rang_ic_bas", "rang_ic_haut")),
    ]
)


def model(dbt, session):
    """Returns one row per wave, perimeter (region, organisme), overall question and driver or theme of drivers."""
    dbt.config(materialized="table")
    lots, strates, exclusions = dbt.ref("stg_lots"), dbt.ref("int_strates"), dbt.ref("stg_exclusions")
    notes = _notes(dbt.ref("int_modalites"), dbt.ref("stg_questions"), dbt.ref("stg_questions_vagues"))
    [(least, confidence)] = engines.rows(dbt.ref("stg_parametres"), "priorites_reponses_minimum", "confiance")
    excluded = {}
    for wave, organisme, code in sorted(engines.rows(exclusions, "vague", "organisme_code", "question_code")):
        excluded.setdefault((wave, code), []).append(organisme)
    strata = {}
    for wave, *place, factor, effect in engines.rows(
        strates, "vague", "organisme_code", "strate", "facteur", "effet_plan"
    ):
        strata.setdefault(wave, {})[tuple(place)] = (factor, effect)
    rows = []
    for wave, questions in sorted(notes.items()):
        delivered = engines.rows(
            lots, "organisme_code", "nb_entretiens", "fichier",
            where=f"vague = {_text(wave)} and nature = 'entretiens'",
        )  # fmt: skip
        outcomes = [code for code, q in questions.items() if q["globale"]]
        if not delivered or not outcomes:
            continue
        answers = _expressions(session, questions, {code: excluded.get((wave, code), []) for code in questions})
        outcomes = {
            outcome: {c: q["theme"] for c, q in questions.items() if q["pilote"] and c != outcome}
            for outcome in outcomes
        }
        said = _said(session, [file for *_, file in delivered], answers, outcomes)
        most = max(LEAST_UNITS, min(UNITS, UNITS_IN_ALL // max(1, len(strata[wave]))))
        regions = {
            outcome: _Perimeter("region", "region", outcome, _kept(said[outcome], least), most) for outcome in outcomes
        }
        for files in _at_a_time(delivered):
            for organisme, mine in _read(session, files, answers):
                factor, effect = np.array([strata[wave][organisme, s] for s in mine["strate"]]).T
                weight = mine["poids"] * factor
                for outcome, drivers in outcomes.items():
                    counts = {c: _answered(mine[outcome], mine[c]) for c in (outcome, *drivers)}
                    own = _Perimeter("organisme", organisme, outcome, _kept(counts, least), UNITS)
                    for perimeter in (own, regions[outcome]):
                        perimeter.add(mine, weight, effect)
                    rows += [{"vague": wave, **row} for row in own.rows(drivers, confidence)]
        for outcome, drivers in outcomes.items():
            rows += [{"vague": wave, **row} for row in regions[outcome].rows(drivers, confidence)]
    return engines.table(session, pa.Table.from_pylist(rows, schema=SCHEMA))


def _notes(modalites, questions, asked):
    """Returns by wave the questions with a note: note by option, theme, whether it is the overall one, a driver."""
    scored = {}
    for code, option, note in engines.rows(modalites, "question_code", "modalite_code", "note"):
        if note is not None:
            scored.setdefault(code, {})[option] = note
    asked_for = {
        code: rest for code, *rest in engines.rows(questions, "question_code", "theme_code", "est_globale", "nature")
    }
    found = {}
    for wave, code in sorted(engines.rows(asked, "vague", "question_code")):
        if code in scored:
            theme, overall, nature = asked_for[code]
            # recommending is an outcome of satisfaction, like the overall question, not one of its reasons
            found.setdefault(wave, {})[code] = {
                "notes": scored[code],
                "theme": theme,
                "globale": overall,
                "pilote": not overall and nature == "satisfaction",
            }
    return found


def _expressions(session, questions, excluded):
    """Returns by question the SQL of its note; none for the organismes whose answers are excluded."""

    def note(code, options):
        # with an exponent: a plain 6.67 is a decimal, whose arithmetic takes far longer
        whens = " ".join(f"when {_text(option)} then {value:.16e}" for option, value in options.items())
        text = f"case {engines.name_in(session, code)} {whens} end"
        if excluded[code]:
            listed = ", ".join(map(_text, excluded[code]))
            text = f"case when organisme_code not in ({listed}) then {text} end"
        return text

    return {code: note(code, q["notes"]) for code, q in questions.items()}


def _said(session, files, answers, outcomes):
    """Returns by outcome how many answered it, and of these how many answered each driver."""
    asked = {
        f"{outcome} {code}": f"count(case when {answers[outcome]} is not null then {answers[code]} end)"
        for outcome, drivers in outcomes.items()
        for code in (outcome, *drivers)
    }
    [counts] = engines.from_files(session, _paths(files), asked).to_pylist()
    found = {outcome: {} for outcome in outcomes}
    for name, count in counts.items():
        outcome, code = name.split(" ")
        found[outcome][code] = count
    return found


def _answered(outcome, driver):
    return int((~np.isnan(outcome) & ~np.isnan(driver)).sum())


def _kept(counts, least):
    """Returns the drivers that nearly all who gave the outcome answered, from those counts, the outcome's first."""
    (_, said), *drivers = counts.items()
    return [code for code, count in drivers if said and count / said >= least]


def _at_a_time(delivered):
    """Yields the files to read together: whole organismes, in order."""
    of = {}
    for organisme, interviews, file in sorted(delivered):
        size, files = of.get(organisme, (0, []))
        of[organisme] = size + interviews, [*files, file]
    together, size = [], 0
    for interviews, files in of.values():
        if together and size + interviews > READ:
            yield together
            together, size = [], 0
        together, size = together + files, size + interviews
    yield together


def _read(session, files, answers):
    """Yields each organisme and its interviews as columns, each question as notes.

    Every tie of their order is broken: the same interviews in the same order whatever the pseudonyms.
    """
    plain = {name: name for name in ("organisme_code", "strate", "poids")}
    # the unit comes last: it is a pseudonym, and decides the order of nothing but equal interviews
    read = engines.from_files(session, _paths(files), {**plain, **answers, "unite_primaire": "unite_primaire"})
    columns = {name: read[name].to_numpy() for name in read.column_names}
    organismes, starts = np.unique(columns["organisme_code"], return_index=True)
    for organisme, start, end in zip(organismes, starts, [*starts[1:], len(read)], strict=True):
        yield organisme, {name: column[start:end] for name, column in columns.items()}


def _paths(files):
    return sorted(f"{os.environ['OBSERVATOIRE_DATA']}/{file}" for file in files)


def _text(value):
    return "'" + str(value).replace("'", "''") + "'"


class _Perimeter:
    """The complete interviews of a perimeter, organisme by organisme, and what each driver weighs among them."""

    def __init__(self, kind, name, outcome, kept, most):
        self._named = {"perimetre_type": kind, "perimetre": name, "question_globale": outcome}
        self._kept, self._columns = kept, [*kept, outcome]
        self._sample = Sample(len(self._columns), draws=DRAWS, seed=SEED, most=most)
        self._weights, self._squares = [], []

    def add(self, columns, weight, effect):
        """Adds an organisme's interviews that are complete; `effect` is what their draw multiplies a variance by."""
        table = np.column_stack([columns[code] for code in self._columns])
        whole = ~np.isnan(table).any(axis=1)
        strata, units = columns["strate"][whole], columns["unite_primaire"][whole]
        told = len(units) and units[0] is not None
        for stratum in np.unique(strata):
            own = strata == stratum
            self._sample.add(table[whole][own], weight[whole][own], units[own] if told else None)
        if len(strata):
            self._weights.append(weight[whole].sum())
            self._squares.append((effect[whole] * weight[whole] ** 2).sum())

    def rows(self, themes, confidence):
        """Yields one row per driver and per theme; none where nothing varies."""
        varies = self._sample.varies()
        kept = [code for code, does in zip(self._kept, varies, strict=False) if does]
        if len(kept) < 2 or not varies[-1] or self._sample.base <= len(kept) + 1:
            return
        shared = {
            **self._named,
            "base": self._sample.base,
            "base_efficace": round(float(sum(self._weights) ** 2 / sum(self._squares)), DIGITS),
            "nb_organismes": len(self._weights),
            "part_dominante": round(float(max(self._weights) / sum(self._weights)), DIGITS),
        }
        groupings = {"question": np.array(kept), "theme": np.array([themes[code] for code in kept])}
        found = importance(self._sample.correlations(varies), groupings, confidence=confidence)
        for level, weighed in found.items():
            for code, figures in weighed.items():
                yield {
                    **shared,
                    "niveau": level,
                    "code": code,
                    "r2": round(figures.r2, DIGITS),
                    "importance": round(figures.share, DIGITS),
                    "importance_ic_bas": round(figures.low, DIGITS),
                    "importance_ic_haut": round(figures.high, DIGITS),
                    "rang": figures.rank,
                    "rang_ic_bas": figures.rank_low,
                    "rang_ic_haut": figures.rank_high,
                }
