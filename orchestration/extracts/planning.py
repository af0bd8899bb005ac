"""Holds contracts and sampling plan together: an interview whose stratum is not planned is rejected."""

from __future__ import annotations

from collections.abc import Iterator

from orchestration.extracts.contracts import Contracts
from orchestration.programme import Programme
from orchestration.programme.texts import counted
from orchestration.programme.values import FIRST_LINE

_REMEDY = "une ligne par organisme et strate : vague, organisme, strate, population."


def counts_institutes(contracts: Contracts, wave: str) -> set[str]:
    """Returns the institutes that deliver counts in a wave: the population of their strata may come with them."""
    return {c.institute for c in contracts.sound if c.wave == wave and c.of_counts}


def plan_faults(programme: Programme, contracts: Contracts) -> Iterator[str]:
    """Yields the organismes whose every interview would be rejected: the sampling plan has no stratum of theirs."""
    for wave in programme.waves:
        read = {c.institute for c in contracts.sound if c.wave == wave and c.of_interviews} - counts_institutes(
            contracts, wave
        )
        planned = programme.planned(wave)
        for line, row in enumerate(programme.rows("participations"), start=FIRST_LINE):
            if row["vague"] != wave or row["statut"] != "attendu" or row["institut"] not in read or not planned:
                continue
            if row["organisme_code"] not in planned:
                yield (
                    f"plan_sondage.csv : aucune strate de « {row['organisme_code']} » en {wave} (participations.csv,"
                    f" ligne {line}) : toutes ses lignes seraient rejetées (strate_inconnue) ; l'y écrire, {_REMEDY}"
                )


def plan_advice(programme: Programme, contracts: Contracts) -> Iterator[str]:
    """Yields the waves without a sampling plan that no contract reads yet: it has to be there before the deliveries."""
    counting = {c.institute for c in contracts.sound if c.of_counts}
    for wave in programme.waves:
        expected = [r for r in programme.rows("participations") if r["vague"] == wave and r["statut"] == "attendu"]
        awaited = [r for r in expected if r["institut"] not in counting]
        if awaited and not programme.planned(wave) and all(c.wave != wave for c in contracts.sound):
            yield (
                f"{wave} : plan_sondage.csv n'a aucune strate, et {counted(len(awaited), 'organisme')} y sont attendus"
                f" : à remplir avant les livraisons d'entretiens, {_REMEDY}"
            )
