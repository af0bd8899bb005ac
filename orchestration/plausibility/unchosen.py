"""Options that nobody chooses, and how many answers could be expected of them: two labels may share one code.

An option without any answer is no proof by itself: some are rare. What it is held to is always less than what is
usual, so that an organisme, or a question, of its own kind is not taken for a fault.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

# questions of a scale from which they tell what is usual in it
SEVERAL = 3
# options of a scale of which one may stand between two others, and of one whose ends are about as chosen as the next
_THREE, _FINE = 3, 7
# of all the answers to the questions of one scale, which share of an equal part the rarest option has at least
_RAREST = 1 / 25
# which share of what is expected of an option may be slips of the keyboard
_SLIPS = 1 / 50
# which share of the less chosen of the two options around it an option has at least, and an end of the only one
_OF_ITS_NEIGHBOURS, _OF_ITS_NEIGHBOUR = 1 / 3, 1 / 10

# answers by option, of one question
Answers = Mapping[str, float]


def expected_of_unchosen(
    asked: Mapping[str, Answers], options: Sequence[str], offered: Mapping[str, set[str]], *, ordered: bool
) -> dict[str, float]:
    """Returns how many answers are expected of an option that nobody chooses, by question; the most, if several.

    Nothing but the delivery is looked at, and a few slips are nobody. An option that nobody chooses at a question is
    held to the least of what it has at the other questions of the scale; one that nobody chooses at any question, to a
    share of all their answers; one that stands between two others, to a third of the less chosen of the two; an end
    of a fine scale, to a tenth of its neighbour.

    Args:
        asked: answers by option to each question of one scale that has enough of them.
        options: the options of the scale in their order; a scale of two tells nothing here.
        offered: by question, the options that the delivery can hold.
        ordered: whether the order of the options is one of degrees.

    Returns:
        the figure, by question; none where every option has an answer, or nothing can be expected of the others.
    """
    if len(options) < _THREE:
        return {}
    totals = {code: sum(given.get(option, 0.0) for option in options) for code, given in asked.items()}
    found: dict[str, float] = {}
    for option in options:
        there = [code for code in asked if option in offered[code]]
        shares = {code: asked[code].get(option, 0.0) / totals[code] for code in there}
        usual = statistics.median(shares.values()) if shares else 0.0
        chosen = [share for share in shares.values() if not next_to_nobody(share, usual)]
        # one or two questions do not tell what is usual
        least = min(chosen) if len(chosen) >= SEVERAL else 0.0
        whole = {each: sum(asked[code].get(each, 0.0) for code in there) for each in options}
        total = sum(whole.values())
        rate = max(_RAREST / len(options), _beside(option, whole, options, ordered))
        everywhere = total * rate if next_to_nobody(whole[option], total * rate) else 0.0
        for code, share in shares.items():
            at_least = max(least, _beside(option, asked[code], options, ordered))
            here = totals[code] * at_least if next_to_nobody(share, at_least) else 0.0
            found[code] = max(found.get(code, 0.0), everywhere, here)
    return {code: value for code, value in found.items() if value}


def next_to_nobody(found: float, expected: float) -> bool:
    """Returns whether what was found of an option is nothing, or so much less than expected that it is a few slips."""
    return found <= expected * _SLIPS


def expected_of_uncited(citations: Sequence[float]) -> float:
    """Returns how many respondents are expected of an option of several answers that nobody cites.

    It is held to half of what the least cited of the others has; 0 where every option is cited.

    Args:
        citations: respondents who cite each option that the delivery can hold.
    """
    cited = [n for n in citations if n]
    return min(cited) / 2 if len(cited) >= SEVERAL and len(cited) < len(citations) else 0.0


def _beside(option: str, given: Answers, options: Sequence[str], ordered: bool) -> float:
    """Returns the share of the answers that an option has at least because of those that it stands beside."""
    total = sum(given.get(each, 0.0) for each in options)
    chosen = [each for each in options if given.get(each) or each == option] if ordered else []
    if not total or option not in chosen or len(chosen) < _THREE:
        return 0.0
    at = chosen.index(option)
    beside = [given[each] / total for each in (*chosen[max(0, at - 1) : at], *chosen[at + 1 : at + 2])]
    if len(beside) == 1:
        return beside[0] * _OF_ITS_NEIGHBOUR if len(options) >= _FINE else 0.0
    return min(beside) * _OF_ITS_NEIGHBOURS
