"""Writes drafted answers as YAML: what is sure as it will serve, what a person decides as a comment (`#?`)."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orchestration.authoring.answers import Answers, Extract
from orchestration.authoring.drafted import Draft
from orchestration.authoring.scales import ScaleDraft
from orchestration.authoring.texts import one_line, quoted
from orchestration.extracts.draft.write import scalar

# what only a person knows, and an example of how it is written
_FACTS = {
    "nom": '"…"',
    "langue": "fr",
    "vague": '"2024"',
    "terrain_debut": "2024-01-01",
    "terrain_fin": "2024-12-31",
    "mode_collecte": "en_ligne",
    "institut": '"…"',
    "organismes": '{CODE: "…"}',
}
_ALSO = ("vocabulaire", "programme", "region", "editeur", "demonstration", "organismes_secrets", "population", "themes")
_EXAMPLES = {
    "vocabulaire": "{repondant: {singulier: …, pluriel: …}, organisme: {singulier: …, pluriel: …, feminin: true}}",
    "organismes_secrets": "false",
    "population": "{CODE: 12000}",
}
# what may be told before an extract is looked at
FACTS = (*_FACTS, *_ALSO)
_HEAD = """\
# Réponses d'« observatoire init », proposées d'après {name}.
# Une ligne en commentaire (« #? ») attend une décision : ôter « #? » de celles qui sont justes, corriger les
# autres. Ôter d'a_decider chaque point une fois tranché, puis relancer : observatoire init {folder}
"""


def draft_text(draft: Draft, folder: Path) -> str:
    """Returns the drafted answers.

    Args:
        draft: the answers.
        folder: the programme's folder, where the file goes.
    """
    missing = [
        key for key in _FACTS if key not in draft.facts and key not in ("organismes", "terrain_debut", "terrain_fin")
    ]
    points = [f"{', '.join(missing)} : à dire"] if missing else []
    text = _HEAD.format(name=one_line(draft.path.name), folder=one_line(str(folder))).splitlines()
    text += ["", "a_decider:  # ce qui reste à trancher"]
    text += [f"  - {quoted(point)}" for point in (*points, *draft.points)]
    text += ["", *_facts(draft), "", "echelles:" if draft.scales else "echelles: {}"]
    for scale in draft.scales.values():
        text += _scale(scale)
    text += ["", "questions:" if draft.questions else "questions: {}"]
    text += [f"  {code}: {scalar(question)}" for code, question in draft.questions.items()]
    text += ["", "axes:" if draft.axes else "axes: {}"]
    text += [f"  {code}: {scalar(axis)}" for code, axis in draft.axes.items()]
    return "\n".join([*text, "", "extrait:", *_extract(draft, folder)]) + "\n"


def _facts(draft: Draft) -> Iterator[str]:
    for key, example in _FACTS.items():
        meaning = _meaning(Answers, key)
        if key in draft.facts:
            yield f"{key}: {_written(draft.facts[key])}  # {meaning}"
        else:
            yield f"#? {key}: {example}  # {meaning}"
    for key in _ALSO:
        if key in draft.facts:
            yield f"{key}: {_written(draft.facts[key])}  # {_meaning(Answers, key)}"
        elif key in _EXAMPLES:
            yield f"# {key}: {_EXAMPLES[key]}  # {_meaning(Answers, key)}"


def _meaning(model: Any, key: str) -> str:
    said = model.model_fields[key].description or ""
    return f"{said[:1].lower()}{said[1:].rstrip('.')}"


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else scalar(value)


def _scale(scale: ScaleDraft) -> Iterator[str]:
    yield f"  {scale.code}:"
    yield f"    libelle: {scalar(f'{next(iter(scale.labels.values()))} … {list(scale.labels.values())[-1]}')}"
    yield f"    modalites: {scalar(scale.labels)}  # dans l'ordre"
    mark = "" if scale.decided else "#? "
    yield f"    {mark}meilleure: {scale.best or '…'}  # {scale.reason}"
    if scale.values:
        yield f"    valeurs: {scalar(scale.values)}"
    if scale.multiple:
        yield "    multiple: true"


def _extract(draft: Draft, folder: Path) -> Iterator[str]:
    said = {"fichier": os.path.relpath(draft.path.resolve(), folder.resolve()), **draft.extract}
    for key in (
        "fichier",
        "entretien",
        "date_entretien",
        "format_date",
        "ponderation",
        "organisme",
        "valeurs_organisme",
    ):
        reason = draft.reasons.get(f"extrait.{key}", "")
        if key in said:
            yield f"  {key}: {scalar(said[key])}" + (f"  # {' '.join(reason.split())}" if reason else "")
        elif key in ("entretien", "date_entretien"):
            yield f"  #? {key}: …"
    if said.get("feuilles"):
        yield f"  feuilles: true  # {_meaning(Extract, 'feuilles')}"
    yield f"  statuts: {scalar(said.get('statuts', {}))}  # ce qui n'est pas une opinion : NSP, REFUS, NC, SR"
    yield f"  ignorees: {scalar(said['ignorees'])}"
