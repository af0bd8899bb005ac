"""What is wrong with a declaration, in French: the key at fault, its value, what is admitted there, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import TypeAdapter, ValidationError

from orchestration.programme.declared import GONE, RULE, TAG, json_schema
from orchestration.programme.texts import counted

Fault = tuple[str, str]
Place = tuple[int | str, ...]

_TYPES = {
    "string": "un texte",
    "integer": "un nombre entier",
    "number": "un nombre",
    "boolean": "true ou false",
    "array": "une liste",
    "object": "une table « clé: valeur »",
    "null": "rien (null)",
}
# error of pydantic → the bound in its context, and how it is said
_BOUNDS = {
    "greater_than_equal": ("ge", "au moins", ""),
    "less_than_equal": ("le", "au plus", ""),
    "greater_than": ("gt", "plus de", ""),
    "less_than": ("lt", "moins de", ""),
    "too_short": ("min_length", "au moins", "élément"),
    "too_long": ("max_length", "au plus", "élément"),
    "string_too_short": ("min_length", "au moins", "caractère"),
    "string_too_long": ("max_length", "au plus", "caractère"),
}
_LONGEST = 60


def open_points(points: Any) -> list[Fault]:
    """Returns what is wrong with a declaration whose `a_decider` is not empty; nothing of what is no list."""
    if not isinstance(points, Sequence) or isinstance(points, str) or not points:
        return []
    more = f" et d'autres ({len(points) - 1})" if len(points) > 1 else ""
    return [("a_decider", f"reste à trancher : « {points[0]} »{more} ; ôter chaque point une fois tranché.")]


def faults(error: ValidationError, adapter: TypeAdapter[Any]) -> list[Fault]:
    """Returns what breaks a declaration, key by key.

    Args:
        error: what pydantic found.
        adapter: the declaration, to say what is admitted where.

    Returns:
        the place of each fault (`questions.G1.codage`, or `racine`) and a French sentence; several keys that are
        missing from one place, or unknown there, are one fault.
    """
    schema = json_schema(adapter)
    found: list[tuple[Place, str]] = []
    missing: dict[Place, list[str]] = {}
    unknown: dict[Place, list[str]] = {}
    for detail in error.errors(include_url=False):
        place = detail["loc"]
        if detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]:
            # pydantic counts the sound elements only; each of the others has a fault of its own
            continue
        if detail["type"] == "missing":
            missing.setdefault(place[:-1], []).append(str(place[-1]))
        elif detail["type"] == "extra_forbidden":
            unknown.setdefault(place[:-1], []).append(str(place[-1]))
        else:
            key = detail.get("ctx", {}).get("key")
            found.append(((*place, key) if key else place, _sentence(detail, schema)))
    found += [(place, f"clé{_s(names)} à ajouter : {', '.join(names)}.") for place, names in missing.items()]
    for place, names in unknown.items():
        found += _unknown(place, names, schema)
    keyed = sorted(((_steps(place), said) for place, said in found), key=lambda fault: fault[0])
    return list(dict.fromkeys((".".join(steps) or "racine", said) for steps, said in keyed))


def _steps(place: Place) -> list[str]:
    return [str(step) for step in place if not _is_tag(step)]


def _is_tag(step: int | str) -> bool:
    return isinstance(step, str) and step.startswith(TAG)


def _unknown(place: Place, names: Sequence[str], schema: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yields what to do of keys that a place does not have: those of another form of it, and those of none."""
    admitted = list(_at(schema, place).get("properties", {}))
    others = {name for form in _forms(schema, place) for name in form.get("properties", {})}
    gone = _at(schema, place).get(GONE, {})
    for name in names:
        if name in gone:
            yield (*place, name), gone[name]
        elif name in others:
            yield (*place, name), "cette clé n'a pas sa place ici ; la retirer."
    if left := [name for name in names if name not in others and name not in gone]:
        said = ", ".join(_with_nearest(name, admitted) for name in left)
        yield place, f"clé{_s(left)} inconnue{_s(left)} : {said} ; y sont admises {', '.join(admitted)}."


def _with_nearest(name: str, admitted: Sequence[str]) -> str:
    found = get_close_matches(name, admitted, 1)
    return f"{name} (« {found[0]} » ?)" if found else name


def _sentence(detail: Mapping[str, Any], schema: dict[str, Any]) -> str:
    """Returns what is wrong with a value and what is expected of it."""
    kind, context, given = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == RULE:
        return str(context["said"])
    if kind == "value_error":
        # a rule of a model is said in a French sentence
        return str(context["error"])
    value, expected = _shown(given), _at(schema, detail["loc"])
    if kind in _BOUNDS:
        name, side, unit = _BOUNDS[kind]
        bound = context[name]
        if not unit:
            return f"« {value} » : {side} {_shown(bound)} est attendu."
        return f"« {value} » : {side} {counted(bound, unit)} {'est attendu' if bound < 2 else 'sont attendus'}."
    if kind == "string_pattern_mismatch":
        return f"« {value} » : forme attendue {context['pattern']}."
    if kind == "finite_number":
        return f"« {value} » : un nombre fini est attendu."
    admitted = expected.get("enum", [expected["const"]] if "const" in expected else [])
    if admitted:
        return f"« {value} » n'est pas admis ; valeurs admises : {', '.join(map(_shown, admitted))}."
    kinds = list(dict.fromkeys(_kinds(expected, schema)))
    if not kinds:
        return f"« {value} » n'est pas admis."
    said = " ou ".join(_TYPES[k] for k in kinds)
    agreed = "attendue" if kinds in (["array"], ["object"]) else "attendu"
    quote = " ; le mettre entre guillemets" if "string" in kinds and isinstance(given, int | float) else ""
    return f"« {value} » : {said} est {agreed}{quote}."


def _kinds(expected: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    """Yields the types that a place admits, those of each of its forms."""
    expected = _resolved(expected, schema)
    if "type" in expected:
        yield expected["type"]
    for form in [*expected.get("anyOf", []), *expected.get("oneOf", [])]:
        yield from _kinds(form, schema)


def _at(schema: dict[str, Any], place: Place) -> dict[str, Any]:
    """Returns the part of a JSON Schema that a place is held to."""
    part = _resolved(schema, schema)
    for step in place:
        if isinstance(step, str) and _is_tag(step):
            # a model is tagged with its name; what is no model has no keys of its own
            part = schema.get("$defs", {}).get(step.removeprefix(TAG)) or _table_of(part)
        elif isinstance(step, int):
            part = part.get("items", {})
        else:
            # keys that must have a form stand under their pattern
            under: dict[str, Any] = next(iter(part.get("patternProperties", {}).values()), {})
            part = part.get("properties", {}).get(step) or part.get("additionalProperties") or under
        part = _resolved(part, schema)
    return part


def _table_of(part: dict[str, Any]) -> dict[str, Any]:
    forms: list[dict[str, Any]] = part.get("oneOf", [])
    return next((form for form in forms if form.get("type") in ("object", "array")), part)


def _forms(schema: dict[str, Any], place: Place) -> list[dict[str, Any]]:
    """Returns the other forms of the whole declaration, where the place is one of its forms."""
    if len(place) != 1 or not _is_tag(place[0]):
        return []
    return [_resolved(form, schema) for form in schema.get("oneOf", [])]


def _resolved(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].rsplit("/", 1)[-1]]
    return part


def _s(names: Sequence[str]) -> str:
    return "s" if len(names) > 1 else ""


def _shown(value: Any) -> str:
    """Returns a value as a French reader would write it, on one line and no longer than a line allows."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = f"{value:g}".replace(".", ",") if isinstance(value, float) else " ".join(str(value).split()) or '""'
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
