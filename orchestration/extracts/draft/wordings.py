"""How the questionnaire words its questions, and what of that a title says: the very words, or others besides."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from orchestration.extracts.draft.left_over import left_over, neutral_words, says_less, says_more
from orchestration.extracts.draft.lexicon import lexicon, likeness, plain, speaks
from orchestration.extracts.draft.meaning import compared, one_word, stems
from orchestration.programme import Programme

_COMMON = 0.2  # a word of one question in five, or more, tells none from another
_ALIKE, _CLOSER = 0.8, 0.02
_PARTED = re.compile(r"\s[-–/|:]\s")
# what a text enumerates: in brackets, or after a colon
_THINGS = re.compile(r"\(([^()]*)\)|\s:\s(.+)$")
_LISTED = re.compile(r",|;|/|\b(?:et|ou|and|or)\b")


class Wordings:
    """The labels and wordings of all questions of a programme."""

    def __init__(self, programme: Programme) -> None:
        self.texts: Mapping[str, Sequence[str]] = {
            r["question_code"] or "": [t for t in (r["libelle"], r["formulation"]) if t]
            for r in programme.rows("questions")
        }

    def verbatim(self, titles: Sequence[str]) -> frozenset[str]:
        """Returns the questions of which one of the ways to read a title is the label or the wording."""
        return frozenset(code for title in titles for code in self._codes.get(compared(title), ()))

    def otherwise(self, titles: Sequence[str], code: str) -> str:
        """Returns, in French, that a title says more than a question, or less; empty where it does neither."""
        if more := self.besides(titles, code):
            return says_more(more)
        less = self.unsaid(titles, code)
        return says_less(less) if less else ""

    def besides(self, titles: Sequence[str], code: str) -> tuple[str, ...]:
        """Returns the words of a title that are not this question's; the last may be cut.

        Those that many questions have count only where they stand in the place of others: the « after » of « quality
        after works » for « quality before works ».
        """
        said = [title for title in titles if speaks(title)]
        lacking = said and left_over(self.texts[code], said, self._opinions)
        return self._left(titles, code, self._opinions if lacking else self._common)

    def _left(self, titles: Sequence[str], code: str, neutral: Collection[str]) -> tuple[str, ...]:
        own = self.texts[code]
        ends = {w for text in own for w in plain(text).split()}
        left = left_over([title for title in titles if speaks(title)], own, neutral)
        # a title is cut before what stands after it: « Motifs sur le cad - rép. 1 »
        last = [plain(part).split()[-1:] for title in titles for part in _PARTED.split(title)]
        return tuple(w for w in left if [plain(w)] not in last or not any(e.startswith(plain(w)) for e in ends))

    def unsaid(self, titles: Sequence[str], code: str) -> tuple[str, ...]:
        """Returns the words of a question without which a title asks of less, or of something else around it.

        Of several things that a question enumerates (« safety (halls, cellars, car parks) »), the safety of car parks
        is another question; so is « the common parts » where their cleanliness is asked about. An abbreviation leaves
        out words of its question all the same.
        """
        said = [title for title in titles if speaks(title) and " " in title.strip()]
        texts = [self._content(text) for text in self.texts[code]]
        given, about = stems(said), stems(word for subject, _ in texts for word in subject)
        # a title may be cut within its last word: « services et informat »
        ends = tuple(end for title in said for end in plain(title).split()[-1:])
        for _, things in texts:
            # what another text of the question is about is no example of it
            examples = [thing for thing in things if not stems([thing]) & about]
            named = [thing for thing in examples if stems([thing]) & given or thing.startswith(ends)]
            if named and len(examples) > len(named):
                return tuple(thing for thing in examples if thing not in named)
        first = [subject[0] for subject, _ in texts if subject]
        known = frozenset(w for title in said for w in plain(title).split())
        if not first or not said or stems(first) & given or any(word.startswith(ends) for word in first):
            return ()
        if any(one_word(word, other) for word in first for other in known):
            return ()
        return (first[0],)

    def _content(self, text: str) -> tuple[list[str], list[str]]:
        """Returns the words that say what a text is about, and those of the things that it enumerates."""
        things = [one for part in _THINGS.findall(text) for one in _LISTED.split(next(filter(None, part), ""))]
        mute = stems([*self._opinions, *lexicon()["generiques"]]) | neutral_words()

        def told(part: str) -> list[str]:
            return [word for word in plain(part).split() if len(word) > 1 and not stems([word]) & mute]

        named = [" ".join(words) for thing in things if (words := told(thing))]
        return told(_THINGS.sub(" ", text)), named if len(named) > 1 else []

    def closer(self, titles: Sequence[str], code: str) -> str:
        """Returns the question that a title is more like than another one, by its words; empty where there is none."""
        said = [title for title in titles if speaks(title)]
        alike = {
            other: max((likeness(title, text) for title in said for text in texts), default=0.0)
            for other, texts in self.texts.items()
        }
        best = max(alike, key=lambda other: (alike[other], other))
        return best if alike[best] > max(_ALIKE, alike[code] + _CLOSER) else ""

    @cached_property
    def _codes(self) -> Mapping[tuple[str, ...], set[str]]:
        found: dict[tuple[str, ...], set[str]] = {}
        for code, texts in self.texts.items():
            for text in texts:
                found.setdefault(compared(text), set()).add(code)
        return found

    @cached_property
    def _common(self) -> frozenset[str]:
        having = Counter(w for texts in self.texts.values() for w in {w for text in texts for w in plain(text).split()})
        common = {w for w, n in having.items() if n >= _COMMON * len(self.texts)}
        return frozenset({*common, *self._opinions})

    @cached_property
    def _opinions(self) -> frozenset[str]:
        return frozenset({*lexicon()["opinions"], *lexicon()["faveur"]["favorable"]})
