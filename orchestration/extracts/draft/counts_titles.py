"""What the title of a column of counts says: which question, which answer to it, and what its numbers measure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from orchestration.extracts.contract import RESPONDENTS
from orchestration.extracts.draft.codes import Options, question_options
from orchestration.extracts.draft.header import HEAD, Header
from orchestration.extracts.draft.lexicon import lexicon, plain
from orchestration.extracts.draft.meaning import compared
from orchestration.extracts.draft.titles import code_before, readings_of
from orchestration.extracts.form import Format
from orchestration.extracts.readers.tables import titles
from orchestration.programme import Programme
from orchestration.programme.texts import clean

COUNT, PERCENT, WEIGHT, SQUARE = "comptes", "pourcentage", "poids", "poids_carre"
TOTAL, SATISFIED = "total", "satisfaits"
# a share is looked for before a number: « pourcentage » tells more than « nombre »
_MEASURES = (SQUARE, WEIGHT, PERCENT, COUNT)
# rows that titles may stand under, and rows that they may take
_ABOVE, _ROWS = 15, 3


@dataclass(frozen=True)
class Said:
    """What a title says.

    Attributes:
        question: question.
        answer: an option, a status, `*` for those who answered; `total`, or `satisfaits`.
        measure: `comptes`, `poids`, `poids_carre`, `pourcentage`; empty where the title does not say.
    """

    question: str
    answer: str
    measure: str = ""


@dataclass
class Vocabulary:
    """The ways to name the questions that a wave asks, and their answers.

    A name is compared in full, but for case, accents, punctuation and a number before it. Nothing here is a likeness.

    Attributes:
        programme: the questionnaire.
        questions: code → how it is named.
        options: code → its answers.
    """

    programme: Programme
    questions: Mapping[str, Sequence[str]]
    options: Mapping[str, Options]
    _named: dict[str, set[str]] = field(default_factory=dict)
    _read: dict[str, set[Said]] = field(default_factory=dict)
    _answers: dict[str, dict[str, set[tuple[str, tuple[str, ...]]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepares the names under which questions and answers are looked up."""
        for code, names in self.questions.items():
            for name in names:
                self._named.setdefault(plain(name), set()).add(code)
            scale = self.programme.questions[code].scale
            if scale not in self._answers:
                found: dict[str, set[tuple[str, tuple[str, ...]]]] = {}
                for answer, said in {**self.options[code].statuses, **self.options[code].own}.items():
                    for name in filter(None, said):
                        found.setdefault(compared(name)[0], set()).add((answer, compared(name)[1:]))
                self._answers[scale] = {plain(name) or name: answers for name, answers in found.items()}

    def multiple(self, code: str) -> bool:
        """Returns whether a question has several answers."""
        return self.programme.questions[code].multiple

    def question(self, text: str) -> set[str]:
        """Returns the questions that a text names in full."""
        named: set[str] = set()
        for reading in readings_of(clean(text)):
            named |= self._named.get(plain(reading), set())
            # the number before a text may be another question's code: which one is meant is then unknown
            named |= self._named.get(plain(code_before(text)), set()) if named else set()
        return named

    def answer(self, code: str, text: str) -> str:
        """Returns the answer to a question that a text names in full; empty where it names none, or several."""
        return self._answer(code, plain(text).split(), compared(clean(text))[1:])

    def said(self, title: str) -> set[Said]:
        """Returns every way to read a title as a question and an answer."""
        if title not in self._read:
            self._read[title] = self._ways(title)
        return self._read[title]

    def _ways(self, title: str) -> set[Said]:
        found: set[Said] = set()
        text = clean(title).replace("|", " ")
        for reading in readings_of(text):
            marked, words = "%" in reading, plain(reading.replace("%", " ")).split()
            symbols = compared(reading.replace("%", " "))[1:]
            for measure, rest in _measured(words, marked):
                found |= {Said(q, a, measure) for q, a in self._pairs(rest, symbols)}
        questions = {said.question for said in found}
        other = self._named.get(plain(code_before(text)), set()) - questions if questions else set()
        return found | {Said(code, "") for code in other}

    def _pairs(self, words: Sequence[str], symbols: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        for i in range(1, len(words)):
            for name, rest in ((words[:i], words[i:]), (words[i:], words[:i])):
                for code in self._named.get(" ".join(name), ()):
                    if answer := self._answer(code, rest, symbols) or self._summary(rest):
                        yield code, answer

    def _answer(self, code: str, words: Sequence[str], symbols: tuple[str, ...]) -> str:
        listed = self._answers[self.programme.questions[code].scale]
        found = listed.get(" ".join(words), set())
        if not found and len(words) > 1 and words[0].isdigit():
            found = listed.get(" ".join(words[1:]), set())
            symbols = tuple(s for s in symbols if s != "-")
        fitting = {answer for answer, own in found if own == symbols}
        return fitting.pop() if len(fitting) == 1 else ""

    def _summary(self, words: Sequence[str]) -> str:
        text = " ".join(words)
        if says_counts(text, "repondants"):
            return RESPONDENTS
        if says_counts(text, SATISFIED):
            return SATISFIED
        return TOTAL if says_counts(text, TOTAL) else ""


def says_counts(text: str, part: str) -> bool:
    """Returns whether a text is one of the words that lexique.yaml lists for a part of a table of counts."""
    return tuple(plain(text).split()) in _phrases(part)


@cache
def _phrases(part: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(plain(phrase).split()) for phrase in lexicon()["comptages"][part])


def _measured(words: Sequence[str], marked: bool) -> Iterator[tuple[str, list[str]]]:
    """Yields what a title measures, and its other words: a sign or a word before or after says so, or nothing does."""
    yield PERCENT if marked else "", list(words)
    for measure in _MEASURES:
        for length in {len(phrase) for phrase in _phrases(measure)}:
            for rest, there in ((words[length:], words[:length]), (words[:-length], words[-length:])):
                if rest and tuple(there) in _phrases(measure):
                    yield PERCENT if marked else measure, list(rest)


def vocabulary(programme: Programme, wave: str | None) -> Vocabulary:
    """Returns the names of the questions that a wave asks; of all questions where the wave is unknown."""
    asked = {r["question_code"] for r in programme.rows("questions_vagues") if wave in (None, r["vague"])}
    names: dict[str, list[str]] = {}
    for row in programme.rows("questions"):
        code = row["question_code"] or ""
        if code in programme.questions and code in asked:
            said = [text for text in (row["libelle"], row["formulation"]) if text]
            names[code] = [code, *said, *(f"{code} {text}" for text in said)]
    options = {code: question_options(programme, programme.questions[code].scale) for code in names}
    return Vocabulary(programme, names, options)


def whole_questions(found: Iterable[Said], known: Vocabulary) -> set[str]:
    """Returns the questions of one answer whose options are said, each by a column of its own."""
    options: dict[str, set[str]] = {}
    for said in found:
        options.setdefault(said.question, set()).add(said.answer)
    return {
        code for code, answers in options.items() if not known.multiple(code) and _most(known.options[code], answers)
    }


def _most(options: Options, said: set[str]) -> bool:
    """Returns whether titles say enough options: all of a scale of numbers, or half of those that words tell apart."""
    own = {*options.codes}
    worded = not any(label.isdigit() for label in options.labels.values())
    return len(own & said) > 1 and (own <= said or (worded and 2 * len(own & said) >= len(own)))


def counts_header(rows: Sequence[Sequence[str]], known: Vocabulary) -> Header | None:
    """Returns the titles of a table with a column per question and answer; None where the rows are no such table.

    No table of interviews has a column for each option of a question of one answer, unless it is a table of 0 and 1.
    """
    best: tuple[int, int, int, int] | None = None
    for above in range(min(_ABOVE, len(rows) - 1, HEAD)):
        for taken in range(1, min(_ROWS, len(rows) - above - 1) + 1):
            last = rows[above + taken - 1]
            if sum(any(c.isalpha() for c in cell) for cell in last) < 3:
                continue
            named = titles(rows[above : above + taken], Format(type="csv"))
            read = [s for s in map(known.said, filter(None, named)) if s]
            if not whole_questions((one for said in read for one in said), known):
                continue
            if not _over_numbers(
                rows[above + taken :], [i for i, name in enumerate(named) if name and known.said(name)]
            ):
                continue
            candidate = (len(read), -taken, -above, above)
            best = max(best, candidate) if best else candidate
    if best is None:
        return None
    return Header(best[3], None, -best[1], 0, ("", ""), {}, {})


def _over_numbers(rows: Sequence[Sequence[str]], places: Sequence[int]) -> bool:
    """Returns whether titles stand over numbers: the first answers of interviews, under their titles, are none."""
    cells = [row[i] for row in rows for i in places if i < len(row) and row[i].strip()]
    return 2 * sum(any(c.isdigit() for c in cell) for cell in cells) >= len(cells)
