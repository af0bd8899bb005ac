"""The assignment of answers to questions: made, judged by the filters, made again with what they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from orchestration.extracts.draft.align import NEVER, Match, assign, numbered, numbers_known, weigh, weigh_values
from orchestration.extracts.draft.codes import axis_options, noted_labels, question_options, readings
from orchestration.extracts.draft.decide import Chosen, against, choose, marked_alike, multiple_readings, transfer
from orchestration.extracts.draft.groups import Answers, share, uncut
from orchestration.extracts.draft.lexicon import plain, speaks
from orchestration.extracts.draft.meaning import equal
from orchestration.extracts.draft.profile import Column
from orchestration.extracts.draft.roles import Role, axis_readings
from orchestration.extracts.draft.routing import Source, Support, judge_readings
from orchestration.extracts.draft.segments import axis_sources
from orchestration.extracts.draft.sniff import Sniffed
from orchestration.extracts.draft.times import dated, other_time, out_of
from orchestration.extracts.draft.titles import code_before
from orchestration.extracts.draft.wordings import Wordings
from orchestration.programme import Programme
from orchestration.programme.texts import percent

_PASSES = 3  # filters judge an assignment, which then changes
_HOLDS, _BREAKS = 0.95, 0.75
_DATED = -6.0  # a title that says another year


class Assignment:
    """The assignment of answers to questions, judged by the filters and made again."""

    def __init__(
        self, groups: Sequence[Answers], roles: Mapping[str, Role], columns: Sequence[Column], sniffed: Sniffed,
        programme: Programme, wave: str | None,
    ) -> None:  # fmt: skip
        self.groups, self.programme = list(groups), programme
        self.columns, self.frame = columns, sniffed.frame
        self.codes = [c for c, q in programme.delivered_questions.items() if wave is None or wave in q.waves]
        asked = [programme.questions[c] for c in self.codes]
        self.options = {scale: question_options(programme, scale) for scale in {q.scale for q in asked}}
        self.notes, self.tool = noted_labels(sniffed.notes), sniffed.tool
        self.axes = axis_sources(roles, columns, sniffed.frame, programme)
        self.wordings = Wordings(programme)
        self.texts = self.wordings.texts
        found = []
        for g in groups:
            by_scale = {scale: weigh_values(g, options) for scale, options in self.options.items()}
            found.append([weigh(g, q, by_scale[q.scale], self.texts[q.code]) for q in asked])
        self.weights = np.array([[e.weight for e in row] for row in found]).reshape(len(groups), len(self.codes))
        # what has the very words of a question is that question, or none
        self.said = [self.wordings.verbatim(g.titles) for g in groups]
        for weights, said in zip(self.weights, self.said, strict=True):
            weights[[bool(said) and code not in said for code in self.codes]] = NEVER
        self.wave = wave
        for weights, g in zip(self.weights, groups, strict=True):
            # the column of another year yields to one that says none
            weights[[bool(self._time(g)) and bool(self._time(g, code)) for code in self.codes]] += _DATED
        self.reasons = [[e.reasons for e in row] for row in found]
        numbers = numbers_known(programme, self.codes)
        self.numbered = [numbered(g, numbers) for g in groups]
        self.numbers_hold = False
        self.matches: list[Match | None] = []
        self.placed: dict[str, int] = {}
        self.sources: dict[str, Source] = {}
        self.support: dict[str, list[Support]] = {}
        self.fits: dict[str, tuple[float, pl.Series]] = {}

    def run(self) -> None:
        """Assigns, judges by the filters, and assigns again with what they say."""
        weights = self.weights
        for _ in range(_PASSES):
            self.matches = assign(self.groups, self.codes, weights, self.reasons) if len(self.groups) else []
            self._by_words()
            self.placed = {m.question: i for i, m in enumerate(self.matches) if m}
            looked_at = {n for c in self.programme.conditions.values() for n in c.names}
            told = {c: self._source(c) for c in self.placed if c in looked_at}
            # a filter is held against answers that are read whole, and not against a list that nothing cuts
            self.sources = dict(self.axes) | {
                c: source
                for c, source in told.items()
                if not (source.multiple and uncut(source.answers, source.options.labels.values()))
            }
            filled = {c: self.groups[i].filled for c, i in self.placed.items()}
            self.support, self.fits = judge_readings(self.sources, filled, self.programme)
            weights = self.weights + self._routing() + self._numbers()

    def _by_words(self) -> None:
        """Puts a column that is left to the question whose very words it has, wherever it stands in the file."""
        placed = {m.question for m in self.matches if m}
        for i, said in enumerate(self.said):
            code = next(iter(said)) if len(said) == 1 and self.said.count(said) == 1 else ""
            if self.matches[i] is None and code in self.codes and code not in placed:
                at = self.codes.index(code)
                if self.weights[i, at] > 0:
                    self.matches[i] = Match(code, 0.97, self.reasons[i][at], ())

    def _source(self, code: str) -> Source:
        answers, question = self.groups[self.placed[code]], self.programme.questions[code]
        options = self.options[question.scale]
        found = (
            multiple_readings(answers, options, self.notes, self.tool)
            if question.multiple
            else readings(
                answers.counts, answers.value_labels, options, self.notes, ordered=True, titles=answers.titles
            )
        )
        return Source(answers, options, found, question.multiple)

    def _routing(self) -> np.ndarray:
        """Returns what the filters add: who was asked a question must be who answered a column."""
        extra = np.zeros_like(self.weights)
        answered = np.array([g.filled.to_numpy() for g in self.groups], dtype=float)
        for code, (best, asked) in self.fits.items():
            if best < _HOLDS - 0.1:
                continue
            known = asked.is_not_null().to_numpy()
            inside = asked.fill_null(False).to_numpy().astype(bool)
            outside = known & ~inside
            if min(inside.sum(), outside.sum()) < 5:
                continue
            fit = np.minimum(answered[:, inside].mean(axis=1), 1 - answered[:, outside].mean(axis=1))
            extra[:, self.codes.index(code)] = np.where(fit >= _HOLDS, 5.0, np.where(fit < _BREAKS, -8.0, 0.0))
        return extra

    def _numbers(self) -> np.ndarray:
        """Returns what headers' numbers add, if they follow the questionnaire's where everything else is sure."""
        sure = [(i, m.question) for i, m in enumerate(self.matches) if m and m.probability > 0.9]
        agree = [q in self.numbered[i] for i, q in sure]
        self.numbers_hold = len(agree) > 5 and sum(agree) > 0.8 * len(agree)
        if not self.numbers_hold:
            return np.zeros_like(self.weights)
        return np.array([[2.5 * (c in n) for c in self.codes] for n in self.numbered])

    def readings(self) -> dict[str, Chosen]:
        """Returns how the values of each question read."""
        self._cut_alike()
        sources = {c: self.sources.get(c) or self._source(c) for c in self.placed}
        chosen = {c: x for c in self.placed if (x := choose(sources[c], self.support.get(c, [])))}
        chosen = marked_alike(chosen, sources)
        chosen = transfer(chosen, sources, {c: self.programme.questions[c].scale for c in self.placed})
        chosen = against(chosen, sources, self._favourable())
        filtered = next((c for c, s in self.programme.statuses.items() if s == "filtre"), None)
        for code, choice in chosen.items():
            blanks, read = sources[code].answers.silences, choice.reading
            told = filtered and len(blanks) == 1 and code in self.fits
            if told and self._stands_for_silence(code, next(iter(blanks))):
                unread = tuple(v for v in read.unread if v not in blanks)
                read = replace(read, codage={**read.codage, **dict.fromkeys(blanks, str(filtered))}, unread=unread)
            elif left := sorted(blanks - {*read.codage, *read.unread}):
                read = replace(read, unread=(*read.unread, *left))
            chosen[code] = replace(choice, reading=read)
        return chosen

    def _favourable(self) -> dict[str, frozenset[str]]:
        """Returns the favourable options of each question placed whose scale has some."""
        sides: dict[str, set[str]] = defaultdict(set)
        for r in self.programme.rows("modalites"):
            if r["est_satisfait"] == "oui":
                sides[r["echelle"] or ""].add(r["modalite_code"] or "")
        scales = {c: self.programme.questions[c].scale for c in self.placed}
        return {c: frozenset(sides[scale]) for c, scale in scales.items() if self.options[scale].sided}

    def _cut_alike(self) -> None:
        """Cuts like the other lists of the file those of several answers in which nobody gave two."""
        [separator, *others] = {g.separator for g in self.groups if g.kind == "liste"} or {""}
        for code, i in self.placed.items():
            answers = self.groups[i]
            if separator and not others and self.programme.questions[code].multiple and answers.kind == "unique":
                self.groups[i] = replace(answers, kind="liste", separator=separator)
                self.sources.pop(code, None)

    def find_axes(self, roles: dict[str, Role]) -> None:
        """Looks among the columns put to nothing for those that an axis's filters explain; adds their roles."""
        taken = {r.key for r in roles.values() if r.role == "axe"}
        wanted = {n for c in self.programme.conditions.values() for n in c.names} & set(self.programme.axes) - taken
        filled = {c: self.groups[i].filled for c, i in self.placed.items()}
        found: dict[str, Role] = {}
        for answers in (g for i, g in enumerate(self.groups) if i not in self.placed.values() and g.kind == "unique"):
            for axis in sorted(wanted):
                options = axis_options(self.programme, axis)
                read = axis_readings(answers.columns[0], options)
                source = Source(answers, options, read, False)
                support, _ = judge_readings({**self.sources, axis: source}, filled, self.programme)
                fit = max((s.fit for s in support.get(axis, [])), default=0.0)
                if fit >= 0.97 and answers.name not in found and axis not in {r.key for r in found.values()}:
                    reason = f"seul cet axe explique qui a répondu à ses questions ({percent(fit, 0)})"
                    found[answers.name] = Role("axe", axis, 92, reason)
        if not found:
            return
        roles |= found
        kept = [i for i, g in enumerate(self.groups) if g.name not in found]
        self.groups = [self.groups[i] for i in kept]
        self.weights, self.numbered = self.weights[kept], [self.numbered[i] for i in kept]
        self.said = [self.said[i] for i in kept]
        self.reasons = [self.reasons[i] for i in kept]
        self.axes = axis_sources(roles, self.columns, self.frame, self.programme)
        self.run()

    def _stands_for_silence(self, code: str, blank: str) -> bool:
        """Returns whether a code stands where the filter says that the question was not put, and only there."""
        fit, asked = self.fits[code]
        answers = self.groups[self.placed[code]]
        said = answers.frame.select(
            pl.any_horizontal(pl.col(c.name) == blank for c in answers.columns).fill_null(False)
        )
        rows = pl.DataFrame({"said": said.to_series(), "asked": asked}).drop_nulls()
        inside, outside = share(rows.filter("asked")["said"]), share(rows.filter(~pl.col("asked"))["said"])
        return fit >= _HOLDS and outside > 0.9 and inside < 0.02

    def matched(self) -> list[tuple[Match, Answers]]:
        """Returns each match with its answers, in the order of the file."""
        return [(m, g) for m, g in zip(self.matches, self.groups, strict=True) if m]

    def confidence(self, match: Match, answers: Answers) -> tuple[int, str, bool]:
        """Returns how sure a match is, why, and whether the number of its column is all that tells it."""
        fit = self.fits[match.question][0] if match.question in self.fits else None
        reasons = list(dict.fromkeys(match.reasons))
        numbered_here = self.numbered[self.placed[match.question]]
        held = [f for f, _ in self.fits.values()]
        complete = len(self.placed) == len(self.codes)
        holding = sum(f >= _HOLDS for f in held)
        thread = holding >= max(8, 0.9 * len(held)) and len(self.placed) > 0.9 * len(self.codes)
        number = self.numbers_hold and match.question in numbered_here and not self._renumbered()
        if number:
            reasons.append("numéro attendu")
        best = 72 + 4 * number + 4 * complete + 5 * thread
        coded = "code du questionnaire" in reasons
        proved = False  # by something else than its place, its number and who answered
        placed, otherwise = any(r.startswith("place") for r in reasons), ""  # what its title says more, or less
        if any(r.startswith("libellé") for r in reasons):
            exact = any(equal(title, text) for title in answers.titles for text in self.texts[match.question])
            # where columns are missing, the words that two questions share do not tell which one is there
            told = exact or (
                placed and (complete or any(self._tells(title, match.question) for title in answers.titles))
            )
            if not (exact or coded):
                otherwise = self.wordings.otherwise(answers.titles, match.question)
            told = told and not otherwise
            best = max(best, 97 if exact else 90) if told else min(best, 75)
            proved = proved or told or (not otherwise and self._only_filter(match.question, answers))
            if not told:
                reasons.append(otherwise or "mais d'autres questions ont les mêmes mots")
        if coded:
            best, proved = max(best, 97), True
        if fit is not None and fit >= _HOLDS:
            # who was asked does not take back what a title says besides, nor what it leaves out
            best = best if otherwise else max(best + 2, 92 if thread else 0)
            reasons.append(f"posée à qui son filtre désigne ({percent(fit, 0)})")
        elif fit is not None and fit < _BREAKS:
            best = min(best, 60)
            reasons.append(f"mais le filtre ne désigne pas qui a répondu ({percent(fit, 0)})")
        if other := self._coded_otherwise(match, answers):
            best = min(best, 60)
            reasons.append(f"mais son en-tête porte le code de {other}")
        if not coded and (other := self.wordings.closer(answers.titles, match.question)):
            best = min(best, 60)
            reasons.append(f"mais ses mots sont plutôt ceux de {other}")
        if time := self._time(answers, match.question):
            best = min(best, 60)
            reasons.append(f"mais {dated(time, self.wave)}")
        if most := self._out_of(answers, match.question):
            best = min(best, 60)
            reasons.append(f"mais le titre dit « sur {most} », et l'échelle de la question n'y va pas")
        if sum(match.question in said for said in self.said) > 1:
            best = min(best, 60)
            reasons.append("mais une autre colonne a les mêmes mots")
        by_number = number and not proved and not self._alone(match, answers, fit)
        if not (proved or number):
            # where a column is missing, its neighbour stands in its place, and may have been put to the same people
            best = min(best, 75)
        if match.probability < 0.9:
            reasons.append("mais d'autres colonnes, ou d'autres questions, y prétendent aussi")
        elif best < 80 and not any(r.startswith("mais") for r in reasons):
            reasons.append("mais rien que sa place et qui y a répondu ne le dit")
        return round(best * match.probability), ", ".join(reasons), by_number

    def _said_of(self, code: str) -> list[str]:
        options = self.options[self.programme.questions[code].scale]
        return [*self.texts[code], *options.labels.values()]

    def _time(self, answers: Answers, code: str = "") -> str:
        """Returns the other time than the wave's that a title of an answer says, and that a question does not."""
        titles = [title for c in answers.columns for title in (c.header, c.label)]
        return other_time(titles, self.programme, self.wave, self._said_of(code) if code else ())

    def _out_of(self, answers: Answers, code: str) -> str:
        """Returns out of how many the answers are by their title, where it is not the question's scale."""
        titles = [title for c in answers.columns for title in (c.header, c.label)]
        return out_of(titles, self._said_of(code))

    def _renumbered(self) -> bool:
        """Returns whether a column has the number of a question without one, and is put to another.

        The file then numbers what it asks itself, without a gap where a question is missing.
        """
        placed = [(m.question, self.numbered[i]) for i, m in enumerate(self.matches) if m]
        return any(own not in numbers and numbers - {*self.placed} for own, numbers in placed)

    def _only_filter(self, question: str, answers: Answers) -> bool:
        """Returns whether, of the questions whose words a column has, no other one is put to the same people."""
        said = [w for title in answers.titles if speaks(title) and (w := _words(title))]
        filters = self.programme.conditions
        return question in filters and not any(
            other != question
            and other in filters
            and filters[other].sql == filters[question].sql
            and any(w <= _words(t) for w in said for t in self.texts[other])
            for other in self.codes
        )

    def _alone(self, match: Match, answers: Answers, fit: float | None) -> bool:
        """Returns whether a filter that holds, or labels of options, are of no other question than the match's.

        What a title says in other words than the question's is for a person to hold against the number.
        """
        if any(len(word) > 2 for title in answers.titles for word in _words(title)):
            return False
        filters, scales = self.programme.conditions, {c: self.programme.questions[c].scale for c in self.codes}
        others = [code for code in self.codes if code != match.question]
        if fit is not None and fit >= _HOLDS:
            own = filters[match.question].sql
            if not any(code in filters and filters[code].sql == own for code in others):
                return True
        known = any("par leur libellé" in reason for reason in match.reasons)
        return known and scales[match.question] not in [scales[code] for code in others]

    def _coded_otherwise(self, match: Match, answers: Answers) -> str:
        """Returns the other question whose code an answer's header has; empty where there is none."""
        own = {plain(title) for title in (answers.header, *map(code_before, (answers.header, *answers.titles)))} - {""}
        known = {plain(code): code for code in self.programme.questions}
        found = {known[said] for said in own if said in known}
        return "" if not found or match.question in found else min(found)

    def _tells(self, label: str, question: str) -> bool:
        """Returns whether the words of a label are all in those of this question alone, or in those of none."""
        said = _words(label)
        having = [code for code, texts in self.texts.items() if any(said <= _words(t) for t in texts)]
        return having in ([], [question])


def _words(text: str) -> set[str]:
    return {w for w in plain(text).split() if not w.isdigit()}
