"""The data dictionary of the reference files, printed: `python -m orchestration.programme.dictionary`."""

from __future__ import annotations

from typing import Any

from orchestration.programme.tables import dictionary

_HEAD = """# Données de référence

Dictionnaire des fichiers CSV de ce dossier : UTF-8, séparés par des virgules, point décimal, dates AAAA-MM-JJ.
Il est imprimé depuis `orchestration/programme/tables.yaml`, auquel `observatoire check` tient chaque fichier ; dbt
charge les mêmes fichiers comme *seeds*. Une clé est unique ; une valeur qui renvoie à un autre fichier doit y exister.
"""


def render() -> str:
    """Returns the dictionary as a Markdown page, in French."""
    parts = [_HEAD]
    for table, rules in dictionary().items():
        spared = " Facultatif." if rules.get("facultatif") else ""
        parts.append(f"\n## {table}.csv\n\nGrain : {rules['grain']}. Clé : {', '.join(rules['cle'])}.{spared}\n\n")
        parts.append("| colonne | type | obligatoire | renvoie à | description |\n| --- | --- | --- | --- | --- |\n")
        parts += [_line(name, rule) for name, rule in rules["colonnes"].items()]
    return "".join(parts)


def _line(name: str, rule: dict[str, Any]) -> str:
    kind = " / ".join(rule["valeurs"]) if "valeurs" in rule else rule["type"].replace("_", " ou ")
    required = "oui" if rule.get("obligatoire") else "colonne facultative" if rule.get("facultatif") else ""
    return f"| `{name}` | {kind} | {required} | {rule.get('references', '')} | {rule['description']} |\n"


if __name__ == "__main__":
    print(render(), end="")
