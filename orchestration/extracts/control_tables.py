"""The control tables dbt reads beside the answers: lots in force, fate of each delivery, broken rules, thresholds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from orchestration.extracts.election import Election, Key
from orchestration.extracts.gates import changes, fate, findings
from orchestration.extracts.inventory import Inventory
from orchestration.extracts.lake import Lake, write_parquet
from orchestration.extracts.records import REFUSED, WITHDRAWN, Lot
from orchestration.programme import Programme
from orchestration.programme.vocabulary import words_of
from orchestration.words import VERDICT_FAMILIES

Schema = Mapping[str, type[pl.DataType] | pl.DataType]

LOTS: Schema = {
    "vague": pl.String,
    "organisme_code": pl.String,
    "livraison": pl.String,
    "institut": pl.String,
    "contrat": pl.String,
    "nature": pl.String,
    "fichier": pl.String,
    "empreinte": pl.String,
    "ponderation": pl.String,
    "nb_entretiens": pl.Int64,
}
POPULATIONS: Schema = {
    "vague": pl.String,
    "organisme_code": pl.String,
    "strate": pl.String,
    "population": pl.Int64,
}
LIVRAISONS: Schema = {
    "livraison": pl.String,
    "fichier": pl.String,
    "sha256": pl.String,
    "taille": pl.Int64,
    "institut": pl.String,
    "contrat": pl.String,
    "version_contrat": pl.Int64,
    "vague": pl.String,
    "organisme_code": pl.String,
    "statut": pl.String,
    "motif": pl.String,
    "lignes_lues": pl.Int64,
    "lignes_acceptees": pl.Int64,
    "lignes_rejetees": pl.Int64,
    "lignes_remplacees": pl.Int64,
    "retenue": pl.Boolean,
    "recue_le": pl.Datetime("us"),
}
QUALITE: Schema = {
    "livraison": pl.String,
    "fichier": pl.String,
    "vague": pl.String,
    "organisme_code": pl.String,
    "porte": pl.String,
    "regle": pl.String,
    "libelle": pl.String,
    "gravite": pl.String,
    "tenue": pl.Boolean,
    "nb_lignes": pl.Int64,
    "exemple": pl.String,
}
EXCLUSIONS: Schema = {
    "vague": pl.String,
    "organisme_code": pl.String,
    "question_code": pl.String,
    "motif": pl.String,
}
TEXTES: Schema = {
    "rubrique": pl.String,
    "code": pl.String,
    "ordre": pl.Int64,
    "libelle": pl.String,
    "explication": pl.String,
    "famille": pl.String,
}


def write_control_tables(inventory: Inventory, differences: Mapping[Key, str], programme: Programme) -> None:
    """Writes lots, populations, livraisons, qualite, exclusions, parametres and textes into the lake.

    Args:
        inventory: deliveries and the versions in force.
        differences: by wave and organisme, what a re-delivery changed, in a sentence.
        programme: whose lake, thresholds and language.
    """
    lake = Lake(programme.root)
    rows = [finding.as_row() for finding in (*findings(inventory), *changes(inventory, differences))]
    excluded = [(*key, reason) for key, reason in sorted(inventory.excluded.items())]
    write_parquet(pl.DataFrame(list(_lots(inventory.election, lake)), schema=LOTS), lake.table("lots"))
    populations = pl.DataFrame(list(_populations(inventory.election)), schema=POPULATIONS)
    write_parquet(populations, lake.table("populations"))
    write_parquet(pl.DataFrame(list(_livraisons(inventory)), schema=LIVRAISONS), lake.table("livraisons"))
    write_parquet(pl.DataFrame(rows, schema=QUALITE), lake.table("qualite"))
    write_parquet(pl.DataFrame(excluded, schema=EXCLUSIONS, orient="row"), lake.table("exclusions"))
    write_parquet(parameters(programme), lake.table("parametres"))
    write_parquet(texts(programme), lake.table("textes"))


def parameters(programme: Programme) -> pl.DataFrame:
    """Returns the programme's thresholds and choices of method as one row, typed as they are declared."""
    config = programme.config
    values: dict[str, Any] = {**dict(config.seuils), **dict(config.estimation), **dict(config.secret)}
    values["vague_courante"] = config.vague_courante
    values["reference_imprimee"] = config.rapport.reference_imprimee
    values["demonstration"] = config.demonstration
    # the one text that may be left out is null, which tells no type
    return pl.DataFrame([values], schema={name: _TYPES.get(type(value), pl.String) for name, value in values.items()})


def texts(programme: Programme) -> pl.DataFrame:
    """Returns the texts that the warehouse writes, in the programme's words: one row per section and code."""
    words = words_of(programme.config).texts
    rows = [("nombre", "decimale", words["nombres"]["decimale"], None, None)]
    for section, name in (("motif", "motifs"), ("phrase", "phrases")):
        rows += [(section, code, text, None, None) for code, text in words[name].items()]
    rows += [("verdict", code, *words["verdicts"][code], family) for code, family in VERDICT_FAMILIES.items()]
    numbered = [(section, code, rank, *rest) for rank, (section, code, *rest) in enumerate(rows, start=1)]
    return pl.DataFrame(numbered, schema=TEXTES, orient="row")


# Python's types as the lake's; the one list holds whole numbers
_TYPES: dict[type, pl.DataType | type[pl.DataType]] = {
    int: pl.Int64,
    float: pl.Float64,
    bool: pl.Boolean,
    tuple: pl.List(pl.Int64),
}


def _lots(election: Election, lake: Lake) -> Iterator[dict[str, Any]]:
    for (wave, organisme), (record, lot) in sorted(election.elected.items()):
        yield {
            "vague": wave,
            "organisme_code": organisme,
            "livraison": record.livraison,
            "institut": record.institut,
            "contrat": record.contrat,
            "nature": lot.nature,
            "fichier": str(lake.elected(wave, organisme, lot.nature).relative_to(lake.root)),
            "empreinte": lot.empreinte,
            "ponderation": lot.ponderation,
            "nb_entretiens": lot.interviews,
        }


def _populations(election: Election) -> Iterator[dict[str, Any]]:
    """Yields what the deliveries in force say of the population, stratum by stratum."""
    for (wave, organisme), (_, lot) in sorted(election.elected.items()):
        for stratum, population in sorted((lot.populations or {}).items()):
            yield {"vague": wave, "organisme_code": organisme, "strate": stratum, "population": population}


def _livraisons(inventory: Inventory) -> Iterator[dict[str, Any]]:
    election = inventory.election
    for record in inventory.records:
        reason = inventory.withdrawn.get(record.sha256)
        common = {
            "livraison": record.livraison,
            "fichier": record.fichier,
            "sha256": record.sha256,
            "taille": record.taille,
            "institut": record.institut,
            "contrat": record.contrat,
            "version_contrat": record.version_contrat,
            "vague": record.vague,
            "recue_le": dt.datetime.fromisoformat(record.recue_le).replace(tzinfo=None),
        }
        for lot in record.lots:
            status, reason_of_it = fate(record, lot, inventory)
            row = _rows_of(lot, refused=status == REFUSED, in_force=election.retains(record, lot))
            row |= {"statut": status, "motif": reason_of_it}
            held = election.held.get((record.livraison, lot.organisme_code or ""))
            if reason is not None:
                row |= {"statut": WITHDRAWN, "motif": f"Livraison retirée : {reason}"}
            elif held is not None:
                row |= {"motif": held}
            yield {**common, **row}
        if not record.lots:
            yield {
                **common,
                "statut": record.statut,
                "motif": record.motif,
                "retenue": False,
                **dict.fromkeys(_COUNTS, 0),
            }


_COUNTS = ("lignes_lues", "lignes_acceptees", "lignes_rejetees", "lignes_remplacees")


def _rows_of(lot: Lot, *, refused: bool, in_force: bool) -> dict[str, Any]:
    """Returns what became of each row of a lot: read = accepted + rejected + superseded."""
    accepted = lot.lignes_acceptees if in_force else 0
    superseded = 0 if in_force or refused else lot.lignes_acceptees
    rejected = lot.lignes_lues - accepted - superseded
    return {
        "organisme_code": lot.organisme_code,
        "retenue": in_force,
        **dict(zip(_COUNTS, (lot.lignes_lues, accepted, rejected, superseded), strict=True)),
    }
