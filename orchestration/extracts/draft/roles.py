"""Finds the columns that are no questions: interview, date, organisme, weight, stratum, axes, personal data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from orchestration.extracts.draft.codes import (
    BANDS,
    INITIAL,
    TEXT,
    Options,
    Reading,
    axis_names,
    axis_options,
    readings,
)
from orchestration.extracts.draft.groups import is_list, option_columns
from orchestration.extracts.draft.left_over import left_over, says_more
from orchestration.extracts.draft.lexicon import lexicon, likeness, plain, says, speaks, words
from orchestration.extracts.draft.meaning import compared, equal, like
from orchestration.extracts.draft.profile import ANNOUNCED, Column, date_form, other_date_form
from orchestration.extracts.draft.titles import readings_of
from orchestration.extracts.draft.tools import Tool, other_text
from orchestration.extracts.draft.units import band_doubt
from orchestration.programme import Programme
from orchestration.programme.texts import capped, decimal, percent

_ORGANISME_NAMES_MATCHED = 0.9
_ASKED, _WITHIN = 0.85, 0.9
_EXACT = 2  # what the very name of an axis is worth beside some of its words


@dataclass(frozen=True)
class Role:
    """A column and what it is for.

    Attributes:
        role: `entretien`, `date_entretien`, `organisme`, `ponderation`, `strate`, `axe`, `ignorees` or `questions`.
        key: the axis, for an axis.
        confidence: 0 to 100.
        reason: in French.
        detail: what else the contract needs (form of dates, codes of organismes).
        more: what the title says beside the axis, which only filters outweigh.
        inside: whether its dates lie in the fieldwork of the wave.
    """

    role: str
    key: str
    confidence: int
    reason: str
    detail: Any = None
    more: tuple[str, ...] = ()
    inside: bool = False


def find_roles(
    columns: Sequence[Column], programme: Programme, wave: str | None, tool: Tool | None = None
) -> dict[str, Role]:
    """Returns the role of each column that is surely no question.

    Args:
        columns: all columns of the file.
        programme: reference data.
        wave: to hold dates against its fieldwork.
        tool: the survey tool whose export it is.
    """
    found = _of_tool(columns, tool) if tool else {}
    options = option_columns(columns)
    claimed: dict[str, list[tuple[int, str, Role]]] = {}
    for column in columns:
        if column.name in found or (column.name in options and not other_text(column.header)):
            continue
        if column.personal and not (column.personal == ANNOUNCED and _is_question(column, programme)):
            reason = f"données personnelles ({column.personal}) : à faire retirer par l'institut"
            found[column.name] = Role("ignorees", "personnel", 95, reason)
            continue
        for role in claims(column, programme, wave):
            claimed.setdefault(role.key or role.role, []).append((role.confidence, column.name, role))
    claimed["date_entretien"] = _moments(claimed.get("date_entretien", []))
    # a role goes to the column that claims it most, and a column to one role
    for _, name, role in sorted((c for group in claimed.values() for c in group), key=lambda c: -c[0]):
        held = {(r.role, r.key) for r in found.values()}
        if name not in found and (role.role == "ignorees" or (role.role, role.key) not in held):
            found[name] = role
    return found


def _moments(asked: Sequence[tuple[int, str, Role]]) -> list[tuple[int, str, Role]]:
    """Leaves open the date of the interview where several columns of dates lie in the fieldwork."""
    inside = [name for _, name, role in asked if role.inside]
    if len(inside) < 2:
        return list(asked)
    told = f"mais plusieurs colonnes ont leurs dates dans le terrain ({capped(f'« {name} »' for name in inside)})"
    return [
        (c, n, replace(r, confidence=min(r.confidence, 60), reason=f"{r.reason} ; {told} : dire laquelle"))
        for c, n, r in asked
    ]


def _of_tool(columns: Sequence[Column], tool: Tool) -> dict[str, Role]:
    """Returns the roles of the tool's own columns: of several moments, the one that every interview has."""
    found: dict[str, Role] = {}
    moments = []
    for column in columns:
        for use, rank in tool.uses(column.header):
            if use == "personnel":
                reason = f"données personnelles (colonne de {tool.name}) : à faire retirer par l'institut"
                found[column.name] = Role("ignorees", "personnel", 95, reason)
            elif use == "gestion":
                found[column.name] = Role("ignorees", "gestion", 95, f"colonne de gestion de {tool.name}")
            elif use == "entretien" and len(column.counts) == column.rows:
                moments.append((use, rank, column, Role(use, "", 97, f"identifiant de {tool.name}")))
            elif use == "date_entretien" and (dates := date_form(column)):
                role = Role(use, "", 95, f"moment de la réponse d'après {tool.name}", dates[0])
                role = _either_way(role, other_date_form(column))
                moments.append((use, rank + len(tool.traits) * (column.filled < column.rows), column, role))
    for use in ("entretien", "date_entretien"):
        ranked = sorted((m for m in moments if m[0] == use), key=lambda m: m[1])
        for _, _, column, role in ranked[:1]:
            found[column.name] = role
        for _, _, column, _ in ranked[1:]:
            found.setdefault(column.name, Role("ignorees", "gestion", 92, f"« {ranked[0][2].name} » le dit déjà"))
    return found


def claims(column: Column, programme: Programme, wave: str | None) -> list[Role]:
    """Returns everything that a column may be for, questions left out."""
    found: list[Role] = []
    distinct, filled = len(column.counts), column.filled
    if other_text(column.label) or other_text(column.header):
        return [Role("ignorees", "texte", 90, "texte libre d'une réponse « autre »")]
    if not filled:
        return [] if column.label != column.header or column.part else [Role("ignorees", "vide", 60, "colonne vide")]
    titles = (column.header, *column.titles)
    said = {role for role, listed in lexicon()["roles"].items() if says(titles, listed)}
    if filled == column.rows and distinct > 0.97 * filled and not _decimal(column):
        named = "entretien" in said
        reason = "valeurs presque toutes différentes" + (", en-tête d'identifiant" if named else "")
        found.append(Role("entretien", "", 97 if named else 75, reason))
    dates = date_form(column)
    if dates and (distinct > 5 or "date_entretien" in said):
        dated = _date(dates, "date_entretien" in said, programme, wave)
        found.append(_either_way(dated, other_date_form(column)))
    if column.numeric and ("ponderation" in said or (_decimal(column) and distinct > 20)):
        found.append(_weight(column, "ponderation" in said))
    found += _organisme(column, "organisme" in said, programme)
    if "strate" in said and distinct <= 40:
        found.append(Role("strate", "", 90, "en-tête de strate"))
    if says(titles, lexicon()["gestion"]):
        found.append(Role("ignorees", "gestion", 92, "gestion du terrain"))
    elif not _is_question(column, programme) and _free_text(column):
        found.append(Role("ignorees", "texte", 85, "texte libre : les verbatims restent à part"))
    if not _is_question(column, programme):
        found += [role for axis in programme.axes if (role := _axis(column, axis, programme))]
    return found


def _free_text(column: Column) -> bool:
    """Returns whether a column holds people's own sentences."""
    long = sum(n for v, n in column.counts.items() if len(v.split()) > 4)
    several = len(column.counts) > max(30, 0.3 * column.filled) and long > 0.3 * column.filled
    return several and not is_list(column)


def _is_question(column: Column, programme: Programme) -> bool:
    """Returns whether a header is that of a question: a word that it shares with an axis then proves nothing."""
    asked = [
        (r["question_code"] or "", r["libelle"] or "", r["formulation"] or "") for r in programme.rows("questions")
    ]
    titles = (column.header, *column.titles)
    if any(f" {plain(title)} ".startswith(f" {plain(code)} ") for title in titles for code, _, _ in asked):
        return True
    spoken = [title for title in titles if speaks(title)]
    return any(likeness(title, text) > _ASKED for title in spoken for _, *texts in asked for text in texts)


def _weight(column: Column, named: bool) -> Role:
    mean = sum(v * n for v, n in column.numbers.items()) / column.filled
    bad = sum(n for v, n in column.numbers.items() if v <= 0)
    positive = f"{bad} non positif(s)" if bad else "tous positifs"
    confidence = 96 if named else 82 if abs(mean - 1) < 0.02 and not bad else 55
    seen = "en-tête de poids" if named else "décimaux"
    return Role("ponderation", "", confidence, f"{seen}, {positive}, moyenne {decimal(mean)}")


def _decimal(column: Column) -> bool:
    return column.numeric and any(v != int(v) for v in column.numbers)


def _date(dates: tuple[str | None, list[dt.date]], named: bool, programme: Programme, wave: str | None) -> Role:
    form, days = dates
    window = programme.waves.get(wave or "")
    inside = sum(window.start <= d <= window.end for d in days) / len(days) if window else 0.0
    text = f"{percent(inside, 0)} des dates dans le terrain de la vague" if window else "dates"
    within = inside > _WITHIN
    return Role("date_entretien", "", 97 if within else 85 if named else 50, text, form, inside=within)


def _either_way(role: Role, other: str | None) -> Role:
    """Leaves a date open where its day and its month may stand one in the place of the other in every row."""
    if other is None:
        return role
    told = f"jour et mois se lisent dans les deux sens, {role.detail} ou {other} : dire lequel"
    return replace(role, confidence=min(role.confidence, 70), reason=f"{role.reason} ; {told}")


def _organisme(column: Column, named: bool, programme: Programme) -> list[Role]:
    counts, labels = column.counts, column.value_labels
    if len(counts) > 80:
        return []
    names = organisme_aliases(programme, official=True)
    texts = {v: labels.get(v, v) for v in {**labels, **counts}}
    keys = {compared(name): code for code, said in names.items() for name in said}
    exact = {v: keys[compared(text)] for v, text in texts.items() if compared(text) in keys}
    near = {v: m[0] for v, text in texts.items() if v not in exact and (m := like(text, names, sided=False))}
    known = {**near, **exact}
    share = sum(n for v, n in counts.items() if v in known) / column.filled
    if share > _ORGANISME_NAMES_MATCHED:
        own = {v: o for v, o in known.items() if programme.organisme_names.get(v.casefold()) != o}
        present = {o for v, o in known.items() if v in counts}
        if present - set(exact.values()):
            said = "peut-être " + ", ".join(f"« {v} » : {code}" for v, code in near.items() if v in counts)
            return [Role("organisme", "", 75, f"des noms ne sont que semblables, {said}", own)]
        return [Role("organisme", "", 97, f"{len(present)} organisme(s) reconnu(s) par leur nom", own)]
    return [Role("organisme", "", 88, "en-tête d'organisme, codes propres à l'institut", None)] if named else []


def organisme_aliases(programme: Programme, *, official: bool = False) -> dict[str, list[str]]:
    """Returns the ways to name each organisme.

    Args:
        programme: its organismes and their aliases.
        official: whether the name of organismes.csv is one: a contract knows it only where its own line says it.
    """
    names: dict[str, list[str]] = {}
    for alias, code in programme.organisme_names.items():
        names.setdefault(code, []).append(alias)
    if official:
        claimed: dict[tuple[str, ...], set[str]] = {}
        own = [(row["nom"] or "", row["organisme_code"] or "") for row in programme.rows("organismes")]
        for name, code in [*own, *programme.organisme_names.items()]:
            claimed.setdefault(compared(name), set()).add(code)
        for name, code in own:
            names[code] += [name] if name and claimed[compared(name)] == {code} else []
    return names


def _axis(column: Column, axis: str, programme: Programme) -> Role | None:
    options = axis_options(programme, axis)
    said = _axis_words(column, axis, programme)
    found = axis_readings(column, options)
    if not found:
        return None
    by_value = found[0].origin in (TEXT, INITIAL) and found[0].unread == ()
    confidence = 96 if by_value and said else 88 if found[0].origin == TEXT and len(options.codes) > 2 else 0
    exact = any(equal(title, name) for title in (column.header, *column.titles) for name in axis_names(programme, axis))
    # all words of the header are the axis's, and one of them is no other axis's: « AGE » for « tranche_age »
    target = {*plain(axis).split()}
    shared = {w for other in programme.axes if other != axis for w in plain(other).split()}
    headers = [{*plain(title).split()} for title in (column.header, column.titles[-1])]
    own = exact or any(given <= target and not given <= shared for given in headers)
    counted = found[0].origin == BANDS and said >= 1
    confidence = confidence or (90 if own or counted else 78 if said >= 1 else 70 if said else 60 if by_value else 0)
    if not confidence:
        return None
    # « Âge du titulaire du bail » comes before « Âge », wherever both stand
    confidence += _EXACT * exact
    reason = "segments reconnus" if by_value else "valeurs compatibles"
    if found[0].doubt:
        # a column that counts in the unit of the bounds comes first
        confidence, reason = min(confidence, 75), "valeurs compatibles"
    reason = f"en-tête et {reason}" if said else reason
    if more := _beside(column, axis, programme, options):
        return Role("axe", axis, min(confidence, 70), f"{reason}, {says_more(more)}", more=more)
    return Role("axe", axis, confidence, reason)


def _beside(column: Column, axis: str, programme: Programme, options: Options) -> tuple[str, ...]:
    """Returns the words of a column's title that are not an axis's: by them it may be that of something else."""
    own = [*axis_names(programme, axis), *options.labels.values()]
    # what the axis of all is called says whom the survey asks
    asked = [r["libelle"] or "" for r in programme.rows("axes") if r["axe"] not in programme.axes]
    if options.bands:
        asked += [*lexicon()["mesures"], *(word for said in lexicon()["unites"].values() for word in said["mots"])]
    titles = readings_of(column.label, column.levels)
    return left_over(titles if any(map(plain, titles)) else (column.header,), own, asked)


def _axis_words(column: Column, axis: str, programme: Programme) -> float:
    target = {w for name in axis_names(programme, axis) for w in words(name) if len(w) > 2}
    given = {w for w in (*words(column.header), *words(column.label)) if len(w) > 1}
    exact = given & {*words(axis)}
    near = {w for w in given for t in target if len(w) > 2 and (t.startswith(w) or w.startswith(t))}
    common = {w for w in target if sum(w in words(a) for a in programme.axes) > 1}
    return float(len(exact - common) + 0.5 * len(near - common - exact) + 0.25 * bool(near & common))


def axis_readings(column: Column, options: Options) -> list[Reading]:
    """Returns the ways to read a column as an axis: numbers against bounds, or segments."""
    highest = _high(column.numbers)
    bounds = options.bands.values()
    if bounds and column.numeric and len(column.numbers) > 2 * len(options.codes):
        top = max(high for _, high in bounds)
        first = min(high for _, high in bounds)
        if not first < highest <= top:
            return []
        doubt, told = band_doubt((column.header, *column.titles), options.unit, options.bands, highest)
        return [Reading(BANDS, {}, 0.6 if doubt else 0.9, doubt=doubt, contradicted=told)]
    return readings(column.counts, column.value_labels, options, {}, ordered=bool(bounds))


def _high(numbers: Mapping[float, int]) -> float:
    """Returns the value that 98 % of rows stay under: a slip of the keyboard is no reason to see another unit."""
    left = 0.98 * sum(numbers.values())
    for value in sorted(numbers):
        left -= numbers[value]
        if left <= 0:
            return value
    return 0.0
