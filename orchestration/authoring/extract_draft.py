"""Drafts a person's answers from an extract: what columns may be, what values may mean, what is left to decide."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration.authoring.drafted import Draft
from orchestration.authoring.extract_roles import own_columns
from orchestration.authoring.programme_files import codes_of, slug
from orchestration.authoring.scales import (
    NUMBERS,
    OTHER,
    WORDS,
    YES_NO,
    ScaleDraft,
    Values,
    numbers_scale,
    values_of,
    words_scale,
    yes_no_scale,
)
from orchestration.authoring.turned import set_apart
from orchestration.extracts.draft.groups import Answers as Columns
from orchestration.extracts.draft.groups import group
from orchestration.extracts.draft.profile import Column, profile
from orchestration.extracts.draft.sniff import sniff
from orchestration.extracts.draft.tools import mute
from orchestration.programme.texts import decimal, percent

_QUESTION = re.compile(r"^([A-Za-z]{1,4}[ _]?\d{1,3}[a-z]?)\b[\s.:)_-]*(.*)$")
# columns of the lake: an axis of that name would be taken for it
_TAKEN = {"ensemble", "vague", "organisme", "organisme_code", "strate", "poids", "entretien", "date_entretien"}
_ANSWERED = 0.9  # share of rows under which a question may depend on another


def draft_answers(path: Path, facts: Mapping[str, Any]) -> Draft:
    """Reads an extract with the readers of a run, and proposes the answers that would make its programme.

    Args:
        path: the extract.
        facts: what is known beforehand, key by key of the answers.

    Raises:
        DeliveryError: it cannot be read as a table.
    """
    sniffed = sniff(path)
    columns = profile(sniffed)
    draft = Draft(path, dict(facts))
    if not sniffed.whole:
        draft.points.append(
            f"extrait : seules ses {sniffed.frame.height} premières lignes ont été regardées ; d'autres valeurs"
            " peuvent suivre"
        )
    used = own_columns(draft, columns, sniffed)
    rest = [c for c in columns if c.name not in used]
    groups = [(answers, values_of(answers, sniffed.notes)) for answers in group(rest, sniffed.frame)]
    axes = _sort_out(draft, groups)
    set_apart(draft, sniffed.frame)
    _decisions(draft, axes)
    return draft


def _sort_out(draft: Draft, groups: Sequence[tuple[Columns, Values]]) -> list[str]:
    """Makes questions and axes of the columns that are left, and scales of their values; returns the axes."""
    shared: dict[frozenset[str], int] = defaultdict(int)
    for _, values in groups:
        shared[frozenset(values.labels.values())] += 1
    axes: list[str] = []
    for answers, values in groups:
        alike = shared[frozenset(values.labels.values())] > 1
        # what has no order is a question where the header numbers it, or others have the same answers
        numbered = _QUESTION.match(answers.name) is not None
        if answers.kind != "unique":
            _several(draft, answers)
        elif values.kind == OTHER:
            _left_out(draft, answers.columns[0])
        elif values.kind == YES_NO or values.ordered or alike or numbered:
            _question(draft, answers, values)
        else:
            axes.append(_axis(draft, answers.columns[0], values))
    return axes


def _decisions(draft: Draft, axes: Sequence[str]) -> None:
    """Lists what a person decides of axes, codes and scales."""
    if axes:
        draft.points.append(f"axes ({', '.join(axes)}) : découpent-ils les répondants ? sinon, en faire des questions")
    oriented = [code for code, q in draft.questions.items() if not draft.scales[q["echelle"]].decided]
    overall = [code for code in oriented if re.search(r"(?i)overall|ensemble|global", draft.questions[code]["libelle"])]
    if oriented:
        chosen = (overall or oriented)[0]
        draft.points.append(
            f"globale : la question d'ensemble est-elle {chosen} ? lui écrire « globale: true », ou à une autre"
        )
    for value, found in draft.odd.items():
        rows = sum(found.values())
        draft.points.append(
            f"extrait.statuts : que vaut « {value} » ({rows} fois, {', '.join(found)}) ? l'y écrire, ou en faire une"
            " modalité"
        )
    for scale in draft.scales.values():
        if scale.point:
            draft.points.append(scale.point)


def _question(draft: Draft, answers: Columns, values: Values) -> None:
    column = answers.columns[0]
    code, label = _names(draft, column.name, _text(column))
    scale = _scale(draft, values)
    scale.used.append(code)
    draft.questions[code] = {"libelle": label, "echelle": scale.code, "colonne": column.name}
    statuses = draft.extract.setdefault("statuts", {})
    for value, status in values.statuses.items():
        if statuses.setdefault(value, status) != status:
            # one code, two meanings: a person says which
            draft.odd.setdefault(value, {})[code] = answers.counts[value]
    for value, rows in values.odd.items():
        draft.odd.setdefault(value, {})[code] = rows
    if values.kind == NUMBERS and (missing := [n for n in scale.labels if n not in values.labels]):
        draft.points.append(
            f"questions.{code} : personne n'y répond {', '.join(missing)} ; est-ce bien l'échelle {scale.code} ?"
        )
    if answers.fill < _ANSWERED:
        draft.points.append(
            f"questions.{code} : {percent(answers.fill, 0)} des lignes seulement y répondent ; si elle dépend d'une"
            " autre, le dire sous « filtre »"
        )


def _text(column: Column) -> str:
    """Returns what a column asks: its label, without a part of its title that says nothing of it."""
    return column.levels[0] if len(column.levels) > 1 and mute(" ".join(column.levels[1:])) else column.label


def _names(draft: Draft, name: str, said: str) -> tuple[str, str]:
    """Returns the code and label of a question: what its header begins with, and the rest of it or its label."""
    found = _QUESTION.match(name)
    code = re.sub(r"\W", "", found[1]).upper() if found else ""
    label = (found[2] if found else "") or said
    if not code or code in draft.questions:
        code = next(c for i in range(len(draft.questions) + 1, 10_000) if (c := f"Q{i:02d}") not in draft.questions)
    return code, label.replace("_", " ").strip()


def _scale(draft: Draft, values: Values) -> ScaleDraft:
    """Returns the scale of a question: one that is there already, where the values mean the same, or a new one."""
    code = f"E{len(draft.scales) + 1}"
    made = {NUMBERS: numbers_scale, YES_NO: yes_no_scale, WORDS: words_scale}[values.kind](code, values.labels)
    shared = next((scale for scale in draft.scales.values() if scale.takes(made)), None)
    if shared is None:
        draft.scales[code] = made
    return shared or made


def _several(draft: Draft, answers: Columns) -> None:
    """Makes a question of several answers: a column per option, mentions, or a list in a cell."""
    names = [c.name for c in answers.columns]
    code, label = _names(draft, answers.stem or answers.name, answers.stem or answers.label)
    scale = f"E{len(draft.scales) + 1}"
    question: dict[str, Any] = {"libelle": label, "echelle": scale}
    if answers.kind == "oui_non":
        said = {c.name: answers.own.get(c.name, c.name) for c in answers.columns}
        coded = codes_of(said.values())
        options = {coded[said[c.name]]: answers.own.get(c.name, c.label) for c in answers.columns}
        question["colonnes"] = {coded[said[name]]: name for name in names}
    else:
        texts = {answers.value_labels.get(value, value) for value in answers.counts}
        options = {code: text for text, code in codes_of(sorted(texts)).items()}
        question |= {"mentions": names} if answers.kind == "mentions" else {"colonne": names[0]}
        question |= {"separateur": answers.separator} if answers.separator else {}
    reason = f"{len(names)} colonnes ensemble" if len(names) > 1 else "plusieurs réponses par cellule"
    draft.scales[scale] = ScaleDraft(scale, options, "aucune", True, reason, multiple=True, used=[code])
    draft.questions[code] = question
    told = ", ".join(f"« {name} »" for name in names)
    draft.points.append(
        f"questions.{code} : {told}, une question à plusieurs réponses ? sinon, en faire autant de questions"
    )
    if answers.kind == "oui_non" and answers.marks and not answers.marks[0].told:
        usual = ", ".join(f"« {v} »" for v in answers.marks[0].chosen)
        draft.points.append(
            f"questions.{code} : {answers.marks[0].doubt} ; {usual} d'usage, sinon le dire sous « oui »"
        )


def _axis(draft: Draft, column: Column, values: Values) -> str:
    code = slug(column.name) or "axe"
    code = f"axe_{code}" if code[0].isdigit() or code in _TAKEN or code in draft.axes else code
    coded = codes_of(label for _, label in sorted(values.labels.items()))
    segments = {code: label for label, code in coded.items()}
    own = {v: coded[label] for v, label in values.labels.items() if v not in (label, coded[label])}
    draft.axes[code] = {"libelle": column.label.replace("_", " "), "colonne": column.name, "segments": segments}
    if own:
        draft.axes[code]["valeurs"] = own
    return code


def _left_out(draft: Draft, column: Column) -> None:
    draft.extract["ignorees"].append(column.name)
    if column.numeric and len(column.numbers) > 2:
        low, high = min(column.numbers), max(column.numbers)
        told = f"des nombres de {decimal(low)} à {decimal(high)} ; pour en faire un axe, l'ôter d'ignorees et dire ses"
        told += " tranches"
    else:
        told = f"{len(column.counts)} valeurs différentes ; ignorée, sauf à en faire un axe ou une question"
    draft.points.append(f"colonne « {column.name} » : {told}")
