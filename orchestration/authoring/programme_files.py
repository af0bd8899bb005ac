"""The files of a new programme, made of a person's answers: programme.yaml and the reference tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, count
from pathlib import Path
from typing import Any

import yaml

from orchestration.authoring.answers import Answers, Axis
from orchestration.authoring.scoring import notes, satisfied, widest_range
from orchestration.authoring.texts import csv_text, one_line, quoted
from orchestration.extracts.draft.write import scalar
from orchestration.programme.config import Disclosure, Estimation, ProgrammeConfig, Report, Thresholds, Vocabulary
from orchestration.programme.dictionary import render
from orchestration.programme.programme import COMMON_SCALE
from orchestration.programme.tables import dictionary
from orchestration.words import Words

# the one stratum of an organisme whose answers say no other
STRATUM = "TOUS"
THEME = "1"
_FAMILY = "TOUS"
_SCORING = ("LINEAIRE", "1")
_SINCE = "2000-01-01"
_NOTE_SHARE = 0.015  # of the range of notes: a change below is said to be slight
Rows = list[dict[str, str | None]]


@cache
def starting() -> Mapping[str, Any]:
    """Returns depart.yaml: thresholds and statuses of a new programme."""
    return yaml.safe_load(Path(__file__).with_name("depart.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def slug(text: str) -> str:
    """Returns a text as a code: small letters without accents, digits, underscores; empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def code_of(text: str) -> str:
    """Returns a text as the code of an institute, an organisme or an option: in capitals."""
    return slug(text).upper() or "X"


def codes_of(names: Iterable[str]) -> dict[str, str]:
    """Returns a code for each name, no two alike: « + de 3 ans » and « - de 3 ans » have the same letters."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        code = code_of(name)
        others = (f"{code}_{i}" for i in count(2))
        found[name] = next(one for one in chain([code], others) if one not in found.values())
    return found


def programme_code(answers: Answers) -> str:
    """Returns the programme's code: the one told, or its name's."""
    return answers.programme or slug(answers.nom).replace("_", "-")[:40].strip("-") or "programme"


def programme_files(answers: Answers, population: Mapping[str, int], *, known: bool) -> dict[str, str]:
    """Returns the files of a programme by their path in its folder.

    Args:
        answers: what a person said.
        population: people to represent, by organisme.
        known: whether these are told; otherwise each interview counts for one, and no sampling rate is worked out.
    """
    tables = dict(_tables(answers, population))
    files = {
        f"reference/{table}.csv": csv_text(
            [name for name, rule in rules["colonnes"].items() if not rule.get("facultatif")], tables.get(table, [])
        )
        for table, rules in dictionary().items()
        if tables.get(table) or not rules.get("facultatif")
    }
    return {"programme.yaml": _programme_yaml(answers, known=known), **files, "reference/README.md": render()}


def _programme_yaml(answers: Answers, *, known: bool) -> str:
    """Returns programme.yaml, each key with what it means."""
    said: dict[str, Any] = {
        "programme": programme_code(answers),
        "nom": answers.nom,
        "region": answers.region,
        "editeur": answers.editeur,
        "langue": answers.langue,
        "demonstration": answers.demonstration,
        "vague_courante": answers.vague,
    }
    thresholds = dict(starting()["seuils"])
    thresholds["materialite_note"] = max(0.01, round(_NOTE_SHARE * widest_range(answers), 2))
    text = [
        f"# {one_line(answers.nom)} : ce qui nomme le programme, ce qu'il imprime, les seuils qu'il s'est donnés.",
        "# Chaque clé porte son sens. Les autres ont une valeur par défaut : « observatoire schema » les dit toutes.",
        *_lines(said, ProgrammeConfig, 0),
        "",
        *_own_words(answers.vocabulaire),
        "",
        "seuils:",
        *_lines(thresholds, Thresholds, 2),
        "",
        "# Choix de méthode : docs/methode.md.",
        "estimation:",
        *_lines({"population_finie": known}, Estimation, 2),
        *([] if known else [f"  # {line}" for line in _UNKNOWN]),
        "",
        "# Ce qu'aucun recoupement ne doit laisser deviner : docs/confidentialite.md.",
        "secret:",
        *_lines({"organismes_secrets": answers.organismes_secrets}, Disclosure, 2),
        "",
        "# Ce qui est publié outre l'ensemble, dans l'ordre voulu : « - axe: … », « - organismes: famille ».",
        "perimetres: []",
        "",
        "rapport:",
        *_lines({"titre": answers.nom, "tri_indicateurs": "questionnaire"}, Report, 2),
    ]
    return "\n".join(text) + "\n"


_UNKNOWN = (
    "La population n'a pas été dite : plan_sondage.csv compte pour un chaque entretien de l'extrait, et rien n'en est",
    "déduit. Quand elle sera connue, l'y écrire et mettre true.",
)


def _own_words(said: Vocabulary) -> Iterator[str]:
    """Yields the section of the programme's words, with those that were told; as a comment where none was."""
    told = said.model_dump(exclude_none=True, exclude_defaults=True)
    yield "# Les mots de ce dont parle l'enquête ; ceux qui manquent sont ceux de la langue."
    yield "vocabulaire:" if told else "# vocabulaire:"
    for name, field in Vocabulary.model_fields.items():
        word = told.get(name, {"singulier": "…", "pluriel": "…"})
        written = ", ".join(f"{key}: {scalar(value)}" for key, value in word.items())
        meaning = field.description or ""
        mark = "" if name in told else "# "
        yield f"{mark}  {name}: {{{written}}}  # {meaning[:1].lower()}{meaning[1:].rstrip('.')}"


def _lines(said: Mapping[str, Any], model: Any, indent: int) -> Iterator[str]:
    for key, value in said.items():
        if value is not None:
            written = quoted(value) if isinstance(value, str) else str(value).lower()
            meaning = model.model_fields[key].description or ""
            yield f"{' ' * indent}{f'{key}: {written}':<34} # {meaning[:1].lower()}{meaning[1:].rstrip('.')}"


def _tables(answers: Answers, population: Mapping[str, int]) -> Iterator[tuple[str, Rows]]:
    words = Words.in_language(answers.langue).texts["depart"]
    institute = code_of(answers.institut)
    themes = answers.themes or {THEME: words["theme"]}
    yield (
        "themes",
        [
            {"theme_code": code, "ordre": str(i), "libelle": name, "definition": words["definition"].format(theme=name)}
            for i, (code, name) in enumerate(themes.items(), start=1)
        ],
    )
    yield from _questionnaire(answers, next(iter(themes)), words)
    yield "vagues", [
        {
            "vague": answers.vague, "libelle": answers.vague, "ordre": "1", "mode_collecte": answers.mode_collecte,
            "terrain_debut": answers.terrain_debut.isoformat(), "terrain_fin": answers.terrain_fin.isoformat(),
            "institut": answers.institut, "etat": "provisoire",
        }
    ]  # fmt: skip
    yield "instituts", [{"institut": institute, "nom": answers.institut, "fictif": _flag(answers.demonstration)}]
    yield "familles", [{"famille": _FAMILY, "ordre": "1", "libelle": words["famille"]}]
    yield (
        "organismes",
        [
            {"organisme_code": code, "nom": name, "famille": _FAMILY, "valide_de": _SINCE, "sans_repondant": "non"}
            for code, name in answers.organismes.items()
        ],
    )
    yield (
        "organismes_alias",
        [{"alias": name, "organisme_code": code} for code, name in answers.organismes.items() if name != code],
    )
    yield (
        "participations",
        [
            {"vague": answers.vague, "organisme_code": code, "statut": "attendu", "institut": institute}
            for code in answers.organismes
        ],
    )
    yield (
        "plan_sondage",
        [
            {"vague": answers.vague, "organisme_code": code, "strate": STRATUM, "population": str(size)}
            for code, size in population.items()
        ],
    )
    yield from _axes(answers, words)


def _questionnaire(answers: Answers, theme: str, words: Mapping[str, str]) -> Iterator[tuple[str, Rows]]:
    yield "questions", [
        {
            "question_code": code, "theme_code": question.theme or theme, "ordre": str(i), "libelle": question.libelle,
            "formulation": question.formulation or question.libelle, "statut_formulation": "proposition",
            "echelle": question.echelle, "nature": question.nature or _nature(answers, question.echelle),
            "filtre": question.filtre, "est_globale": _flag(question.globale),
        }
        for i, (code, question) in enumerate(answers.questions.items(), start=1)
    ]  # fmt: skip
    yield (
        "questions_vagues",
        [{"question_code": code, "vague": answers.vague, "equivalence": "premiere"} for code in answers.questions],
    )
    scales: Rows = []
    options: Rows = []
    scored: Rows = []
    for code, scale in answers.echelles.items():
        found, good = notes(scale), satisfied(scale)
        unit = words["note"].format(maximum=f"{max(found.values()):g}") if found else None
        kind = "multiple" if scale.multiple else "unique"
        scales.append({"echelle": code, "type": kind, "libelle": scale.libelle, "unite_note": unit})
        for i, (option, label) in enumerate(scale.modalites.items(), start=1):
            told = _flag(option in good) if found else None
            options.append(_option(code, option, i, label, "exprime", told))
        scored += [
            {
                "bareme": _SCORING[0], "version": _SCORING[1], "libelle": words["bareme"], "echelle": code,
                "modalite_code": option, "note": f"{note:.16g}",
            }
            for option, note in found.items()
        ]  # fmt: skip
    for i, (option, status) in enumerate(starting()["statuts"].items(), start=91):
        options.append(_option(COMMON_SCALE, option, i, words[option], status, None))
    yield "echelles", scales
    yield "modalites", options
    yield "baremes", scored
    if scored:
        yield "baremes_usages", [{"institut": "*", "vague": "*", "bareme": _SCORING[0], "version": _SCORING[1]}]


def _option(scale: str, code: str, rank: int, label: str, status: str, good: str | None) -> dict[str, str | None]:
    return {
        "echelle": scale, "modalite_code": code, "ordre": str(rank), "libelle": label, "statut_reponse": status,
        "est_satisfait": good, "exclusive": _flag(scale == COMMON_SCALE),
    }  # fmt: skip


def _nature(answers: Answers, scale: str) -> str:
    if answers.echelles[scale].meilleure != "aucune":
        return "satisfaction"
    return "motif" if answers.echelles[scale].multiple else "descriptif"


def _axes(answers: Answers, words: Mapping[str, str]) -> Iterator[tuple[str, Rows]]:
    axes: Rows = [{"axe": "ensemble", "ordre": "0", "libelle": words["ensemble"]}]
    segments: Rows = [{"axe": "ensemble", "segment": "tous", "ordre": "1", "libelle": words["tous"]}]
    for rank, (code, axis) in enumerate(answers.axes.items(), start=1):
        axes.append({"axe": code, "ordre": str(rank), "libelle": axis.libelle})
        rows = _bands(axis)
        rows += [{"segment": segment, "libelle": name} for segment, name in axis.segments.items()]
        segments += [{"axe": code, "ordre": str(i), **row} for i, row in enumerate(rows, start=1)]
    yield "axes", axes
    yield "segments", segments


def _bands(axis: Axis) -> Rows:
    """Returns the segments of an axis of numbers: each goes up to the next bound, the last one has no end."""
    rows: Rows = []
    for low, following in zip(axis.tranches, [*axis.tranches[1:], None], strict=False):
        high = None if following is None else str(following - 1)
        name = f"{low}-{high}" if high else f"{low} +"
        rows.append({"segment": f"T{low}", "libelle": name, "borne_min": str(low), "borne_max": high})
    return rows


def _flag(value: bool) -> str:
    return "oui" if value else "non"
