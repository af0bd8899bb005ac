"""Which options a delivery can hold: those that its contract gives a value or a column."""

from __future__ import annotations

from orchestration.extracts.contract import Contract
from orchestration.extracts.contract_questions import YesNoQuestion
from orchestration.programme import Programme


def not_offered(contract: Contract, organisme: str, programme: Programme) -> dict[str, tuple[str, ...]]:
    """Returns the options of each question that nothing in a delivery can give, of the questions that have some.

    The institute did not offer them (`modalites_absentes`), or does not publish their counts: that nobody chooses them
    says nothing of how the others are read.

    Args:
        contract: the contract of the delivery, of interviews or of counts; no option of scores is offered or not.
        organisme: whose exceptions apply.
        programme: the questionnaire.
    """
    given: dict[str, set[str]] = {}
    if contract.of_interviews:
        for code, rule in contract.questions(organisme).items():
            given[code] = {*contract.codes(rule).values(), *(rule.colonnes if isinstance(rule, YesNoQuestion) else ())}
    elif contract.of_counts:
        given = {code: {*rule.comptes} for code, rule in contract.counts(programme).items()}
    left = {
        code: tuple(option for option in programme.options[programme.questions[code].scale] if option not in found)
        for code, found in given.items()
        if code in programme.questions
    }
    return {code: options for code, options in left.items() if options}
