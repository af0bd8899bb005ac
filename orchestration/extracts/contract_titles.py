"""Whether the titles of a contract's columns are those of what it reads there: another question, axis or answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from orchestration.extracts.contract_body import AxisRule
from orchestration.extracts.contract_counts import CountedQuestion
from orchestration.extracts.contract_questions import Question, YesNoQuestion, columns_of
from orchestration.extracts.draft.codes import question_options
from orchestration.extracts.draft.lexicon import lexicon, plain, speaks, words
from orchestration.extracts.draft.meaning import compared
from orchestration.extracts.draft.titles import bare
from orchestration.programme import Programme
from orchestration.programme.faults import Fault

# signs that stand between a question and an answer in the title of a column
_PARTING = (":", "[", "(", "|", "/", "-", "–", "—", ".", "_", ",", ";")
# what senders write before the title of a question: « Q3. », « 12 - », « B2 : », « Q10 »
_NUMBER = re.compile(r"^\s*(?:[A-Za-z]{0,4}\d+[a-z]?\s*[.:)–—-]\s*|[A-Za-z]{0,4}\d+[a-z]?\s+(?=[^\W\d]))")
# a code such as any sender gives its own questions: « Q3 », « 12 »
_ANY_CODE = re.compile(r"[A-Za-z]?\d+[a-z]?")
_ASIDE = re.compile(r"[(\[][^()\[\]]*[)\]]")
_SAID = "corriger la colonne, ou dire pourquoi sous libelles_ecartes"


def column_words(key: str, code: str, rule: Question, programme: Programme) -> Iterator[Fault]:
    """Yields the columns of a question whose title is another question's, or an axis's.

    Args:
        key: place of the question in the contract.
        code: the question.
        rule: what the contract says of it.
        programme: what its questions and axes are called.
    """
    if isinstance(rule, YesNoQuestion) or rule.libelles_ecartes is not None:
        return
    for column in columns_of(rule):
        if other := title_of_another(column, code, programme):
            yield key, f"« {column} » est le titre de {other} ; {_SAID}."


def axis_column(key: str, axis: str, rule: AxisRule, programme: Programme) -> Iterator[Fault]:
    """Yields the column of an axis whose title is another axis's, or a question's."""
    if rule.libelles_ecartes is None and (other := title_of_another(rule.colonne, axis, programme)):
        yield key, f"« {rule.colonne} » est le titre de {other} ; {_SAID}."


def title_of_another(title: str, own: str, programme: Programme) -> str:
    """Returns the question or axis that a title names and that is not its own, in French; empty without one.

    Args:
        title: the title of a column.
        own: the code of the question or axis that the column is read as.
        programme: what its questions and axes are called.
    """
    said = readings(title)
    known = called(programme)
    for finds in (_is(said), _says(said), _ends(said)):
        named = [code for code, names in known.items() if any(map(finds, names))]
        if own in named:
            return ""
        if named:
            kind = "l'axe" if named[0] in programme.axes else "la question"
            return f"{kind} {named[0]}"
    meant = _short_for(said, [code for code in known if code in programme.axes]) if own in programme.axes else ""
    return f"l'axe {meant}" if meant and meant != own else ""


def named_in_full(title: str, programme: Programme) -> list[str]:
    """Returns the questions and axes whose label, wording or code a title is, but for a number before it."""
    finds = _is(readings(title))
    return [code for code, names in called(programme).items() if any(map(finds, names))]


def _short_for(said: Sequence[str], axes: Sequence[str]) -> str:
    """Returns the only axis whose code has the one word of a title, in full or as senders abridge it: « ASC »."""
    for one in said:
        word = words(_bare(one))
        named = [axis for axis in axes if len(word) == 1 and word[0] in words(axis)]
        if len(named) == 1:
            return named[0]
    return ""


def readings(title: str) -> list[str]:
    """Returns the ways to read a title: as it is, as rich text shows it, without the number before it."""
    shown = bare(title)
    return list(dict.fromkeys(said for one in (title, shown, bare_title(shown)) if plain(said := one.rstrip(" ?.:"))))


# Every title is held to every name: what is known of the title alone is found once, before the names are gone through.
def _is(said: Sequence[str]) -> Callable[[str], bool]:
    """Returns what tells whether a title is a name."""
    meant = {compared(one) for one in said if compared(one)[0]}
    return lambda name: compared(name) in meant


def _says(said: Sequence[str]) -> Callable[[str], bool]:
    """Returns what tells whether it is one, but for an aside and words that say nothing: « Ancienneté (tranche) »."""
    meant = set(filter(None, map(_bare, said)))
    return lambda name: _bare(name) in meant


def _ends(said: Sequence[str]) -> Callable[[str], bool]:
    """Returns what tells whether it ends with a name that is a sentence."""
    return lambda name: speaks(name) and any(titled(one, {"": name.rstrip(" ?.:")}) for one in said)


@cache
def _bare(text: str) -> str:
    mute = lexicon()["titres_muets"]
    return " ".join(word for word in plain(_ASIDE.sub(" ", text)).split() if word not in mute)


def called(programme: Programme) -> dict[str, list[str]]:
    """Returns what each question and each axis is called: its label, its wording, its code where that is no number."""
    asked = [(row["question_code"], [row["libelle"], row["formulation"]]) for row in programme.rows("questions")]
    # an axis that parts nothing is no column of an extract
    axes = [
        (row["axe"], [row["libelle"]]) for row in programme.rows("axes") if len(_segments(row["axe"], programme)) > 1
    ]
    own = {code or "": "" if _ANY_CODE.fullmatch(code or "") else code for code, _ in (*asked, *axes)}
    return {code or "": [name for name in (own[code or ""], *names) if name] for code, names in (*asked, *axes)}


def _segments(axis: str | None, programme: Programme) -> Sequence[object]:
    return programme.axes.get(axis or "", ())


def bare_title(title: str) -> str:
    """Returns the title of a column without the number of its question."""
    return _NUMBER.sub("", title) or title


def count_words(key: str, code: str, rule: CountedQuestion, programme: Programme) -> Iterator[Fault]:
    """Yields the columns of counts whose title is another question's, or ends with another answer's label.

    Args:
        key: place of the question in the contract.
        code: the question.
        rule: the columns of its counts, those of its model included.
        programme: the labels of questions and answers.
    """
    options = question_options(programme, programme.questions[code].scale)
    names = {**options.labels, **{status: said[0] for status, said in options.statuses.items()}}
    for place, headings in (("comptes", rule.comptes), ("poids", rule.poids), ("poids_carre", rule.poids_carre)):
        # a pattern is held to the workbook, where it may answer to one title only
        titles = {option: heading for option, heading in headings.items() if isinstance(heading, str)}
        yield from option_columns(f"{key}.{place}", titles, names)
        for title in titles.values():
            named = _begun(title, programme)
            if named and code not in named:
                said = f"« {title} » commence par le libellé de la question {named[0]}"
                yield f"{key}.{place}", f"{said} ; corriger la colonne."


def _begun(title: str, programme: Programme) -> list[str]:
    """Returns the questions whose label a title begins with, up to a sign that parts it from the rest: the longest."""
    said = " ".join(title.casefold().split())
    found: dict[str, str] = {}
    for code, question in programme.questions.items():
        label = " ".join(question.label.casefold().split())
        rest = said.removeprefix(label).lstrip()
        if len(label) > 3 and said.startswith(label) and (not rest or rest[0] in _PARTING):
            found[code] = label
    longest = max(map(len, found.values()), default=0)
    return [code for code, label in found.items() if len(label) == longest]


def option_columns(key: str, columns: Mapping[str, str], labels: Mapping[str, str]) -> Iterator[Fault]:
    """Yields the columns of an option whose title is another option's label."""
    for option, named in named_options(columns, labels).items():
        if option in labels and named and option not in named:
            yield key, f"« {columns[option]} » est le libellé de {named[0]}, et donne {option} ; corriger."


def named_options(columns: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, Sequence[str]]:
    """Returns the options that the title of each column of one question names.

    A title names an option by ending with its label or, if it does with none, by beginning with it: « Courriel - Canaux
    de contact ». What several of the columns begin with is the title of their question.

    Args:
        columns: the titles, by the option that each is read as.
        labels: the label of each option.
    """
    begun = {
        option: max((c for c in labels if _before(title, labels[c])), key=lambda c: len(labels[c]), default="")
        for option, title in columns.items()
    }
    times = Counter(begun.values())
    return {
        option: titled(title, labels) or ([begun[option]] if begun[option] and times[begun[option]] == 1 else [])
        for option, title in columns.items()
    }


def yes_values(rule: YesNoQuestion, option: str, labels: Mapping[str, str]) -> list[str]:
    """Returns the values that say in the column of an option that it is chosen.

    Some tools write the option itself in its column. What names another option, by its label or by its column's title,
    is no yes there.

    Args:
        rule: what the contract says of the question.
        option: the option.
        labels: the label of each option.
    """

    def names(value: str, other: str) -> bool:
        title = rule.colonnes[other]
        return plain(value) == plain(labels.get(other, "")) or bool(titled(title, {"": value})) or _before(title, value)

    others = [other for other in rule.colonnes if other != option]
    return [v for v in rule.oui if names(v, option) or not any(names(v, other) for other in others)]


def titled(column: str, labels: Mapping[str, str]) -> Sequence[str]:
    """Returns the options whose label a title is, or ends with: « Canaux : Courriel », « Canaux [Courriel] »."""
    title = plain(column)
    return [c for c, label in labels.items() if (said := plain(label)) and (title == said or _after(column, label))]


def _after(column: str, label: str) -> bool:
    title, said = column.rstrip(" ]):").casefold(), label.casefold()
    before = title.removesuffix(said)
    return before != title and len(said) > 2 and before.rstrip()[-1:] in _PARTING


def _before(column: str, label: str) -> bool:
    title, said = bare_title(column).casefold(), label.casefold()
    rest = title.removeprefix(said)
    return rest != title and len(said) > 2 and rest.lstrip()[:1] in _PARTING and rest.lstrip() != ""
