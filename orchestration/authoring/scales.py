"""The scales of an unknown extract, from the values of its columns: order and side are proposed, a person decides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestration.authoring.programme_files import codes_of
from orchestration.authoring.scoring import better_half
from orchestration.extracts.draft.codes import noted_labels, run_of
from orchestration.extracts.draft.groups import Answers as Columns
from orchestration.extracts.draft.lexicon import lexicon, plain
from orchestration.extracts.draft.meaning import in_order
from orchestration.programme.texts import normalise

# a column with more texts than this is no list of options
MOST = 12
# an end of a scale that a header names: « 1 = best, 6 = worst »
_ANCHOR = re.compile(r"(?<!\w)(\d{1,2})\s*[=:]\s*([^\W\d][^\d,;:=|()]*)")
WORDS, NUMBERS, YES_NO, OTHER = "mots", "nombres", "oui_non", "autre"


@dataclass(frozen=True)
class Values:
    """What stands in the columns of one question, or of what may be one.

    Attributes:
        kind: `mots`, `nombres` (that follow one another), `oui_non`, or `autre`, which is no list of options.
        labels: label by value, of the options.
        statuses: code of a status by value, of what is no opinion.
        odd: values that nothing says the meaning of, with their rows.
    """

    kind: str
    labels: Mapping[str, str]
    statuses: Mapping[str, str]
    odd: Mapping[str, int]

    @property
    def ordered(self) -> bool:
        """Whether they may be a scale: words that tell an order, or numbers that no word explains."""
        texts = list(self.labels.values())
        if self.kind == NUMBERS and any(text == value for value, text in self.labels.items()):
            return True
        return self.kind in (WORDS, NUMBERS) and len({*texts}) > 1 and in_order(texts) is not None


@dataclass
class ScaleDraft:
    """One scale, as it is proposed.

    Attributes:
        code: its code.
        labels: label by code, in order.
        best: `premiere`, `derniere` or `aucune`; empty where nothing tells.
        decided: whether nothing is left to a person: a list of options without an opinion.
        reason: why, in French.
        values: code by delivered value, where it is neither code nor label.
        kind: that of the values it was drafted from.
        multiple: whether several answers are allowed.
        used: the questions that have it.
    """

    code: str
    labels: dict[str, str]
    best: str
    decided: bool
    reason: str
    values: dict[str, str] = field(default_factory=dict)
    kind: str = OTHER
    multiple: bool = False
    used: list[str] = field(default_factory=list)

    def takes(self, other: ScaleDraft) -> bool:
        """Adds what another scale reads, where each of its values means the same in both; returns whether that is so.

        A value that means one thing in a question and its contrary in the next one keeps two scales apart.
        """
        if self.multiple or self.kind != other.kind:
            return False
        if self.kind == NUMBERS:
            start = next(iter(self.labels)) == next(iter(other.labels))
            return start and len(other.labels) > 2 and other.labels.items() <= self.labels.items()
        own, its = self._reads(), other._reads()
        labels = {*self.labels.values()}
        if self.kind == WORDS and not labels >= {*other.labels.values()}:
            return False
        # codes are compared by what they mean: two scales may code the same words otherwise
        code_of_label = {label: code for code, label in self.labels.items()} if self.kind == WORDS else {}
        read = {value: code_of_label.get(other.labels[code], code) for value, code in its.items()}
        if any(own.get(value, code) != code for value, code in read.items()):
            return False
        self.values |= {value: read[value] for value in other.values}
        return True

    def _reads(self) -> dict[str, str]:
        return {label: code for code, label in self.labels.items() if self.kind == WORDS} | self.values

    @property
    def point(self) -> str:
        """What a person has to decide of it; empty where there is nothing."""
        if self.decided:
            return ""
        first, last = next(iter(self.labels.values())), list(self.labels.values())[-1]
        where = f"echelles.{self.code} ({', '.join(self.used)})"
        asked = f"{where} : « {first} » à « {last} », de quel côté est la meilleure réponse ? {self.reason}"
        if self.best not in ("premiere", "derniere"):
            return f"{asked} ; écrire « meilleure » : premiere, derniere ou aucune"
        codes = tuple(self.labels)
        good = [self.labels[code] for code in codes if code in better_half(codes, self.best)]
        named = ", ".join(f"« {label} »" for label in good)
        return f"{asked} : {self.best}, donc satisfaits {named} ; confirmer ou corriger"


def values_of(columns: Columns, notes: Sequence[str]) -> Values:
    """Returns what stands in the columns of a question.

    Args:
        columns: the columns.
        notes: texts of the file outside its table, which may give codes their labels.
    """
    told = noted_labels(notes) | {n: text.strip() for c in columns.columns for n, text in _ANCHOR.findall(c.label)}
    counts = {value: rows for value, rows in columns.counts.items() if value}
    texts = {value: columns.value_labels.get(value, value) for value in counts}
    statuses = {value: code for value, text in texts.items() if (code := _status(text))}
    left = {value: text for value, text in texts.items() if value not in statuses}
    yes, no = lexicon()["oui"], lexicon()["non"]
    said = {value: text for value, text in left.items() if not re.fullmatch(r"-?\d+", text)}
    if said and len(said) == len(left) and all(normalise(text) in (*yes, *no) for text in said.values()):
        return Values(YES_NO, left, statuses, {})
    if left and all(re.fullmatch(r"-?\d+", value) for value in left):
        run = run_of({value: counts[value] for value in left})
        odd = {value: counts[value] for value in left if value not in run and value not in columns.value_labels}
        extra = [value for value in left if value not in run and value not in odd]
        if len(run) > 1 and len(run) + len(odd) <= MOST and not (extra and len(extra) > len(run)):
            labels = {value: columns.value_labels.get(value) or told.get(value, value) for value in [*run, *extra]}
            return Values(NUMBERS, labels, statuses, odd)
        return Values(OTHER, {}, statuses, {})
    if 1 < len(left) <= MOST:
        return Values(WORDS, left, statuses, {})
    return Values(OTHER, {}, statuses, {})


def _status(text: str) -> str | None:
    said = plain(text)
    return next((code for code, listed in lexicon()["sans_opinion"].items() if said in listed), None)


def numbers_scale(code: str, labels: Mapping[str, str]) -> ScaleDraft:
    """Drafts a scale of numbers: they are its codes, in their order; labels of some may tell its side."""
    numbers = sorted(labels, key=int)
    worded = [labels[n] for n in numbers if labels[n] != n]
    found = in_order(worded) if len(set(worded)) > 1 else None
    kept = {number: labels[number] for number in numbers}
    if found and found[1] and worded in (found[0], found[0][::-1]):
        best = "derniere" if worded == found[0] else "premiere"
        return ScaleDraft(code, kept, best, False, "d'après les libellés", kind=NUMBERS)
    told = "rien dans le fichier ne le dit"
    if found:
        told = (
            "les libellés ne suivent pas les nombres" if found[1] else "les mots ont un ordre, et ne disent pas de sens"
        )
    return ScaleDraft(code, kept, "", False, told, kind=NUMBERS)


def words_scale(code: str, labels: Mapping[str, str]) -> ScaleDraft:
    """Drafts a scale of words, in the order that they tell, the favourable end last; else a plain list."""
    found = in_order(list(labels.values()))
    order, known = found if found else (list(labels.values()), False)
    by_label = codes_of(order)
    options = {option: label for label, option in by_label.items()}
    # the text itself is read as its option; a code with a label stands for it
    values = {value: by_label[label] for value, label in labels.items() if value not in (label, by_label[label])}
    if found is None:
        told, best = "les mots n'ont pas d'ordre connu ; s'ils en ont un, les ranger", "aucune"
    elif known:
        told, best = "d'après les mots, rangés du moins au plus favorable", "derniere"
    else:
        told, best = "les mots ont un ordre, et ne disent pas de sens", ""
    return ScaleDraft(code, options, best, False, told, values, WORDS)


def yes_no_scale(code: str, labels: Mapping[str, str]) -> ScaleDraft:
    """Drafts yes or no: counted, and no opinion until somebody says which side is good."""
    yes = lexicon()["oui"]
    options, values = {"OUI": "", "NON": ""}, {}
    for value, text in sorted(labels.items()):
        option = "OUI" if normalise(text) in yes else "NON"
        options[option] = options[option] or text
        values[value] = option
    told = {"OUI": options["OUI"] or "Oui", "NON": options["NON"] or "Non"}
    return ScaleDraft(code, told, "aucune", True, "oui ou non : ce qui est arrivé, sans opinion", values, YES_NO)
