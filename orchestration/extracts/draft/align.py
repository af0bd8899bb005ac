"""Assigns answers to questions, all at once: in the order of the questionnaire, or freely when labels say otherwise."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from orchestration.extracts.draft.codes import Options, label_codage, run_of
from orchestration.extracts.draft.groups import Answers
from orchestration.extracts.draft.lexicon import likeness, plain, speaks
from orchestration.extracts.draft.titles import code_before
from orchestration.programme import Programme
from orchestration.programme.programme import Question
from orchestration.programme.texts import percent

# Weights are logarithms of odds: 4.6 is a hundred to one. They were set by hand on the demo's deliveries.
_SKIP_ANSWERS = -4.0  # a column that is no question of the programme
_SKIP_QUESTION = -4.0  # a question that has no column
NEVER = -40.0
_ALIKE = 0.72  # a label less like than this speaks against


@dataclass(frozen=True)
class Match:
    """An answer put to a question.

    Attributes:
        question: code.
        probability: weight of the assignments that put it there, among all.
        reasons: what spoke for it.
        rivals: other questions worth a thought, with their probabilities.
    """

    question: str
    probability: float
    reasons: tuple[str, ...]
    rivals: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Evidence:
    """What an answer says of a question: weight, and reasons in words."""

    weight: float
    reasons: tuple[str, ...]


def weigh(answers: Answers, question: Question, values: Evidence, texts: Sequence[str]) -> Evidence:
    """Weighs one answer against one question by everything but its neighbours and the filters.

    Args:
        answers: the columns.
        question: the question.
        values: what the cells say of its scale.
        texts: ways to say the question: label, wording.
    """
    weight, reasons = values.weight, [*values.reasons]
    if question.multiple != (answers.kind != "unique"):
        weight -= 6.0
    alike = max((likeness(title, text) for title in answers.titles if speaks(title) for text in texts), default=None)
    if alike is not None:
        weight += 30 * (alike - _ALIKE)
        if alike > 0.8:
            reasons.append(f"libellé semblable à {percent(alike, 0)}")
    named = {plain(title) for title in (answers.header, *answers.titles)}
    # a number before a text that is another question's is the file's own numbering
    named |= {plain(code_before(title)) for title in answers.titles if alike is None or alike > _ALIKE}
    if plain(question.code) in named:
        weight += 10
        reasons.append("code du questionnaire")
    if not question.condition:
        weight += 1.0 if answers.fill > 0.9 else -20 * (0.95 - answers.fill)
        if answers.fill > 0.9:
            reasons.append("posée à tous")
    elif answers.fill > 0.985:
        weight -= 2.0
    return Evidence(weight, tuple(reasons))


def numbers_known(programme: Programme, codes: Sequence[str]) -> dict[tuple[int, ...], frozenset[str]]:
    """Returns the questions that a header's number may mean: order, rank in the wave, theme and rank in the theme."""
    found: dict[tuple[int, ...], set[str]] = defaultdict(set)
    themes: dict[int, int] = defaultdict(int)
    rows = {r["question_code"] or "": r for r in programme.rows("questions")}
    order = {r["theme_code"]: int(r["ordre"] or 0) for r in programme.rows("themes")}
    for rank, code in enumerate(codes, start=1):
        theme = order.get(rows[code]["theme_code"], 0)
        themes[theme] += 1
        for number in ((rank,), (int(rows[code]["ordre"] or 0),), (theme, themes[theme])):
            found[number].add(code)
    return {n: frozenset(c) for n, c in found.items()}


def numbered(answers: Answers, numbers: Mapping[tuple[int, ...], frozenset[str]]) -> frozenset[str]:
    """Returns the questions that the number in a header may mean (rank, or theme and rank in the theme)."""
    parts = tuple(int(n) for n in re.findall(r"\d+", answers.header))
    return next((numbers[parts[:k]] for k in (2, 1) if len(parts) >= k and parts[:k] in numbers), frozenset())


def weigh_values(answers: Answers, options: Options) -> Evidence:
    """Weighs the cells of an answer against the options of a scale."""
    counts, k = answers.counts, len(options.codes)
    if answers.kind == "oui_non":
        told = sum(options.named(own) in options.labels for own in answers.own.values())
        if told and 2 * told >= len(answers.own):
            return Evidence(6.0 * told / max(k, len(answers.own)), (f"{told} options reconnues par leur libellé",))
        if len(answers.columns) == k:
            return Evidence(4.0, (f"{k} colonnes pour {k} options",))
        return Evidence(-3.0 * abs(len(answers.columns) - k), ())
    total = sum(counts.values())
    exact, likely = label_codage(counts, answers.value_labels, options)
    named = {**{value: code for value, (code, _) in likely.items()}, **exact}
    share = sum(n for v, n in counts.items() if v in named) / max(1, total)
    covered = len(set(named.values()) & set(options.codes)) / max(1, k)
    if share > 0.5:
        if covered > 0.5:
            return Evidence(6.0 * (covered + share - 1), ("modalités reconnues par leur libellé",))
        return Evidence(-4.0, ())
    if answers.value_labels or not any(re.fullmatch(r"\d+", v) for v in counts):
        return Evidence(-4.0, ())
    run = run_of(counts)
    inside = sum(counts[v] for v in run[:k]) / max(1, total - sum(counts[v] for v in answers.blank_codes))
    if len(run) == k and inside > 0.8:
        return Evidence(3.0, (f"{k} codes qui se suivent",))
    if len(run) > k or inside < 0.8:
        return Evidence(-6.0, ())
    # In a file of few rows, a rare option may never be chosen.
    return Evidence((-1.0 if total < 200 else -4.0) * (k - len(run)), ())


def assign(
    answers: Sequence[Answers], codes: Sequence[str], weights: np.ndarray, reasons: Sequence[Sequence[tuple[str, ...]]]
) -> list[Match | None]:
    """Assigns answers to questions; an answer that is better left out has no match.

    Args:
        answers: in the order of the file.
        codes: questions in the order of the questionnaire.
        weights: one row per answer, one column per question.
        reasons: what spoke for each pair.
    """
    ordered = _posterior(weights)
    rows, columns = linear_sum_assignment(np.where(weights > _SKIP_ANSWERS + _SKIP_QUESTION, -weights, 0.0))
    free = float(np.maximum(weights[rows, columns], _SKIP_ANSWERS + _SKIP_QUESTION).sum())
    best = ordered.argmax(axis=1)
    chained = float(sum(weights[i, j] for i, j in enumerate(best) if ordered[i, j] > 0.5))
    labelled = sum(any(map(speaks, a.titles)) for a in answers) > 0.6 * len(answers)
    # the labels clearly contradict the order of the questionnaire; a smaller gap may be chance
    shuffled = labelled and free > chained + 25
    posterior = _independent(weights) if shuffled else ordered
    found: list[Match | None] = []
    taken: dict[int, int] = {}
    pairs = (
        dict(zip(rows.tolist(), columns.tolist(), strict=True))
        if shuffled
        else dict(enumerate(posterior.argmax(axis=1).tolist()))
    )
    for i in range(len(answers)):
        j = pairs.get(i)
        if j is None or posterior[i, j] < 0.3 or (j in taken and posterior[taken[j], j] >= posterior[i, j]):
            found.append(None)
            continue
        if j in taken:
            found[taken[j]] = None
        taken[j] = i
        rivals = tuple(
            (codes[r], float(posterior[i, r]))
            for r in np.argsort(-posterior[i])[:3]
            if r != j and posterior[i, r] > 0.02
        )
        order = () if shuffled else ("place dans le questionnaire",)
        found.append(Match(codes[j], float(posterior[i, j]), (*reasons[i][j], *order), rivals))
    return found


def _posterior(weights: np.ndarray) -> np.ndarray:
    """Returns, for each pair, the weight of the monotone alignments that hold it, over that of all of them."""
    n, m = weights.shape
    weights = np.maximum(weights, NEVER)

    def forward(w: np.ndarray) -> np.ndarray:
        table = np.full((n + 1, m + 1), -np.inf)
        table[0, :] = _SKIP_QUESTION * np.arange(m + 1)
        for i in range(1, n + 1):
            table[i, 0] = table[i - 1, 0] + _SKIP_ANSWERS
            for j in range(1, m + 1):
                table[i, j] = np.logaddexp.reduce(
                    (
                        table[i - 1, j - 1] + w[i - 1, j - 1],
                        table[i - 1, j] + _SKIP_ANSWERS,
                        table[i, j - 1] + _SKIP_QUESTION,
                    )
                )
        return table

    ahead, behind = forward(weights), forward(weights[::-1, ::-1])[::-1, ::-1]
    return np.exp(np.minimum(0.0, ahead[:-1, :-1] + weights + behind[1:, 1:] - ahead[n, m]))  # type: ignore[no-any-return]


def _independent(weights: np.ndarray) -> np.ndarray:
    """Returns, for each pair, its share of the weight of its row and of its column."""
    left_out = _SKIP_ANSWERS + _SKIP_QUESTION
    rows = np.exp(weights - np.logaddexp(np.logaddexp.reduce(weights, axis=1, keepdims=True), left_out))
    columns = np.exp(weights - np.logaddexp(np.logaddexp.reduce(weights, axis=0, keepdims=True), left_out))
    return np.minimum(rows, columns)  # type: ignore[no-any-return]
