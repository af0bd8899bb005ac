"""Extracts of the shipped questionnaire as eight families of survey tools export them, each with its truth.

Nothing here knows how a contract is drafted: the tools' forms come from the tools, the truth from what was written.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.support.survey_tools import (
    field,
    forms,
    institutes,
    limesurvey,
    qualtrics,
    sphinx,
    surveymonkey,
)
from tests.support.survey_tools.truth import Column, Layout, ToolExtract

__all__ = ["VARIANTS", "Column", "Layout", "ToolExtract", "extracts"]

VARIANTS: dict[str, Callable[[Path, Random], ToolExtract]] = {
    "limesurvey-full-answers": limesurvey.full_answers,
    "limesurvey-answer-codes": limesurvey.answer_codes,
    "limesurvey-code-and-text": limesurvey.code_and_text,
    "sphinx-variable-names": sphinx.variable_names,
    "sphinx-question-labels": sphinx.question_labels,
    "surveymonkey-workbook": surveymonkey.condensed_workbook,
    "surveymonkey-matrices": surveymonkey.matrices,
    "qualtrics-choice-text": qualtrics.choice_text,
    "qualtrics-numeric-values": qualtrics.numeric_values,
    "google-forms-csv": forms.google_csv,
    "google-forms-grids": forms.google_grids,
    "microsoft-forms": forms.microsoft,
    "kobo-values": field.kobo_values,
    "kobo-labels": field.kobo_labels,
    "redcap-raw": field.redcap_raw,
    "redcap-labels": field.redcap_labels,
    "spss": institutes.spss,
    "laid-out-workbook": institutes.laid_out_workbook,
}


def extracts(folder: Path, seed: int) -> list[ToolExtract]:
    """Writes one extract per variant, each into a folder of its own named for it, and returns them.

    Args:
        folder: where; made if missing.
        seed: the same gives the same files, whatever variants come before.

    Returns:
        The extracts, in the order of `VARIANTS`.
    """
    written = []
    for name, make in VARIANTS.items():
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        written.append(make(target, Random(f"{seed}/{name}")))
    return written
