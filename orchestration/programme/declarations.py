"""Reads a YAML file that a person writes: its keys are texts, and what is no YAML is said with its line."""

from __future__ import annotations

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
