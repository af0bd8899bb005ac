"""What the suites look at in a question of several answers: how often each option is cited, beside how often it was.

Such a question has no scale to be turned. Its options can be read under one another's names, or yes for no.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.extracts.contract import RESPONDENTS
from orchestration.plausibility.unchosen import expected_of_uncited


@dataclass(frozen=True)
class Cited:
    """How often the options of a question are cited.

    Attributes:
        rates: of each option, which share of the respondents cites it; they add up to what respondents cite on average.
        respondents: how many interviews express at least one option.
    """

    rates: Sequence[float]
    respondents: float


@dataclass(frozen=True)
class Usually:
    """What other organismes answer to a question.

    Attributes:
        shares: the middle share of each option; of several answers, of the respondents.
        fewest: the smallest share of each option that any of them has.
    """

    shares: Sequence[float]
    fewest: Sequence[float]


def measures_of(
    given: Mapping[str, float],
    before: Mapping[str, float],
    peers: Usually | None,
    options: Sequence[str],
    silent: Sequence[str],
    least: int,
    not_offered: Sequence[str] = (),
) -> dict[str, Any]:
    """Returns what the suites look at in a question of several answers, by column of `measures.QUESTION`.

    Args:
        given: the tally of the question.
        before: the one of the wave before; empty where there is none.
        peers: which share of the respondents cites each option elsewhere; used where no wave before is known.
        options: its options, in the order of their scale.
        silent: the statuses of those who have no opinion.
        least: respondents below which nothing is compared.
        not_offered: the options that the delivery cannot hold.
    """
    respondents, mute = given[RESPONDENTS], sum(given.get(status, 0.0) for status in silent)
    now, older = cited(given, options, least), cited(before, options, least)
    usual = Cited(peers.shares, math.inf) if peers and any(peers.shares) and not older else None
    both, others = (now, older) if now and older else None, (now, usual) if now and usual else None
    fewest = older.rates if older else peers.fewest if peers else ()
    offered = [option not in not_offered for option in options]
    return {
        "demandes": round(respondents + mute),
        "sans_avis": round(mute),
        "base": round(respondents),
        "part_sans_avis": mute / (respondents + mute) if respondents + mute >= max(least, 1) else None,
        "base_precedente": round(before[RESPONDENTS]) if before.get(RESPONDENTS) else None,
        "decalage": moved(*both) if both else None,
        "permutation": max(renamed(*both), contrary(*both)) if both else None,
        "citations_perdues": no_longer_cited(now, fewest, offered) if now and fewest else None,
        "attendues_delaissees": _uncited(given, options, offered) if now else None,
        "permutation_autres": max(renamed(*others), contrary(*others)) if others else None,
    }


def cited(given: Mapping[str, float], options: Sequence[str], least: int) -> Cited | None:
    """Returns how often options are cited; None where fewer than `least` respond, or nobody knows how many do.

    Args:
        given: the tally of the question.
        options: its options, in the order of their scale.
        least: respondents below which nothing is compared.
    """
    respondents = given.get(RESPONDENTS, 0.0)
    if respondents < max(least, 1) or not any(given.get(option) for option in options):
        return None
    return Cited([given.get(option, 0.0) / respondents for option in options], respondents)


def moved(now: Cited, usual: Cited) -> float:
    """Returns the share of the citations that went to other options: the total variation distance."""
    return _distance(_profile(now), _profile(usual))


def renamed(now: Cited, usual: Cited) -> float:
    """Returns how much nearer the usual the citations would be with other names, less what chance may give."""
    # a distance of chance grows with the root of the number of options
    return better_named(now, usual) - _chance(now, usual) * math.sqrt(len(now.rates)) / 2


def better_named(now: Cited, usual: Cited) -> float:
    """Returns how much nearer the usual the citations would be with other names.

    Of all ways to name the options, the nearest gives the most cited of now the name of the most cited of the usual,
    and so on.
    """
    as_read, as_well_as_can_be = _profile(now), sorted(_profile(now))
    return _distance(as_read, _profile(usual)) - _distance(as_well_as_can_be, sorted(_profile(usual)))


def contrary(now: Cited, usual: Cited) -> float:
    """Returns how much nearer the usual the rates would be with yes read for no, less what chance may give."""
    as_read = sum(abs(a - b) for a, b in zip(now.rates, usual.rates, strict=True))
    turned = sum(abs(1 - a - b) for a, b in zip(now.rates, usual.rates, strict=True))
    return (as_read - turned) / len(now.rates) - _chance(now, usual)


def no_longer_cited(now: Cited, fewest: Sequence[float], offered: Sequence[bool]) -> float:
    """Returns how many respondents are expected of the most cited of the options that nobody cites.

    Args:
        now: how often the options are cited.
        fewest: which share of the respondents is expected to cite each, at least.
        offered: whether the delivery can hold it.
    """
    gone = (was for rate, was, there in zip(now.rates, fewest, offered, strict=True) if there and not rate)
    return now.respondents * max(gone, default=0.0)


def _uncited(given: Mapping[str, float], options: Sequence[str], offered: Sequence[bool]) -> float | None:
    counts = [given.get(option, 0.0) for option, there in zip(options, offered, strict=True) if there]
    return expected_of_uncited(counts) or None


def _profile(of: Cited) -> list[float]:
    total = sum(of.rates)
    return [rate / total for rate in of.rates]


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / 2


def _chance(*cited: Cited) -> float:
    return math.sqrt(sum(1 / each.respondents for each in cited))
