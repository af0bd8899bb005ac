"""The contract of a wave, copied as a draft for the next one: what names the wave changes, every other line stays."""

from __future__ import annotations

import re
from pathlib import Path

from orchestration.authoring.texts import quoted, read_text, with_value
from orchestration.extracts.contract import Contract

_FILES = re.compile(r"^fichiers:.*\n(?:[ \t#-].*\n)*", re.MULTILINE)
# what the institute counted or worked out for one wave
_OF_ONE_WAVE = {
    "terrain": "terrain : les nombres sont ceux de {last} ; y mettre ceux de {wave}, ou l'ôter",
    "effet_plan": "effet_plan : la valeur est celle de {last} ; la confirmer ou la corriger",
}


def renamed(name: str, last: str, wave: str) -> str:
    """Returns a name of the last wave made the next one's: the wave's code changes where it stands, or is added."""
    if last in name:
        return name.replace(last, wave)
    # names of contracts are in small letters
    return name.replace(last.lower(), wave.lower()) if last.lower() in name else f"{name}-{wave}"


def next_path(contract: Contract, wave: str) -> Path:
    """Returns where the copy of a contract goes."""
    path = contract.path
    return path.with_name(f"{renamed(path.stem, contract.wave, wave)}{path.suffix}")


def next_contract(contract: Contract, wave: str) -> str:
    """Returns a contract copied for the next wave: a draft, which loads nothing, with what is left to decide.

    Raises:
        ProgrammeError: `contrat`, `version`, `statut` or `vague` does not stand on a line of its own.
    """
    last, name = contract.wave, contract.path.name
    text = read_text(contract.path).removeprefix("\ufeff")
    code = re.sub(r"[^a-z0-9_-]+", "-", renamed(contract.name, last, wave).lower())
    for key, value in (("contrat", code), ("version", "1"), ("vague", quoted(wave))):
        text = with_value(text, key, value, name)
    text = with_value(text, "statut", "brouillon", name)
    text = _FILES.sub(lambda found: found[0].replace(last, wave), text)
    points = [
        f"colonnes, codes et format sont ceux de {last} : les tenir à l'extrait de {wave}",
        *(
            said.format(last=last, wave=wave)
            for key, said in _OF_ONE_WAVE.items()
            if key in contract.body.model_fields_set
        ),
    ]
    listed = "".join(f"  - {quoted(point)}\n" for point in points)
    asked = f"a_decider:  # ôter chaque point une fois tranché ; un contrat confirmé n'en a plus\n{listed}\n"
    return re.sub(r"^contrat:", lambda found: asked + found[0], text, count=1, flags=re.MULTILINE)
