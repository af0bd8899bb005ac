"""What an edition would lose of the one readers see: a delivery overwritten, a folder gone, rows suddenly rejected.

A loss is published when it was withdrawn (`landing/retraits.csv`) or accepted with a reason
(`landing/pertes_acceptees.csv`, one line per loss, valid against one edition); otherwise a person has to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.errors import PublicationRefused
from orchestration.extracts.decision_lists import COLUMNS, LOSSES, decided
from orchestration.extracts.decisions import decide, deciding
from orchestration.extracts.election import Election, Key
from orchestration.extracts.inventory import Inventory
from orchestration.programme import Programme
from orchestration.programme.texts import number
from orchestration.publication.editions import DATABASE, Editions
from orchestration.publication.naming import SCHEMA


@dataclass(frozen=True)
class Standing:
    """The interviews consolidated for an organisme and wave, the delivery they come from, and what they bring.

    Attributes:
        interviews: their number.
        delivery: identifier of the delivery.
        brought: fingerprint of counts and weights (`memory.brought`); empty where it is not known.
        perimeters: the sets of organismes it is counted in (`memory.perimeters`); None where they are not known.
    """

    interviews: int
    delivery: str
    brought: str = ""
    perimeters: frozenset[str] | None = None


@dataclass(frozen=True)
class Loss:
    """An organisme and wave that would have fewer interviews than in the current edition."""

    wave: str
    organisme: str
    before: int
    after: int
    delivery: str

    def __str__(self) -> str:
        left = f"{number(self.after)} entretiens" if self.after else "aucun"
        return f"{self.organisme} en {self.wave} : {number(self.before)} entretiens publiés, {left} à présent"


def standings(database: Path) -> dict[Key, Standing]:
    """Returns what an edition (or a candidate) consolidates, by wave and organisme."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            f"select vague, organisme_code, nb_entretiens, coalesce(livraison, '') from {SCHEMA}.obs_couverture"
            " where statut in ('inclus', 'reserve')"
        ).fetchall()
    return {(wave, code): Standing(int(interviews), delivery) for wave, code, interviews, delivery in rows}


def elected(election: Election) -> dict[Key, Standing]:
    """Returns what the versions in force would consolidate, by wave and organisme; scores alone have no interviews."""
    alone = {key: Standing(0, r.livraison) for key, (r, _) in election.scores.items()}
    return alone | {key: Standing(lot.interviews, r.livraison) for key, (r, lot) in election.elected.items()}


def losses(before: Mapping[Key, Standing], after: Mapping[Key, Standing], least: float) -> list[Loss]:
    """Returns the organismes and waves that are gone, or lose more than a share of their interviews.

    Args:
        before: what the current edition consolidates.
        after: what the next one would.
        least: share of interviews, between 0 and 1, up to which a loss is not worth a word.
    """
    found = []
    for (wave, organisme), old in sorted(before.items()):
        left = after[wave, organisme].interviews if (wave, organisme) in after else 0
        if (wave, organisme) not in after or left < (1 - least) * old.interviews:
            found.append(Loss(wave, organisme, old.interviews, left, old.delivery))
    return found


def unexplained(found: Iterable[Loss], withdrawn: Iterable[str], accepted: Iterable[Loss]) -> list[Loss]:
    """Returns the losses that are neither a withdrawal nor accepted.

    Args:
        found: the losses.
        withdrawn: SHA-256 of the withdrawn deliveries.
        accepted: losses accepted against the same edition; one that has grown since is not.
    """
    # a delivery's identifier ends with the first digits of its SHA-256
    taken_back = set(withdrawn)
    agreed = {(a.wave, a.organisme): a.after for a in accepted}
    return [
        loss
        for loss in found
        if not any(sha.startswith(loss.delivery.rpartition(".")[2] or "-") for sha in taken_back)
        and loss.after < agreed.get((loss.wave, loss.organisme), loss.after + 1)
    ]


def accepted_losses(landing: Path, edition: str) -> list[Loss]:
    """Returns the losses accepted against an edition."""
    return [
        Loss(r["vague"], r["organisme_code"], int(r["entretiens_avant"] or 0), int(r["entretiens_apres"] or 0), "")
        for r in decided(landing / LOSSES)
        if r["edition"] == edition
    ]


def accept(landing: Path, edition: str, found: Iterable[Loss], reason: str) -> None:
    """Adds losses to the accepted ones, with the reason."""
    with deciding(landing):
        for loss in found:
            said = ("", edition, loss.wave, loss.organisme, str(loss.before), str(loss.after), "")
            decide(landing / LOSSES, dict(zip(COLUMNS[LOSSES], said, strict=True)), reason, str(loss))


def agree(programme: Programme, inventory: Inventory, reason: str) -> None:
    """Accepts, for a reason, what the versions in force would lose of the current edition.

    Args:
        programme: the programme.
        inventory: its deliveries, new lots judged.
        reason: why the losses are accepted.
    """
    editions = Editions(programme.settings.published)
    name = editions.current()
    if name is None:
        return
    # an edition that cannot be read is compared with nothing, and there is nothing to accept
    with suppress(PublicationRefused):
        editions.check(name)
        before = standings(editions.folder(name) / DATABASE)
        least = programme.thresholds.perte_edition_maximum
        accept(programme.root / "landing", name, losses(before, elected(inventory.election), least), reason)
