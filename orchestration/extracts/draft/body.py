"""A proposal as the lines of a contract: for each, its key, its value, its columns, how sure it is and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

import polars as pl

from orchestration.extracts.draft.codes import BANDS, TEXT, Likely, axis_options, question_options
from orchestration.extracts.draft.decide import Chosen
from orchestration.extracts.draft.groups import Answers
from orchestration.extracts.draft.lexicon import lexicon
from orchestration.extracts.draft.origin import file_pattern, organisme_codes, sheets_named
from orchestration.extracts.draft.profile import Column
from orchestration.extracts.draft.propose import Asked, Proposal
from orchestration.extracts.draft.roles import Role
from orchestration.extracts.draft.routing import Source, coded, yes_values
from orchestration.extracts.draft.segments import strata_axes
from orchestration.programme import Programme
from orchestration.programme.texts import normalise, percent

SINGLE = ("organisme", "entretien", "date_entretien", "ponderation", "strate")
DECIDED = 80  # what is surer than this is written as a line of the contract; the rest is left to a person


@dataclass(frozen=True)
class Line:
    """One line of the draft.

    Attributes:
        section: key of the contract it stands under (`questions`, `axes`, `codages`, …).
        key: key under that section; empty for a section of one line.
        value: what the contract says.
        columns: source columns it settles.
        confidence: 0 to 100.
        reason: in French.
        unread: values that stand in the columns and that nothing says the meaning of, with their rows.
        likely: for some of these, the code that they may stand for, and why.
    """

    section: str
    key: str
    value: Any
    columns: tuple[str, ...]
    confidence: int
    reason: str
    unread: tuple[tuple[str, int], ...] = ()
    likely: Likely = field(default_factory=dict)

    @property
    def decided(self) -> bool:
        """Whether it is sure enough to be written as a line of the contract."""
        return self.confidence >= DECIDED

    @property
    def firm(self) -> bool:
        """Whether something else than its place speaks for it: a label, a code, a filter."""
        return any(word in self.reason for word in ("libellé", "code du", "filtre"))


def draft_lines(proposal: Proposal) -> list[Line]:
    """Returns every line of the draft, in the order of a contract."""
    programme = proposal.programme
    lines = [
        Line("institut", "", proposal.institute[0], (), *proposal.institute[1:]),
        Line("vague", "", proposal.wave[0], (), *proposal.wave[1:]),
    ]
    pattern, expression, named = file_pattern(proposal.path, programme)
    lines.append(Line("fichiers", "", [pattern], (), 85 if expression else 82, "d'après le nom du fichier"))
    for key, (value, why) in proposal.sniffed.form.items():
        ascii_only = key == "encodage" and value == "utf-8" and proposal.sniffed.bare
        reason = "fichier sans accent : rien ne dit l'encodage" if ascii_only else why
        lines.append(Line("format", key, value, (), 60 if ascii_only else 92, reason))
    lines += _roles(proposal, expression, named)
    shared: dict[str, Line] = {}
    lines += _axes(proposal)
    lines += [_question(asked, programme, shared) for asked in proposal.questions.values()]
    lines += shared.values()
    lines += _ignored(proposal)
    return lines


def _roles(proposal: Proposal, expression: str | None, named: str | None) -> Iterator[Line]:
    yield _organisme(proposal, expression, named)
    for role in ("entretien", "date_entretien", "ponderation"):
        held = proposal.column_of(role)
        if held:
            column, found = held
            value: Any = column.name if role == "entretien" else {"colonne": column.name}
            if role == "date_entretien" and found.detail:
                value["format"] = found.detail
            yield Line(role, "", value, (column.name,), found.confidence, found.reason)
        elif role != "ponderation":
            yield Line(role, "", None, (), 0, "aucune colonne ne s'impose")
    yield _stratum(proposal)


def _organisme(proposal: Proposal, expression: str | None, named: str | None) -> Line:
    held = proposal.column_of("organisme")
    if held:
        return _organisme_column(proposal, *held)
    sheets = sheets_named(proposal.sniffed, proposal.programme)
    if len(sheets) > 1:
        reason = f"{len(sheets)} feuilles, chacune au nom d'un organisme"
        return Line("organisme", "", {"feuille": True}, (), 96, reason)
    if expression:
        return Line("organisme", "", {"nom_fichier": expression}, (), 90, f"le nom du fichier dit {named}")
    return Line("organisme", "", None, (), 0, "ni colonne, ni feuille, ni nom de fichier ne le dit")


def _organisme_column(proposal: Proposal, column: Column, role: Role) -> Line:
    name, values, confidence, reason = column.name, role.detail, role.confidence, role.reason
    unread: tuple[tuple[str, int], ...] = ()
    if values is None:
        strata, departments = _strata_series(proposal), _axis_series(proposal, "departement")
        found = organisme_codes(
            name,
            proposal.sniffed.frame,
            proposal.programme,
            proposal.wave[0],
            proposal.institute[0],
            strata,
            departments,
        )
        if found and found[1] >= DECIDED:
            values, confidence = found[0], min(confidence, found[1])
            reason += f" ; codes d'après {found[2]}"
        else:
            unread = _values(proposal, name)
            reason += f" ; d'après le plan de sondage, peut-être {found[0]}" if found else ""
    value = {"colonne": name} | ({"valeurs": values or {}} if values or role.detail is None else {})
    return Line("organisme", "", value, (name,), confidence, reason, unread)


def _values(proposal: Proposal, name: str) -> tuple[tuple[str, int], ...]:
    counted = proposal.sniffed.frame[name].drop_nulls().value_counts(name="__lignes")
    return tuple(counted.sort("__lignes", name, descending=[True, False]).iter_rows())


def _axis_series(proposal: Proposal, axis: str) -> pl.Series | None:
    choice, held = proposal.axes.get(axis), proposal.column_of("axe", axis)
    if choice is None or held is None or choice.confidence < DECIDED:
        return None
    answers = Answers("unique", (held[0],), proposal.sniffed.frame)
    source = Source(answers, axis_options(proposal.programme, axis), [choice.reading], False)
    return coded(source, choice.reading)


def _plan_axes(proposal: Proposal) -> list[str]:
    planned = [r["strate"] or "" for r in proposal.programme.rows("plan_sondage") if r["vague"] == proposal.wave[0]]
    axes = {tuple(strata_axes(s, proposal.programme)) for s in set(planned)}
    return list(axes.pop()) if len(axes) == 1 else []


def _strata_series(proposal: Proposal) -> pl.Series | None:
    axes = _plan_axes(proposal)
    parts = {a: part for a in axes if (part := _axis_series(proposal, a)) is not None}
    if not axes or len(parts) < len(axes):
        return None
    return pl.DataFrame(parts).select(pl.concat_str(axes, separator=".").alias("strate"))["strate"]


def _stratum(proposal: Proposal) -> Line:
    strata, axes, held = _strata_series(proposal), _plan_axes(proposal), proposal.column_of("strate")
    if held is None and strata is not None:
        return Line("strate", "", {"axes": axes}, (), 92, "les strates du plan de sondage joignent ces axes")
    if held is None:
        joined = f"le plan de sondage joint ces axes ({', '.join(axes)}), dont un n'est pas encore sûr"
        return Line("strate", "", {"axes": axes} if axes else None, (), 60 if axes else 0, joined if axes else "à dire")
    name, role = held[0].name, held[1]
    if strata is None:
        value: dict[str, Any] = {"colonne": name, "codage": {}}
        return Line("strate", "", value, (name,), role.confidence, role.reason, _values(proposal, name))
    pairs = pl.DataFrame({"code": proposal.sniffed.frame[name], "strate": strata}).drop_nulls()
    counted = pairs.group_by("code", "strate").len()
    top = counted.sort("len", "strate", descending=[True, False]).unique("code", keep="first", maintain_order=True)
    purity = int(top["len"].sum()) / max(1, int(counted["len"].sum()))
    codage = dict(top.filter(pl.col("len") > 1).sort("code").select("code", "strate").iter_rows())
    confidence = 93 if purity > 0.98 and len(set(codage.values())) == len(codage) else 60
    reason = f"en-tête de strate ; chaque code suit {' et '.join(axes)} ({percent(purity, 0)})"
    return Line("strate", "", {"colonne": name, "codage": codage}, (name,), confidence, reason)


def _axes(proposal: Proposal) -> Iterator[Line]:
    for name, role in proposal.roles.items():
        if role.role != "axe":
            continue
        choice = proposal.axes.get(role.key)
        value: dict[str, Any] = {"colonne": name}
        unread: tuple[tuple[str, int], ...] = ()
        likely = choice.reading.likely if choice else {}
        reason = role.reason
        if choice and choice.reading.origin == BANDS:
            value["tranches"] = True
        elif choice and choice.confidence >= DECIDED:
            value["codage"] = _whole(dict(choice.reading.codage), role.key, proposal.programme)
            reason += f" ; codes : {choice.reason}"
            unread = _counts(proposal, name, choice.reading.unread)
        else:
            value["codage"] = {}
            unread = _counts(proposal, name, None)
            if choice:
                guess = ", ".join(f"{v} = {c}" for v, c in choice.reading.codage.items())
                reason += f" ; codes à dire, peut-être {guess} ({choice.reason})"
        doubt = choice is not None and choice.reading.origin == BANDS and choice.confidence < DECIDED
        confidence = min(role.confidence, choice.confidence) if choice and doubt else role.confidence
        yield Line("axes", role.key, value, (name,), confidence, reason, unread, likely)
    found = {role.key for role in proposal.roles.values() if role.role == "axe"}
    for axis in proposal.programme.axes:
        if axis not in found:
            yield Line("axes", axis, None, (), 0, "aucune colonne ne s'impose ; l'écrire, ou l'omettre")


def _whole(codage: dict[str, str], axis: str, programme: Programme) -> dict[str, str]:
    """Adds the segments that this file has not, where a value is its own code."""
    own = all(value == code for value, code in codage.items())
    return {s.code: s.code for s in programme.axes[axis]} | codage if own else codage


def _counts(proposal: Proposal, name: str, values: tuple[str, ...] | None) -> tuple[tuple[str, int], ...]:
    counts = next(c for c in proposal.columns if c.name == name).counts
    kept = counts if values is None else {v: counts[v] for v in values if v in counts}
    return _most_first(kept.items())[:12]


def _most_first(values: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(values, key=lambda item: (-item[1], item[0])))


def _question(asked: Asked, programme: Programme, shared: dict[str, Line]) -> Line:
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
        return Line("questions", asked.code, value, columns, confidence, reason, unread)
    name = _shared_codage(scale, answers, choice, programme, shared)
    if answers.kind == "mentions":
        value = {"multiple": "mentions", "colonnes": list(columns), "codage": name}
    elif answers.kind == "liste" or programme.questions[asked.code].multiple:
        value = {"multiple": "liste", "colonne": columns[0], "separateur": answers.separator or "|", "codage": name}
    else:
        value = {"colonne": columns[0], "codage": name}
    return Line("questions", asked.code, value, columns, confidence, reason)


def _option_columns(
    answers: Answers, choice: Chosen | None, programme: Programme, scale: str
) -> tuple[dict[str, Any], tuple[tuple[str, int], ...]]:
    """Returns the map of a column per option, with the codes of statuses in its cells; and the values left unread."""
    codage = choice.reading.codage if choice else {}
    order = zip(answers.columns, programme.options[scale], strict=False)
    columns = {codage.get(c.name, option): c.name for c, option in order}
    yes = set(yes_values(answers))
    no = {normalise(v) for v in answers.counts} & (set(lexicon()["non"]) | ({"2"} if yes == {"1"} else set())) - yes
    seen = {v for v in answers.counts if normalise(v) in yes}, {v for v in answers.counts if normalise(v) in no}
    codes = {v: codage[v] for v in sorted(answers.blank_codes) if v in codage}
    rest = [v for v in answers.counts if normalise(v) not in yes | no and v not in codes]
    unread = _most_first((v, answers.counts[v] // len(answers.columns)) for v in rest)
    value = {"multiple": "oui_non", "colonnes": columns, "oui": sorted(seen[0]), "non": sorted(seen[1])}
    return value | ({"codage": codes} if codes else {}), unread


def _shared_codage(
    scale: str, answers: Answers, choice: Chosen | None, programme: Programme, shared: dict[str, Line]
) -> str:
    """Returns the name of the code map, adding what this column brings; a column that contradicts gets its own."""
    sure = choice is not None and choice.confidence >= DECIDED
    codage = dict(choice.reading.codage) if choice and sure else {}
    likely = choice.reading.likely if choice else {}
    if choice and sure and choice.reading.origin == TEXT and not answers.value_labels:
        # this file may be without an answer that the next one has: the programme's own labels need no evidence
        labels = question_options(programme, scale).labels
        codage |= {label: code for code, label in labels.items() if code not in codage.values()}
    unread = choice.reading.unread if choice and sure else tuple(answers.counts)
    base = re.sub(r"[^a-z0-9]+", "_", scale.lower())
    names = chain([base], (f"{base}_{i}" for i in count(2)))
    name = next(n for n in names if n not in shared or _agrees(shared[n], codage, sure))
    confidence, reason = (choice.confidence, choice.reason) if choice else (0, "aucune lecture")
    if name not in shared:
        guess = "" if sure or not choice else ", ".join(f"{v} = {c}" for v, c in choice.reading.codage.items())
        said = f"à dire, peut-être {guess} ({reason})" if guess else reason
        left = _most_first(_left(answers, unread, codage))
        shared[name] = Line("codages", name, codage, (), confidence, said, left, likely)
        return name
    held = shared[name]
    merged = {**held.value, **codage}
    rows = Counter(dict(held.unread)) + Counter(dict(_left(answers, unread, merged)))
    left = _most_first((v, n) for v, n in rows.items() if v not in merged)
    said = reason if sure and confidence < held.confidence else held.reason
    likely = {**held.likely, **likely}
    shared[name] = Line("codages", name, merged, (), min(held.confidence, confidence), said, left, likely)
    return name


def _agrees(held: Line, codage: Mapping[str, str], sure: bool) -> bool:
    return bool(held.value) == sure and all(held.value.get(v, c) == c for v, c in codage.items())


def _left(answers: Answers, unread: tuple[str, ...], codage: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    return tuple((v, answers.counts[v]) for v in unread if v in answers.counts and v not in codage)


def _ignored(proposal: Proposal) -> Iterator[Line]:
    for name, role in proposal.roles.items():
        if role.role == "ignorees":
            yield Line("ignorees", role.key, name, (name,), role.confidence, role.reason)
    # a column may still be an axis, as long as one has none
    axes = {r.key for r in proposal.roles.values() if r.role == "axe"} == set(proposal.programme.axes)
    complete = axes and not proposal.missing and all(q.confidence >= DECIDED for q in proposal.questions.values())
    confidence, reason = 40, "ne répond à aucune question de façon sûre"
    if complete:
        confidence = 85
        reason = "questions et axes du programme ont tous leur colonne : question propre à l'organisme, sans doute"
    for column in (c for answers in proposal.leftover for c in answers.columns):
        yield Line("ignorees", "", column.name, (column.name,), confidence, reason)
