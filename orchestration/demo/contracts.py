"""A contract read the other way round: from the questionnaire to an institute's extract.

The writers need only this inverse, so the demo stays independent of the code that reads deliveries
and cannot share its mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatch
from typing import Any

from orchestration.programme import Programme
from orchestration.programme.declarations import read_yaml
from orchestration.programme.dispositifs import dispositifs

UNIQUE, YES_NO, MENTIONS, LIST = "unique", "oui_non", "mentions", "liste"


@dataclass(frozen=True)
class Field:
    """Source columns of one question or axis, and the source value of each code.

    `options` names the option behind each column of a yes/no group. `bands` marks an axis delivered as
    a number that falls in a segment's bounds.
    """

    code: str
    mode: str
    columns: tuple[str, ...]
    sources: dict[str, str]
    options: tuple[str, ...] = ()
    yes: str = ""
    no: str = ""
    separator: str = ""
    bands: bool = False

    @property
    def whole_numbers(self) -> bool:
        """True when every value this field can write is an integer."""
        if self.bands:
            return True
        values = [*self.sources.values(), *([self.yes, self.no] if self.mode == YES_NO else [])]
        return self.mode != LIST and bool(values) and all(v.lstrip("-").isdigit() for v in values)


@dataclass(frozen=True)
class Contract:
    """What a writer needs of one contract in one wave; columns are as in the file.

    `stream` names the random draws made for it: a contract of a dispositif draws anew in each of its waves.
    """

    name: str
    institut: str
    vague: str
    stream: tuple[str, ...]
    globs: tuple[str, ...]
    format: dict[str, Any]
    organisme: dict[str, Any]
    entretien: str
    date: dict[str, str]
    weight: str | None
    stratum: Field | None
    axes: dict[str, Field]
    questions: dict[str, Field]
    ignored: tuple[str, ...]
    overrides: dict[str, Contract]

    @property
    def kind(self) -> str:
        """csv, xlsx, sav or parquet."""
        return str(self.format["type"])

    @property
    def header_rows(self) -> int:
        """Physical rows above the first record, as a person counts them."""
        return int(self.format.get("lignes_avant_entete", 0)) + 1 if self.kind in ("csv", "xlsx") else 0

    def of(self, organisme: str) -> Contract:
        """The contract as it stands for one organisme."""
        return self.overrides.get(organisme, self)

    def accepts(self, file_name: str) -> bool:
        """Whether a file of that name falls under this contract."""
        return any(fnmatch(file_name, glob) for glob in self.globs)


def load_contracts(programme: Programme) -> list[Contract]:
    """Every contract of a programme, in file order; that of a dispositif once for each of its waves."""
    files = sorted((programme.root / "contracts").glob("*.yaml"))
    return [one for path in files for one in _in_waves(read_yaml(path.read_bytes()), programme)]


def _in_waves(raw: dict[str, Any], programme: Programme) -> list[Contract]:
    if "dispositif" not in raw:
        return [_contract(raw, str(raw["vague"]), (raw["contrat"],))]
    waves = next((one.waves for one in dispositifs(programme) if one.code == raw["dispositif"]), ())
    return [_contract(raw, wave, (raw["contrat"], wave)) for wave in waves]


def _contract(raw: dict[str, Any], wave: str, stream: tuple[str, ...]) -> Contract:
    codings = raw.get("codages", {})
    stratum = raw.get("strate", {})
    base = Contract(
        name=raw["contrat"],
        institut=raw["institut"],
        vague=wave,
        stream=stream,
        globs=tuple(raw["fichiers"]),
        format=raw["format"],
        organisme=raw["organisme"],
        entretien=raw["entretien"],
        date=raw["date_entretien"],
        weight=raw.get("ponderation", {}).get("colonne"),
        stratum=_field("strate", stratum, codings) if "colonne" in stratum else None,
        axes={axe: _field(axe, entry, codings) for axe, entry in raw.get("axes", {}).items()},
        questions={code: _field(code, entry, codings) for code, entry in raw["questions"].items()},
        ignored=tuple(raw.get("ignorees", [])),
        overrides={},
    )
    overrides = {
        organisme: replace(
            base,
            axes=base.axes | {a: _field(a, e, codings) for a, e in entry.get("axes", {}).items()},
            questions=base.questions | {q: _field(q, e, codings) for q, e in entry.get("questions", {}).items()},
            ignored=(*base.ignored, *entry.get("ignorees", [])),
        )
        for organisme, entry in raw.get("particularites", {}).items()
    }
    return replace(base, overrides=overrides)


def _field(code: str, entry: dict[str, Any], codings: dict[str, dict[str, str]]) -> Field:
    coding = entry.get("codage", {})
    coding = codings[coding] if isinstance(coding, str) else coding
    sources: dict[str, str] = {}
    for source, target in coding.items():
        sources.setdefault(str(target), str(source))
    mode = entry.get("multiple", UNIQUE)
    if mode == YES_NO:
        return Field(
            code,
            mode,
            tuple(entry["colonnes"].values()),
            sources,
            options=tuple(entry["colonnes"]),
            yes=str(entry["oui"][0]),
            no=str(entry["non"][0]),
        )
    columns = tuple(entry["colonnes"]) if mode == MENTIONS else (entry["colonne"],)
    return Field(
        code, mode, columns, sources, separator=entry.get("separateur", ""), bands=bool(entry.get("tranches", False))
    )
