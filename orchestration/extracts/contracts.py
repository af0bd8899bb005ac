"""All the contracts of a programme: which one reads a file, and why a file has none that may.

A contract that cannot be used refuses the files it claims, and no other: the run goes on.
"""

from __future__ import annotations

import fnmatch
import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import ValidationError

from orchestration.errors import taken_back
from orchestration.extracts.again import answers
from orchestration.extracts.companions import TOKEN, is_companion
from orchestration.extracts.contract import Contract
from orchestration.extracts.contract_alike import unlike_faults
from orchestration.extracts.contract_body import CONTRACT
from orchestration.extracts.contract_check import contract_faults
from orchestration.programme import Programme
from orchestration.programme.declarations import DeclarationError, located, read_yaml
from orchestration.programme.dispositifs import dispositifs
from orchestration.programme.faults import Fault, faults

Refusal = tuple[str, str]
# A run takes its inventory several times; what a contract is held to does not change while its programme is open.
_KNOWN: WeakKeyDictionary[Programme, dict[tuple[object, ...], list[Contract] | Broken]] = WeakKeyDictionary()
# enough characters to tell whether two classes have one in common
_ALPHABET = [chr(code) for code in range(32, 0x180)]


@dataclass(frozen=True)
class Broken:
    """A contract that may not be used.

    Attributes:
        path: its file.
        waves: waves that it says it is of; none where that cannot be read, and it may be of any.
        patterns: names of files it claims; none where that cannot be read.
        faults: what is wrong with it, in sentences that name file and key.
    """

    path: Path
    waves: tuple[str, ...]
    patterns: tuple[str, ...]
    faults: tuple[str, ...]

    def claims(self, wave: str, filename: str) -> bool:
        """Returns whether a file of a wave's folder is one of this contract's."""
        return (not self.waves or wave in self.waves) and answers(filename, self.patterns)


@dataclass(frozen=True)
class Contracts:
    """The contracts of a programme that are not drafts, in name order."""

    sound: tuple[Contract, ...]
    broken: tuple[Broken, ...]

    def of(self, wave: str, filename: str, shown: str) -> tuple[Contract | None, Refusal | None]:
        """Returns the contract that reads a file; or the rule that the file breaks, and a sentence.

        Args:
            wave: folder of the file.
            filename: its name.
            shown: its name, fit to be shown.
        """
        where = f"{wave}/{shown}"
        for broken in self.broken:
            if broken.claims(wave, filename):
                more = f" (et d'autres fautes : {len(broken.faults) - 1})" if len(broken.faults) > 1 else ""
                said = f"{where} : le contrat qui lit ce fichier est fautif : {broken.faults[0]}{more}"
                return None, ("contrat_fautif", f"{said} Tout dire : « observatoire check ».")
        found = [c for c in self.sound if c.wave == wave and (c.covers(filename) or is_companion(c, filename))]
        if len(found) > 1:
            names = " et ".join(c.path.name for c in found)
            return None, ("contrat_ambigu", f"{where} : {names} prétendent à ce nom ; préciser leurs « fichiers ».")
        if not found:
            unread = ", ".join(b.path.name for b in self.broken if not b.patterns)
            said = f" ({unread} ne se lit pas)" if unread else ""
            return None, (
                "contrat_absent",
                f"{where} : aucun contrat confirmé de la vague {wave} ne reconnaît ce nom{said} ; l'écrire avec"
                " « observatoire contract draft », ou élargir « fichiers » dans contracts/.",
            )
        return found[0], None

    @property
    def faults(self) -> list[str]:
        """Everything wrong with the contracts, in sentences that name file and key."""
        return [fault for broken in self.broken for fault in broken.faults] + list(
            overlaps(itertools.combinations(self.sound, 2))
        )


def load_contracts(programme: Programme) -> Contracts:
    """Reads the contracts of a programme; a draft is unfinished and stops nothing."""
    sound: dict[str, Contract] = {}
    broken = []
    written = _written(programme)
    for path in sorted((programme.root / "contracts").glob("*.yaml")):
        if _is_draft(path):
            continue
        read = read_contracts(path, programme, written)
        if isinstance(read, Broken):
            broken.append(read)
            continue
        for one in read:
            if one.name in sound:
                first = sound[one.name].path.name
                said = f"{path.name}, contrat : « {one.name} » est déjà le nom de {first} ; en changer."
                claimed = (*one.body.fichiers, *one.companion_patterns)
                broken.append(Broken(path, (one.wave,), claimed, (said,)))
            else:
                sound[one.name] = one
    return Contracts(tuple(sound.values()), tuple(broken))


def read_contracts(
    path: Path, programme: Programme, written: Sequence[Contract] | None = None
) -> list[Contract] | Broken:
    """Reads a contract and holds it to what a contract may say, to its programme, and to its sender's earlier one.

    Args:
        path: the contract.
        programme: its programme.
        written: what the contracts of the programme say, where the caller has read them already.

    Returns:
        the contract of its wave, or of each wave of its dispositif, in their order; or what is wrong with it,
        everything at once: each fault is a sentence that names file, line and key.
    """
    data, beside = path.read_bytes(), _written(programme) if written is None else written
    known = _KNOWN.setdefault(programme, {})
    key = (path, data, tuple((other.path, other.fingerprint) for other in beside))
    if key not in known:
        known[key] = _held(path, data, programme, beside)
    return known[key]


def _held(path: Path, data: bytes, programme: Programme, written: Sequence[Contract]) -> list[Contract] | Broken:
    try:
        said = read_yaml(data)
        if said is None:
            raise DeclarationError(f"fichier vide ; {taken_back(f'contracts/{path.name}')}, ou l'ôter.")
    except DeclarationError as error:
        return Broken(path, (), (), (f"{path.name}, {error}",))
    try:
        contract = Contract(path, CONTRACT.validate_python(said), hashlib.sha256(data).hexdigest())
    except ValidationError as error:
        return _broken(path, data, said, faults(error, CONTRACT))
    own, found = _in_waves(contract, programme)
    for one in own:
        found += [*contract_faults(one, programme), *unlike_faults(one, written, programme)]
    # what is wrong in each wave of a dispositif is said once
    return _broken(path, data, said, dict.fromkeys(found), [one.wave for one in own]) if found else own


def _in_waves(contract: Contract, programme: Programme) -> tuple[list[Contract], list[Fault]]:
    """Returns a contract as it stands in each wave that it is for; or why it is for none."""
    body = contract.body
    if bool(body.vague) == bool(body.dispositif):
        return [], [("vague", "dire de quelle vague est le contrat, ou de quel « dispositif » : l'un des deux.")]
    if body.vague:
        return [contract], []
    waves = next((one.waves for one in dispositifs(programme) if one.code == body.dispositif), ())
    if not waves:
        said = f"« {body.dispositif} » n'est pas dans dispositifs.csv, ou aucune vague de vagues.csv n'est de lui."
        return [], [("dispositif", said)]
    return [contract.in_wave(wave) for wave in waves], []


def _written(programme: Programme) -> list[Contract]:
    """Returns the contracts that keep their model, whatever else may be wrong with them; no draft."""
    paths = sorted((programme.root / "contracts").glob("*.yaml"))
    read = [_modelled(path, path.read_bytes()) for path in paths if not _is_draft(path)]
    return [one for contract in read if contract is not None for one in _in_waves(contract, programme)[0]]


@lru_cache(maxsize=1_000)
def _modelled(path: Path, data: bytes) -> Contract | None:
    try:
        return Contract(path, CONTRACT.validate_python(read_yaml(data)), hashlib.sha256(data).hexdigest())
    except (DeclarationError, ValidationError):
        return None


def _broken(path: Path, data: bytes, said: Any, found: Iterable[Fault], waves: Sequence[str] = ()) -> Broken:
    """Returns a contract at fault, with the files that it claims as far as that can be read."""
    body = said if isinstance(said, Mapping) else {}
    wave, patterns, joins = body.get("vague"), body.get("fichiers"), body.get("jointures")
    names = list(patterns) if isinstance(patterns, list) else []
    names += [rule.get("fichier") for rule in joins if isinstance(rule, Mapping)] if isinstance(joins, list) else []
    claimed = tuple(p for p in names if isinstance(p, str))
    of = tuple(waves) or (() if wave is None else (str(wave),))
    return Broken(path, of, claimed, tuple(located(path.name, data, found)))


# read before the YAML is: a draft may not be valid yet
_STATE = re.compile(r"^statut:\s*[\"']?(\w*)", re.MULTILINE)


def _is_draft(path: Path) -> bool:
    # one that is said to be both is read, and told
    return {*_STATE.findall(path.read_text(encoding="utf-8", errors="replace"))} == {"brouillon"}


def overlaps(pairs: Iterable[tuple[Contract, Contract]]) -> Iterator[str]:
    """Yields the pairs of contracts of one wave that would claim the same names, as faults of the second of them."""
    for one, other in pairs:
        if one.wave != other.wave:
            continue
        claimed = [(*c.body.fichiers, *c.companion_patterns) for c in (one, other)]
        for a, b in itertools.product(*claimed):
            if _meet(tuple(TOKEN.findall(a)), tuple(TOKEN.findall(b))):
                yield (
                    f"{other.path.name}, fichiers : « {b} » prétend aux mêmes noms que « {a} » de {one.path.name},"
                    f" vague {one.wave} ; préciser l'un des deux."
                )


@cache
def _meet(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Returns whether some name answers to both patterns, given token by token."""
    if not a or not b:
        return all(token == "*" for token in a + b)
    if a[0] == "*" or b[0] == "*":
        star, other = (a, b) if a[0] == "*" else (b, a)
        return _meet(star[1:], other) or _meet(star, other[1:])
    return _share(a[0], b[0]) and _meet(a[1:], b[1:])


def _share(one: str, other: str) -> bool:
    if len(one) == 1 and one != "?":
        return fnmatch.fnmatchcase(one, other) or one == other
    if len(other) == 1 and other != "?":
        return fnmatch.fnmatchcase(other, one)
    return any(fnmatch.fnmatchcase(c, one) and fnmatch.fnmatchcase(c, other) for c in _ALPHABET)
