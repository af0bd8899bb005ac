"""The listening devices that a programme declares: its great survey, and what it asks between two waves of it.

A wave belongs to one dispositif. Whatever compares a wave with those before it looks at the waves of its own
dispositif, and whatever prints « the waves » of the programme looks at those of the principal one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from orchestration.programme.config import Thresholds
from orchestration.programme.programme import Programme
from orchestration.programme.values import FIRST_LINE
from orchestration.programme.vocabulary import words_of

# the code of the one dispositif of a programme that declares none
SOLE = "principal"
_TABLE = "dispositifs"
# What a dispositif may hold its own deliveries to. What is published of any of them obeys the thresholds of the
# programme: a rule of secrecy that changed between two waves would give away what the stricter one hides (ADR 85).
OWN_THRESHOLDS = ("rejets_reserve", "rejets_maximum", "relivraison_perte_maximum", "relivraison_ecart")
_FILE = f"{_TABLE}.csv"
# the file at fault, its line, its column or key, a French sentence
DispositifFault = tuple[str, int | None, str | None, str]


@dataclass(frozen=True)
class Dispositif:
    """One dispositif, and the codes of its waves in chronological order."""

    code: str
    rank: int
    label: str
    cadence: str | None
    principal: bool
    event: str | None
    waves: tuple[str, ...]


def dispositifs(programme: Programme) -> list[Dispositif]:
    """Returns the dispositifs of a programme in their order; one of them, the principal one, where none is declared."""
    placed = dispositif_of(programme)
    rows = programme.ordered(_TABLE)
    if not rows:
        label = words_of(programme.config).say("dispositif_unique")
        return [Dispositif(SOLE, 1, label, None, True, None, tuple(programme.waves))]
    return [
        Dispositif(
            code=str(row["dispositif"]),
            rank=int(row["ordre"] or 0),
            label=str(row["libelle"]),
            cadence=row["cadence"],
            principal=row["principal"] == "oui",
            event=row["evenement"],
            waves=tuple(wave for wave in programme.waves if placed[wave] == row["dispositif"]),
        )
        for row in rows
    ]


def dispositif_of(programme: Programme) -> dict[str, str]:
    """Returns the dispositif of each wave; one that names none is of the principal one."""
    main = next((str(row["dispositif"]) for row in programme.rows(_TABLE) if row["principal"] == "oui"), SOLE)
    return {str(row["vague"]): row["dispositif"] or main for row in programme.rows("vagues")}


def thresholds_of(programme: Programme, wave: str) -> Thresholds:
    """Returns the thresholds for the deliveries of a wave: the programme's, but for its dispositif's own."""
    return thresholds_of_dispositif(programme, dispositif_of(programme).get(wave))


def thresholds_of_dispositif(programme: Programme, code: str | None) -> Thresholds:
    """Returns the thresholds for the deliveries of a dispositif; those of the programme where none has that code."""
    declared = next((row for row in programme.rows(_TABLE) if row["dispositif"] == code), {})
    said = {name: float(value) for name in OWN_THRESHOLDS if (value := declared.get(name))}
    return programme.thresholds.model_copy(update=said)


def principal_waves(programme: Programme) -> list[str]:
    """Returns the waves of the principal dispositif in chronological order: those that are printed as the waves."""
    return [wave for one in dispositifs(programme) if one.principal for wave in one.waves]


def waves_before(programme: Programme, wave: str) -> list[str]:
    """Returns the waves of its dispositif that came before a wave, the oldest first; none before an unknown one."""
    placed = dispositif_of(programme)
    own = [code for code in programme.waves if placed[code] == placed.get(wave)]
    return own[: own.index(wave)] if wave in own else []


def successions(programme: Programme) -> Iterator[tuple[str, str]]:
    """Yields each wave with the one that follows it in its dispositif."""
    placed = dispositif_of(programme)
    for code in dict.fromkeys(placed.values()):
        yield from pairwise(wave for wave in programme.waves if placed[wave] == code)


def dispositif_faults(programme: Programme) -> Iterator[DispositifFault]:
    """Yields what is wrong with the dispositifs of a programme whose reference files are sound one by one."""
    rows = programme.rows(_TABLE)
    main = [str(row["dispositif"]) for row in rows if row["principal"] == "oui"]
    if rows and len(main) != 1:
        said = f"{len(main)} le sont ({', '.join(main)})" if main else "aucun ne l'est"
        yield _FILE, None, "principal", f"{said} ; dire « oui » d'un seul, celui dont les vagues sont imprimées."
        return
    placed = dispositif_of(programme)
    current = programme.config.vague_courante
    if current in placed and main and placed[current] != main[0]:
        said = f"« {current} » est une vague de {placed[current]} ; nommer une vague du principal, {main[0]}."
        yield "programme.yaml", None, "vague_courante", said
    for line, row in enumerate(programme.rows("recouvrements"), start=FIRST_LINE):
        later, earlier = str(row["vague"]), str(row["vague_precedente"])
        if placed[later] != placed[earlier]:
            said = (
                f"« {earlier} » est de {placed[earlier]}, et « {later} » de {placed[later]} : deux dispositifs ne se"
                " comparent pas ; ôter la ligne."
            )
            yield "recouvrements.csv", line, "vague_precedente", said
