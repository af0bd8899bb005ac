"""The cells held back to protect another: what `disclosure` decides, as a table."""

from collections import defaultdict

import numpy as np
from disclosure.admission import Rules
from disclosure.cube import Case, Contribution, Suppression, suppressions


def model(dbt, session):
    """Returns one row per cell held back."""
    dbt.config(materialized="table")
    [(level, least)] = dbt.ref("stg_parametres").project("protection, organismes_minimum").fetchall()
    cases = dbt.ref("int_secret_primaire").project(
        "vague, ensemble, axe, segment, question_code, rang, base_brute, statut = 'S'"
    )
    contributions = dbt.ref("int_secret_contributions").project(
        "vague, organisme_code, axe, segment, question_code, mesure, valeur"
    )
    counted = (
        dbt.ref("int_perimetres")
        .filter("perimetre_type <> 'organisme'")
        .project("vague_mesuree, ensemble, organisme_code")
        .distinct()
    )
    members = defaultdict(set)
    for vague, ensemble, organisme in counted.fetchall():
        members[vague, ensemble].add(organisme)
    found = suppressions(
        map(Case._make, cases.fetchall()),
        map(Contribution._make, contributions.fetchall()),
        {key: frozenset(organismes) for key, organismes in members.items()},
        # with fewer than three organismes in a cell, one of them would read the other
        Rules(level=level, organismes=least > 1, members=least > 2),
    )
    columns = zip(*found, strict=True)
    texts = {name: np.array(column, dtype=object) for name, column in zip(Suppression._fields, columns, strict=False)}
    session.register("retenues", texts or {name: np.array([], dtype=object) for name in Suppression._fields})
    return session.query(
        "select cast(vague as varchar) as vague, cast(ensemble as varchar) as ensemble, cast(axe as varchar) as axe,"
        " cast(segment as varchar) as segment, cast(question as varchar) as question_code,"
        " cast(motif as varchar) as motif_statut from retenues"
    )
