"""Reads a YAML file that a person writes: its keys are texts, and what is no YAML is said with its line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

# libyaml's reads nine times faster; a PyYAML built without it has none
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"


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
        line = data.count(b"\n", 0, error.start) + 1
        raise DeclarationError(
            f"ligne {line} : l'octet {error.start + 1} n'est pas de l'UTF-8 ; enregistrer en UTF-8."
        ) from None
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


def located(name: str, data: bytes, faults: Iterable[tuple[str, str]]) -> list[str]:
    """Returns faults of a YAML file as sentences: the file, the line, the key, what is wrong.

    Args:
        name: how the file is named.
        data: its bytes, a YAML file that can be read.
        faults: dotted keys (`questions.G1.codage`) and what is wrong there. A key that does not stand in the file has
            the line of the nearest one above it; what is about the whole file has none.
    """
    root = yaml.compose(data.decode("utf-8-sig"), Loader=_FAST)
    lines = ((key, said, _line(root, key)) for key, said in faults)
    return [f"{name}{f', ligne {line}' if line else ''}, {key} : {said}" for key, said, line in lines]


def _line(node: yaml.Node | None, key: str) -> int | None:
    line, rest = None, key
    while rest:
        if isinstance(node, yaml.SequenceNode):
            step, _, rest = rest.partition(".")
            if not step.isdigit() or int(step) >= len(node.value):
                break
            node = node.value[int(step)]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            # a key may hold dots: of those that begin what is left, the longest
            found = [(k, v) for k, v in node.value if f"{rest}.".startswith(f"{k.value}.")]
            if not found:
                break
            at, node = max(found, key=lambda pair: len(pair[0].value))
            line, rest = at.start_mark.line + 1, rest[len(at.value) + 1 :]
        else:
            break
    return line
