"""What a programme gets wrong of its indices: components that do not exist, that nothing notes, that do not add up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orchestration.programme.composites import Composite
from orchestration.programme.programme import Programme
from orchestration.programme.values import FIRST_LINE

NATURE = "indice"
# Each value of an index is counted in every segment, and is a line of its distribution.
MOST_VALUES = 60

# what a question is said to be where it does not compare with the wave before
_BREAKS = ("rupture", "nouveau", "premiere")

# the file at fault, its line or None, its column or key, a French sentence
CompositeFault = tuple[str, int | None, str, str]


def composite_faults(programme: Programme) -> Iterator[CompositeFault]:
    """Yields what is wrong with the indices of a programme whose reference files are sound one by one.

    Args:
        programme: the programme; the lines of its files are those of a spreadsheet, the header being the first.
    """
    declared = programme.config.composites
    for line, row in enumerate(programme.rows("questions"), start=FIRST_LINE):
        code, nature = str(row["question_code"]), row["nature"]
        if nature == NATURE and code not in declared:
            said = f"« {NATURE} » : composites de programme.yaml ne dit pas de quoi « {code} » est faite ; l'y dire."
            yield "questions.csv", line, "nature", said
        elif nature != NATURE and code in declared:
            said = f"composites de programme.yaml fait de « {code} » un indice ; écrire « {NATURE} »."
            yield "questions.csv", line, "nature", said
        if code in declared and row["filtre"]:
            said = f"« {code} » est un indice : à qui il vaut suit de ses composantes ; vider."
            yield "questions.csv", line, "filtre", said
        # a filter that cannot be read is another fault
        for name in (one for one in declared if re.search(rf"\b{re.escape(one)}\b", row["filtre"] or "")):
            said = f"« {name} » est un indice, et aucun filtre n'en dépend ; nommer ses composantes."
            yield "questions.csv", line, "filtre", said
    for code, composite in declared.items():
        found = [*_own(programme, code), *_components(programme, code, composite), *_breaks(programme, code, composite)]
        # what it would be worth is not known before its components are
        for said in found or _values(programme, code):
            yield "programme.yaml", None, f"composites.{code}", said


def _own(programme: Programme, code: str) -> Iterator[str]:
    """Yields what is wrong with the question that an index is."""
    if code not in programme.questions:
        yield f"« {code} » n'est pas dans questions.csv ; l'y ajouter, de nature {NATURE}."
        return
    scale = programme.questions[code].scale
    if any(q.scale == scale for c, q in programme.questions.items() if c != code) or any(
        row["echelle"] == scale for row in programme.rows("modalites")
    ):
        yield f"l'échelle {scale} sert déjà, ou a des modalités ; en donner à l'indice une à lui, sans modalité."
    [own] = [row for row in programme.rows("echelles") if row["echelle"] == scale]
    if own["type"] != "unique" or not own["unite_note"]:
        yield f"l'échelle {scale} d'un indice est de type unique et dit unite_note ; corriger echelles.csv."


def _components(programme: Programme, code: str, composite: Composite) -> Iterator[str]:
    """Yields what is wrong with what an index is made of."""
    units = {str(row["echelle"]): row["unite_note"] for row in programme.rows("echelles")}
    bareme = f"le barème {composite.bareme}, version {composite.version},"
    notes = _notes(programme, composite)
    of_unit: dict[tuple[str | None, float], str] = {}
    asked = programme.questions[code].waves if code in programme.questions else frozenset()
    for part in composite.questions:
        question = programme.questions.get(part)
        if question is None:
            yield f"la composante « {part} » n'est pas dans questions.csv."
        elif part in programme.config.composites:
            yield f"la composante « {part} » est elle-même un indice ; nommer ses composantes."
        elif question.multiple:
            yield f"la composante « {part} » admet plusieurs réponses, qui n'ont pas de note ; l'ôter."
        else:
            missing = [o for o in programme.options[question.scale] if (question.scale, o) not in notes]
            if missing:
                yield f"{bareme} ne note pas {question.scale}.{missing[0]} de la composante « {part} » ; le noter."
            else:
                best = max(notes[question.scale, o] for o in programme.options[question.scale])
                of_unit.setdefault((units[question.scale], best), part)
            if left := sorted(asked - question.waves):
                yield f"la composante « {part} » n'est pas dans questions_vagues.csv en {left[0]}, où l'indice l'est."
    if len(of_unit) > 1:
        told = ", ".join(f"« {part} » : {unit}, au plus {best:g}" for (unit, best), part in of_unit.items())
        yield f"ses composantes n'ont pas la même note ({told}) ; choisir un barème qui leur soit commun."


def _breaks(programme: Programme, code: str, composite: Composite) -> Iterator[str]:
    """Yields the waves in which an index is said to compare with the one before, and a component not to."""
    said = {(r["question_code"], r["vague"]): str(r["equivalence"]) for r in programme.rows("questions_vagues")}
    for (question, wave), equivalence in said.items():
        part = next((p for p in composite.questions if said.get((p, wave)) in _BREAKS), None)
        if question == code and equivalence not in _BREAKS and part is not None:
            other = said[part, wave]
            yield f"il est dit {equivalence} en {wave}, et sa composante « {part} » {other} ; l'écrire comme elle."


def _notes(programme: Programme, composite: Composite) -> dict[tuple[str, str], float]:
    """Returns the note of each scale and option under the scoring of an index."""
    return {
        (str(row["echelle"]), str(row["modalite_code"])): float(row["note"] or 0)
        for row in programme.rows("baremes")
        if (row["bareme"], row["version"]) == (composite.bareme, composite.version)
    }


def _values(programme: Programme, code: str) -> Iterator[str]:
    """Yields that an index takes more values than can be counted apart."""
    number = len(programme.indices[code].options)
    if number > MOST_VALUES:
        yield f"l'indice prendrait {number} valeurs, plus que {MOST_VALUES} ; dire un « arrondi »."
