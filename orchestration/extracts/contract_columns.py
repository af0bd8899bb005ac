"""Whether a contract puts one column to two uses, or leaves out a column that has the title of a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from orchestration.extracts.contract import RESPONDENTS, Contract
from orchestration.extracts.contract_body import AxisRule
from orchestration.extracts.contract_questions import Question, YesNoQuestion, columns_of
from orchestration.extracts.contract_titles import named_in_full
from orchestration.programme import Programme
from orchestration.programme.faults import Fault

# what no answer is read from; a stratum, a cluster or an organisme may be a segment of an axis too
_APART = ("entretien", "date_entretien", "ponderation", "unite_primaire", "strate", "organisme")
_NO_AXIS = ("entretien", "ponderation")
_TWICE = "corriger l'une des deux colonnes"
_SHARED = f"{_TWICE}, ou dire pourquoi sous codage_propre"


def column_uses(contract: Contract) -> Iterator[Fault]:
    """Yields the columns of interviews that are read for two things, or both read and left out.

    A reason under `codage_propre` lets two questions, or two axes, share a column; so do two axes that code the same
    values, as a region is made of departments.

    Args:
        contract: a contract of interviews.
    """
    for organisme in ("", *contract.exceptions):
        place = f"particularites.{organisme}." if organisme else ""
        own = contract.exceptions[organisme] if organisme else contract.interview_rules
        axes, questions = contract.axes(organisme), contract.questions(organisme)
        uses = [(f"{place}axes.{axis}", axis, rule, (rule.colonne,)) for axis, rule in axes.items()]
        asked = [(f"{place}questions.{code}", code, rule, columns_of(rule)) for code, rule in questions.items()]
        # what all organismes have is told once
        told = {f"{place}axes.{axis}" for axis in own.axes} | {f"{place}questions.{code}" for code in own.questions}
        apart = {column: part for part, columns in _apart(contract).items() for column in columns}
        seen: dict[str, list[tuple[str, str, AxisRule | Question]]] = {}
        for key, code, rule, columns in (*uses, *asked):
            if key in told and (column := _repeated(columns)):
                yield key, f"« {column} » y est dite deux fois ; {_TWICE}."
            for column in dict.fromkeys(columns):
                for other_key, other, its in seen.get(column, ()):
                    if {key, other_key} & told and not _may_share(contract, rule, its):
                        yield key, f"« {column} » est aussi la colonne de {other} ; {_SHARED}."
                part = apart.get(column, "")
                if key in told and part and (not isinstance(rule, AxisRule) or part in _NO_AXIS):
                    yield key, f"« {column} » est aussi la colonne de {part} ; {_TWICE}."
                seen.setdefault(column, []).append((key, code, rule))
        known = {**apart, **{column: named[0][1] for column, named in seen.items()}}
        for column in own.ignorees:
            if column in known:
                yield f"{place}ignorees", f"« {column} » est lue pour {known[column]} ; l'ôter d'ici, ou de là."


def _apart(contract: Contract) -> Mapping[str, tuple[str, ...]]:
    """Returns the columns that are read for what is neither an axis nor a question."""
    body = contract.interview_rules
    said = {part: getattr(getattr(body, part), "colonne", None) for part in _APART}
    return {part: (column,) for part, column in said.items() if column} | {"entretien": contract.interview_columns}


def _repeated(columns: Iterable[str]) -> str:
    """Returns a column that a list holds twice; empty without one."""
    listed = list(columns)
    return next((column for at, column in enumerate(listed) if column in listed[:at]), "")


def _may_share(contract: Contract, one: AxisRule | Question, other: AxisRule | Question) -> bool:
    if one.codage_propre is not None or other.codage_propre is not None:
        return True
    # a table that is defined nowhere is a fault of its own
    unknown = [r for r in (one, other) if isinstance(r.codage, str) and r.codage not in contract.sample_rules.codages]
    if unknown or not (isinstance(one, AxisRule) and isinstance(other, AxisRule)):
        return bool(unknown)
    return bool({*contract.codes(one)} & {*contract.codes(other)})


def count_uses(contract: Contract, programme: Programme) -> Iterator[Fault]:
    """Yields the columns of counts that are the count of two answers."""
    seen: dict[str, str] = {}
    for code, rule in contract.counts(programme).items():
        for kind, headings in (("comptes", rule.comptes), ("poids", rule.poids), ("poids_carre", rule.poids_carre)):
            for option, column in headings.items():
                if not isinstance(column, str) or option == RESPONDENTS:
                    continue
                named = f"{code} {option}"
                if column in seen:
                    told = f"« {column} » est aussi la colonne de {seen[column]} ; {_TWICE}."
                    yield f"comptages.questions.{code}.{kind}", told
                seen.setdefault(column, named)


def ignored_titles(contract: Contract, programme: Programme) -> Iterator[Fault]:
    """Yields the columns left out whose title is a question's, where no column that has its title is read for it.

    Args:
        contract: a contract of interviews; a draft with open points waits.
        programme: its questions, and the waves that they are asked in.
    """
    if contract.body.a_decider:
        return
    asked = {code for code, question in programme.delivered_questions.items() if contract.wave in question.waves}
    for organisme in ("", *contract.exceptions):
        place = f"particularites.{organisme}." if organisme else ""
        own = contract.exceptions[organisme] if organisme else contract.interview_rules
        questions = contract.questions(organisme)
        for column in own.ignorees:
            named = [code for code in named_in_full(column, programme) if code in asked]
            # a wording that several questions have says nothing of which
            if len(named) == 1 and _read_elsewhere(named[0], questions.get(named[0]), programme):
                read = columns_of(questions[named[0]]) if named[0] in questions else ()
                told = f"que le contrat lit dans « {read[0]} »" if read else "que le contrat ne lit nulle part"
                remedy = "la rattacher, ou dire pourquoi sous libelles_ecartes de la question"
                yield f"{place}ignorees", f"« {column} » est le titre de la question {named[0]}, {told} ; {remedy}."


def _read_elsewhere(code: str, rule: Question | None, programme: Programme) -> bool:
    """Returns whether a question is read from no column of its own title; of several columns, none has it."""
    if rule is None:
        return True
    if isinstance(rule, YesNoQuestion) or len(columns_of(rule)) > 1 or rule.libelles_ecartes is not None:
        return False
    return code not in named_in_full(columns_of(rule)[0], programme)
