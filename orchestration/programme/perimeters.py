"""What perimeters are called: the region, those that the programme declares, and each organisme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.programme.programme import Programme, dictionary
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


def attributes(programme: Programme) -> list[str]:
    """Returns the attributes of organismes by which the programme publishes perimeters, in its order."""
    return [p.organismes for p in programme.config.perimetres if p.organismes]


def perimeter_faults(programme: Programme) -> Iterator[tuple[str, None, str, str]]:
    """Yields what is wrong with the perimeters of programme.yaml: each names what the reference files have, once."""
    columns = dictionary()["organismes"]["colonnes"].items()
    codes = [name for name, rule in columns if rule["type"] == "code" and not rule.get("cle")]
    seen: set[Any] = set()
    for rank, perimeter in enumerate(programme.config.perimetres):
        key = f"perimetres.{rank}"
        if perimeter.axe is not None and perimeter.axe not in programme.axes:
            said = f"« {perimeter.axe} » n'est pas un axe d'axes.csv ; axes : {', '.join(programme.axes)}."
            yield "programme.yaml", None, key, said
        if perimeter.organismes is not None and perimeter.organismes not in codes:
            said = f"« {perimeter.organismes} » ne réunit pas d'organismes ; colonnes possibles : {', '.join(codes)}."
            yield "programme.yaml", None, key, said
        if perimeter in seen:
            yield "programme.yaml", None, key, "déjà dit plus haut ; n'en garder qu'un."
        seen.add(perimeter)


def named(programme: Programme) -> Iterator[NamedPerimeter]:
    """Yields every perimeter that a figure can be of, in the order in which they are listed.

    A perimeter is made of organismes. Where respondents have the same axis, its name says that the place is the
    organismes', not theirs.
    """
    config, words = programme.config, words_of(programme.config)
    region = words.say("region")
    yield NamedPerimeter(REGION, REGION, config.region or region, region, None)
    organismes = programme.rows("organismes")
    for attribute in attributes(programme):
        labels = _labels(programme, words, attribute)
        held = {str(row[attribute]) for row in organismes if row[attribute] is not None}
        rank = {code: number for number, code in enumerate(labels)}
        for code in sorted(held, key=lambda code: (rank.get(code, len(rank)), code)):
            yield NamedPerimeter(attribute, code, labels.get(code, code), _title(programme, words, attribute))
    # an organisme has one name here: that of its last line
    names = {str(row["organisme_code"]): str(row["nom"]) for row in sorted(organismes, key=_since)}
    for code in sorted(names):
        yield NamedPerimeter(ORGANISME, code, names[code], words.say(ORGANISME))


def _since(row: Mapping[str, str | None]) -> str:
    return row["valide_de"] or ""


def _labels(programme: Programme, words: Words, attribute: str) -> dict[str, str]:
    if attribute == FAMILY:
        rows = sorted(programme.rows("familles"), key=lambda row: int(row["ordre"] or 0))
        return {str(row[FAMILY]): str(row["libelle"]) for row in rows}
    rows = [row for row in programme.rows("segments") if row["axe"] == attribute]
    rows.sort(key=lambda row: int(row["ordre"] or 0))
    return {str(row["segment"]): words.say("siege", nom=row["libelle"]) for row in rows}


def _title(programme: Programme, words: Words, attribute: str) -> str:
    if attribute == FAMILY:
        return words.say(FAMILY)
    axes = {row["axe"] for row in programme.rows("axes")}
    return words.say("siege_titre") if attribute in axes else attribute.replace("_", " ")
