"""The contract of an extract: the YAML that says how an institute's columns and codes become the questionnaire's."""

from __future__ import annotations

import fnmatch
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from orchestration.errors import ContractError
from orchestration.extracts.contract_check import faults
from orchestration.programme import Programme
from orchestration.programme.declarations import DeclarationError, read_yaml, schema_problems
from orchestration.programme.texts import clean, normalise

Codage = Mapping[str, str]


@dataclass(frozen=True)
class AxisMap:
    """Where an axis is delivered: a column, and a code map; with `bands`, numbers that fall into the axis's bands."""

    column: str
    codage: Codage
    bands: bool


@dataclass(frozen=True)
class QuestionMap:
    """Where a question is delivered.

    Attributes:
        kind: `unique` (one column), `oui_non` (a column per option), `mentions` (first, second, … mention)
            or `liste` (several options in one cell).
        columns: source columns, in order.
        codage: source value → modalité code.
        options: for `oui_non`, the modalité code each column stands for.
        yes: for `oui_non`, the normalised values that mean the option was chosen.
        no: for `oui_non`, the normalised values that mean it was not.
        separator: for `liste`, what separates options inside a cell.
    """

    kind: str
    columns: tuple[str, ...]
    codage: Codage
    options: tuple[str, ...] = ()
    yes: frozenset[str] = frozenset()
    no: frozenset[str] = frozenset()
    separator: str = "|"


@dataclass(frozen=True)
class Contract:
    """A contract file, read and checked.

    Attributes:
        path: the YAML file.
        body: its content.
        fingerprint: SHA-256 of its bytes.
    """

    path: Path
    body: Mapping[str, Any]
    fingerprint: str

    @property
    def name(self) -> str:
        """Name of the contract."""
        return str(self.body["contrat"])

    @property
    def version(self) -> int:
        """Version of the contract."""
        return int(self.body["version"])

    @property
    def institute(self) -> str:
        """Institute whose files it reads."""
        return str(self.body["institut"])

    @property
    def wave(self) -> str:
        """Wave it applies to."""
        return str(self.body["vague"])

    @property
    def confirmed(self) -> bool:
        """Whether it may load anything."""
        return bool(self.body["statut"] == "confirme")

    @property
    def counts(self) -> bool:
        """Whether a record is a line of counts rather than an interview."""
        return self.body.get("nature") == "comptages"

    @property
    def form(self) -> Mapping[str, Any]:
        """The `format` of the files."""
        return self.body["format"]  # type: ignore[no-any-return]

    @property
    def decimal(self) -> str | None:
        """The decimal separator of its numbers, None where the contract does not say."""
        return self.form.get("decimale")

    def covers(self, filename: str) -> bool:
        """Returns whether a file of the wave's landing folder is one of this contract's."""
        return any(fnmatch.fnmatchcase(filename, pattern) for pattern in self.body["fichiers"])

    def axes(self, organisme: str) -> dict[str, AxisMap]:
        """Returns the axis maps that hold for an organisme."""
        merged = {**self.body["axes"], **self._exceptions(organisme).get("axes", {})}
        return {
            axis: AxisMap(clean(rule["colonne"]), self._codage(rule.get("codage", {})), rule.get("tranches", False))
            for axis, rule in merged.items()
        }

    def questions(self, organisme: str) -> dict[str, QuestionMap]:
        """Returns the question maps that hold for an organisme."""
        merged = {**self.body["questions"], **self._exceptions(organisme).get("questions", {})}
        return {code: self._question(rule) for code, rule in merged.items()}

    def strata_codage(self) -> Codage:
        """Returns the code map of a delivered stratum column."""
        return self._codage(self.body["strate"].get("codage", {}))

    def known_columns(self, organisme: str) -> dict[str, str]:
        """Returns every column the contract expects, with what each is for.

        Args:
            organisme: the organisme whose exceptions apply.
        """
        columns = {
            clean(self.body["entretien"]): "entretien",
            clean(self.body["date_entretien"]["colonne"]): "date_entretien",
        }
        for part in ("organisme", "ponderation", "strate"):
            if "colonne" in self.body.get(part, {}):
                columns[clean(self.body[part]["colonne"])] = part
        columns |= {m.column: axis for axis, m in self.axes(organisme).items()}
        for code, question in self.questions(organisme).items():
            columns |= dict.fromkeys(question.columns, code)
        return columns

    def ignored_columns(self, organisme: str) -> set[str]:
        """Returns the columns that are known and deliberately left out."""
        names = [*self.body.get("ignorees", []), *self._exceptions(organisme).get("ignorees", [])]
        return {clean(name) for name in names}

    @property
    def all_ignored_columns(self) -> set[str]:
        """The columns left out for any organisme."""
        return self.ignored_columns("").union(*map(self.ignored_columns, self.body.get("particularites", {})))

    def _exceptions(self, organisme: str) -> Mapping[str, Any]:
        return self.body.get("particularites", {}).get(organisme, {})  # type: ignore[no-any-return]

    def _codage(self, rule: str | Mapping[str, str]) -> Codage:
        if isinstance(rule, str):
            rule = self.body["codages"][rule]
            assert not isinstance(rule, str)
        return {normalise(str(source)): code for source, code in rule.items()}

    def _question(self, rule: Mapping[str, Any]) -> QuestionMap:
        kind = rule.get("multiple", "unique")
        codage = self._codage(rule.get("codage", {}))
        if kind == "oui_non":
            return QuestionMap(
                kind,
                tuple(clean(c) for c in rule["colonnes"].values()),
                codage,
                options=tuple(rule["colonnes"]),
                yes=frozenset(normalise(v) for v in rule["oui"]),
                no=frozenset(normalise(v) for v in rule.get("non", [])),
            )
        if kind == "mentions":
            return QuestionMap(kind, tuple(clean(c) for c in rule["colonnes"]), codage)
        return QuestionMap(kind, (clean(rule["colonne"]),), codage, separator=rule.get("separateur", "|"))


@cache
def contract_schema() -> dict[str, Any]:
    """Returns the JSON Schema of a contract, the one editors use."""
    path = Path(__file__).with_name("contract.schema.json")
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def read_contract(path: Path, programme: Programme) -> tuple[Contract | None, list[str]]:
    """Reads a contract and holds it to its schema and its programme.

    Returns:
        the contract, None where the file is no table of keys; and each thing wrong with it, in a sentence that names
        file and key. Only a contract with nothing wrong may be used.
    """
    data = path.read_bytes()
    try:
        body = read_yaml(data)
    except DeclarationError as error:
        return None, [f"{path.name}, {error}"]
    found = [f"{path.name}, {key} : {said}" for key, said in schema_problems(body, contract_schema())]
    if not isinstance(body, Mapping):
        return None, found
    contract = Contract(path, body, hashlib.sha256(data).hexdigest())
    return contract, found or [f"{path.name}, {key} : {said}" for key, said in faults(contract, programme)]


def load_contract(path: Path, programme: Programme) -> Contract:
    """Reads a contract that has nothing wrong.

    Raises:
        ContractError: the YAML is unreadable, breaks the schema, or names what the programme does not know.
    """
    contract, problems = read_contract(path, programme)
    if problems or contract is None:
        raise ContractError("\n".join(problems))
    return contract
