"""Reads a YAML file that a person writes and holds it to its JSON Schema: faults are said in French, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema
import yaml
from jsonschema.exceptions import ValidationError

# libyaml's reads nine times faster; a PyYAML built without it has none
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"
_TYPES = {
    "string": "un texte",
    "integer": "un nombre entier",
    "number": "un nombre",
    "boolean": "true ou false",
    "array": "une liste",
    "object": "une table « clé: valeur »",
    "null": "rien (null)",
}
_LONGEST = 60


class DeclarationError(ValueError):
    """The file is no YAML that can be read; the message is a French sentence without the file's name."""


def read_yaml(data: bytes) -> Any:
    """Returns what a YAML file says; keys are the text that is written, whatever type YAML would give them.

    Raises:
        DeclarationError: it is not UTF-8, is badly formed, or has the same key twice in one place.
    """
    try:
        text = data.decode("utf-8-sig")
        try:
            return _read(_FAST(text))
        except yaml.YAMLError:
            # libyaml puts the end of the file on a line that is not there
            return _read(yaml.SafeLoader(text))
    except UnicodeDecodeError as error:
        raise DeclarationError(f"l'octet {error.start + 1} n'est pas de l'UTF-8 ; enregistrer en UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"ligne {mark.line + 1}, colonne {mark.column + 1} : " if mark else ""
        said = "YAML mal formé ; vérifier retraits, deux-points, accolades et guillemets, là ou juste au-dessus."
        raise DeclarationError(f"{where}{said}") from None
    except yaml.YAMLError:
        raise DeclarationError("un caractère de contrôle s'y trouve, interdit en YAML ; le retirer.") from None
    except ValueError as error:
        if isinstance(error, DeclarationError):
            raise
        # YAML takes 2022-13-45 for a date
        raise DeclarationError(f"une date est impossible ({error}) ; la mettre entre guillemets.") from None


def _read(loader: Any) -> Any:
    node = loader.get_single_node()
    if node is None:
        return None
    _literal_keys(node, set())
    return loader.construct_document(node)


def _literal_keys(node: yaml.Node, seen: set[int]) -> None:
    """Makes every key of a document the text that stands there; refuses a key that stands twice."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _literal_keys(item, seen)
    elif isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            _literal_keys(value, seen)
            if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE:
                continue
            line = key.start_mark.line + 1
            if key.value in lines:
                raise DeclarationError(
                    f"ligne {line} : la clé « {key.value} » figure déjà ligne {lines[key.value]} ; n'en garder qu'une."
                )
            lines[key.value] = line
            key.tag = _TEXT


def schema_problems(body: Any, schema: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Returns what breaks a schema: the key at fault (`questions.G1.codage`, or `racine`) and what to do about it."""
    errors = jsonschema.Draft202012Validator(schema).iter_errors(body)
    found = [problem for error in sorted(errors, key=lambda e: list(map(str, e.path))) for problem in _told(error)]
    return list(dict.fromkeys(found))


def _told(error: ValidationError) -> Iterator[tuple[str, str]]:
    if error.context:
        # of several forms, the one that the writer meant is the one with the fewest faults
        branches: dict[Any, list[ValidationError]] = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        meant = min(branches.values(), key=lambda faults: sum(_distance(fault) for fault in faults))
        if error.validator == "anyOf" and all(_is_required(f) for faults in branches.values() for f in faults):
            rules: list[Any] = [fault.validator_value for faults in branches.values() for fault in faults]
            wanted = [name for names in rules for name in names]
            yield _key(error), f"il y manque une de ces clés : {', '.join(wanted)}."
            return
        for inner in meant:
            yield from _told(inner)
        return
    yield _key(error), _sentence(error)


def _distance(error: ValidationError) -> int:
    return 10 if error.validator in ("const", "type") else 1


def _is_required(error: ValidationError) -> bool:
    return error.validator == "required"


def _key(error: ValidationError) -> str:
    return ".".join(map(str, error.absolute_path)) or "racine"


def _sentence(error: ValidationError) -> str:
    """Returns what is wrong with a value and what is expected of it."""
    rule: Any = error.validator
    wanted: Any = error.validator_value
    schema: Any = error.schema
    instance: Any = error.instance
    value = _shown(instance)
    if rule == "required":
        missing = [name for name in wanted if name not in instance]
        return f"clé{_s(missing)} à ajouter : {', '.join(missing)}."
    if rule == "additionalProperties":
        known = list(schema.get("properties", {}))
        extra = [str(name) for name in instance if name not in known]
        return f"clé{_s(extra)} inconnue{_s(extra)} : {', '.join(extra)} ; y sont admises {', '.join(known)}."
    if rule == "type":
        kinds = [wanted] if isinstance(wanted, str) else list(wanted)
        said = " ou ".join(_TYPES[kind] for kind in kinds)
        quote = " ; le mettre entre guillemets" if "string" in kinds and isinstance(instance, int | float) else ""
        return f"« {value} » : {said} est attendu{quote}."
    if rule in ("enum", "const"):
        admitted = wanted if rule == "enum" else [wanted]
        return f"« {value} » n'est pas admis ; valeurs admises : {', '.join(map(_shown, admitted))}."
    if rule == "pattern":
        return f"« {value} » : forme attendue {wanted}."
    if rule in _BOUNDS:
        return f"« {value} » : {_BOUNDS[rule].format(_shown(wanted))} attendu."
    if rule == "not":
        return "cette clé n'a pas sa place ici ; la retirer."
    return f"« {value} » n'est pas admis ({rule} : {_shown(wanted)})."


_BOUNDS = {
    "minimum": "au moins {} est",
    "maximum": "au plus {} est",
    "exclusiveMinimum": "plus de {} est",
    "exclusiveMaximum": "moins de {} est",
    "minItems": "au moins {} élément est",
    "minLength": "au moins {} caractère est",
    "maxLength": "au plus {} caractère est",
}


def _s(names: Sequence[str]) -> str:
    return "s" if len(names) > 1 else ""


def _shown(value: Any) -> str:
    """Returns a value as a French reader would write it, no longer than a line allows."""
    text = f"{value}".replace(".", ",") if isinstance(value, float) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
