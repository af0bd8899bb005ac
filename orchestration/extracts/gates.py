"""What became of each lot, and each rule it was held to: the rows of `obs_qualite` and of the state of deliveries.

The gates stand in order (file, shape, business, reconciliation): a file that one of them refuses was held to the ones
before it, and not to the ones after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.extracts.catalogue import ANSWERS, PLAUSIBILITY, REFUSAL, Rule, gates, rule_of, rules
from orchestration.extracts.inventory import Inventory
from orchestration.extracts.records import (
    ACCEPTED,
    COUNTS,
    INTERVIEWS,
    REFUSED,
    RESERVED,
    SCORES,
    WITHDRAWN,
    Lot,
    QualityRow,
    Record,
)
from orchestration.programme.texts import capped


@dataclass(frozen=True)
class Finding:
    """One rule and one lot, or one rule and one file.

    Attributes:
        record: the delivery.
        organisme: None where the rule is about the file.
        rule: the rule.
        severity: what breaking it costs.
        held: whether it is kept.
        number: records (or questions) that break it; 0 where it is kept.
        example: one place, to correct it.
    """

    record: Record
    organisme: str | None
    rule: Rule
    severity: str
    held: bool
    number: int
    example: str

    def as_row(self) -> dict[str, Any]:
        """Returns the row of `obs_qualite`, and whether it is for its organisme alone where figures are secret."""
        return {
            "livraison": self.record.livraison,
            "fichier": self.record.fichier,
            "vague": self.record.vague,
            "organisme_code": self.organisme,
            "porte": self.rule.gate,
            "regle": self.rule.code,
            "libelle": self.rule.label,
            "gravite": self.severity,
            "tenue": self.held,
            "nb_lignes": self.number,
            "exemple": self.example or None,
            "confidentielle": self.rule.confidential,
        }


def findings(inventory: Inventory) -> Iterator[Finding]:
    """Yields every rule each delivery was held to, gate by gate: those it breaks, and those it keeps."""
    for record in inventory.records:
        yield from _of_record(record, inventory)


def fate(record: Record, lot: Lot, inventory: Inventory, *, discreet: bool = False) -> tuple[str, str | None]:
    """Returns the status of a lot once every gate has spoken, and the reason where it is not plainly accepted.

    Args:
        record: the delivery.
        lot: one organisme's part of it.
        inventory: of all deliveries.
        discreet: leave out reserves that tell what respondents answered: others will read it.
    """
    if lot.organisme_code is None:
        return lot.statut, lot.motif or None
    said = inventory.election.suites(record, lot)
    twin = inventory.election.twins.get((record.livraison, lot.organisme_code))
    refusals = [f"{rule_of('livraisons_jumelles', inventory.words).label} ({twin})"] if twin else []
    refusals += [lot.motif] if lot.statut == REFUSED else []
    refusals += [said.refusal] if said is not None and said.refusal else []
    if inventory.refused(record, lot):
        return REFUSED, " ; ".join(refusals) or None
    reserves = [lot.motif] if lot.motif else []
    reserves += [
        f"{finding.rule.label} ({finding.example})"
        for finding in _of_lot(record, lot, inventory)
        if not finding.held and finding.rule.reserve and not (discreet and finding.rule.confidential)
    ]
    reserves += [
        f"{row.exemple}" for row in record.qualite if row.organisme_code is None and rule_of(row.regle).reserve
    ]
    if not reserves:
        return lot.statut, None
    return RESERVED if lot.statut == ACCEPTED else lot.statut, " ; ".join(reserves)


def standing(record: Record, inventory: Inventory) -> tuple[str, str]:
    """Returns the status of a delivery once every gate has spoken on its lots, and why it is not plainly accepted."""
    if record.livraison in inventory.withdrawn:
        return WITHDRAWN, inventory.withdrawn[record.livraison]
    if record.statut == REFUSED:
        return REFUSED, record.motif
    fates = _fates(record, inventory)
    states = {state for state, _ in fates}
    status = REFUSED if states <= {REFUSED} else ACCEPTED if states == {ACCEPTED} else RESERVED
    return status, capped((why for _, why in fates if why), joint=" ; ")


def refused(inventory: Inventory) -> dict[str, str]:
    """Returns the deliveries that are refused, be it for one organisme, by name; and why. A withdrawn one is not."""
    found = {}
    for record in inventory.records:
        status, reason = standing(record, inventory)
        if status == REFUSED:
            found[record.fichier] = reason
        elif status != WITHDRAWN and (partly := [why for state, why in _fates(record, inventory) if state == REFUSED]):
            found[record.fichier] = capped(partly, joint=" ; ")
    return found


def _fates(record: Record, inventory: Inventory) -> list[tuple[str, str]]:
    """Returns the status of each lot of a delivery, and why, after its organisme; empty where plainly accepted."""
    fates = [(lot.organisme_code, *fate(record, lot, inventory)) for lot in record.lots]
    return [(state, f"{organisme} : {why}" if organisme and why else why or "") for organisme, state, why in fates]


def _of_record(record: Record, inventory: Inventory) -> Iterator[Finding]:
    told = [_told(record, row, inventory) for row in record.qualite]
    order = gates()
    refused_at = min(
        (order.index(f.rule.gate) for f in told if f.severity == REFUSAL and f.rule.about_file), default=len(order)
    )
    natures = {lot.nature for lot in record.lots} or {INTERVIEWS, COUNTS}

    def reached(rule: Rule) -> bool:
        return rule.about_file and order.index(rule.gate) < refused_at and bool({rule.nature} & {"", *natures})

    yield from _listed([f for f in told if f.rule.about_file], reached, record, None, inventory)
    yield from (f for f in told if not f.rule.about_file and f.organisme is None)
    for lot in record.lots:
        if lot.organisme_code is not None and refused_at == len(order):
            yield from _of_lot(record, lot, inventory)


def _of_lot(record: Record, lot: Lot, inventory: Inventory) -> Iterator[Finding]:
    """Yields the rules about one organisme's part of a delivery."""
    code = str(lot.organisme_code)
    told = [_told(record, row, inventory) for row in record.qualite if row.organisme_code == code]
    told += list(_judged(record, lot, inventory))
    unseen = inventory.election.suites(record, lot) is None

    def concerned(rule: Rule) -> bool:
        natures = ("", lot.nature) if lot.nature == SCORES else ("", ANSWERS, lot.nature)
        own = rule.nature in natures and rule.weighting in ("", lot.ponderation)
        own &= rule.datum not in lot.non_livres
        return own and not rule.about_file and not (rule.tool == PLAUSIBILITY and unseen)

    yield from _listed(told, concerned, record, code, inventory)
    yield from (f for f in told if f.rule.code not in rules())


def _listed(
    told: list[Finding], tried: Callable[[Rule], bool], record: Record, organisme: str | None, inventory: Inventory
) -> Iterator[Finding]:
    """Yields, rule by rule in order, those that are broken, and of those that were tried the ones that hold."""
    broken = {f.rule.code for f in told}
    for rule in rules(inventory.words).values():
        yield from (f for f in told if f.rule.code == rule.code)
        if rule.always and rule.code not in broken and tried(rule):
            yield Finding(record, organisme, rule, rule.severity, True, 0, "")


def _judged(record: Record, lot: Lot, inventory: Inventory) -> Iterator[Finding]:
    """Yields what only the suites, the other deliveries or a person can say of a lot."""
    code, election = str(lot.organisme_code), inventory.election
    if lot.lignes_lues != lot.lignes_acceptees + lot.lignes_rejetees:
        gap = f"{lot.lignes_lues} lues, {lot.lignes_acceptees} acceptées, {lot.lignes_rejetees} rejetées"
        yield _finding(inventory, record, code, "lignes_comptees", 1, gap)
    if twin := election.twins.get((record.livraison, code)):
        yield _finding(inventory, record, code, "livraisons_jumelles", lot.lignes_acceptees, twin)
    if lot.statut == REFUSED:
        yield _finding(inventory, record, code, "rejets_maximum", lot.lignes_rejetees, lot.motif)
        return
    said = election.suites(record, lot)
    for result in said.rules if said else ():
        if not result.held:
            yield _finding(inventory, record, code, result.rule, result.number, result.example)
    for rule, reasons in (("relivraison_moindre", election.held), ("ordre_incertain", election.uncertain)):
        if reason := reasons.get((record.livraison, code)):
            yield _finding(inventory, record, code, rule, lot.lignes_acceptees, reason)
    if election.retains(record, lot):
        for (wave, organisme, question), reason in sorted(inventory.decided.items()):
            if (wave, organisme) == (record.vague, code):
                yield _finding(inventory, record, code, "question_exclue", 1, f"{question} : {reason}")


def changes(inventory: Inventory, differences: Mapping[tuple[str, str], str]) -> Iterator[Finding]:
    """Yields what each re-delivery in force changed of the one it replaced.

    Args:
        inventory: the versions in force.
        differences: by wave and organisme, what a re-delivery changed, in a sentence.
    """
    for (wave, organisme), sentence in sorted(differences.items()):
        record, lot = inventory.election.elected[wave, organisme]
        yield _finding(inventory, record, organisme, "relivraison", lot.lignes_acceptees, sentence)


def _told(record: Record, row: QualityRow, inventory: Inventory) -> Finding:
    return _finding(inventory, record, row.organisme_code, row.regle, row.nb_lignes, row.exemple, row.gravite)


def _finding(
    inventory: Inventory, record: Record, organisme: str | None, code: str, number: int, example: str, cost: str = ""
) -> Finding:
    rule = rule_of(code, inventory.words)
    return Finding(record, organisme, rule, cost or rule.severity, False, number, example)
