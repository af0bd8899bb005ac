"""The contract of the extract that a programme was drafted from: the answers say which column and value is what."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.authoring.answers import Answers, AskedQuestion, Axis, Extract, Scale
from orchestration.authoring.programme_files import STRATUM, code_of, slug
from orchestration.authoring.texts import one_line
from orchestration.errors import ProgrammeError
from orchestration.extracts.draft.marks import ways
from orchestration.extracts.draft.profile import Column, profile
from orchestration.extracts.draft.sniff import SHEET, Sniffed
from orchestration.extracts.draft.write import scalar
from orchestration.programme.texts import capped, counted, normalise

_SHOWN = 6


def contract_name(answers: Answers) -> str:
    """Returns the name of the contract: institute and wave."""
    return "-".join(slug(part).replace("_", "-") for part in (answers.institut, answers.vague))


def interviews_by_organisme(answers: Answers, extract: Extract, sniffed: Sniffed) -> dict[str, int]:
    """Returns the interviews of each organisme of the extract.

    Raises:
        ProgrammeError: the extract is too long to be counted here, or an organisme has none.
    """
    if not sniffed.whole:
        said = "population : l'extrait est trop long pour être compté ici ; dire combien de personnes"
        raise ProgrammeError(f"{said} chaque organisme représente.")
    found = dict.fromkeys(answers.organismes, 0)
    column = SHEET if extract.feuilles else extract.organisme
    if column is None:
        return dict.fromkeys(found, sniffed.frame.height)
    named = organisme_values(answers, extract)
    for value, rows in sniffed.frame[column].drop_nulls().value_counts(name="__lignes").iter_rows():
        if code := named.get(normalise(value)):
            found[code] += rows
    if absent := [code for code, rows in found.items() if not rows]:
        raise ProgrammeError(
            f"organismes : aucun entretien de {', '.join(absent)} dans l'extrait ; l'ôter, dire sa population, ou dire"
            " sous extrait.valeurs_organisme comment il y est nommé."
        )
    return found


def organisme_values(answers: Answers, extract: Extract) -> dict[str, str]:
    """Returns the organisme that each value of its column names, as values are compared."""
    names = {name: code for code, name in answers.organismes.items()} | {c: c for c in answers.organismes}
    return {normalise(value): code for value, code in {**names, **extract.valeurs_organisme}.items()}


def first_contract(answers: Answers, extract: Extract, path: Path, sniffed: Sniffed) -> str:
    """Returns the contract that reads the extract, confirmed: whoever emptied the list of the answers decided it.

    Args:
        answers: what a person said.
        extract: of which, which column is what.
        path: the extract.
        sniffed: what was read of it.

    Raises:
        ProgrammeError: a column or a value of the extract is not in the answers, or the other way round; all of them.
    """
    columns = {column.name: column for column in profile(sniffed)}
    if wrong := [*_columns(answers, extract, columns), *_values(answers, extract, columns, sniffed.frame)]:
        raise ProgrammeError("\n".join(f"{path.name}, {said}" for said in wrong))
    form = {key: value for key, (value, _) in sniffed.form.items()}
    date = {"colonne": extract.date_entretien} | ({"format": extract.format_date} if extract.format_date else {})
    pattern = f"{glob.escape(path.stem)}*{glob.escape(path.suffix)}"
    text = [
        f"# Contrat écrit par « observatoire init » d'après {one_line(path.name)} et les réponses données.",
        f"contrat: {scalar(contract_name(answers))}",
        "version: 1                      # à augmenter à chaque modification",
        "statut: confirme                # « brouillon » ne charge rien",
        f"institut: {scalar(code_of(answers.institut))}",
        f"vague: {scalar(answers.vague)}",
        f"fichiers: {scalar([pattern])}   # motifs de noms, dans landing/{answers.vague}/",
        "",
        f"format: {scalar(form)}",
        f"organisme: {scalar(_organisme(answers, extract))}",
        f"entretien: {scalar(extract.entretien)}   # l'identifiant ; il n'entre que haché"
        if extract.entretien
        else "# entretien: …                  # sans identifiant, la place de la ligne en tient lieu",
        f"date_entretien: {scalar(date)}" if extract.date_entretien else "# date_entretien: …             # sans date",
        *([f"ponderation: {scalar({'colonne': extract.ponderation})}"] if extract.ponderation else []),
        f"strate: {scalar({'valeur': STRATUM})}   # une seule par organisme, celle de plan_sondage.csv",
        "",
        "axes:" + ("" if answers.axes else " {}"),
        *(f"  {code}: {scalar(_axis(axis))}" for code, axis in answers.axes.items()),
        "",
        "codages:                        # une table par échelle : valeur livrée vers modalité",
        *(f"  {_table(code)}: {scalar(_codage(s, extract))}" for code, s in answers.echelles.items()),
        "",
        "questions:",
        *(f"  {code}: {scalar(_question(q, columns, sniffed.frame))}" for code, q in answers.questions.items()),
        "",
        f"ignorees: {scalar(list(extract.ignorees))}",
    ]
    return "\n".join(text) + "\n"


def _table(scale: str) -> str:
    return slug(scale) or "echelle"


def _organisme(answers: Answers, extract: Extract) -> dict[str, Any]:
    own = {"valeurs": extract.valeurs_organisme} if extract.valeurs_organisme else {}
    if extract.feuilles:
        return {"feuille": True, **own}
    if extract.organisme is None:
        return {"valeur": next(iter(answers.organismes))}
    return {"colonne": extract.organisme, **own}


def _axis(axis: Axis) -> dict[str, Any]:
    if axis.tranches:
        return {"colonne": axis.colonne, "tranches": True}
    return {"colonne": axis.colonne, "codage": _segments(axis)}


def _segments(axis: Axis) -> dict[str, str]:
    named = {name: code for code, name in axis.segments.items()}
    return _once({**named, **{code: code for code in axis.segments}, **axis.valeurs})


def _codage(scale: Scale, extract: Extract) -> dict[str, str]:
    """Returns what each value of a scale's columns means: code, label, a way of its own to write it, or a status."""
    labels = {label: code for code, label in scale.modalites.items()}
    return _once({**extract.statuts, **labels, **{code: code for code in scale.modalites}, **scale.valeurs})


def _once(codage: Mapping[str, str]) -> dict[str, str]:
    """Returns a table of values, each written once however it is typed."""
    kept: dict[str, tuple[str, str]] = {}
    for value, code in codage.items():
        first, _ = kept.get(normalise(value), (value, code))
        kept[normalise(value)] = first, code
    return dict(kept.values())


def _question(question: AskedQuestion, columns: Mapping[str, Column], frame: pl.DataFrame) -> dict[str, Any]:
    table = _table(question.echelle)
    if question.colonnes:
        yes, no = _yes_no(question, columns, frame)
        return {"multiple": "oui_non", "colonnes": question.colonnes, "oui": yes, "non": no}
    if question.mentions:
        return {"multiple": "mentions", "colonnes": list(question.mentions), "codage": table}
    if question.separateur:
        listed = {"multiple": "liste", "colonne": question.colonne, "separateur": question.separateur}
        return {**listed, "codage": table}
    return {"colonne": question.colonne, "codage": table}


def _yes_no(question: AskedQuestion, columns: Mapping[str, Column], frame: pl.DataFrame) -> tuple[list[str], list[str]]:
    """Returns the values that say that an option is chosen, and that it is not: as told, else by labels or usage."""
    own = [columns[name] for name in question.colonnes.values() if name in columns]
    found = ways(own, frame, ())
    said = {normalise(v) for v in question.oui}
    if said:
        values = sorted({v for column in own for v in column.counts})
        yes = [v for v in values if normalise(v) in said]
        known = {v for way in found for v in (*way.chosen, *way.left)}
        return yes, [v for v in values if v in known and v not in yes]
    return (list(found[0].chosen), list(found[0].left)) if found else ([], [])


def _columns(answers: Answers, extract: Extract, columns: Mapping[str, Column]) -> Iterator[str]:
    """Yields the columns that the answers name and the file has not, and those that they do not name."""
    if extract.organisme is None and not extract.feuilles and len(answers.organismes) > 1:
        yield "extrait.organisme : plusieurs organismes, et aucune colonne ne dit lequel ; la dire."
    named: dict[str, str] = {}
    for key, names in _named(answers, extract):
        for name in names:
            if name not in columns:
                near = get_close_matches(name, list(columns), 1)
                yield f"{key} : pas de colonne « {name} »" + (f" ; « {near[0]} » ?" if near else " ; la corriger.")
            elif name in named:
                yield f"{key} : la colonne « {name} » est déjà dite par {named[name]} ; n'en garder qu'une."
            named[name] = key
    for code, question in answers.questions.items():
        if not question.columns:
            yield f"questions.{code} : aucune colonne n'y répond ; dire « colonne »."
    for name in columns:
        if name not in named:
            yield f"colonne « {name} » : aucune réponse ne la nomme ; en faire une question, un axe, ou l'ignorer."


def _named(answers: Answers, extract: Extract) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key in ("entretien", "date_entretien", "ponderation", "organisme"):
        if (name := getattr(extract, key)) is not None:
            yield f"extrait.{key}", (name,)
    yield "extrait.ignorees", extract.ignorees
    for code, axis in answers.axes.items():
        yield f"axes.{code}", (axis.colonne,)
    for code, question in answers.questions.items():
        yield f"questions.{code}", question.columns


def _values(answers: Answers, extract: Extract, columns: Mapping[str, Column], frame: pl.DataFrame) -> Iterator[str]:
    """Yields the values that stand in the extract and that the answers say nothing of."""
    for code, question in answers.questions.items():
        known = _compared(_codage(answers.echelles[question.echelle], extract))
        for name in question.columns if not question.colonnes else ():
            parts = _parts(columns[name], question.separateur) if name in columns else {}
            yield from _unknown(
                f"questions.{code}", name, parts, known, f"ni de l'échelle {question.echelle}, ni un statut"
            )
        yes, no = _yes_no(question, columns, frame)
        for name in question.colonnes.values():
            if name in columns:
                yield from _unknown(
                    f"questions.{code}", name, columns[name].counts, _compared([*yes, *no]), "ni oui, ni non"
                )
    for code, axis in answers.axes.items():
        if axis.segments and axis.colonne in columns:
            counts = columns[axis.colonne].counts
            yield from _unknown(f"axes.{code}", axis.colonne, counts, _compared(_segments(axis)), "d'aucun segment")
    if extract.organisme is not None and extract.organisme in columns:
        known = set(organisme_values(answers, extract))
        yield from _unknown(
            "extrait.organisme", extract.organisme, columns[extract.organisme].counts, known, "d'aucun organisme"
        )


def _compared(values: Any) -> set[str]:
    return {normalise(value) for value in values}


def _parts(column: Column, separator: str | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for value, rows in column.counts.items():
        for part in value.split(separator) if separator else [value]:
            found[part.strip()] = found.get(part.strip(), 0) + rows
    return found


def _unknown(key: str, name: str, counts: Mapping[str, int], known: set[str], told: str) -> Iterator[str]:
    left = [f"« {value} » ({rows} fois)" for value, rows in counts.items() if normalise(value) not in known]
    if left:
        said = f"{counted(len(left), 'valeur')} {told} : {capped(left, most=_SHOWN)}"
        yield f"{key}, colonne « {name} » : {said} ; dire ce qu'elles valent (valeurs, ou extrait.statuts)."
