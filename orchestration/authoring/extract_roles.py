"""The columns of an extract that are neither questions nor axes: interview, date, weight, organisme; what they tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.authoring.drafted import Draft
from orchestration.authoring.programme_files import codes_of, starting
from orchestration.extracts.draft.groups import option_columns
from orchestration.extracts.draft.line import DECIDED
from orchestration.extracts.draft.profile import Column, date_form, other_date_form
from orchestration.extracts.draft.roles import Role, find_roles
from orchestration.extracts.draft.sniff import Sniffed
from orchestration.programme import Programme
from orchestration.programme.config import PROGRAMME
from orchestration.programme.tables import dictionary


def _blank(facts: Mapping[str, Any]) -> Programme:
    """Returns a programme of which only the organismes are known, as far as they are told."""
    told = facts.get("organismes") or {}
    frames = {
        table: pl.DataFrame(schema=dict.fromkeys(rules["colonnes"], pl.String)) for table, rules in dictionary().items()
    }
    for table, column in (("organismes", "nom"), ("organismes_alias", "alias")):
        rows = [{"organisme_code": code, column: name} for code, name in told.items()]
        frames[table] = pl.concat([frames[table], pl.DataFrame(rows)], how="diagonal") if rows else frames[table]
    config = PROGRAMME.validate_python(
        {
            "programme": "brouillon", "nom": "brouillon", "langue": "fr", "demonstration": False, "vague_courante": "",
            "seuils": starting()["seuils"], "rapport": {"titre": "brouillon"},
        }
    )  # fmt: skip
    return Programme(Path(), config, frames)


def own_columns(draft: Draft, columns: Sequence[Column], sniffed: Sniffed) -> set[str]:
    """Finds the columns that are neither questions nor axes, and says what is missing; returns their names."""
    roles = find_roles(columns, _blank(draft.facts), None, sniffed.tool)
    by_role = {role.role: (column, role) for column in columns if (role := roles.get(column.name))}
    ignored = [c.name for c in columns if c.name in roles and roles[c.name].role == "ignorees"]
    options = option_columns(columns)
    same = [c for c in columns if c.name not in {*roles, *options} and len(c.counts) < 2]
    ignored += [c.name for c in same]
    # the column of an option that is chosen or left empty has one value
    draft.points += [
        f"colonne « {c.name} » : une seule valeur, sur {c.filled} lignes ; ignorée, sauf si c'est une option"
        for c in same
        if 0 < c.filled < c.rows
    ]
    used = set(ignored)
    needed = {"entretien": "l'identifiant de l'entretien", "date_entretien": "la date de l'entretien"}
    for key in ("entretien", "date_entretien", "ponderation", "organisme"):
        column, role = by_role.get(key, (None, None))
        if column is None or role is None:
            if key in needed:
                draft.points.append(
                    f"extrait.{key} : aucune colonne ne s'impose ; dire laquelle est {needed[key]}, ou ôter la ligne"
                    " s'il n'y en a pas"
                )
            continue
        if key == "ponderation" and role.confidence < DECIDED:
            continue
        used.add(column.name)
        draft.extract[key] = column.name
        draft.reasons[f"extrait.{key}"] = f"{role.confidence} % : {role.reason}"
        if role.confidence < DECIDED:
            draft.points.append(f"extrait.{key} : est-ce « {column.name} » ? ({role.reason})")
    _dates(draft, by_role.get("date_entretien"))
    _organismes(draft, by_role.get("organisme"), sniffed.sheets)
    for name in ignored:
        if name in roles and roles[name].key == "personnel":
            draft.points.append(f"données personnelles : colonne « {name} », ignorée ; la faire retirer de l'extrait")
    draft.extract["ignorees"] = ignored
    return used


def _dates(draft: Draft, found: tuple[Column, Role] | None) -> None:
    """Says the form of the dates, and the wave and fieldwork that they tell, unless these are known."""
    read = date_form(found[0]) if found else None
    if read is None:
        return
    form, days = read
    if found and (other := other_date_form(found[0])):
        # neither the form of the dates nor the fieldwork is told by days that may be months
        draft.points.append(
            f"extrait.format_date : jour et mois se lisent dans les deux sens, {form} ou {other} ; écrire lequel"
        )
        return
    if form:
        draft.extract["format_date"] = form
    first, last = min(days), max(days)
    if "terrain_debut" not in draft.facts or "terrain_fin" not in draft.facts:
        draft.facts.setdefault("terrain_debut", first)
        draft.facts.setdefault("terrain_fin", last)
        draft.points.append(f"terrain : du {first} au {last} d'après les dates de l'extrait ; dire les vrais jours")
    draft.facts.setdefault("vague", str(last.year))


def _organismes(draft: Draft, found: tuple[Column, Role] | None, sheets: Sequence[str]) -> None:
    told = draft.facts.get("organismes")
    if found is not None and not told:
        column, _ = found
        coded = codes_of(column.value_labels.get(value, value) for value in column.counts)
        draft.facts["organismes"] = {code: name for name, code in coded.items()}
        own = {v: coded[column.value_labels[v]] for v in column.counts if v in column.value_labels}
        if own:
            draft.extract["valeurs_organisme"] = own
        draft.points.append(f"organismes : {len(coded)} d'après la colonne « {column.name} » ; vérifier codes et noms")
    elif found is None and len(sheets) > 1:
        draft.extract["feuilles"] = True
        if not told:
            draft.facts["organismes"] = {code: name for name, code in codes_of(sheets).items()}
            draft.points.append(f"organismes : {len(sheets)} d'après les noms des feuilles ; vérifier codes et noms")
    elif found is None and not told:
        draft.points.append("organismes : aucune colonne ne les dit ; écrire leur code et leur nom")
    count = len(draft.facts.get("organismes") or {})
    if "organismes_secrets" not in draft.facts and count < int(starting()["seuils"]["organismes_minimum"]):
        draft.points.append(
            "organismes_secrets : si peu d'organismes ne publient rien tant que leurs chiffres sont secrets ; écrire"
            " false s'ils sont publics, sinon ôter ce point"
        )
