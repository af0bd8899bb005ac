"""What each question, and each theme, weighs in the overall satisfaction; the one model that needs the interviews.

Drivers are the questions with a note that nearly everyone answered; the interviews are those that answered them all.
"""

import os

import numpy as np
import pyarrow as pa
from importance import importance

DRAWS = 200
SEED = 20_000
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
            for name in ("part_dominante", "r2", "importance", "importance_ic_bas", "importance_ic_haut")
        ),
        *((name, pa.int64()) for name in ("rang", "rang_ic_bas", "rang_ic_haut")),
    ]
)


def model(dbt, session):
    """Returns one row per wave, perimeter (region, organisme), overall question and driver or theme of drivers."""
    dbt.config(materialized="table")
    lots, strates, exclusions = dbt.ref("stg_lots"), dbt.ref("int_strates"), dbt.ref("stg_exclusions")
    notes = _notes(dbt.ref("int_modalites"), dbt.ref("stg_questions"), dbt.ref("stg_questions_vagues"))
    [(least, confidence)] = dbt.ref("stg_parametres").select("priorites_reponses_minimum, confiance").fetchall()
    excluded = set(exclusions.select("vague, organisme_code, question_code").fetchall())
    weights = {
        tuple(key): factor for *key, factor in strates.select("vague, organisme_code, strate, facteur").fetchall()
    }
    rows = []
    for wave, questions in sorted(notes.items()):
        files = lots.filter(f"vague = '{wave}' and nature = 'entretiens'").order("fichier").select("fichier").fetchall()
        if not files or not any(q["globale"] for q in questions.values()):
            continue
        answers = _answers(session, [f"{os.environ['OBSERVATOIRE_DATA']}/{name}" for (name,) in files], questions)
        organismes, strata = answers["organisme_code"], answers["strate"]
        place = [(wave, *pair) for pair in zip(organismes, strata, strict=True)]
        values = {code: np.ma.filled(answers[code].astype(float), np.nan) for code in questions}
        for code in questions:
            for organisme in {o for (w, o, q) in excluded if (w, q) == (wave, code)}:
                values[code] = np.where(organismes == organisme, np.nan, values[code])
        weight = answers["poids"] * np.array([weights[key] for key in place])
        drawn = np.array([f"{o} {s}" for _, o, s in place])
        for outcome in [code for code, q in questions.items() if q["globale"]]:
            drivers = {code: q["theme"] for code, q in questions.items() if q["pilote"] and code != outcome}
            for kind, name in [("region", "region"), *(("organisme", o) for o in sorted(set(organismes)))]:
                inside = np.ones(len(weight), bool) if kind == "region" else organismes == name
                rows += [
                    {"vague": wave, "perimetre_type": kind, "perimetre": name, "question_globale": outcome, **row}
                    for row in _weigh(
                        {code: values[code][inside] for code in (*drivers, outcome)}, drivers, outcome,
                        weight[inside], drawn[inside], organismes[inside], least, confidence,
                    )
                ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _notes(modalites, questions, asked):
    """Returns by wave the questions with a note: note by option, theme, whether it is the overall one, a driver."""
    scored, recommended = {}, set()
    for code, option, note, group in modalites.select("question_code, modalite_code, note, groupe_nps").fetchall():
        if note is not None:
            scored.setdefault(code, {})[option] = note
        if group is not None:
            recommended.add(code)
    themes = {code: rest for code, *rest in questions.select("question_code, theme_code, est_globale").fetchall()}
    found = {}
    for wave, code in sorted(asked.select("vague, question_code").fetchall()):
        if code in scored:
            theme, overall = themes[code]
            # recommending is an outcome of satisfaction, like the overall question, not one of its reasons
            found.setdefault(wave, {})[code] = {
                "notes": scored[code],
                "theme": theme,
                "globale": overall,
                "pilote": not overall and code not in recommended,
            }
    return found


def _answers(session, files, questions):
    """Returns the wave's interviews as columns, each question as notes."""
    noted = ", ".join(
        f'case "{code}" {" ".join(f"when {_text(o)} then {n!r}" for o, n in q["notes"].items())} end as "{code}"'
        for code, q in questions.items()
    )
    listed = ", ".join(map(_text, files))
    source = f"read_parquet([{listed}], hive_partitioning = false, union_by_name = true)"
    # every tie is broken: the same interviews in the same order whatever the pseudonyms
    order = ", ".join(f'"{code}"' for code in questions)
    return session.sql(
        f"select * from (select organisme_code, strate, poids, {noted} from {source})"
        f" order by organisme_code, strate, poids, {order}"
    ).fetchnumpy()


def _text(value):
    return "'" + str(value).replace("'", "''") + "'"


def _weigh(values, drivers, outcome, weight, strata, organismes, least, confidence):
    """Yields one row per driver and per theme of a perimeter; none where nothing varies."""
    said = ~np.isnan(values[outcome])
    kept = [c for c in drivers if said.any() and np.mean(~np.isnan(values[c][said])) >= least]
    table = np.column_stack([values[c] for c in (*kept, outcome)])
    whole = ~np.isnan(table).any(axis=1)
    table, weight, strata, organismes = table[whole], weight[whole], strata[whole], organismes[whole]
    varies = np.ptp(table, axis=0) > 0 if len(table) else np.zeros(len(kept) + 1, bool)
    kept, table = [c for c, v in zip(kept, varies, strict=False) if v], table[:, varies]
    if len(kept) < 2 or not varies[-1] or len(table) <= len(kept) + 1:
        return
    heaviest = max(weight[organismes == o].sum() for o in set(organismes)) / weight.sum()
    shared = {
        "base": len(table),
        "nb_organismes": len(set(organismes)),
        "part_dominante": round(float(heaviest), DIGITS),
    }
    for level, groups in (("question", kept), ("theme", [drivers[c] for c in kept])):
        found = importance(table, weight, strata, np.array(groups), draws=DRAWS, seed=SEED, confidence=confidence)
        for code, figures in found.items():
            yield {
                "niveau": level,
                "code": code,
                **shared,
                "r2": round(figures.r2, DIGITS),
                "importance": round(figures.share, DIGITS),
                "importance_ic_bas": round(figures.low, DIGITS),
                "importance_ic_haut": round(figures.high, DIGITS),
                "rang": figures.rank,
                "rang_ic_bas": figures.rank_low,
                "rang_ic_haut": figures.rank_high,
            }
