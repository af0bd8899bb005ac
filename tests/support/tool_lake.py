"""A draft completed by the truth of its extract, as a person would from the questionnaire, and what it loads."""

from __future__ import annotations

import shutil
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.form import Format
from orchestration.extracts.ingest import ingest
from orchestration.extracts.records import Record
from orchestration.programme import load_programme
from orchestration.programme.texts import clean, normalise
from tests.support.survey_tools.truth import Column, ToolExtract
from tests.support.tool_drafts import SECTIONS, column_names

DATA = Path(__file__).resolve().parents[2] / "data"
Columns = dict[str, Column]


def completed(extract: ToolExtract, body: dict[str, Any]) -> dict[str, Any]:
    """Returns the contract that a draft becomes: what it decided as it stands, what it left open from the truth."""
    body = deepcopy(body)
    names = column_names(extract, Format.model_validate(body["format"]))
    columns = {names[i]: column for i, column in extract.columns.items()}
    body |= {"statut": "confirme", "institut": body.get("institut") or "ALTAIR"}
    body.pop("a_decider", None)
    if extract.organisme:
        body["organisme"] = {"valeur": extract.organisme}
    else:
        rule = body.setdefault("organisme", {"colonne": _named(columns, "organisme")})
        _add(rule.setdefault("valeurs", {}), extract.values["organisme"])
    for kind in ("entretien", "date"):
        if SECTIONS[kind] not in body and (name := _named(columns, kind)):
            form = {"format": columns[name].date_format} if columns[name].date_format else {}
            body[SECTIONS[kind]] = name if kind == "entretien" else {"colonne": name, **form}
    if name := _named(columns, "strate"):
        body["strate"] = {"colonne": name, "codage": extract.values["strate"]}
    body.setdefault("strate", {"axes": ["qpv", "type_construction"]})
    for name, column in columns.items():
        if column.kind == "axe":
            rule = body["axes"].setdefault(
                column.code, {"colonne": name, **({"tranches": True} if column.bands else {})}
            )
            if not column.bands:
                _add(rule.setdefault("codage", {}), extract.values[column.code])
    for code in dict.fromkeys(c.code for c in columns.values() if c.kind == "question"):
        _question(code, extract, columns, body)
    used = _used(body)
    body["ignorees"] = [name for name in columns if name not in used]
    return body


def _named(columns: Columns, kind: str) -> str:
    return next((name for name, column in columns.items() if column.kind == kind), "")


def _question(code: str, extract: ToolExtract, columns: Columns, body: dict[str, Any]) -> None:
    own = {name: c for name, c in columns.items() if c.code == code and c.kind == "question"}
    options = {c.option: name for name, c in own.items() if c.option}
    first = next(iter(own))
    if code not in body["questions"]:
        if options:
            body["questions"][code] = {"multiple": "oui_non", "colonnes": {}, "oui": []}
        elif own[first].rank:
            body["questions"][code] = {"multiple": "mentions", "colonnes": list(own), "codage": {}}
        else:
            listed = {"multiple": "liste", "separateur": own[first].separator}
            body["questions"][code] = {"colonne": first, "codage": {}, **(listed if own[first].separator else {})}
    rule = body["questions"][code]
    if "oui" in rule:
        rule["colonnes"] = options
        yes = {raw for c in own.values() for raw in c.chosen}
        rule["oui"] = [*rule["oui"], *(raw for raw in sorted(yes) if raw not in rule["oui"])]
        no = {raw for c in own.values() for raw in (*c.left, *c.unasked)} - {*rule["oui"]}
        rule["non"] = sorted({*rule.get("non", []), *no})
        return
    codage = rule["codage"]
    _add(body["codages"].setdefault(codage, {}) if isinstance(codage, str) else codage, extract.values[code])


def _add(table: dict[str, str], values: dict[str, str]) -> None:
    known = {normalise(value) for value in table}
    table |= {clean(value): code for value, code in values.items() if normalise(value) not in known}


def _used(body: dict[str, Any]) -> set[str]:
    rules = [*body["axes"].values(), *body["questions"].values()]
    rules += [body.get(key) or {} for key in ("organisme", "date_entretien", "ponderation", "strate")]
    several = [rule.get("colonnes", ()) for rule in rules]
    found = {c for listed in several for c in (listed.values() if isinstance(listed, dict) else listed)}
    found |= {rule.get("colonne") for rule in rules} | {body.get("entretien")}
    return {clean(c) for c in found if c}


def loaded(extract: ToolExtract, body: dict[str, Any], root: Path) -> tuple[Record, pl.DataFrame]:
    """Returns what a run says of the extract under a contract, and the rows that it brings into the lake."""
    (root / "contracts").mkdir(parents=True)
    (root / "landing/2022").mkdir(parents=True)
    for name in ("programme.yaml", "reference"):
        (root / name).symlink_to(DATA / name)
    text = yaml.safe_dump(body, allow_unicode=True)
    (root / "contracts" / f"{body['contrat']}.yaml").write_text(text, encoding="utf-8")
    shutil.copy(extract.path, root / "landing/2022")
    programme = load_programme(root)
    [delivery] = deliveries(programme, load_contracts(programme))
    record = ingest(delivery, programme)
    accepted = [pl.read_parquet(root / str(lot.fichier)) for lot in record.lots if lot.fichier]
    assert accepted, record
    return record, pl.concat(accepted)


def answered(extract: ToolExtract) -> Counter[tuple[tuple[str, ...], ...]]:
    """Returns how often each interview's answers stand in the truth; a question without an answer has none."""
    codes = sorted(extract.answers[0])
    return Counter(tuple(tuple(sorted(row[code])) for code in codes) for row in extract.answers)


def in_lake(extract: ToolExtract, rows: pl.DataFrame) -> Counter[tuple[tuple[str, ...], ...]]:
    """Returns the same of the lake's rows, where a blank has become the status that says why."""
    found: Counter[tuple[tuple[str, ...], ...]] = Counter()
    for row in rows.select(sorted(extract.answers[0])).iter_rows():
        said = [value if isinstance(value, list) else [value] for value in row]
        found[tuple(tuple(sorted({*codes} - {"FILTRE", "SR"})) for codes in said)] += 1
    return found
