"""Questions left out for one organisme and wave: its other answers count, these do not, and why is kept."""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.errors import DeliveryError
from orchestration.extracts.decisions import decide, decided
from orchestration.extracts.lake import Lake
from orchestration.programme import Programme

EXCLUSIONS = "exclusions.csv"
_COLUMNS = ("vague", "organisme_code", "question_code", "exclue_le", "motif")

Excluded = Mapping[tuple[str, str, str], str]


def excluded(lake: Lake) -> Excluded:
    """Returns the reason of each exclusion decided by a person, by wave, organisme and question."""
    rows = decided(lake.landing / EXCLUSIONS, _COLUMNS).select("vague", "organisme_code", "question_code", "motif")
    return {(wave, organisme, question): reason for wave, organisme, question, reason in rows.iter_rows()}


def exclude(programme: Programme, wave: str, organisme: str, question: str, reason: str) -> None:
    """Leaves a question out for an organisme and wave.

    Args:
        programme: whose deliveries they are.
        wave: code of the wave.
        organisme: code of the organisme.
        question: code of the question.
        reason: why, in a sentence.

    Raises:
        DeliveryError: one of the codes is unknown, the question is left out already, or no reason is given.
    """
    known = {
        "vague": (wave, set(programme.waves)),
        "organisme": (organisme, {str(r["organisme_code"]) for r in programme.rows("organismes")}),
        "question": (question, set(programme.questions)),
    }
    for name, (code, codes) in known.items():
        if code not in codes:
            raise DeliveryError("exclusion", f"{name} {code} : code inconnu ; les codes sont dans reference/.")
    subject = f"{question} de {organisme} en {wave}"
    lake = Lake(programme.root)
    if (wave, organisme, question) in excluded(lake):
        raise DeliveryError("exclusion", f"{subject} : déjà exclue.")
    row = {
        "vague": wave, "organisme_code": organisme, "question_code": question, "exclue_le": "", "motif": "",
    }  # fmt: skip
    decide(lake.landing / EXCLUSIONS, row, reason, subject)
