"""Whether a contract reads a value as it does elsewhere: in the other questions of the scale, in the wave before.

A swap or a shift of codes keeps the model, the options and often the figures of a question plausible. What gives it
away is that the same sender, in the same scale, gave the same value another meaning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from orchestration.extracts.contract import Contract
from orchestration.extracts.contract_body import AxisRule, InterviewsBody
from orchestration.extracts.contract_questions import Question, YesNoQuestion, columns_of
from orchestration.extracts.draft.lexicon import speaks
from orchestration.programme import Programme
from orchestration.programme.dispositifs import waves_before
from orchestration.programme.faults import Fault
from orchestration.programme.texts import normalise

# what stands for the scale of all the columns that hold a yes or a no, and for its two options
_YES_NO, _CHOSEN, _LEFT = "oui_non", "oui", "non"
_SAID = "corriger, ou dire pourquoi sous codage_propre"


def unlike_faults(contract: Contract, written: Sequence[Contract], programme: Programme) -> Iterator[Fault]:
    """Yields the values that mean something else than beside, or before, where no reason is given.

    Args:
        contract: the contract; a draft with open points waits.
        written: the contracts of the programme, among which its sender's of an earlier wave are looked for.
        programme: its scales and waves.

    Yields:
        the key at fault, and a French sentence.
    """
    if not isinstance(contract.body, InterviewsBody) or contract.body.a_decider:
        return
    yield from _beside(contract, programme)
    if before := _before(contract, written, programme):
        yield from dict.fromkeys(_since(contract, before, programme))


def _beside(contract: Contract, programme: Programme) -> Iterator[Fault]:
    """Yields the questions that read a value otherwise than most others of their scale.

    Of two that contradict one another, nobody knows which is wrong: both are told, until one of them gives its reason.
    """
    readings = {
        code: (_scale(code, rule, programme), _read(contract, rule))
        for code, rule in contract.interview_rules.questions.items()
        if code in programme.questions and rule.codage_propre is None
    }
    votes: dict[tuple[str, str], Counter[str]] = {}
    for scale, read in readings.values():
        for value, option in read.items():
            votes.setdefault((scale, value), Counter())[option] += 1
    for place, organisme in _places(contract):
        for code, rule in _own(contract, organisme).items():
            if code not in programme.questions or rule.codage_propre is not None:
                continue
            scale = _scale(code, rule, programme)
            odd = []
            for value, option in _read(contract, rule).items():
                found = votes.get((scale, value), Counter())
                # what an organisme has of its own has no vote
                own = found[option] - (0 if organisme else 1)
                usual, times = found.most_common(1)[0] if found else (option, 0)
                if usual == option:
                    usual, times = next(((o, n) for o, n in found.most_common() if o != option), (option, 0))
                if times > own:
                    odd.append(f"« {value} » donne {option}, et {usual} ailleurs ({times} fois)")
            if odd:
                named = "les colonnes à oui ou non" if scale == _YES_NO else f"l'échelle {scale}"
                yield f"{place}questions.{code}", f"dans {named}, {' ; '.join(odd)} : {_SAID}."


def _before(contract: Contract, written: Sequence[Contract], programme: Programme) -> list[Contract]:
    """Returns the contracts of interviews of the sender for the last wave before, of those that it has one for."""
    earlier = waves_before(programme, contract.wave)
    own = [c for c in written if c.of_interviews and c.institute == contract.institute and c.wave in earlier]
    last = max((earlier.index(c.wave) for c in own), default=-1)
    return [c for c in own if earlier.index(c.wave) == last]


def _since(contract: Contract, before: Sequence[Contract], programme: Programme) -> Iterator[Fault]:
    """Yields the values that no contract of the wave before reads as this one does."""
    changed, names = contract.interview_rules.codages_changes, " et ".join(c.path.name for c in before)
    usual = _usual(before, programme)
    for place, organisme in _places(contract):
        for code, rule in _own(contract, organisme).items():
            if code not in programme.questions or rule.codage_propre is not None:
                continue
            scale = _scale(code, rule, programme)
            if programme.questions[code].scale in changed:
                continue
            where = f"codages.{rule.codage}" if isinstance(rule.codage, str) else f"{place}questions.{code}"
            asked = [(c, c.questions(organisme)[code]) for c in before if code in c.questions(organisme)]
            same = [(c, r) for c, r in asked if _scale(code, r, programme) == scale]
            reads = [_read(c, r) for c, r in same] or [usual.get(scale, {})]
            more = ", ou, pour toute l'échelle, sous codages_changes"
            yield from _changed(where, _read(contract, rule), reads, programme, f"{_SAID}{more}", names)
            if isinstance(rule, YesNoQuestion):
                columns = [_columns(r) for _, r in same if isinstance(r, YesNoQuestion)]
                place_of = f"{place}questions.{code}.colonnes"
                yield from _changed(place_of, _columns(rule), columns, programme, _SAID, names)
        for axis, own in _own_axes(contract, organisme).items():
            if own.codage_propre is None:
                rules = [(c, c.axes(organisme)[axis]) for c in before if axis in c.axes(organisme)]
                where = f"codages.{own.codage}" if isinstance(own.codage, str) else f"{place}axes.{axis}"
                old = [dict(c.codes(r)) for c, r in rules]
                yield from _changed(where, contract.codes(own), old, programme, _SAID, names)
        yield from _moved(contract, before, place, organisme, programme, names)


def _moved(
    contract: Contract, before: Sequence[Contract], place: str, organisme: str, programme: Programme, names: str
) -> Iterator[Fault]:
    """Yields the columns that the contracts of the wave before read as another axis, or as another question.

    Of a question, where the title says something: the numbers of a questionnaire change from wave to wave.
    """
    old: dict[str, set[str]] = {}
    for one in before:
        for axis, rule in one.axes(organisme).items():
            old.setdefault(normalise(rule.colonne), set()).add(axis)
        for code, asked in one.questions(organisme).items():
            for column in columns_of(asked):
                old.setdefault(normalise(column), set()).add(code)
    own_axes, own = _own_axes(contract, organisme), _own(contract, organisme)
    said: list[tuple[str, str, str | None, tuple[str, ...]]]
    said = [(axis, "axes", own_axes[axis].codage_propre, (own_axes[axis].colonne,)) for axis in own_axes]
    said += [(code, "questions", own[code].codage_propre, columns_of(own[code])) for code in own]
    for code, kind, reason, columns in said:
        for column in columns if reason is None else ():
            seen = old.get(normalise(column), set())
            known = {one for one in seen if one in programme.axes or one in programme.questions}
            if seen and code not in seen and known and (kind == "axes" or speaks(column)):
                told = f"« {column} » donne {code}, et donnait {' ou '.join(sorted(known))}"
                yield f"{place}{kind}.{code}", f"{told} dans {names} : {_SAID}."


def _changed(
    key: str, now: Mapping[str, str], old: Sequence[Mapping[str, str]], programme: Programme, told: str, names: str
) -> Iterator[Fault]:
    odd = []
    for value, option in now.items():
        seen = list(dict.fromkeys(read[value] for read in old if value in read))
        # senders renumber what is no opinion, and no figure of opinion moves; two that change places are a mistake
        renumbered = {option, *seen} <= {*programme.statuses} and not _exchanged(option, seen, now, old)
        if seen and option not in seen and not renumbered:
            odd.append(f"« {value} » donne {option}, et donnait {' ou '.join(seen)}")
    if odd:
        yield key, f"{' ; '.join(odd)} dans {names} : {told}."


def _exchanged(option: str, seen: Sequence[str], now: Mapping[str, str], old: Sequence[Mapping[str, str]]) -> bool:
    """Returns whether a value that meant an option before means now what another value, now that option, meant."""
    return any(now.get(value) in seen for read in old for value, meant in read.items() if meant == option)


def _usual(contracts: Sequence[Contract], programme: Programme) -> dict[str, dict[str, str]]:
    """Returns what each value means in all the questions of each scale that have it, for questions that are new."""
    seen: dict[str, dict[str, set[str]]] = {}
    for contract in contracts:
        for code, rule in contract.interview_rules.questions.items():
            if code in programme.questions and rule.codage_propre is None:
                table = seen.setdefault(_scale(code, rule, programme), {})
                for value, option in _read(contract, rule).items():
                    table.setdefault(value, set()).add(option)
    return {
        scale: {value: next(iter(options)) for value, options in table.items() if len(options) == 1}
        for scale, table in seen.items()
    }


def _places(contract: Contract) -> list[tuple[str, str]]:
    """Returns the places of the contract that say questions: what begins their keys, and the organisme they are of."""
    return [("", ""), *((f"particularites.{organisme}.", organisme) for organisme in contract.exceptions)]


def _own(contract: Contract, organisme: str) -> Mapping[str, Question]:
    return contract.exceptions[organisme].questions if organisme else contract.interview_rules.questions


def _own_axes(contract: Contract, organisme: str) -> Mapping[str, AxisRule]:
    return contract.exceptions[organisme].axes if organisme else contract.interview_rules.axes


def _scale(code: str, rule: Question, programme: Programme) -> str:
    return _YES_NO if isinstance(rule, YesNoQuestion) else programme.questions[code].scale


def _read(contract: Contract, rule: Question) -> dict[str, str]:
    """Returns what each value means; a table that is defined nowhere is a fault of its own."""
    known = not isinstance(rule.codage, str) or rule.codage in contract.interview_rules.codages
    read = dict(contract.codes(rule)) if known else {}
    if isinstance(rule, YesNoQuestion):
        read |= dict.fromkeys(rule.oui, _CHOSEN) | dict.fromkeys(rule.non, _LEFT)
    return read


def _columns(rule: YesNoQuestion) -> dict[str, str]:
    return {column: option for option, column in rule.colonnes.items()}
