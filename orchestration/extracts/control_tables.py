"""The control tables dbt reads beside the answers: lots in force, fate of each delivery, broken rules, thresholds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from orchestration.extracts.election import Election, Key
from orchestration.extracts.gates import changes, fate, findings
from orchestration.extracts.inventory import Inventory
from orchestration.extracts.lake import Lake, write_parquet
from orchestration.extracts.records import REFUSED, WITHDRAWN, Lot, Record
from orchestration.extracts.score_waves import waves_of_scores
from orchestration.programme import Programme
from orchestration.programme.commitments import commitments
from orchestration.programme.dispositifs import dispositifs
from orchestration.programme.perimeters import REGION, members, named
from orchestration.programme.vocabulary import words_of
from orchestration.words import VERDICT_FAMILIES

Schema = Mapping[str, type[pl.DataType] | pl.DataType]


def _texts(*names: str) -> Schema:
    return dict.fromkeys(names, pl.String)


_COUNTS = ("lignes_lues", "lignes_acceptees", "lignes_rejetees", "lignes_remplacees")
_FIELDWORK = ("appeles", "joints", "refus")
LOTS: Schema = {
    **_texts("vague", "organisme_code", "livraison", "institut", "contrat"),
    **_texts("nature", "fichier", "empreinte", "ponderation"),
    "effet_plan": pl.Float64,
    **dict.fromkeys(_FIELDWORK, pl.Int64),
    "nb_entretiens": pl.Int64,
}
POPULATIONS: Schema = {**_texts("vague", "organisme_code", "strate"), "population": pl.Int64}
LIVRAISONS: Schema = {
    **_texts("livraison", "fichier", "sha256", "institut", "contrat", "vague", "organisme_code", "statut", "motif"),
    **_texts("nature"),
    **dict.fromkeys(("taille", "version_contrat", *_COUNTS), pl.Int64),
    "retenue": pl.Boolean,
    "recue_le": pl.Datetime("us"),
}
QUALITE: Schema = {
    **_texts("livraison", "fichier", "vague", "organisme_code", "porte", "regle", "libelle", "gravite", "exemple"),
    "tenue": pl.Boolean,
    "nb_lignes": pl.Int64,
    "confidentielle": pl.Boolean,
}
EXCLUSIONS: Schema = _texts("vague", "organisme_code", "question_code", "motif")
PERIMETRES: Schema = {
    **_texts("perimetre_type", "vague", "organisme_code"),
    "valide_de": pl.Date,
    "perimetre": pl.String,
}
PERIMETRES_LIBELLES: Schema = {
    **_texts("perimetre_type", "perimetre", "libelle"),
    "ordre": pl.Int64,
    **_texts("type_libelle", "parent_type", "parent"),
}
RECOUVREMENTS: Schema = {
    **_texts("organisme_code", "vague", "vague_precedente"),
    **dict.fromkeys(("part", "correlation"), pl.Float64),
}
SCORES: Schema = {
    **_texts("vague", "organisme_code", "institut", "score_code"),
    "valeur": pl.Float64,
    "base": pl.Int64,
    "erreur_type": pl.Float64,
    "seuls": pl.Boolean,
}
COMPOSITES: Schema = {
    **_texts("question_code", "modalite_code"),
    "ordre": pl.Int64,
    **_texts("libelle"),
    "note": pl.Float64,
}
ENGAGEMENTS: Schema = {
    **_texts("engagement_code", "organisme_code", "theme_code"),
    "ordre": pl.Int64,
    **_texts("texte"),
    **dict.fromkeys(("debut", "fin"), pl.Date),
    **_texts("etat", "preuve"),
}
ENGAGEMENTS_QUESTIONS: Schema = _texts("engagement_code", "question_code")
DISPOSITIFS: Schema = {
    **_texts("dispositif_code", "libelle"),
    "ordre": pl.Int64,
    **_texts("cadence"),
    "est_principal": pl.Boolean,
    **_texts("evenement"),
}
DISPOSITIFS_VAGUES: Schema = {**_texts("vague", "dispositif_code"), "est_principale": pl.Boolean}
COMPOSANTES: Schema = _texts("question_code", "composante")
SORTIES: Schema = {**_texts("perimetre_type", "axe"), "rang": pl.Int64}
OVERALL = "ensemble"  # the axis of all respondents
TEXTES: Schema = {
    **_texts("rubrique", "code"),
    "ordre": pl.Int64,
    **_texts("libelle", "explication", "famille"),
}


def write_control_tables(inventory: Inventory, differences: Mapping[Key, str], programme: Programme) -> None:
    """Writes lots, populations, livraisons, qualite, exclusions and what dbt reads of the programme into the lake.

    Args:
        inventory: deliveries and the versions in force.
        differences: by wave and organisme, what a re-delivery changed, in a sentence.
        programme: whose lake, thresholds and language.
    """
    lake, election = Lake(programme.root), inventory.election
    told = (*findings(inventory), *changes(inventory, differences))
    tables: dict[str, tuple[Schema, Iterable[Any]]] = {
        "lots": (LOTS, _lots(election, lake)),
        "populations": (POPULATIONS, _populations(election)),
        "livraisons": (LIVRAISONS, _livraisons(inventory, discreet=programme.config.secret.organismes_secrets)),
        "qualite": (QUALITE, (finding.as_row() for finding in told)),
        "scores_livres": (SCORES, _scores(election, lake, waves_of_scores(inventory, programme))),
        "exclusions": (EXCLUSIONS, ((*key, reason) for key, reason in sorted(inventory.excluded.items()))),
    }
    for name, (schema, rows) in tables.items():
        write_parquet(pl.DataFrame(list(rows), schema=schema, orient="row"), lake.table(name))
    write_declarations(programme)


def write_declarations(programme: Programme) -> None:
    """Writes into the lake what dbt reads of the programme, whatever was delivered."""
    tables = {
        "parametres": parameters, "textes": texts, "perimetres": perimeters, "sorties": releases,
        "perimetres_libelles": perimeter_names, "recouvrements": overlaps, "composites": index_options,
        "composantes": index_components, "scores": scores, "scores_classes": score_classes,
        "engagements": engagements, "engagements_questions": engagement_questions,
        "dispositifs": listening_devices, "dispositifs_vagues": device_waves,
    }  # fmt: skip
    for name, made in tables.items():
        write_parquet(made(programme), Lake(programme.root).table(name))


def parameters(programme: Programme) -> pl.DataFrame:
    """Returns the programme's thresholds and choices of method as one row, typed as they are declared."""
    config = programme.config
    values: dict[str, Any] = {**dict(config.seuils), **dict(config.estimation), **dict(config.secret)}
    if not config.secret.organismes_secrets:
        # public figures are neither rounded nor held back for what could be worked out from them
        values["protection"] = 0.0
    values["vague_courante"] = config.vague_courante
    values["reference_imprimee"] = config.rapport.reference_imprimee
    values["demonstration"] = config.demonstration
    # the one text that may be left out is null, which tells no type
    return pl.DataFrame([values], schema={name: _TYPES.get(type(value), pl.String) for name, value in values.items()})


def perimeters(programme: Programme) -> pl.DataFrame:
    """Returns which perimeters the programme puts each organisme in, wave by wave and line of organismes.csv."""
    rows = list(members(programme))
    texts_only = dict.fromkeys(PERIMETRES, pl.String)
    return pl.DataFrame(rows, schema=texts_only, orient="row").with_columns(pl.col("valide_de").str.to_date("%Y-%m-%d"))


def perimeter_names(programme: Programme) -> pl.DataFrame:
    """Returns what each perimeter is called: one row per kind and code, in the order in which they are listed."""
    rows = [
        (one.kind, one.code, one.label, rank, one.title, *(one.parent or (None, None)))
        for rank, one in enumerate(named(programme), start=1)
    ]
    return pl.DataFrame(rows, schema=PERIMETRES_LIBELLES, orient="row")


def releases(programme: Programme) -> pl.DataFrame:
    """Returns the order in which cells go out: totals of each kind of perimeter, and segments that precede some."""
    declared = [(p.kind, OVERALL) if p.kind else (REGION, p.axe) for p in programme.config.perimetres]
    rows = [(kind, axis, rank) for rank, (kind, axis) in enumerate([(REGION, OVERALL), *declared])]
    return pl.DataFrame(rows, schema=SORTIES, orient="row")


def overlaps(programme: Programme) -> pl.DataFrame:
    """Returns which interviews of two waves are of the same people, and how alike they answer: one row as declared."""
    assumed = programme.config.estimation.recouvrement_correlation
    declared = programme.reference("recouvrements").select(
        pl.col(name).cast(kind) for name, kind in RECOUVREMENTS.items()
    )
    return declared.with_columns(pl.col("correlation").fill_null(assumed))


def scores(programme: Programme) -> pl.DataFrame:
    """Returns the scores of the programme: one row as declared."""
    numbers = {"ordre": pl.Int64, "minimum": pl.Float64, "maximum": pl.Float64}
    return programme.reference("scores").cast(numbers)  # type: ignore[arg-type]


def score_classes(programme: Programme) -> pl.DataFrame:
    """Returns the classes of the scores: one row as declared."""
    return programme.reference("scores_classes").cast({"borne_min": pl.Float64})


def engagements(programme: Programme) -> pl.DataFrame:
    """Returns the commitments of the programme: one row as declared, but for the questions that it names."""
    rows = [
        (one.code, one.organisme, one.theme, rank, one.text, one.start, one.end, one.state, one.proof)
        for rank, one in enumerate(commitments(programme), start=1)
    ]
    return pl.DataFrame(rows, schema=ENGAGEMENTS, orient="row")


def engagement_questions(programme: Programme) -> pl.DataFrame:
    """Returns the questions that commitments name: one row per commitment and question."""
    rows = [(one.code, question) for one in commitments(programme) for question in one.questions]
    return pl.DataFrame(rows, schema=ENGAGEMENTS_QUESTIONS, orient="row")


def listening_devices(programme: Programme) -> pl.DataFrame:
    """Returns the dispositifs of the programme: one row as declared, or the one that it has without declaring any."""
    rows = [(d.code, d.label, d.rank, d.cadence, d.principal, d.event) for d in dispositifs(programme)]
    return pl.DataFrame(rows, schema=DISPOSITIFS, orient="row")


def device_waves(programme: Programme) -> pl.DataFrame:
    """Returns the dispositif of each wave, and whether it is the principal one: one row per wave."""
    rows = [(wave, one.code, one.principal) for one in dispositifs(programme) for wave in one.waves]
    return pl.DataFrame(rows, schema=DISPOSITIFS_VAGUES, orient="row")


def index_options(programme: Programme) -> pl.DataFrame:
    """Returns the options of the indices: one row per value that one can take, the lowest first, with its note."""
    mark = words_of(programme.config).texts["nombres"]["decimale"]
    rows = []
    for code, index in programme.indices.items():
        # two decimals are read at a glance; where they tell two values alike, the code's four tell them apart
        short = [f"{note:.2f}" for note in index.options.values()]
        labels = short if len({*short}) == len(short) else [option[1:] for option in index.options]
        for rank, (option, note) in enumerate(index.options.items(), start=1):
            rows.append((code, option, rank, labels[rank - 1].replace(".", mark), note))
    return pl.DataFrame(rows, schema=COMPOSITES, orient="row")


def index_components(programme: Programme) -> pl.DataFrame:
    """Returns what the indices are made of: one row per index and component."""
    rows = [(code, part) for code, index in programme.indices.items() for part in index.notes]
    return pl.DataFrame(rows, schema=COMPOSANTES, orient="row")


def texts(programme: Programme) -> pl.DataFrame:
    """Returns the texts that the warehouse writes, in the programme's words: one row per section and code."""
    words = words_of(programme.config).texts
    rows = [("nombre", mark, words["nombres"][mark], None, None) for mark in ("decimale", "milliers")]
    for section, name in (("motif", "motifs"), ("phrase", "phrases"), ("segment", "segments")):
        rows += [(section, code, text, None, None) for code, text in words[name].items()]
    rows += [("verdict", code, *words["verdicts"][code], family) for code, family in VERDICT_FAMILIES.items()]
    rows += [("groupe", code, text, None, None) for code, text in words["groupes"].items()]
    numbered = [(section, code, rank, *rest) for rank, (section, code, *rest) in enumerate(rows, start=1)]
    return pl.DataFrame(numbered, schema=TEXTES, orient="row")


# Python's types as the lake's; the one list holds whole numbers
_TYPES: dict[type, pl.DataType | type[pl.DataType]] = {
    int: pl.Int64,
    float: pl.Float64,
    bool: pl.Boolean,
    tuple: pl.List(pl.Int64),
}


def _named(source: Record | Lot, schema: Schema) -> dict[str, Any]:
    """Returns the columns of a table that a record or a lot has under the same name."""
    return {name: getattr(source, name) for name in schema if hasattr(source, name)}


def _lots(election: Election, lake: Lake) -> Iterator[dict[str, Any]]:
    for (wave, organisme), (record, lot) in sorted(election.elected.items()):
        file = str(lake.elected(wave, organisme, lot.nature).relative_to(lake.root))
        told = {**_named(record, LOTS), **_named(lot, LOTS), **(lot.terrain or {})}
        yield told | {"fichier": file, "nb_entretiens": lot.interviews}


def _scores(election: Election, lake: Lake, alone: Collection[str]) -> Iterator[dict[str, Any]]:
    """Yields the scores in force, organisme by organisme, and whether their wave has nothing else."""
    for (wave, _), (record, lot) in sorted(election.scores.items()):
        for row in pl.read_parquet(lake.root / str(lot.fichier)).to_dicts():
            yield row | {"institut": record.institut, "seuls": wave in alone}


def _populations(election: Election) -> Iterator[tuple[str, str, str, int]]:
    """Yields what the deliveries in force say of the population, stratum by stratum."""
    for key, (_, lot) in sorted(election.elected.items()):
        yield from ((*key, stratum, population) for stratum, population in sorted((lot.populations or {}).items()))


def _livraisons(inventory: Inventory, *, discreet: bool) -> Iterator[dict[str, Any]]:
    for record in inventory.records:
        received = dt.datetime.fromisoformat(record.recue_le).replace(tzinfo=None)
        whole = {**_named(record, LIVRAISONS), "recue_le": received, "retenue": False, "lignes_remplacees": 0}
        for part in [_part(record, lot, inventory, discreet=discreet) for lot in record.lots] or [{}]:
            yield whole | part


def _part(record: Record, lot: Lot, inventory: Inventory, *, discreet: bool) -> dict[str, Any]:
    """Returns what became of one organisme's part of a delivery, and of each row of it.

    Rows read = accepted + rejected + superseded.
    """
    election = inventory.election
    status, reason = fate(record, lot, inventory, discreet=discreet)
    refused, in_force = status == REFUSED, election.retains(record, lot)
    withdrawal = inventory.withdrawn.get(record.livraison)
    if withdrawal is not None:
        status, reason = WITHDRAWN, f"Livraison retirée : {withdrawal}"
    else:
        reason = election.held.get((record.livraison, lot.organisme_code or ""), reason)
    accepted = lot.lignes_acceptees if in_force else 0
    superseded = 0 if in_force or refused else lot.lignes_acceptees
    counts = (lot.lignes_lues, accepted, lot.lignes_lues - accepted - superseded, superseded)
    return {
        "organisme_code": lot.organisme_code,
        "nature": lot.nature,
        "statut": status,
        "motif": reason,
        "retenue": in_force,
        **dict(zip(_COUNTS, counts, strict=True)),
    }
