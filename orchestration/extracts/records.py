"""What is remembered of a delivery: one record per file, one lot per organisme in it."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from orchestration.extracts.personal_data import masked
from orchestration.extracts.receptions import read_time
from orchestration.programme.texts import capped

ACCEPTED, RESERVED, REFUSED = "accepte", "accepte_avec_reserve", "rejete"
WITHDRAWN = "retiree"
INTERVIEWS, COUNTS, SCORES = "entretiens", "comptages", "scores"


@dataclass(frozen=True)
class Lot:
    """The rows of one organisme in one delivery.

    Attributes:
        organisme_code: None for rows whose organisme was not recognised.
        lignes_lues: records read.
        lignes_acceptees: records that break no rule.
        lignes_rejetees: records that break at least one; read = accepted + rejected.
        statut: `accepte`, `accepte_avec_reserve` or `rejete`.
        motif: reason of a reserve or refusal.
        fichier: Parquet of the accepted rows, relative to the programme; None when refused.
        empreinte: SHA-256 of that Parquet.
        ponderation: `livree` (weights come with the rows), `plan` (from the sampling plan) or
            `calee` (calibrated to margins).
        effet_plan: what a draw of clusters multiplies the variance by, as the contract declares.
        terrain: `appeles`, `joints` and `refus`, of all organismes of the contract, as far as it declares them.
        nature: `entretiens` (a record is an interview), `comptages` (a line of counts) or `scores` (what its sender
            publishes of an organisme).
        entretiens_comptes: interviews behind the accepted lines of counts; None where a record is an interview.
        populations: people by stratum, where the delivery tells them.
        contenu: SHA-256 of dates and answers in an order of their own, the same for the same interviews under any
            organisme or number; None where a record is no interview, or they are too few to be told from chance.
        non_livres: what its interviews do not have, `entretien` (an identifier) or `date_entretien`.
        non_proposees: options that its contract gives no value, by question: nobody can choose them.
    """

    organisme_code: str | None
    lignes_lues: int
    lignes_acceptees: int
    lignes_rejetees: int
    statut: str
    motif: str
    fichier: str | None = None
    empreinte: str | None = None
    ponderation: str = "plan"
    effet_plan: float = 1.0
    terrain: dict[str, int] | None = None
    nature: str = INTERVIEWS
    entretiens_comptes: int | None = None
    populations: dict[str, int] | None = None
    contenu: str | None = None
    non_livres: tuple[str, ...] = ()
    non_proposees: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def interviews(self) -> int:
        """Interviews that the accepted records stand for."""
        return self.lignes_acceptees if self.entretiens_comptes is None else self.entretiens_comptes


@dataclass(frozen=True)
class QualityRow:
    """One broken rule of one delivery, with the number of records concerned and one place as an example."""

    organisme_code: str | None
    regle: str
    gravite: str
    nb_lignes: int
    exemple: str


@dataclass(frozen=True)
class Record:
    """A delivery and what became of it."""

    livraison: str
    fichier: str
    sha256: str
    taille: int
    vague: str
    institut: str | None
    contrat: str | None
    version_contrat: int | None
    empreinte_extraction: str
    recue_le: str
    statut: str
    motif: str
    lots: list[Lot]
    qualite: list[QualityRow]

    def as_json(self) -> dict[str, Any]:
        """Returns the record as JSON-ready data."""
        return asdict(self)

    def without_personal(self) -> Record:
        """Returns the record in which no sentence quotes anything personal, a sender's footnote included."""
        return replace(
            self,
            motif=masked(self.motif),
            lots=[replace(lot, motif=masked(lot.motif)) for lot in self.lots],
            qualite=[replace(row, exemple=masked(row.exemple)) for row in self.qualite],
        )

    def told(self, reason: str) -> str:
        """Returns a reason, with the file's name before it where it does not name the file itself."""
        return reason if self.fichier.rpartition("/")[2] in reason else f"{self.fichier} : {reason}"

    @property
    def lignes_lues(self) -> int:
        """Records read, over all lots."""
        return sum(lot.lignes_lues for lot in self.lots)

    @property
    def lignes_acceptees(self) -> int:
        """Records accepted, over all lots."""
        return sum(lot.lignes_acceptees for lot in self.lots)

    @property
    def lignes_rejetees(self) -> int:
        """Records rejected, over all lots."""
        return sum(lot.lignes_rejetees for lot in self.lots)


_RECORD = TypeAdapter(Record)


def status_of(lots: list[Lot]) -> str:
    """Returns the status of a delivery, from those of its lots."""
    kept = [lot for lot in lots if lot.statut != REFUSED]
    if not kept:
        return REFUSED
    return ACCEPTED if all(lot.statut == ACCEPTED for lot in lots) else RESERVED


def reason_of(lots: list[Lot]) -> str:
    """Returns the reasons of a delivery's reserves and refusals, in one sentence."""
    if not lots:
        return "aucune ligne"
    told = (f"{lot.organisme_code} : {lot.motif}" if lot.organisme_code else lot.motif for lot in lots if lot.motif)
    return capped(told, joint=" ; ")


def read_record(path: Path) -> Record | None:
    """Returns the record kept in a file, or None when it is absent or damaged (the delivery is then read again)."""
    try:
        return _RECORD.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def times_of_records(registry: Path) -> dict[tuple[str, str], dt.datetime]:
    """Returns when the deliveries of which a record is kept were received, by wave and SHA-256 (UTC).

    The SHA-256 of a delivery of several files is none of a file: nothing is known of these.
    """
    found: dict[tuple[str, str], dt.datetime] = {}
    for record in filter(None, map(read_record, sorted(registry.glob("*.json")))):
        # a record that was damaged remembers nothing
        with suppress(ValueError):
            found[record.vague, record.sha256] = read_time(record.recue_le)
    return found
