"""The contract of an extract: the YAML that says how an institute's columns and codes become the questionnaire's."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from orchestration.errors import ContractError
from orchestration.extracts.counts_contract import counts_problems
from orchestration.programme import Programme
from orchestration.programme.texts import clean, normalise

Codage = Mapping[str, str]


@dataclass(frozen=True)
class AxisMap:
    """Where an axis is delivered: a column, and a code map or (codage None) numeric bands."""

    column: str
    codage: Codage | None


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

    def covers(self, filename: str) -> bool:
        """Returns whether a file of the wave's landing folder is one of this contract's."""
        return any(fnmatch.fnmatchcase(filename, pattern) for pattern in self.body["fichiers"])

    def axes(self, organisme: str) -> dict[str, AxisMap]:
        """Returns the axis maps that hold for an organisme."""
        merged = {**self.body["axes"], **self._exceptions(organisme).get("axes", {})}
        return {
            axis: AxisMap(
                clean(rule["colonne"]), None if rule.get("tranches") else self._codage(rule.get("codage", {}))
            )
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
            try:
                rule = self.body["codages"][rule]
            except KeyError:
                raise ContractError(f"{self.path.name} : le codage « {rule} » n'est pas défini sous codages.") from None
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


def load_contract(path: Path, programme: Programme) -> Contract:
    """Reads and checks one contract.

    Raises:
        ContractError: the YAML is unreadable, breaks the schema, or names what the programme does not know.
    """
    data = path.read_bytes()
    try:
        body = yaml.safe_load(data.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(f"{path.name} : YAML illisible ({' '.join(str(error).split())}).") from None
    problems = sorted(
        jsonschema.Draft202012Validator(contract_schema()).iter_errors(body),
        key=lambda e: list(map(str, e.path)),
    )
    if problems:
        where = ".".join(str(part) for part in problems[0].path) or "racine"
        raise ContractError(f"{path.name}, {where} : {problems[0].message}.")
    contract = Contract(path, body, hashlib.sha256(data).hexdigest())
    for problem in _against_programme(contract, programme):
        raise ContractError(f"{path.name} : {problem}")
    return contract


def load_contracts(programme: Programme) -> list[Contract]:
    """Reads the confirmed contracts of a programme, in name order; a draft is unfinished and stops nothing.

    Raises:
        ContractError: one of them cannot be used.
    """
    paths = sorted((programme.root / "contracts").glob("*.yaml"))
    return [load_contract(path, programme) for path in paths if not _is_draft(path)]


# read before the YAML is: a draft may not be valid yet
_DRAFT = re.compile(r"^statut:\s*[\"']?brouillon\b", re.MULTILINE)


def _is_draft(path: Path) -> bool:
    return _DRAFT.search(path.read_text(encoding="utf-8", errors="replace")) is not None


def _against_programme(contract: Contract, programme: Programme) -> Iterator[str]:
    if contract.wave not in programme.waves:
        yield f"la vague « {contract.wave} » n'est pas dans vagues.csv."
        return
    if contract.institute not in set(programme.reference("instituts")["institut"]):
        yield f"l'institut « {contract.institute} » n'est pas dans instituts.csv."
    if contract.counts:
        yield from counts_problems(contract.body, programme)
        return
    asked = {code for code, question in programme.questions.items() if contract.wave in question.waves}
    for organisme in ["", *contract.body.get("particularites", {})]:
        mapped = contract.questions(organisme)
        for code in sorted(set(mapped) - asked):
            yield f"la question « {code} » n'est pas posée en {contract.wave} d'après questions_vagues.csv."
        for code in sorted(asked - set(mapped)):
            yield f"la question « {code} », posée en {contract.wave}, n'est rattachée à aucune colonne."
        for axis in contract.axes(organisme):
            if axis not in programme.axes:
                yield f"l'axe « {axis} » n'est pas dans axes.csv."
        for code, question in mapped.items():
            allowed = {*programme.options[programme.questions[code].scale], *programme.statuses}
            for target in {*question.codage.values(), *question.options} - allowed:
                yield f"la question « {code} » renvoie à la modalité inconnue « {target} »."
            if programme.questions[code].multiple != (question.kind != "unique"):
                yield f"la question « {code} » : contrat et échelle ne s'accordent pas sur « plusieurs réponses »."
