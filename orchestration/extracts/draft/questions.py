"""The lines of a draft that say which columns answer a question, and what their values mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain, count
from typing import Any

from orchestration.extracts.draft.codes import TEXT, USUAL, question_options
from orchestration.extracts.draft.decide import Chosen
from orchestration.extracts.draft.groups import Answers, uncut
from orchestration.extracts.draft.line import DECIDED, Line, most_first
from orchestration.extracts.draft.meaning import equal, no_answer
from orchestration.extracts.draft.propose import Asked
from orchestration.extracts.draft.titles import bare
from orchestration.programme import Programme
from orchestration.programme.texts import normalise, percent

_UNTOLD = "ni libellé, ni ordre, ni filtre ne le disent ; demander la table des codes, ou un export des libellés"


def question_line(asked: Asked, programme: Programme, shared: dict[str, Line]) -> Line:
    """Returns the line of a question; adds what it brings to the code maps that several questions share."""
    answers, choice = asked.answers, asked.chosen
    scale = programme.questions[asked.code].scale
    columns = tuple(c.name for c in answers.columns)
    confidence, reason = asked.confidence, asked.reason
    if asked.rivals and confidence < 95:
        reason += " ; sinon " + ", ".join(f"{c} ({percent(p, 0)})" for c, p in asked.rivals)
    value: dict[str, Any]
    if answers.kind == "oui_non":
        value, unread = _option_columns(answers, choice, programme, scale)
        if choice is None or choice.confidence < DECIDED:
            confidence = min(confidence, choice.confidence if choice else 40)
        reason += f" ; options : {choice.reason}" if choice else " ; options à dire"
        left = choice.reading.unread if choice else ()
        settled = tuple(name for name in columns if name not in left)
        statuses = question_options(programme, scale).statuses
        usual = {v: (str(said), USUAL) for v, _ in unread if (said := no_answer(v)) in statuses}
        return Line(
            "questions", asked.code, value, settled, confidence, reason, unread, usual, by_number=asked.by_number
        )
    listed = answers.kind != "mentions" and programme.questions[asked.code].multiple
    if listed and (doubt := uncut(answers, question_options(programme, scale).labels.values())):
        labels = {label: code for code, label in question_options(programme, scale).labels.items()}
        value = {"multiple": "liste", "colonne": columns[0], "separateur": "…", "codage": labels}
        return Line("questions", asked.code, value, columns, min(confidence, 60), f"{reason} ; {doubt}")
    name = _shared_codage(scale, answers, choice, programme, shared)
    if answers.kind == "mentions":
        value = {"multiple": "mentions", "colonnes": list(columns), "codage": name}
    elif listed:
        value = {"multiple": "liste", "colonne": columns[0], "separateur": answers.separator, "codage": name}
    else:
        value = {"colonne": columns[0], "codage": name}
    return Line("questions", asked.code, value, columns, confidence, reason, by_number=asked.by_number)


def _option_columns(
    answers: Answers, choice: Chosen | None, programme: Programme, scale: str
) -> tuple[dict[str, Any], tuple[tuple[str, int], ...]]:
    """Returns the map of a column per option, with the codes of statuses in its cells; and the values left unread."""
    codage = choice.reading.codage if choice else {}
    order = zip(answers.columns, programme.options[scale], strict=False)
    columns = {codage.get(c.name, option): c.name for c, option in order}
    if choice:
        columns = {code: name for name, code in codage.items() if name in {c.name for c in answers.columns}}
    marks = choice.reading.marks if choice else next(iter(answers.marks), None)
    yes, no = ({normalise(v) for v in said} for said in ((marks.chosen, marks.left) if marks else ((), ())))
    # what says nothing in such a column is that the option was not chosen, whether the question was put or not
    nothing = {v for c in answers.columns for v in c.blanks} - answers.silences
    seen = {v for v in answers.counts if normalise(v) in yes}, {v for v in answers.counts if normalise(v) in no}
    codes = {v: codage[v] for v in sorted(answers.silences) if v in codage}
    cells = Counter(answers.counts)
    for column in answers.columns:
        cells.update({v: n for v, n in column.blanks.items() if v not in nothing})
    rest = [v for v in cells if normalise(v) not in yes | no and v not in codes]
    unread = most_first((v, cells[v] // len(answers.columns)) for v in rest)
    value = {"multiple": "oui_non", "colonnes": columns, "oui": sorted(seen[0]), "non": sorted({*seen[1], *nothing})}
    return value | ({"codage": codes} if codes else {}), unread


def _shared_codage(
    scale: str, answers: Answers, choice: Chosen | None, programme: Programme, shared: dict[str, Line]
) -> str:
    """Returns the name of the code map, adding what this column brings; a column that contradicts gets its own."""
    sure = choice is not None and choice.confidence >= DECIDED
    codage = dict(choice.reading.codage) if choice and sure else {}
    likely = choice.reading.likely if choice else {}
    if choice and sure and choice.reading.origin == TEXT and not answers.labelled:
        # this file may be without an answer that the next one has: the programme's own labels need no evidence
        labels = question_options(programme, scale).labels
        codage |= {label: code for code, label in labels.items() if code not in codage.values()}
    unread = choice.reading.unread if choice and sure else tuple(answers.cells)
    told = {v: label for v, label in answers.value_labels.items() if v not in codage and label.strip() != bare(v)}
    base = re.sub(r"[^a-z0-9]+", "_", scale.lower())
    names = chain([base], (f"{base}_{i}" for i in count(2)))
    name = next(n for n in names if n not in shared or _agrees(shared[n], codage, told, sure))
    confidence, reason = (choice.confidence, choice.reason) if choice else (0, _UNTOLD)
    if name not in shared:
        guess = "" if sure or not choice else ", ".join(f"{v} = {c}" for v, c in choice.reading.codage.items())
        said = f"à dire, peut-être {guess} ({reason})" if guess else reason
        left = most_first(_left(answers, unread, codage))
        shared[name] = Line("codages", name, codage, (), confidence, said, left, likely, told)
        return name
    held = shared[name]
    merged = {**held.value, **codage}
    rows = Counter(dict(held.unread)) + Counter(dict(_left(answers, unread, merged)))
    left = most_first((v, n) for v, n in rows.items() if v not in merged)
    said = reason if sure and confidence < held.confidence else held.reason
    likely = {**held.likely, **likely}
    told = {**held.told, **told}
    shared[name] = Line("codages", name, merged, (), min(held.confidence, confidence), said, left, likely, told)
    return name


def _agrees(held: Line, codage: Mapping[str, str], told: Mapping[str, str], sure: bool) -> bool:
    """Returns whether a column may share a code map: the label that it gives to a value is not overruled by a code."""
    if bool(held.value) != sure or not all(held.value.get(v, c) == c for v, c in codage.items()):
        return False
    if not held.told.keys().isdisjoint(codage) or not told.keys().isdisjoint(held.value):
        return False
    return all(equal(held.told.get(v, label), label) for v, label in told.items())


def _left(answers: Answers, unread: tuple[str, ...], codage: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    return tuple((v, answers.cells[v]) for v in unread if v in answers.cells and v not in codage)


def options_left(asked: Asked) -> Iterator[Line]:
    """Yields the columns of a question's options of which nothing says which option they are."""
    reading = asked.chosen.reading if asked.chosen else None
    if asked.answers.kind != "oui_non" or reading is None:
        return
    for column in (c for c in asked.answers.columns if c.name in reading.unread):
        code, why = reading.likely.get(column.name, ("", ""))
        guess = f" : peut-être {code}, {why}" if code else ""
        reason = f"option de {asked.code} sans libellé du questionnaire{guess} ; l'ajouter à ses colonnes"
        yield Line("ignorees", "", column.name, (column.name,), 40, reason)
