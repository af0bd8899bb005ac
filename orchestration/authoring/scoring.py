"""What the options of a scale are worth: its notes, and the options that count as satisfied."""

from __future__ import annotations

import re

from orchestration.authoring.answers import Answers, Scale

# the best note of a scale of words, whose options have no number of their own
_OUT_OF = 10.0


def numbered(scale: Scale) -> bool:
    """Returns whether the codes of a scale are whole numbers that follow one another, up."""
    if not all(re.fullmatch(r"\d{1,3}", code) for code in scale.modalites):
        return False
    numbers = [int(code) for code in scale.modalites]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def notes(scale: Scale) -> dict[str, float]:
    """Returns the note of each option: the better the answer, the higher; empty when no side is the better one.

    Options that are numbers keep them, turned round where the first one is the best; others go evenly from 0.
    """
    codes = list(scale.modalites)
    if scale.meilleure == "aucune":
        return {}
    if scale.note_sur is None and numbered(scale):
        rising = [float(code) for code in codes]
    else:
        best = scale.note_sur or _OUT_OF
        rising = [best * rank / (len(codes) - 1) for rank in range(len(codes))]
    if scale.meilleure == "premiere":
        rising.reverse()
    return dict(zip(codes, rising, strict=True))


def satisfied(scale: Scale) -> frozenset[str]:
    """Returns the options that count as satisfied: those named, or the better half without the middle."""
    if scale.satisfaites or scale.meilleure == "aucune":
        return frozenset(scale.satisfaites)
    return better_half(tuple(scale.modalites), scale.meilleure)


def better_half(codes: tuple[str, ...], best: str) -> frozenset[str]:
    """Returns the half of the options on the side of the best one."""
    half = len(codes) // 2
    return frozenset(codes[:half] if best == "premiere" else codes[-half:])


def widest_range(answers: Answers) -> float:
    """Returns the widest range of notes, which thresholds in notes are set by; 10 when no scale has notes."""
    ranges = [max(found) - min(found) for scale in answers.echelles.values() if (found := notes(scale).values())]
    return max(ranges, default=_OUT_OF)
