"""Starts a programme: gathers what is told by options, a file, an extract and a terminal; then drafts or writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration import words
from orchestration.authoring.answers import FILE, held, raw_answers
from orchestration.authoring.asking import NEEDED, Ask, Say, ask_all, own_words, with_organismes, with_scale
from orchestration.authoring.draft_file import FACTS, draft_text
from orchestration.authoring.extract_draft import draft_answers
from orchestration.authoring.new_programme import make_programme, refuse_standing
from orchestration.authoring.together import write_all
from orchestration.errors import ProgrammeError
from orchestration.folder import refuse_path
from orchestration.programme.texts import counted

_POINTS_SHOWN = 12


@dataclass(frozen=True)
class Told:
    """What the options of the command line tell.

    Attributes:
        facts: by key of the answers; None where an option was not given.
        organismes: in one line, or None.
        scale: likewise.
        best: which end of it is the best one, or None.
        words: how the programme names what its survey is about, in one line, or None.
    """

    facts: Mapping[str, Any]
    organismes: str | None = None
    scale: str | None = None
    best: str | None = None
    words: str | None = None

    def over(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Returns answers with what the options tell in place of what they said."""
        known = {**said, **{key: value for key, value in self.facts.items() if value is not None}}
        if known.get("langue", "fr") not in words.languages():
            listed = ", ".join(words.languages())
            raise ProgrammeError(f"langue : « {known['langue']} » n'a pas de catalogue ; langues connues : {listed}.")
        known = with_organismes(known, self.organismes) if self.organismes else known
        if self.words:
            known["vocabulaire"] = own_words(self.words)
        if self.scale:
            if self.best not in ("premiere", "derniere"):
                raise ProgrammeError(
                    "--echelle demande --meilleure, premiere ou derniere : de quel côté est la meilleure."
                )
            known = with_scale(known, self.scale, self.best, None)
        return known


def start(folder: Path, path: Path | None, extract: Path | None, told: Told, ask: Ask | None, say: Say) -> list[str]:
    """Writes the answers drafted from an extract, or the programme that answers make; returns what to say of it.

    Args:
        folder: the programme's folder.
        path: file of answers; None takes the one that a draft left in the folder, if there is one.
        extract: an extract to draft answers from.
        told: what the options tell.
        ask: puts a question to a person; None where nobody can answer.
        say: says why a question is put again.

    Raises:
        ProgrammeError: something is missing or wrong, or a file stands there already; nothing is written.
        DeliveryError: the extract cannot be read.
    """
    if folder.exists() and not folder.is_dir():
        raise ProgrammeError(f"{folder} n'est pas un dossier ; nommer celui du programme.")
    refuse_path(folder.resolve())
    drafted = folder / FILE
    if path is None and extract is None and drafted.is_file():
        path = drafted
    said = told.over(raw_answers(path) if path else {})
    if extract is not None and "extrait" not in said:
        return _draft(folder, extract, ask_all(said, ask, say, scale=False) if ask and path is None else said)
    if extract is not None:
        said["extrait"] = {**said["extrait"], "fichier": str(extract.resolve())}
    if ask and path is None:
        said = ask_all(said, ask, say, scale=True)
    _complete(said, path)
    answers = held(said, path)
    made = make_programme(folder, answers, path.parent if path else Path.cwd())
    there = [f"Programme écrit dans {folder} :", *(f"  {name}" for name in made.files if not name.endswith(".csv"))]
    there.append(f"  reference/ : {sum(name.endswith('.csv') for name in made.files)} tables, leur dictionnaire à côté")
    there.append(
        f"  {made.delivered} : l'extrait" if made.delivered else f"  landing/{answers.vague}/ : pour les livraisons"
    )
    after = "observatoire check" + ("" if made.delivered else ", écrire un contrat (observatoire contract draft)")
    return [*there, f"Puis, avec OBSERVATOIRE_DATA={folder} : {after}, observatoire run."]


def _draft(folder: Path, extract: Path, facts: Mapping[str, Any]) -> list[str]:
    """Writes the answers that an extract proposes, and says what is left to decide."""
    refuse_standing(folder, (FILE, "programme.yaml"))
    if unknown := [key for key in facts if key not in FACTS]:
        said = "avec --extrait, les réponses disent seulement"
        raise ProgrammeError(f"{', '.join(unknown)} : {said} {', '.join(FACTS)} ; l'extrait propose le reste.")
    draft = draft_answers(extract, facts)
    text = draft_text(draft, folder)
    write_all({folder / FILE: text})
    points = [line.strip()[3:-1] for line in text.splitlines() if line.startswith('  - "')]
    return [
        f"Réponses proposées d'après {extract.name}, dans {folder / FILE} : "
        f"{counted(len(draft.questions), 'question')}, {counted(len(draft.scales), 'échelle')},"
        f" {counted(len(draft.axes), 'axe')}.",
        *(f"À décider : {point}" for point in points[:_POINTS_SHOWN]),
        *(
            [f"… et d'autres points ({len(points) - _POINTS_SHOWN}), en tête du fichier."]
            if len(points) > _POINTS_SHOWN
            else []
        ),
        f"Puis : observatoire init {folder}",
    ]


def _complete(said: Mapping[str, Any], path: Path | None) -> None:
    """Refuses answers given without a file that lack something, and says which option gives it."""
    if path is not None:
        return
    option = {"terrain_debut": "debut", "terrain_fin": "fin", "mode_collecte": "mode"}
    missing = [f"--{option.get(key, key)}" for key in NEEDED if key not in said]
    missing += [] if "echelles" in said else ["--echelle", "--meilleure"]
    if missing:
        raise ProgrammeError(
            f"Il manque {', '.join(missing)} ; les donner, ou un fichier par --reponses, ou --extrait."
        )
