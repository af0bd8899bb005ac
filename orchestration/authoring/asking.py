"""Asks a person at a terminal what a new programme needs; what was told already is not asked again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, get_args

from orchestration import words
from orchestration.authoring.answers import Mode
from orchestration.authoring.programme_files import codes_of
from orchestration.errors import ProgrammeError
from orchestration.programme.config import Vocabulary
from orchestration.programme.texts import counted
from orchestration.words.terms import TERMS

Ask = Callable[[str], str]
Say = Callable[[str], None]
# what a person adds to a word that is feminine
_FEMININE = "f"
# what must be told, where there is an extract and where there is none
NEEDED = ("nom", "langue", "vague", "terrain_debut", "terrain_fin", "mode_collecte", "institut", "organismes")


def options(words_told: str) -> dict[str, str]:
    """Returns the options of a scale told in one line, « Very poor, Poor, Good » or « 1..6 »: labels by code.

    Raises:
        ProgrammeError: there are fewer than two.
    """
    low, _, high = words_told.partition("..")
    if high and low.strip().isdigit() and high.strip().isdigit():
        return {str(number): str(number) for number in range(int(low), int(high) + 1)}
    labels = [label.strip() for label in words_told.split(",") if label.strip()]
    if len({*labels}) < max(2, len(labels)):
        raise ProgrammeError(
            f"« {words_told} » : au moins deux réponses différentes, séparées par des virgules, ou 1..6."
        )
    return {code: label for label, code in codes_of(labels).items()}


def organismes(told: str) -> tuple[dict[str, str], dict[str, int]]:
    """Returns organismes told in one line, « City Library=5400, Hill Library »: names by code, and people to represent.

    Raises:
        ProgrammeError: what stands behind « = » is no number of people.
    """
    sizes: dict[str, str] = {}
    for part in told.split(","):
        name, _, size = (piece.strip() for piece in part.partition("="))
        if name in sizes:
            raise ProgrammeError(f"« {name} » : dit deux fois ; n'en garder qu'un.")
        if name:
            sizes[name] = size
        if size and (not size.isdigit() or not int(size)):
            raise ProgrammeError(f"« {part.strip()} » : derrière « = », un nombre de personnes est attendu.")
    coded = codes_of(sizes)
    names = {code: name for name, code in coded.items()}
    return names, {coded[name]: int(size) for name, size in sizes.items() if size}


def with_organismes(said: dict[str, Any], told: str) -> dict[str, Any]:
    """Returns answers with the organismes that are told in one line."""
    names, people = organismes(told)
    return said | {"organismes": names} | ({"population": people} if people else {})


def own_words(told: str) -> dict[str, dict[str, Any]]:
    """Returns the programme's words told in one line, « repondant=reader, readers; organisme=library, libraries ».

    Raises:
        ProgrammeError: a word has no such name, or not the forms of one.
    """
    found = {}
    for part in filter(None, map(str.strip, told.split(";"))):
        name, _, forms = (piece.strip() for piece in part.partition("="))
        if name not in TERMS:
            raise ProgrammeError(f"« {name} » : un de ces mots est attendu devant « = » : {', '.join(TERMS)}.")
        found[name] = _word(forms)
    return found


def _word(typed: str) -> dict[str, Any]:
    forms = [form.strip() for form in typed.split(",")]
    if len(forms) not in (2, 3) or not all(forms) or forms[2:] not in ([], [_FEMININE]):
        said = "un singulier et un pluriel sont attendus, séparés par une virgule, puis f d'un mot féminin"
        raise ProgrammeError(f"« {typed} » : {said}.")
    return {"singulier": forms[0], "pluriel": forms[1]} | ({"feminin": True} if forms[2:] else {})


def with_scale(said: dict[str, Any], scale: str, best: str, overall: str | None) -> dict[str, Any]:
    """Returns answers with one scale and the overall question on it, unless they have questions."""
    asked = overall or words.Words.in_language(said.get("langue", "fr")).texts["depart"]["globale"]
    made = {"libelle": asked, "modalites": options(scale), "meilleure": best}
    return {"echelles": {"E1": made}, "questions": {"Q01": {"libelle": asked, "echelle": "E1", "globale": True}}} | said


def ask_all(said: Mapping[str, Any], ask: Ask, say: Say, *, scale: bool) -> dict[str, Any]:
    """Asks what is missing; an answer that cannot be is asked for again.

    Args:
        said: what is known, key by key of the answers.
        ask: puts a question and returns the line typed.
        say: says why an answer is asked for again.
        scale: whether there is no extract to draft the rest from: dates, organismes, scale and overall question.
    """
    known = dict(said)

    def one(key: str, question: str, read: Callable[[str], Any], default: str = "") -> None:
        if key in known:
            return
        while True:
            typed = ask(f"{question}{f' [{default}]' if default else ''} : ").strip() or default
            try:
                known[key] = read(typed)
                return
            except (ProgrammeError, ValueError) as error:
                say(str(error))

    one("nom", "Nom de l'enquête", _text)
    one("langue", f"Langue des rapports ({', '.join(words.languages())})", _among(words.languages()), "fr")
    if scale:
        _ask_when(one)
    one("mode_collecte", f"Mode de collecte ({', '.join(get_args(Mode))})", _among(get_args(Mode)), "en_ligne")
    one("institut", "Qui a interrogé", _text)
    if "vocabulaire" not in known:
        known["vocabulaire"] = _asked_words(one, known)
    if not scale:
        # the extract tells the wave, its dates and its organismes, and asks what it cannot tell
        return known
    if "organismes" not in known:
        one("_organismes", "Organismes, et combien de personnes chacun (Ville=5400, Bourg=800)", _some_organismes)
        known = with_organismes(known, known.pop("_organismes"))
    if "organismes_secrets" not in known:
        number = counted(len(known["organismes"]), "organisme")
        asked = f"Les chiffres de chaque organisme sont-ils publics ? ({number} ; oui ou non)"
        one("_publics", asked, _among(["oui", "non"]), "non")
        known["organismes_secrets"] = known.pop("_publics") == "non"
    if "echelles" not in known:
        one("_echelle", "Réponses de l'échelle, dans l'ordre (1..6, ou des mots séparés par des virgules)", _scale)
        one("_meilleure", "De quel côté est la meilleure (premiere ou derniere)", _among(["premiere", "derniere"]))
        default = words.catalogue(known["langue"])["depart"]["globale"]
        one("_globale", "Question de satisfaction d'ensemble", _text, default)
        known = with_scale(known, known.pop("_echelle"), known.pop("_meilleure"), known.pop("_globale"))
    return known


def _asked_words(one: Callable[..., None], known: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Asks how the programme names what its survey is about; a word left as the language has it is not kept."""
    found = {}
    for name, field in Vocabulary.model_fields.items():
        usual = words.catalogue(known["langue"])["vocabulaire"][name]
        forms = ", ".join([usual["singulier"], usual["pluriel"], *([_FEMININE] if usual.get("feminin") else [])])
        asked = f"{(field.description or '').rstrip('.')} ; au singulier, au pluriel, et f d'un mot féminin"
        one(f"_{name}", asked, _word, forms)
        if (said := known.pop(f"_{name}")) != _word(forms):
            found[name] = said
    return found


def _ask_when(one: Callable[..., None]) -> None:
    one("vague", "Vague (son code, comme 2024)", _text, str(dt.date.today().year))
    one("terrain_debut", "Premier jour de terrain (AAAA-MM-JJ)", _day)
    one("terrain_fin", "Dernier jour de terrain (AAAA-MM-JJ)", _day)


def _text(typed: str) -> str:
    if not typed:
        raise ValueError("Une réponse est attendue.")
    return typed


def _day(typed: str) -> dt.date:
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        raise ValueError(f"« {typed} » : une date AAAA-MM-JJ est attendue.") from None


def _among(admitted: Any) -> Callable[[str], str]:
    def read(typed: str) -> str:
        if typed not in admitted:
            raise ValueError(f"« {typed} » : une de ces réponses est attendue : {', '.join(admitted)}.")
        return typed

    return read


def _scale(typed: str) -> str:
    options(typed)
    return typed


def _some_organismes(typed: str) -> str:
    names, people = organismes(typed)
    if not names:
        raise ValueError("Au moins un organisme est attendu.")
    if people.keys() != names.keys():
        raise ValueError("Combien de personnes chacun représente est attendu, derrière « = ».")
    return typed
