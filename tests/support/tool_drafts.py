"""A draft against the truth of a survey tool's extract: column by column, and value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration.extracts.contract_body import CONTRACT
from orchestration.extracts.draft.line import Line
from orchestration.extracts.draft.propose import Proposal
from orchestration.extracts.draft.write import undecided
from orchestration.extracts.form import Format
from orchestration.extracts.readers.tables import letters, numbered, titles
from orchestration.programme import Programme
from orchestration.programme.texts import clean, normalise
from tests.support.drafting import draft
from tests.support.survey_tools.read import raw_rows
from tests.support.survey_tools.truth import Column, ToolExtract

SECTIONS = {
    "date": "date_entretien",
    "entretien": "entretien",
    "organisme": "organisme",
    "strate": "strate",
    "poids": "ponderation",
    "ignoree": "ignorees",
}
ANSWERS = ("question", "axe")


@dataclass
class ToolScore:
    """What a draft says of an extract: right, left open, or wrong.

    Attributes:
        variant: tool and export.
        right: position of each column decided as the truth has it, with its kind.
        open: of each that is left to a person, with its kind.
        wrong: of each decided otherwise, with what was said.
        silent: what is left open and no sentence speaks of: columns, and values by question or axis.
        values_right: raw values of the file whose code is the truth's.
        values_open: those without a code.
        values_wrong: those with another code, each in a few words.
    """

    variant: str
    right: dict[int, str] = field(default_factory=dict)
    open: dict[int, str] = field(default_factory=dict)
    wrong: dict[int, str] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)
    values_right: int = 0
    values_open: int = 0
    values_wrong: list[str] = field(default_factory=list)

    def share(self, *kinds: str) -> float:
        """Share of right columns among those of some kinds; among all without any."""
        counts = [
            sum(not kinds or kind in kinds for kind in found.values()) for found in (self.right, self.open, self.wrong)
        ]
        return counts[0] / sum(counts)

    def __str__(self) -> str:
        return (
            f"{self.variant}: {len(self.right)} columns right, {len(self.open)} open, {len(self.wrong)} wrong"
            f" (questions {self.share('question'):.0%} right); values {self.values_right} right,"
            f" {self.values_open} open, {len(self.values_wrong)} wrong; without a reason {len(self.silent)}"
        )


def score_tool(extract: ToolExtract, programme: Programme) -> ToolScore:
    """Drafts the contract of an extract and holds it against its truth.

    Args:
        extract: the file and its truth.
        programme: the shipped questionnaire, without contracts.
    """
    return scored_tool(extract, *draft(extract.path, programme))


def scored_tool(extract: ToolExtract, proposal: Proposal, lines: list[Line], body: dict[str, Any]) -> ToolScore:
    """The same of a draft that was made already."""
    result = ToolScore(f"{extract.tool}, {extract.variant}")
    CONTRACT.validate_python(
        {"institut": "?", "vague": "?", "organisme": {"valeur": "?"}, "strate": {"valeur": "?"}} | body
    )
    names = column_names(extract, Format.model_validate(body["format"]))
    if proposal.sniffed.frame.height != len(extract.answers):
        result.values_wrong.append(f"{proposal.sniffed.frame.height} rows read, not {len(extract.answers)}")
    # what a number alone says waits for a person, in a point that names its questions
    held = {clean(c): line for line in lines if line.decided and not line.by_number for c in line.columns}
    told = {
        clean(c): line for line in lines if (not line.decided or line.by_number) and line.reason for c in line.columns
    }
    columns = {names[i]: column for i, column in extract.columns.items()}
    answered = {line.key for line in held.values() if line.section == "questions"}
    points = undecided(proposal, lines)
    for i, column in extract.columns.items():
        line = held.get(names[i])
        if line is None:
            result.open[i] = column.kind
            if names[i] not in told and names[i] in proposal.sniffed.frame.columns:
                result.silent.append(f"column « {names[i]} »")
        elif line.section == "ignorees" and _told_elsewhere(column, held, columns):
            result.right[i] = column.kind
        elif said := _otherwise(column, line, names[i], columns, answered):
            result.wrong[i] = f"« {names[i]} »: {said}"
        else:
            result.right[i] = column.kind
    for name, raw, ours, theirs in _values(extract, body, names, proposal):
        if ours is None:
            result.values_open += 1
            if not any(f"{key}" in point for point in points for key in _places(name, body)):
                result.silent.append(f"value « {raw} » of {name}")
        elif ours == theirs:
            result.values_right += 1
        else:
            result.values_wrong.append(f"{name}: « {raw} » = {ours}, not {theirs}")
    return result


def column_names(extract: ToolExtract, form: Format) -> dict[int, str]:
    """Returns the name that the reader gives to each column of the file, as the draft says that it is written."""
    rows = raw_rows(extract)
    head = rows[form.lignes_avant_entete : form.lignes_avant_entete + form.lignes_entete]
    found = numbered(titles(head, form), form)
    return {i: clean(name or f"colonne {letters(i)}") for i, name in enumerate(found)}


def _otherwise(column: Column, line: Line, name: str, columns: Mapping[str, Column], answered: set[str]) -> str:
    """Returns what a decided line says that the truth does not; empty where they agree."""
    if column.kind not in ANSWERS:
        agrees = line.section in {SECTIONS[column.kind], SECTIONS.get(column.also, "")}
        return "" if agrees else f"{line.section} {line.key}, not {column.kind}"
    if column.kind == "axe":
        return (
            "" if (line.section, line.key) == ("axes", column.code) else f"{line.section} {line.key}, not {column.code}"
        )
    # where a tool writes a list and a column per option, one of both is enough
    twice = {(bool(c.option), c.code) for c in columns.values() if c.code == column.code}
    if line.section == "ignorees" and len(twice) > 1 and column.code in answered:
        return ""
    if (line.section, line.key) != ("questions", column.code):
        return f"{line.section} {line.key}, not {column.code}"
    value = line.value
    if column.option:
        options = value["colonnes"] if value.get("multiple") == "oui_non" else {}
        said = next((option for option, held in options.items() if clean(held) == name), "no option")
        return "" if said == column.option else f"option {said}, not {column.option}"
    if column.rank:
        listed = [clean(c) for c in value["colonnes"]] if value.get("multiple") == "mentions" else []
        own = [n for n, c in columns.items() if c.code == column.code]
        return "" if listed == own else f"mentions {listed}"
    if column.separator:
        held = value.get("separateur", "") if value.get("multiple") == "liste" else "none"
        return "" if (held.strip() or held) == (column.separator.strip() or column.separator) else f"separator {held}"
    return f"multiple {value['multiple']}" if "multiple" in value else ""


def _told_elsewhere(column: Column, held: Mapping[str, Line], columns: Mapping[str, Column]) -> bool:
    """Returns whether another column, which the truth admits as well, was taken for the interview or its date."""
    return column.kind in ("entretien", "date") and any(
        other.also == column.kind and name in held and held[name].section == SECTIONS[column.kind]
        for name, other in columns.items()
    )


def _values(
    extract: ToolExtract, body: dict[str, Any], names: Mapping[int, str], proposal: Proposal
) -> Iterator[tuple[str, str, str | None, str]]:
    """Yields where a raw value of the file stands, itself, the code that the draft gives it, and its true one.

    Only what the draft attaches is looked at: of a column left open, the values wait with it.
    """
    for i, column in extract.columns.items():
        name = names[i]
        if column.kind == "question" and (rule := body["questions"].get(column.code)):
            if column.option:
                options = rule.get("colonnes", {})
                if isinstance(options, dict) and name in map(clean, options.values()):
                    yield from _marks(column, rule, _seen(extract, i, column))
                continue
            if name not in map(clean, rule.get("colonnes", [rule.get("colonne")])):
                continue
            table = _table(rule["codage"], body)
            key = column.code
        elif column.kind == "axe" and (rule := body["axes"].get(column.code)):
            table, key = _table(rule.get("codage", {}), body), column.code
            if column.bands or rule.get("tranches"):
                yield key, "bands", str(bool(rule.get("tranches"))), str(column.bands)
                continue
        elif column.kind == "organisme" and (rule := body.get("organisme")):
            table, key = _table(rule.get("valeurs", {}), body), "organisme"
            named = {normalise(n): code for n, code in proposal.programme.organisme_names.items()}
            table = {**named, **table}
        elif column.kind == "strate" and "codage" in (rule := body.get("strate") or {}):
            table, key = _table(rule["codage"], body), "strate"
        else:
            continue
        seen = _seen(extract, i, column)
        for raw, code in extract.values[key].items():
            if normalise(raw) in seen:
                yield key, raw, table.get(normalise(raw)), code


def _seen(extract: ToolExtract, position: int, column: Column) -> set[str]:
    """Returns the values that stand in a column; of a list, those that somebody answered."""
    if column.separator:
        said = {code for answers in extract.answers for code in answers[column.code]}
        return {normalise(raw) for raw, code in extract.values[column.code].items() if code in said}
    rows = raw_rows(extract)
    first, last = extract.layout.before + extract.layout.headers, len(rows) - extract.layout.after
    return {normalise(row[position]) for row in rows[first:last]}


def _marks(column: Column, rule: dict[str, Any], seen: set[str]) -> Iterator[tuple[str, str, str | None, str]]:
    yes, no = {normalise(v) for v in rule["oui"]}, {normalise(v) for v in rule.get("non", [])}
    statuses = {normalise(v): code for v, code in (rule.get("codage") or {}).items()}
    for raws, true in ((column.chosen, "chosen"), (column.left, "left"), (column.unasked, "unasked")):
        for raw in raws:
            value = normalise(raw)
            if value not in seen:
                continue
            said = "chosen" if value in yes else "left" if value in no else None
            # a cell of a question that was not put is as empty as one whose option was left
            if true == "unasked" and (said == "left" or statuses.get(value) == "FILTRE"):
                said = "unasked"
            yield column.code, raw, said or statuses.get(value), true


def _table(codage: str | dict[str, str], body: dict[str, Any]) -> dict[str, str]:
    table = body["codages"].get(codage, {}) if isinstance(codage, str) else codage
    return {normalise(str(value)): code for value, code in table.items()}


def _places(key: str, body: dict[str, Any]) -> list[str]:
    """Returns how the open points name where the values of a question or axis are decided."""
    rule = body["questions"].get(key, {})
    shared = [f"codages.{rule['codage']} "] if isinstance(rule.get("codage"), str) else []
    return [f"questions.{key} ", f"axes.{key} ", *shared, f"{key} :"]
