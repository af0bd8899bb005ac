"""The headings of a delivery held to its contract: all that are missing are told at once, with what looks like them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from orchestration.errors import DeliveryError
from orchestration.extracts.contract import Contract
from orchestration.extracts.form import Format, Heading
from orchestration.extracts.readers.lookup import find_column
from orchestration.programme.texts import capped, normalise

ABSENT, UNKNOWN, AMBIGUOUS = "colonnes_absentes", "colonnes_inconnues", "colonnes_ambigues"
# how many headings that look like a missing one are proposed, and how much they must look like it
_NEAR, _ALIKE = 2, 0.6
# what a delimited text may be separated by, and what each is called
_SEPARATORS = {";": "« ; »", ",": "« , »", "\t": "une tabulation (\\t)", "|": "« | »"}
# the parts of a pattern that match no letter of their own
_SIGNS = re.compile(r"\\.|[\^$.*+?()\[\]{}|]")


@dataclass(frozen=True)
class Missing:
    """A heading that a contract names and a file does not have.

    Attributes:
        heading: as the contract writes it.
        role: what the contract reads there: `entretien`, an axis, a question….
        near: headings of the file that look like it and that nothing else reads.
    """

    heading: str
    role: str
    near: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.heading} (peut-être « {' » ou « '.join(self.near)} »)" if self.near else self.heading


class HeadingsRefused(DeliveryError):
    """A file is refused for its headings.

    Attributes:
        missing: those of the contract that the file does not have.
        unknown: those of the file that the contract does not know.
    """

    def __init__(self, rule: str, message: str, missing: Sequence[Missing] = (), unknown: Sequence[str] = ()) -> None:
        super().__init__(rule, message)
        self.missing, self.unknown = tuple(missing), tuple(unknown)


def joined(refusals: Sequence[HeadingsRefused]) -> HeadingsRefused:
    """Returns the refusals of several tables as one; there is at least one."""
    rules = [refusal.rule for refusal in refusals]
    return HeadingsRefused(
        ABSENT if ABSENT in rules else rules[0],
        capped(map(str, refusals), most=3, joint=" "),
        [missing for refusal in refusals for missing in refusal.missing],
        [column for refusal in refusals for column in refusal.unknown],
    )


def missing_from(contract: Contract, columns: Sequence[str], organismes: Iterable[str] = ()) -> list[Missing]:
    """Returns the headings of a contract of interviews that a table lacks, each once, in the order of the contract.

    Args:
        contract: the contract.
        columns: the table's headings, cleaned.
        organismes: whose exceptions apply; none where the table does not say.
    """
    wanted: dict[str, str] = {}
    ignored: set[str] = set()
    for organisme in sorted(organismes) or [""]:
        wanted |= {
            heading: role for heading, role in contract.known_columns(organisme).items() if heading not in wanted
        }
        ignored |= contract.ignored_columns(organisme)
    for heading, role in _of_lines(contract.form):
        wanted.setdefault(heading, role)
    free = [column for column in columns if column not in wanted and column not in ignored]
    return [Missing(h, role, near(h, free)) for h, role in wanted.items() if h not in columns]


def _of_lines(form: Format) -> list[tuple[str, str]]:
    """Returns the headings by which lines are left out or kept, each with the key of the contract that names it."""
    kept = form.lignes_gardees
    found = [(rule.colonne, "lignes_ignorees") for rule in form.ignored]
    return [*found, (kept.colonne, "lignes_gardees")] if kept is not None else found


def near(heading: Heading, columns: Sequence[str]) -> tuple[str, ...]:
    """Returns the few headings that look most like one that is missing; of a pattern, like the words in it."""
    said = heading if isinstance(heading, str) else _SIGNS.sub(" ", heading.cherche)
    forms = {normalise(column): column for column in columns}
    return tuple(forms[form] for form in difflib.get_close_matches(normalise(said), forms, _NEAR, _ALIKE))


def check_header(contract: Contract, columns: Sequence[str], where: str) -> None:
    """Refuses a table whose headings lack one that every organisme needs, before its rows are read.

    Args:
        contract: the contract, of interviews or of counts.
        columns: the headings, cleaned.
        where: file and sheet, to say in an error.

    Raises:
        HeadingsRefused: the headings that are missing, all of them.
    """
    needed = contract.required_columns()
    if contract.of_interviews:
        needed += [heading for heading, _ in _of_lines(contract.form)]
    if any(column not in columns for column in needed):
        # the other columns of a long table, or of joined files, are not in this header
        told = [m for m in missing_from(contract, columns) if m.heading in needed or not contract.is_assembled]
        known = {missing.heading for missing in told}
        told += [Missing(c, "forme_longue", near(c, columns)) for c in needed if c not in columns and c not in known]
        raise absent(told, contract, columns, where)


def check_headings(
    contract: Contract, columns: Sequence[str], answered: Mapping[str, Sequence[str]], where: str
) -> None:
    """Holds the headings of a table of interviews to its contract.

    Args:
        contract: the contract.
        columns: the headings, cleaned.
        answered: of each organisme in the table, whose exceptions apply, the headings that it has; under "" where
            the table does not say whose it is.
        where: file and sheet, to say in an error.

    Raises:
        HeadingsRefused: headings are missing, or unknown to the contract.
    """
    if missing := missing_from(contract, columns, filter(None, answered)):
        raise absent(missing, contract, columns, where)
    unknown = dict.fromkeys(c for o, there in answered.items() for c in contract.missing_and_unknown(there, o)[1])
    if unknown:
        raise HeadingsRefused(
            UNKNOWN,
            f"{where} : colonnes que le contrat {contract.name} ne connaît pas : {capped(unknown)} ; les rattacher à"
            " une question, ou les mettre sous « ignorees ».",
            unknown=tuple(unknown),
        )


class CountsHeadings:
    """Looks for the headings of a contract of counts in a table, and tells all that were not found at once."""

    def __init__(self, contract: Contract, columns: Sequence[str], where: str) -> None:
        self.contract, self.columns, self.where = contract, columns, where
        self.used: set[str] = set()
        self.missing: list[Missing] = []
        self.faults: list[DeliveryError] = []

    def find(self, spec: Heading | None, role: str) -> str:
        """Returns the column that a heading means; empty where the contract names none, or the table has none."""
        if spec is None:
            return ""
        try:
            found = find_column(self.columns, spec, self.where)
        except DeliveryError as error:
            if error.rule == ABSENT:
                said = spec if isinstance(spec, str) else spec.cherche
                self.missing.append(Missing(said, role, near(spec, self.columns)))
            else:
                self.faults.append(error)
            return ""
        self.used.add(found)
        return found

    def check(self) -> None:
        """Refuses the table where a heading was not found, or means several columns.

        Raises:
            HeadingsRefused: all of them.
        """
        if self.missing:
            free = [column for column in self.columns if column not in self.used]
            told = [replace(m, near=tuple(n for n in m.near if n in free)) for m in self.missing]
            raise absent(told, self.contract, self.columns, self.where)
        if self.faults:
            raise HeadingsRefused(AMBIGUOUS, capped(map(str, self.faults), most=3, joint=" "))


def absent(missing: Sequence[Missing], contract: Contract, columns: Sequence[str], where: str) -> HeadingsRefused:
    """Returns the refusal of a table that lacks headings.

    Args:
        missing: those that it lacks.
        contract: the contract that names them.
        columns: the table's headings.
        where: file and sheet.
    """
    remedy = separator_hint(columns, contract.form) or "corriger le contrat, ou redemander le fichier"
    said = (
        f"{where} : colonnes du contrat {contract.name} absentes du fichier : {capped(map(str, missing))} ; {remedy}."
    )
    return HeadingsRefused(ABSENT, said, missing)


def separator_hint(columns: Sequence[str], form: Format) -> str:
    """Returns what to do where a delimited text was cut at the wrong sign, a clause; empty where nothing says so."""
    if form.type != "csv" or len(columns) != 1:
        return ""
    counts = {sign: columns[0].count(sign) for sign in _SEPARATORS if sign != form.separateur}
    likely = max(counts, key=lambda sign: counts[sign])
    if not counts[likely]:
        return (
            f"l'en-tête tient en une seule colonne : corriger « separateur » (ici {_called(form.separateur)}) ou"
            " la ligne d'en-tête dans le contrat, ou redemander le fichier"
        )
    return (
        f"le fichier semble séparé par {_called(likely)}, et le contrat le lit séparé par"
        f" {_called(form.separateur)} : corriger « separateur » sous format (sans lui, « ; »)"
    )


def _called(separator: str) -> str:
    return _SEPARATORS.get(separator, f"« {separator} »")
