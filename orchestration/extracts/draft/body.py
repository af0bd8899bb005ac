"""A proposal as the lines of a contract: for each, its key, its value, its columns, how sure it is and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from orchestration.extracts.draft.codes import BANDS, axis_options
from orchestration.extracts.draft.counts import Counts
from orchestration.extracts.draft.groups import Answers
from orchestration.extracts.draft.line import DECIDED, Line, most_first
from orchestration.extracts.draft.origin import file_pattern, organisme_codes, sheets_named
from orchestration.extracts.draft.profile import Column
from orchestration.extracts.draft.propose import Proposal
from orchestration.extracts.draft.questions import options_left, question_line
from orchestration.extracts.draft.roles import Role
from orchestration.extracts.draft.routing import Source, coded
from orchestration.extracts.draft.segments import strata_axes
from orchestration.extracts.draft.times import dated, other_time
from orchestration.programme import Programme
from orchestration.programme.texts import percent


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
        sure = proposal.sniffed.encoded if key == "encodage" else 92
        lines.append(Line("format", key, value, (), sure, why))
    if proposal.counts is not None:
        return [*lines, *_of_counts(proposal, proposal.counts, expression, named)]
    lines += _roles(proposal, expression, named)
    shared: dict[str, Line] = {}
    lines += _axes(proposal)
    lines += [question_line(asked, programme, shared) for asked in proposal.questions.values()]
    lines += shared.values()
    lines += _ignored(proposal)
    return lines


def _of_counts(proposal: Proposal, counts: Counts, expression: str | None, named: str | None) -> Iterator[Line]:
    """Yields the lines of a delivery of counts; its organisme is said outside of its columns where none says it."""
    for key, (value, why) in counts.form.items():
        yield Line("format", key, value, (), 92, why)
    if not any(line.section == "organisme" for line in counts.lines):
        yield _organisme(proposal, expression, named)
    yield from counts.lines


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
            yield Line(role, "", None, (), 0, "aucune colonne ne s'impose ; à omettre si l'extrait n'en a pas")
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
    left = tuple((v, n) for v, n in _values(proposal, name) if v not in codage)
    return Line("strate", "", {"colonne": name, "codage": codage}, (name,), confidence, reason, left)


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
            reason += f" ; {choice.reason}" if choice.confidence < DECIDED else ""
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
    return most_first(kept.items())[:12]


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
    for answers in proposal.leftover:
        for column in answers.columns:
            # an option that is left out by mistake is a question lost: a person says that it is the organisme's own
            several = answers.kind != "unique" or column.part is not None
            time = other_time((column.header, column.label), proposal.programme, proposal.wave[0])
            most, said = (40, dated(time, proposal.wave[0])) if time else (60 if several else 100, reason)
            yield Line("ignorees", "", column.name, (column.name,), min(confidence, most), said)
    for asked in proposal.questions.values():
        yield from options_left(asked)
