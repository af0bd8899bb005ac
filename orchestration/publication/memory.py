"""What the lake remembers of an edition: what each organisme brought, to which sets, its rules, its key, its decisions.

Nothing of it is published: it is read again when the next edition is held to this one (`differencing`), and when a
release note says what was decided between two (`changes`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from orchestration.errors import PublicationRefused
from orchestration.extracts.decision_lists import COLUMNS, LISTS, decided
from orchestration.extracts.election import Key
from orchestration.extracts.lake import Lake
from orchestration.extracts.pseudonyms import key_fingerprint
from orchestration.files import file_sha256, write_json
from orchestration.programme import Programme
from orchestration.publication.editions import Editions
from orchestration.publication.losses import Standing
from orchestration.publication.lost import APPORTS

# by name, the values or lines that say how answers become published figures
Rules = dict[str, list[str]]
# by list, the decisions of each, by column
Decisions = dict[str, list[dict[str, str]]]

# How the set of all participants is called.
REGION = "région"

# What only says whether editions are compared and what is exported: no figure follows from it.
_NO_FIGURE = ("editions_successives", "export_reponses", "export_minimum")
# The thresholds that figures, masks and verdicts follow from; the others judge deliveries and editions.
_THRESHOLDS = ("alpha", "confiance", "materialite_note", "materialite_taux", "base_minimale", "base_fragile",
               "organismes_minimum", "dominance_maximum")  # fmt: skip
# The columns of reference tables that make figures of answers. Labels and order are left out: they change no figure.
_TABLES = {
    "baremes": ("bareme", "version", "echelle", "modalite_code", "note"),
    "baremes_usages": ("institut", "vague", "bareme", "version"),
    "modalites": ("echelle", "modalite_code", "statut_reponse", "est_satisfait", "groupe_nps"),
    "segments": ("axe", "segment", "borne_min", "borne_max"),
}


def with_memory(standings: Mapping[Key, Standing], warehouse: Path) -> dict[Key, Standing]:
    """Returns standings with what the warehouse knows of them: what they bring, and the sets they are in."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        stamps, sets = brought(connection), perimeters(connection)
    return {
        key: replace(standing, brought=stamps.get(key, ""), perimeters=sets.get(key))
        for key, standing in standings.items()
    }


def brought(connection: duckdb.DuckDBPyConnection) -> dict[Key, str]:
    """Returns a fingerprint of what each organisme brings to each wave: every count, every weight.

    Another version of DuckDB may hash otherwise; then all organismes seem changed, which isolates none.
    """
    rows = connection.execute(
        "select c.vague, c.organisme_code, bit_xor(hash(c.strate || c.unite_primaire, c.axe, c.segment,"
        " c.question_code, c.modalite_code, c.n, c.w)) from intermediaire.int_comptage_extrapole as c group by all"
    ).fetchall()
    return {(wave, organisme): f"{stamp:016x}" for wave, organisme, stamp in rows}


def perimeters(connection: duckdb.DuckDBPyConnection) -> dict[Key, frozenset[str]]:
    """Returns the sets of organismes of which figures are published that each organisme is counted in, wave by wave.

    They are the region and the programme's perimeters, of all participants and of those that two waves have in common.
    The region without one organisme is left out: it is in that organisme's file only, and follows from the region.
    """
    rows = connection.execute(
        "select vague_mesuree, organisme_code, list(distinct"
        f" case perimetre_type when 'region' then '{REGION}' else perimetre_type || ' ' || perimetre end"
        " || case methode when 'publie' then ''"
        " else ', ' || replace(methode, '_', ' ') || ' ' || vague_precedente || ' - ' || vague end)"
        " from intermediaire.int_perimetres where methode <> 'reste' and perimetre_type <> 'organisme' group by all"
    ).fetchall()
    return {(wave, organisme): frozenset(sets) for wave, organisme, sets in rows}


def rules(programme: Programme) -> Rules:
    """Returns what makes published figures of answers: thresholds, choices of method, secrecy, perimeters, scorings."""
    config = programme.config
    values: dict[str, Any] = {name: getattr(config.seuils, name) for name in _THRESHOLDS}
    values |= dict(config.estimation)
    values |= {name: value for name, value in config.secret if name not in _NO_FIGURE}
    values["perimetres"] = [p.model_dump(exclude_none=True) for p in config.perimetres]
    values["composites"] = {code: composite.model_dump() for code, composite in config.composites.items()}
    found = {name: [json.dumps(value, ensure_ascii=False)] for name, value in values.items()}
    for table, columns in _TABLES.items():
        lines = programme.reference(table).select(columns).iter_rows()
        found[f"{table}.csv"] = sorted(",".join(value or "" for value in line) for line in lines)
    return found


def remember(lake: Lake, edition: str, made_of: Mapping[Key, Standing], under: Rules, kept: Iterable[str]) -> str:
    """Writes in the lake what an edition is made of, and forgets all but some others; nothing of it is published.

    Args:
        lake: where it is written.
        edition: the edition.
        made_of: its standings, with what the warehouse knows of them.
        under: the rules it is made under.
        kept: the editions that are still there, or that nothing says were deleted on purpose.

    Returns:
        the SHA-256 of what was written, for the edition's manifest.
    """
    folder = _folder(lake)
    folder.mkdir(parents=True, exist_ok=True)
    organismes = {
        "/".join(key): {"empreinte": s.brought, "ensembles": None if s.perimeters is None else sorted(s.perimeters)}
        for key, s in sorted(made_of.items())
    }
    body = {"organismes": organismes, "regles": under, "cle": key_fingerprint(), "decisions": standing_decisions(lake)}
    write_json(body, _file(lake, edition))
    for path in folder.glob("*.json"):
        if path.stem not in (*kept, edition):
            path.unlink()
    return file_sha256(_file(lake, edition))


def forgotten(lake: Lake, editions: Editions) -> list[str]:
    """Returns the editions in the store of which what was written with them is gone, or is no longer that.

    The manifest has its SHA-256. Where older code made the edition, it only has to read; where nothing is kept of an
    edition that is not current, its code may have kept nothing.
    """
    found = []
    for name in editions.names():
        try:
            said = editions.manifest(name).get("apports")
        except PublicationRefused:
            continue  # told as a damaged edition
        path = _file(lake, name)
        if not said and not path.exists() and name != editions.current():
            continue
        if not path.is_file() or not _body(lake, name) or (said and file_sha256(path) != said):
            found.append(name)
    return found


def remembered(lake: Lake, edition: str, standings: Mapping[Key, Standing]) -> tuple[dict[Key, Standing], Rules]:
    """Returns the standings of an edition with what was written with it, and the rules it was made under.

    Of an edition that older code wrote, sets and rules are not known; of one whose file is gone or damaged, nothing is.
    """
    body = _body(lake, edition)
    known: dict[str, Any] = body.get("organismes", body)
    recalled = {key: _recalled(standing, known.get("/".join(key), "")) for key, standing in standings.items()}
    return recalled, body.get("regles", {})


def key_of(lake: Lake, edition: str) -> str:
    """Returns what tells the key of pseudonyms that an edition was made under; empty where that is not known."""
    return str(_body(lake, edition).get("cle", ""))


def standing_decisions(lake: Lake) -> Decisions:
    """Returns the decisions that hold now."""
    return {name: [dict(line) for line in decided(lake.landing / name)] for name in LISTS}


def decisions_of(lake: Lake, edition: str) -> Decisions | None:
    """Returns the decisions that an edition was made with; None where it is not known: older code kept none.

    Lists of other columns, which other code wrote, are not known either: the rest of what it remembered is.
    """
    said = _body(lake, edition).get("decisions")
    return said if _are_decisions(said) else None


def _body(lake: Lake, edition: str) -> dict[str, Any]:
    """Returns what was written with an edition; nothing where that is gone, or not what any code wrote."""
    try:
        body = json.loads(_file(lake, edition).read_text(encoding="utf-8"))
        known = body.get("organismes", body)
        well_kept = isinstance(body.get("regles", {}), dict) and all(map(_is_kept, known.values()))
    except PermissionError:
        raise  # it may be whole: who reads it has not the right to
    except (OSError, ValueError, AttributeError):
        return {}
    return body if well_kept else {}


def _is_kept(said: Any) -> bool:
    """Returns whether that is what is written of an organisme; older code wrote the fingerprint alone."""
    if not isinstance(said, dict):
        return isinstance(said, str)
    return isinstance(said.get("empreinte"), str) and isinstance(said.get("ensembles", 0), list | None)


def _are_decisions(said: Any) -> bool:
    """Returns whether those are lists of decisions, and lines of their columns."""
    return isinstance(said, dict) and all(
        isinstance(lines, list)
        and all(isinstance(line, dict) and set(line) == set(COLUMNS.get(name, ())) for line in lines)
        for name, lines in said.items()
    )


def _recalled(standing: Standing, said: str | dict[str, Any]) -> Standing:
    if isinstance(said, str):  # older code wrote the fingerprint alone
        return replace(standing, brought=said)
    sets = said["ensembles"]
    return replace(standing, brought=said["empreinte"], perimeters=None if sets is None else frozenset(sets))


def _file(lake: Lake, edition: str) -> Path:
    return _folder(lake) / f"{edition}.json"


def _folder(lake: Lake) -> Path:
    return lake.root / APPORTS
