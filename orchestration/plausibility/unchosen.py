"""Options that nobody chooses, and how many answers could be expected of them: two labels may share one code.

An option without any answer is no proof by itself: some are rare. What it is held to is always less than what is
usual, so that an organisme, or a question, of its own kind is not taken for a fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

# questions of a scale from which they tell what is usual in it
SEVERAL = 3
# options of a scale of which one may stand between two others
_THREE = 3
# of all the answers to the questions of one scale, which share of an equal part the rarest option has at least
_RAREST = 1 / 25
# which share of the less chosen of the two options around it an option has at least
_OF_ITS_NEIGHBOURS = 1 / 3

# answers by option, of one question
Answers = Mapping[str, float]


def expected_of_unchosen(
    asked: Mapping[str, Answers], options: Sequence[str], offered: Mapping[str, set[str]], *, ordered: bool
) -> dict[str, float]:
    """Returns how many answers are expected of an option that nobody chooses, by question; the most, if several.

    Nothing but the delivery is looked at. An option that nobody chooses at a question is held to the least of what it
    has at the other questions of the scale; one that nobody chooses at any question, to a share of all their answers;
    and one that stands between two others, to a third of the less chosen of the two.

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
        chosen = [share for share in shares.values() if share]
        # one or two questions do not tell what is usual
        least = min(chosen) if len(chosen) >= SEVERAL else 0.0
        whole = {each: sum(asked[code].get(each, 0.0) for code in there) for each in options}
        everywhere = (
            0.0
            if chosen
            else sum(whole.values()) * max(_RAREST / len(options), _between(option, whole, options, ordered))
        )
        for code in (code for code, share in shares.items() if not share):
            between = totals[code] * _between(option, asked[code], options, ordered)
            found[code] = max(found.get(code, 0.0), everywhere, least * totals[code], between)
    return {code: value for code, value in found.items() if value}


def expected_of_uncited(citations: Sequence[float]) -> float:
    """Returns how many respondents are expected of an option of several answers that nobody cites.

    It is held to half of what the least cited of the others has; 0 where every option is cited.

    Args:
        citations: respondents who cite each option that the delivery can hold.
    """
    cited = [n for n in citations if n]
    return min(cited) / 2 if len(cited) >= SEVERAL and len(cited) < len(citations) else 0.0


def _between(option: str, given: Answers, options: Sequence[str], ordered: bool) -> float:
    """Returns the share of the answers that an option has at least because of the two that it stands between."""
    total = sum(given.get(each, 0.0) for each in options)
    chosen = [each for each in options if given.get(each) or each == option] if ordered else []
    for (before, middle), (_, after) in pairwise(pairwise(chosen)):
        if middle == option and total:
            return _OF_ITS_NEIGHBOURS * min(given[before], given[after]) / total
    return 0.0
