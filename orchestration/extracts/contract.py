"""The contract of an extract: the YAML that says how an institute's columns and codes become the questionnaire's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.extracts.again import answers, as_sent
from orchestration.extracts.contract_body import (
    AxisRule,
    ContractBody,
    CountsBody,
    Exceptions,
    InterviewsBody,
    SampleBody,
    ScoresBody,
    StratumRule,
)
from orchestration.extracts.contract_counts import CountedQuestion, CountsRules, LeftOut
from orchestration.extracts.contract_questions import ListQuestion, Question, columns_of
from orchestration.extracts.form import Format, Heading, Join, LongForm, Search
from orchestration.programme import Programme
from orchestration.programme.texts import normalise

# stands for an option, in counts: how many answered a question of several answers
RESPONDENTS = "*"


@dataclass(frozen=True)
class Contract:
    """A contract file, read and checked.

    Attributes:
        path: the YAML file.
        body: what it says.
        fingerprint: SHA-256 of its bytes.
    """

    path: Path
    body: ContractBody
    fingerprint: str

    @property
    def name(self) -> str:
        """Name of the contract."""
        return self.body.contrat

    @property
    def institute(self) -> str:
        """Institute whose files it reads."""
        return self.body.institut

    @property
    def wave(self) -> str:
        """Wave it applies to."""
        return self.body.vague

    def in_wave(self, wave: str) -> Contract:
        """Returns the contract of a dispositif as it stands for one of its waves, under a name of its own."""
        own = re.sub("[^a-z0-9_-]+", "-", wave.lower())
        return replace(self, body=self.body.model_copy(update={"vague": wave, "contrat": f"{self.name}-{own}"}))

    @property
    def confirmed(self) -> bool:
        """Whether it may load anything."""
        return self.body.statut == "confirme"

    @property
    def interview_rules(self) -> InterviewsBody:
        """What a contract of interviews says."""
        assert isinstance(self.body, InterviewsBody)
        return self.body

    @property
    def sample_rules(self) -> SampleBody:
        """What a contract of interviews or of counts says."""
        assert not isinstance(self.body, ScoresBody)
        return self.body

    @property
    def scores_rules(self) -> ScoresBody:
        """What a contract of scores says."""
        assert isinstance(self.body, ScoresBody)
        return self.body

    @property
    def counts_rules(self) -> CountsRules:
        """What a contract of counts says of its columns."""
        assert isinstance(self.body, CountsBody)
        return self.body.comptages

    @property
    def of_interviews(self) -> bool:
        """Whether a record is an interview."""
        return isinstance(self.body, InterviewsBody)

    @property
    def of_counts(self) -> bool:
        """Whether a record is a line of counts."""
        return isinstance(self.body, CountsBody)

    @property
    def of_scores(self) -> bool:
        """Whether a record is the published scores of an organisme."""
        return isinstance(self.body, ScoresBody)

    @property
    def has_weights(self) -> bool:
        """Whether weights are delivered with the interviews, or with the counts."""
        if isinstance(self.body, CountsBody):
            return any(question.poids for question in self.body.comptages.questions.values())
        return isinstance(self.body, InterviewsBody) and self.body.ponderation is not None

    @property
    def long_form(self) -> LongForm | None:
        """Where a long table says questions and answers; None where a row is a whole interview."""
        return self.body.forme_longue if isinstance(self.body, InterviewsBody) else None

    @property
    def joins(self) -> tuple[Join, ...]:
        """What completes the interviews, in other files or sheets of the delivery."""
        return self.body.jointures if isinstance(self.body, InterviewsBody) else ()

    @property
    def companion_patterns(self) -> tuple[str, ...]:
        """The names of the other files of a delivery, as patterns."""
        return tuple(rule.fichier for rule in self.joins if rule.fichier is not None)

    @property
    def left_out(self) -> LeftOut | None:
        """Where a sender of counts lists the organismes that it left out; None where it does not."""
        return self.body.comptages.non_inclus if isinstance(self.body, CountsBody) else None

    @property
    def interview_columns(self) -> tuple[str, ...]:
        """The columns that together tell interviews apart; none where a record is a line of counts, or has none."""
        said = self.body.entretien if isinstance(self.body, InterviewsBody) else None
        return (said,) if isinstance(said, str) else said or ()

    @property
    def date_column(self) -> str:
        """The column of the interview's date; empty where the contract has none."""
        rule = self.body.date_entretien if isinstance(self.body, InterviewsBody) else None
        return (rule.colonne if rule else None) or ""

    @property
    def not_delivered(self) -> tuple[str, ...]:
        """Which of `entretien` and `date_entretien` interviews of this contract do not have."""
        body = self.body
        if not isinstance(body, InterviewsBody):
            return ()
        return tuple(name for name in ("entretien", "date_entretien") if getattr(body, name) is None)

    @property
    def form(self) -> Format:
        """The `format` of the files."""
        return self.body.format

    def covers(self, filename: str) -> bool:
        """Returns whether a file of the wave's landing folder is one of this contract's, or one of these come again."""
        return answers(filename, self.body.fichiers)

    def organisme_names(self, programme: Programme) -> dict[str, str]:
        """Returns the code behind each name of an organisme, those of the contract included."""
        return programme.organisme_names | self.body.organisme.valeurs

    def organisme_said(self, filename: str) -> str | None:
        """Returns what the contract or the file name says of the organisme, known or not; None where neither does."""
        rule = self.body.organisme
        named = re.search(rule.nom_fichier, as_sent(filename)) if rule.nom_fichier else None
        return rule.valeur or (named[1] if named else None)

    def organisme_of(self, filename: str, programme: Programme) -> str | None:
        """Returns the organisme that the contract or the file name gives, whatever stands in the file."""
        said = self.organisme_said(filename)
        return self.organisme_names(programme).get(normalise(said)) if said else None

    def axes(self, organisme: str) -> dict[str, AxisRule]:
        """Returns where each axis is delivered, for an organisme."""
        return {**self.interview_rules.axes, **self._exceptions(organisme).axes}

    def questions(self, organisme: str) -> dict[str, Question]:
        """Returns where each question is delivered, for an organisme."""
        return {**self.interview_rules.questions, **self._exceptions(organisme).questions}

    def codes(self, rule: AxisRule | StratumRule | Question) -> Mapping[str, str]:
        """Returns the code of each delivered value, which a part of the contract says itself or by a table's name."""
        return self.sample_rules.codages[rule.codage] if isinstance(rule.codage, str) else rule.codage

    def counts(self, programme: Programme) -> dict[str, CountedQuestion]:
        """Returns the questions that a contract of counts maps: models applied, each told where its rest goes."""
        code_of = {status: code for code, status in programme.statuses.items()}
        counted = {}
        for code, rule in self.counts_rules.questions.items():
            filtered = code in programme.questions and bool(programme.questions[code].condition)
            filled = self._counted_columns(code, rule)
            percentage = rule.pourcentage and _filled(rule.pourcentage, code)
            rest = rule.reste or code_of["filtre" if filtered else "sans_reponse"]
            counted[code] = rule.model_copy(update={**filled, "pourcentage": percentage, "reste": rest})
        return counted

    def _counted_columns(self, code: str, rule: CountedQuestion) -> dict[str, dict[str, Heading]]:
        columns = {"comptes": {**self.counts_rules.modeles.get(rule.modele or "", {}), **rule.comptes}}
        columns |= {"poids": rule.poids, "poids_carre": rule.poids_carre}
        return {
            name: {option: _filled(heading, code) for option, heading in headings.items()}
            for name, headings in columns.items()
        }

    @property
    def named_counts(self) -> tuple[str, ...]:
        """The columns of counts that are named in full, and not looked for by a pattern."""
        found = [
            heading
            for code, rule in self.counts_rules.questions.items()
            for headings in self._counted_columns(code, rule).values()
            for heading in headings.values()
        ]
        return tuple(heading for heading in found if isinstance(heading, str))

    @property
    def is_assembled(self) -> bool:
        """Whether rows are put together from the lines of a long table, or from those of several files or sheets."""
        if self.of_counts:
            return self.counts_rules.forme_longue is not None
        return self.long_form is not None or bool(self.joins)

    def required_columns(self) -> list[str]:
        """Returns the columns without which the rows of a file are not worth reading; none of counts."""
        if self.long_form is not None:
            # the date may be an answer like another
            return [*self.interview_columns, self.long_form.question, self.long_form.reponse]
        if self.joins:
            # the date may stand in another file
            return list(self.interview_columns)
        return [*self.interview_columns, *filter(None, [self.date_column])]

    def known_columns(self, organisme: str) -> dict[str, str]:
        """Returns every column the contract expects, with what each is for.

        Args:
            organisme: the organisme whose exceptions apply.
        """
        body = self.interview_rules
        columns = dict.fromkeys(self.interview_columns, "entretien")
        if self.date_column:
            columns[self.date_column] = "date_entretien"
        for part in ("organisme", "ponderation", "unite_primaire", "strate"):
            column = getattr(getattr(body, part), "colonne", None)
            if column is not None:
                columns[column] = part
        columns |= {rule.colonne: axis for axis, rule in self.axes(organisme).items()}
        for code, question in self.questions(organisme).items():
            columns |= dict.fromkeys(columns_of(question), code)
        return columns

    def ignored_columns(self, organisme: str) -> set[str]:
        """Returns the columns that are known and deliberately left out."""
        return {*self.body.ignorees, *self._exceptions(organisme).ignorees}

    def missing_and_unknown(self, columns: Iterable[str], organisme: str) -> tuple[list[str], list[str]]:
        """Returns the contract's columns that a file lacks, and the file's columns that the contract does not know.

        Args:
            columns: columns of the file.
            organisme: the organisme whose exceptions apply.
        """
        present, known = list(columns), self.known_columns(organisme)
        ignored = self.ignored_columns(organisme)
        return [c for c in known if c not in present], [c for c in present if c not in known and c not in ignored]

    @property
    def all_ignored_columns(self) -> set[str]:
        """The columns left out for any organisme."""
        return self.ignored_columns("").union(*map(self.ignored_columns, self.exceptions))

    @property
    def all_known_columns(self) -> tuple[str, ...]:
        """The columns expected of any organisme, in the order of the contract."""
        return tuple(dict.fromkeys(column for o in ("", *self.exceptions) for column in self.known_columns(o)))

    @property
    def separators(self) -> dict[str, str]:
        """What stands between the answers of one cell, by column that may hold several."""
        asked = [question for o in ("", *self.exceptions) for question in self.questions(o).values()]
        return {q.colonne: q.separateur for q in asked if isinstance(q, ListQuestion)}

    @property
    def exceptions(self) -> Mapping[str, Exceptions]:
        """What each organisme that differs has of its own; a contract of counts has no such thing."""
        return self.body.particularites if isinstance(self.body, InterviewsBody) else {}

    def _exceptions(self, organisme: str) -> Exceptions:
        return self.exceptions.get(organisme, _NONE)


_NONE = Exceptions()


def _filled(heading: Heading, question: str) -> Heading:
    """Returns a column with `{question}` replaced by the code."""
    if isinstance(heading, str):
        return heading.replace("{question}", question)
    return Search(cherche=heading.cherche.replace("{question}", re.escape(question)))
