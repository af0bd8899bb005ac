"""What perimeters are called: the region, those that the programme declares, and each organisme."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.programme.perimeter import MARKED, WITH, WITHOUT
from orchestration.programme.programme import Programme
from orchestration.programme.tables import dictionary
from orchestration.programme.vocabulary import words_of
from orchestration.words import Words

# the kind of perimeter that has every organisme, and the kind that is one of them
REGION, ORGANISME = "region", "organisme"
# the attribute of organismes whose values have a table of their own
FAMILY = "famille"


@dataclass(frozen=True)
class NamedPerimeter:
    """A perimeter and its names: `label` is its own, `title` that of its kind.

    Attributes:
        parent: kind and code of the perimeter that it is in; none for the region.
    """

    kind: str
    code: str
    label: str
    title: str
    parent: tuple[str, str] | None = (REGION, REGION)


def members(programme: Programme) -> Iterator[tuple[str, str, str, str, str]]:
    """Yields which perimeters the programme puts each organisme in, but for the region and its own.

    Yields:
        the kind of the perimeter; a wave; an organisme and the first day of its line in organismes.csv; the code of the
        perimeter. An attribute that a line leaves blank puts it in none.
    """
    organismes = programme.rows("organismes")
    marked = {
        perimeter: dict(marked_organismes(programme, perimeter.demarches))
        for perimeter in programme.config.perimetres
        if perimeter.demarches
    }
    for perimeter, wave, row in itertools.product(programme.config.perimetres, programme.waves, organismes):
        if perimeter.kind is None:
            continue
        code = row[perimeter.organismes] if perimeter.organismes else WITHOUT
        if perimeter.demarches and str(row["organisme_code"]) in marked[perimeter][wave]:
            code = WITH
        if code is not None:
            yield perimeter.kind, wave, str(row["organisme_code"]), str(row["valide_de"]), code


def marked_organismes(programme: Programme, kinds: Collection[str]) -> Iterator[tuple[str, set[str]]]:
    """Yields each wave and the organismes that hold a mark of some types on the first day of its fieldwork."""
    marks = [row for row in programme.rows("demarches_qualite") if row["type"] in kinds]
    for wave in programme.waves.values():
        day = wave.start.isoformat()
        yield wave.code, {str(m["organisme_code"]) for m in marks if str(m["debut"]) <= day <= (m["fin"] or day)}


def perimeter_faults(programme: Programme) -> Iterator[tuple[str, None, str, str]]:
    """Yields what is wrong with the perimeters of programme.yaml: each names what the reference files have, once."""
    columns = dictionary()["organismes"]["colonnes"].items()
    codes = [name for name, rule in columns if rule["type"] == "code" and not rule.get("cle")]
    kinds = dictionary()["demarches_qualite"]["colonnes"]["type"]["valeurs"]
    seen: set[Any] = set()
    for rank, perimeter in enumerate(programme.config.perimetres):
        key = f"perimetres.{rank}"
        if perimeter.axe is not None and perimeter.axe not in programme.axes:
            said = f"« {perimeter.axe} » n'est pas un axe d'axes.csv ; axes : {', '.join(programme.axes)}."
            yield "programme.yaml", None, key, said
        if perimeter.organismes is not None and perimeter.organismes not in codes:
            said = f"« {perimeter.organismes} » ne réunit pas d'organismes ; colonnes possibles : {', '.join(codes)}."
            yield "programme.yaml", None, key, said
        if unknown := sorted({*(perimeter.demarches or ())} - {*kinds}):
            said = f"« {unknown[0]} » n'est pas un type de demarches_qualite.csv ; types : {', '.join(kinds)}."
            yield "programme.yaml", None, key, said
        # of quality marks there is one perimeter of those who hold one, whatever the types
        once = perimeter.kind or perimeter
        if once in seen:
            yield "programme.yaml", None, key, "déjà dit plus haut ; n'en garder qu'un."
        seen.add(once)


def named(programme: Programme) -> Iterator[NamedPerimeter]:
    """Yields every perimeter that a figure can be of, in the order in which they are listed.

    A perimeter is made of organismes. Where respondents have the same axis, its name says that the place is the
    organismes', not theirs.
    """
    config, words = programme.config, words_of(programme.config)
    region = words.say("region")
    yield NamedPerimeter(REGION, REGION, config.region or region, region, None)
    organismes = programme.rows("organismes")
    for perimeter in programme.config.perimetres:
        if perimeter.demarches:
            for code in (WITH, WITHOUT):
                yield NamedPerimeter(MARKED, code, _marked(words, code, perimeter.demarches), words.say("demarche"))
        elif attribute := perimeter.organismes:
            labels = _labels(programme, words, attribute)
            held = {str(row[attribute]) for row in organismes if row[attribute] is not None}
            rank = {code: number for number, code in enumerate(labels)}
            for code in sorted(held, key=lambda code: (rank.get(code, len(rank)), code)):
                yield NamedPerimeter(attribute, code, labels.get(code, code), _title(programme, words, attribute))
    # an organisme has one name here: that of its last line
    names = {str(row["organisme_code"]): str(row["nom"]) for row in sorted(organismes, key=_since)}
    for code in sorted(names):
        yield NamedPerimeter(ORGANISME, code, names[code], words.say(ORGANISME))


def _marked(words: Words, code: str, kinds: Collection[str]) -> str:
    said = ", ".join(words.texts["types_demarche"][kind] for kind in kinds)
    return words.say("demarche_avec" if code == WITH else "demarche_sans", types=said)


def _since(row: Mapping[str, str | None]) -> str:
    return row["valide_de"] or ""


def _labels(programme: Programme, words: Words, attribute: str) -> dict[str, str]:
    if attribute == FAMILY:
        return {str(row[FAMILY]): str(row["libelle"]) for row in programme.ordered("familles")}
    rows = [row for row in programme.ordered("segments") if row["axe"] == attribute]
    return {str(row["segment"]): words.say("siege", nom=row["libelle"]) for row in rows}


def _title(programme: Programme, words: Words, attribute: str) -> str:
    if attribute == FAMILY:
        return words.say(FAMILY)
    axes = {row["axe"] for row in programme.rows("axes")}
    return words.say("siege_titre") if attribute in axes else attribute.replace("_", " ")
