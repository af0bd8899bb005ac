"""The cells held back to protect another: what `disclosure` decides, as a table."""

from collections import defaultdict

import engines
from disclosure.admission import Rules
from disclosure.composed import with_indices


def model(dbt, session):
    """Returns one row per cell held back."""
    dbt.config(materialized="table")
    [(secret, level, least, floor)] = engines.rows(
        dbt.ref("stg_parametres"), "organismes_secrets", "protection", "organismes_minimum", "plancher"
    )
    cell = ("axe", "segment", "question_code")
    cases = engines.columns(
        dbt.ref("int_secret_primaire"),
        "vague", "ensemble", *cell, "rang", "base_brute as base", "statut <> 'V' as primaire", "secrete", "jeu",
    )  # fmt: skip
    contributions = engines.columns(
        dbt.ref("int_secret_contributions"), "vague", "organisme_code", *cell, "poids", where="mesure = 'base'"
    )
    counted = engines.rows(
        dbt.ref("int_perimetres"),
        "vague_mesuree", "ensemble", "organisme_code",
        where="perimetre_type <> 'organisme'",
        distinct=True,
    )  # fmt: skip
    members = defaultdict(set)
    for vague, ensemble, organisme in counted:
        members[vague, ensemble].add(organisme)
    found = with_indices(
        cases,
        contributions,
        members,
        # with fewer than three organismes in a cell, one of them would read the other
        Rules(level=level, floor=floor, organismes=secret and least > 1, members=secret and least > 2),
        engines.rows(dbt.ref("stg_composantes"), "question_code", "composante"),
    )
    return engines.table(session, found)
