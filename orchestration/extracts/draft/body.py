"""A proposal as the lines of a contract: for each, its key, its value, its columns, how sure it is and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from orchestration.extracts.draft.codages import option_columns, shared_codage
from orchestration.extracts.draft.codes import BANDS, axis_options
from orchestration.extracts.draft.groups import Answers
from orchestration.extracts.draft.line import DECIDED, Line
from orchestration.extracts.draft.origin import expected_organismes, file_pattern, organisme_codes, sheets_named
from orchestration.extracts.draft.propose import Asked, Proposal
from orchestration.extracts.draft.routing import Source, coded
from orchestration.extracts.draft.segments import strata_axes
from orchestration.programme import Programme
from orchestration.programme.texts import percent

SINGLE = ("organisme", "entretien", "date_entretien", "ponderation", "strate")


def draft_lines(proposal: Proposal, programme: Programme) -> list[Line]:
    """Returns every line of the draft, in the order of a contract."""
    lines = [
        Line("institut", "", proposal.institute[0], (), *proposal.institute[1:]),
        Line("vague", "", proposal.wave[0], (), *proposal.wave[1:]),
    ]
    pattern, expression, named = file_pattern(proposal.path, programme)
    lines.append(Line("fichiers", "", [pattern], (), 85 if expression else 82, "d'après le nom du fichier"))
    why = proposal.sniffed.why
    for key, value in proposal.sniffed.form.items():
        ascii_only = key == "encodage" and value == "utf-8" and _ascii(proposal)
        reason = "fichier sans accent : rien ne dit l'encodage" if ascii_only else why.get(key, "")
        lines.append(Line("format", key, value, (), 60 if ascii_only else 92, reason))
    lines += _roles(proposal, programme, expression, named)
    shared: dict[str, Line] = {}
    lines += _axes(proposal, programme)
    lines += [_question(asked, programme, shared) for asked in proposal.questions.values()]
    lines += shared.values()
    lines += _ignored(proposal, programme)
    return lines


def _ascii(proposal: Proposal) -> bool:
    try:
        proposal.path.read_bytes().decode("ascii")
    except UnicodeDecodeError:
        return False
    return True


def _roles(proposal: Proposal, programme: Programme, expression: str | None, named: str | None) -> Iterator[Line]:
    by_role = {r.role: (name, r) for name, r in proposal.roles.items() if r.role in SINGLE}
    yield _organisme(proposal, programme, by_role, expression, named)
    for role in ("entretien", "date_entretien", "ponderation"):
        if role in by_role:
            name, found = by_role[role]
            value: Any = name if role == "entretien" else {"colonne": name}
            if role == "date_entretien" and found.detail:
                value["format"] = found.detail
            yield Line(role, "", value, (name,), found.confidence, found.reason)
        elif role != "ponderation":
            yield Line(role, "", None, (), 0, "aucune colonne ne s'impose")
    yield _stratum(proposal, programme, by_role)


def _organisme(
    proposal: Proposal, programme: Programme, by_role: Mapping[str, Any], expression: str | None, named: str | None
) -> Line:
    if "organisme" in by_role:
        name, role = by_role["organisme"]
        own = role.detail
        if own is not None:
            value = {"colonne": name} | ({"valeurs": own} if own else {})
            return Line("organisme", "", value, (name,), role.confidence, role.reason)
        wave, institute = proposal.wave[0], proposal.institute[0]
        strata, departments = _strata_series(proposal, programme), _axis_series(proposal, "departement", programme)
        found = organisme_codes(
            name, proposal.sniffed.frame, expected_organismes(programme, wave, institute), programme, wave or "",
            strata, departments,
        )  # fmt: skip
        if found and found[1] >= DECIDED:
            reason = f"{role.reason} ; codes d'après {found[2]}"
            value = {"colonne": name, "valeurs": found[0]}
            return Line("organisme", "", value, (name,), min(role.confidence, found[1]), reason)
        unread = tuple(proposal.sniffed.frame[name].drop_nulls().value_counts(sort=True).iter_rows())
        guess = f" ; d'après le plan de sondage, peut-être {found[0]}" if found else ""
        value = {"colonne": name, "valeurs": {}}
        return Line("organisme", "", value, (name,), role.confidence, role.reason + guess, unread)
    sheets = sheets_named(proposal.sniffed, programme)
    if sheets and len(sheets) > 1:
        return Line(
            "organisme", "", {"feuille": True}, (), 96, f"{len(sheets)} feuilles, chacune au nom d'un organisme"
        )
    if expression:
        return Line("organisme", "", {"nom_fichier": expression}, (), 90, f"le nom du fichier dit {named}")
    return Line("organisme", "", None, (), 0, "ni colonne, ni feuille, ni nom de fichier ne le dit")


def _axis_series(proposal: Proposal, axis: str, programme: Programme) -> pl.Series | None:
    choice = proposal.axes.get(axis)
    column = next((c for c in proposal.columns if (r := proposal.roles.get(c.name)) and r.key == axis), None)
    if choice is None or column is None or choice.confidence < DECIDED:
        return None
    answers = Answers("unique", (column,), proposal.sniffed.frame)
    return coded(Source(answers, axis_options(programme, axis), [choice.reading], False), choice.reading)


def _plan_axes(proposal: Proposal, programme: Programme) -> list[str]:
    planned = [r["strate"] or "" for r in programme.rows("plan_sondage") if r["vague"] == proposal.wave[0]]
    axes = {tuple(strata_axes(s, programme)) for s in set(planned)}
    return list(axes.pop()) if len(axes) == 1 else []


def _strata_series(proposal: Proposal, programme: Programme) -> pl.Series | None:
    axes = _plan_axes(proposal, programme)
    parts = [_axis_series(proposal, a, programme) for a in axes]
    if not axes or any(p is None for p in parts):
        return None
    frame = pl.DataFrame({a: p for a, p in zip(axes, parts, strict=True) if p is not None})
    return frame.select(pl.concat_str(axes, separator=".").alias("strate"))["strate"]


def _stratum(proposal: Proposal, programme: Programme, by_role: Mapping[str, Any]) -> Line:
    strata = _strata_series(proposal, programme)
    axes = _plan_axes(proposal, programme)
    if "strate" in by_role:
        name, role = by_role["strate"]
        frame = proposal.sniffed.frame
        if strata is None:
            unread = tuple(frame[name].drop_nulls().value_counts(sort=True).iter_rows())
            return Line("strate", "", {"colonne": name, "codage": {}}, (name,), role.confidence, role.reason, unread)
        counted = pl.DataFrame({"code": frame[name], "strate": strata}).drop_nulls().group_by("code", "strate").len()
        top = counted.sort("len", descending=True).unique("code", keep="first", maintain_order=True)
        purity = int(top["len"].sum()) / max(1, int(counted["len"].sum()))
        codage = {r["code"]: r["strate"] for r in top.filter(pl.col("len") > 1).sort("code").to_dicts()}
        one_to_one = len(set(codage.values())) == len(codage)
        confidence = 93 if purity > 0.98 and one_to_one else 60
        reason = f"en-tête de strate ; chaque code suit {' et '.join(axes)} ({percent(purity, 0)})"
        return Line("strate", "", {"colonne": name, "codage": codage}, (name,), confidence, reason)
    if strata is not None:
        return Line("strate", "", {"axes": axes}, (), 92, "les strates du plan de sondage joignent ces axes")
    reason = (
        f"le plan de sondage joint ces axes ({', '.join(axes)}), dont un n'est pas encore sûr" if axes else "à dire"
    )
    return Line("strate", "", {"axes": axes} if axes else None, (), 60 if axes else 0, reason)


def _axes(proposal: Proposal, programme: Programme) -> Iterator[Line]:
    for name, role in proposal.roles.items():
        if role.role != "axe":
            continue
        choice = proposal.axes.get(role.key)
        value: dict[str, Any] = {"colonne": name}
        unread: tuple[tuple[str, int], ...] = ()
        reason = role.reason
        if choice and choice.reading.origin == BANDS:
            value["tranches"] = True
        elif choice and choice.confidence >= DECIDED:
            value["codage"] = _whole(dict(choice.reading.codage), role.key, programme)
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
        yield Line("axes", role.key, value, (name,), confidence, reason, unread)
    found = {role.key for role in proposal.roles.values() if role.role == "axe"}
    for axis in programme.axes:
        if axis not in found:
            yield Line("axes", axis, None, (), 0, "aucune colonne ne s'impose ; l'écrire, ou l'omettre")


def _whole(codage: dict[str, str], axis: str, programme: Programme) -> dict[str, str]:
    """Adds the segments that this file has not, where a value is its own code."""
    own = all(value == code for value, code in codage.items())
    return {s.code: s.code for s in programme.axes[axis]} | codage if own else codage


def _counts(proposal: Proposal, name: str, values: tuple[str, ...] | None) -> tuple[tuple[str, int], ...]:
    counts = next(c for c in proposal.columns if c.name == name).counts
    kept = counts if values is None else {v: counts[v] for v in values if v in counts}
    return tuple(sorted(kept.items(), key=lambda item: -item[1]))[:12]


def _question(asked: Asked, programme: Programme, shared: dict[str, Line]) -> Line:
    answers, choice = asked.answers, asked.chosen
    scale = programme.questions[asked.code].scale
    columns = tuple(c.name for c in answers.columns)
    confidence, reason = asked.confidence, asked.reason
    if asked.rivals and confidence < 95:
        reason += " ; sinon " + ", ".join(f"{c} ({percent(p, 0)})" for c, p in asked.rivals)
    value: dict[str, Any]
    if answers.kind == "oui_non":
        value, codes, unread = option_columns(answers, choice, programme, scale)
        if choice is None or choice.confidence < DECIDED:
            confidence = min(confidence, choice.confidence if choice else 40)
        reason += f" ; options : {choice.reason}" if choice else " ; options à dire"
        value |= {"codage": codes} if codes else {}
        return Line("questions", asked.code, value, columns, confidence, reason, unread)
    name = shared_codage(scale, answers, choice, shared)
    if answers.kind == "mentions":
        value = {"multiple": "mentions", "colonnes": list(columns), "codage": name}
    elif answers.kind == "liste" or programme.questions[asked.code].multiple:
        value = {"multiple": "liste", "colonne": columns[0], "separateur": answers.separator or "|", "codage": name}
    else:
        value = {"colonne": columns[0], "codage": name}
    return Line("questions", asked.code, value, columns, confidence, reason)


def _ignored(proposal: Proposal, programme: Programme) -> Iterator[Line]:
    for name, role in proposal.roles.items():
        if role.role == "ignorees":
            yield Line("ignorees", role.key, name, (name,), role.confidence, role.reason)
    # a column may still be an axis, as long as one has none
    axes = {r.key for r in proposal.roles.values() if r.role == "axe"} == set(programme.axes)
    complete = axes and not proposal.missing and all(q.confidence >= DECIDED for q in proposal.questions.values())
    for answers in proposal.leftover:
        names = tuple(c.name for c in answers.columns)
        reason = (
            "questions et axes du programme ont tous leur colonne : question propre à l'organisme, sans doute"
            if complete
            else "ne répond à aucune question de façon sûre"
        )
        for name in names:
            yield Line("ignorees", "", name, (name,), 85 if complete else 40, reason)
