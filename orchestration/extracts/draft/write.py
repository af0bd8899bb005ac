"""Writes the lines of a draft as YAML: sure lines as they will stand, doubtful ones as comments."""

from __future__ import annotations

import json
import os
import re
import textwrap
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from orchestration.errors import ContractError
from orchestration.extracts.draft.decide import BY_LABELS
from orchestration.extracts.draft.line import DECIDED, SINGLE, Line
from orchestration.extracts.draft.meaning import compared
from orchestration.extracts.draft.propose import Proposal
from orchestration.extracts.personal_data import is_code
from orchestration.files import write_text
from orchestration.machine import machine_sentence
from orchestration.programme.texts import counted, number

_PLAIN = re.compile(r"[A-Za-zÀ-ÿ_][A-Za-zÀ-ÿ0-9_]*")
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", "oui"}


def draft_name(proposal: Proposal) -> str:
    """Returns the name of the contract: institute and wave."""
    parts = (proposal.institute[0] or proposal.path.stem, proposal.wave[0] or "")
    bare = unicodedata.normalize("NFKD", "-".join(filter(None, parts)).lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_]+", "-", bare).strip("-") or "brouillon"


def undecided(proposal: Proposal, lines: Sequence[Line]) -> list[str]:
    """Returns what a person has to decide, one sentence each."""
    found = []
    if not proposal.sniffed.whole:
        looked_at = number(proposal.sniffed.frame.height)
        found.append(
            f"format : seules les {looked_at} premières lignes ont été regardées ; les suivantes peuvent avoir d'autres"
            " valeurs, ou des totaux à mettre sous lignes_ignorees"
        )
    for line in lines:
        where = line.section + (f".{line.key}" if line.key and line.section != "ignorees" else "")
        if line.section == "ignorees":
            if not line.decided:
                found.append(f"colonne « {line.value} » : la rattacher, ou la laisser sous ignorees ({line.reason})")
        elif not line.decided and line.section == "codages":
            found.append(f"{where} : dire ce que valent les codes ({line.reason})")
        elif not line.decided:
            found.append(f"{where} : {line.reason}")
        elif line.unread and line.section in ("axes", "organisme", "strate") and not _filled(line.value):
            found.append(f"{where} : dire ce que valent les codes {', '.join(_shown(line))}")
        elif line.unread:
            found.append(f"{where} : valeurs sans signification connue {', '.join(_shown(line))}")
        found += [f"{where} : plusieurs valeurs pour un code, {said} ; confirmer" for said in _doubled(line)]
    if numbered := by_number_alone(lines):
        found.append(
            f"questions {', '.join(numbered)} : seul le numéro de leurs colonnes les dit ; tenir ces numéros au"
            " questionnaire de l'institut, qui peut avoir son ordre à lui"
        )
    place = "questions" if proposal.counts is None else "comptages.questions"
    return found + [f"{place}.{code} : aucune colonne trouvée" for code in proposal.missing]


def by_number_alone(lines: Sequence[Line]) -> list[str]:
    """Returns the questions that are written on the word of a number in a header, which may be the institute's own."""
    return [line.key for line in lines if line.decided and line.by_number]


def on_labels_alone(proposal: Proposal, lines: Sequence[Line]) -> list[str]:
    """Returns the questions that are decided and whose codes rest on the labels that the file gives to its values."""
    decided = {line.key for line in lines if line.section == "questions" and line.decided}
    return [
        code
        for code, asked in proposal.questions.items()
        if code in decided
        and asked.answers.labelled
        and asked.chosen
        and asked.chosen.confidence >= DECIDED
        and asked.chosen.reason == BY_LABELS
    ]


def labels_told(codes: Sequence[str]) -> str:
    """Returns what to do of these questions, without a full stop."""
    said = f"{counted(len(codes), 'question')} dont seules les étiquettes du fichier disent les codes, sans filtre"
    return f"{said} qui les confirme ; tenir ces étiquettes au questionnaire de l'institut"


def _doubled(line: Line) -> list[str]:
    """Returns the codes that several values of a line's table give, each with its values."""
    table = line.value if line.section == "codages" else _filled(line.value) if isinstance(line.value, dict) else None
    if not isinstance(table, dict):
        return []
    values: dict[str, list[str]] = {}
    for value, code in sorted(table.items(), key=_rank):
        values.setdefault(code, []).append(value)
    # « Tres satisfait » beside « Très satisfait » is one label: there is nothing to confirm
    several = {code: said for code, said in values.items() if len({compared(value) for value in said}) > 1}
    return [f"{code} = {', '.join(f'« {v} »' for v in said)}" for code, said in several.items()]


def _filled(value: Any) -> Any:
    return value.get("codage") or value.get("valeurs") if isinstance(value, dict) else True


def _shown(line: Line) -> list[str]:
    """Returns values with their numbers of cells and likely codes; a rare text may be anyone's words: only counted."""
    codes = [f"{f'« {v} »' if ' ' in v else v} ({n} fois{_guess(line, v)})" for v, n in line.unread if is_code(v, n)]
    texts = [n for v, n in line.unread if not is_code(v, n)]
    return codes[:8] + (
        [f"{counted(len(texts), 'texte')} rare{'s' * (len(texts) > 1)} ({sum(texts)} fois)"] if texts else []
    )


def _guess(line: Line, value: str) -> str:
    code, why = line.likely.get(value, ("", ""))
    return f", peut-être {code} : {why}" if code else ""


def to_yaml(proposal: Proposal, lines: Sequence[Line]) -> str:
    """Returns the draft; what is commented out keeps the form it will have."""
    text = [
        f"# Brouillon proposé d'après {proposal.path.name}.",
        "# Il ne charge rien tant que « statut » n'est pas « confirme ».",
        "# Chaque ligne porte sa confiance et sa raison. Une ligne en commentaire (« #? ») attend une décision.",
    ]
    open_points = undecided(proposal, lines)
    personal = [line for line in lines if line.section == "ignorees" and line.key == "personnel"]
    if personal:
        names = ", ".join(str(line.value) for line in personal)
        text += [
            "#",
            f"# ATTENTION, données personnelles : {names}. Elles ne seront pas lues ; les faire retirer.",
        ]
    if believed := on_labels_alone(proposal, lines):
        told = f"{labels_told(believed)} : {', '.join(believed)}."
        text += ["#", *textwrap.wrap(told, 118, initial_indent="# ", subsequent_indent="# ", break_long_words=False)]
    for said, sheets in (
        ("Libellés de colonnes et de valeurs, lus dans", proposal.sniffed.explained_by),
        ("Feuilles laissées de côté", proposal.sniffed.left_out),
    ):
        if sheets:
            told = f"{said} : {', '.join(f'« {name} »' for name in sheets)}."
            text += [
                "#",
                *textwrap.wrap(told, 118, initial_indent="# ", subsequent_indent="# ", break_long_words=False),
            ]
    if open_points:
        text += ["", "a_decider:  # ôter chaque point une fois tranché ; un contrat confirmé n'en a plus"]
        text += [f"  - {json.dumps(point, ensure_ascii=False)}" for point in open_points]
    text += ["", f"contrat: {draft_name(proposal)}", "version: 1", "statut: brouillon"]
    first = ("institut", "vague", "fichiers")
    text += [_row(line, section, 0) for section in first for line in lines if line.section == section]
    text += _block("format", lines)
    if proposal.counts is not None:
        text += ["nature: comptages"]
    text += [_row(line, section, 0) for section in SINGLE for line in lines if line.section == section]
    if proposal.counts is not None:
        text += _counts(lines)
        return "\n".join([*text, *_block("ignorees", lines)]) + "\n"
    for section in ("axes", "codages", "questions", "ignorees"):
        text += _block(section, lines)
    return "\n".join(text) + "\n"


def _counts(lines: Sequence[Line]) -> list[str]:
    """Returns the block of a contract of counts: its own lines, then its questions."""
    rules = [line for line in lines if line.section == "comptages"]
    questions = [line for line in lines if line.section == "comptages.questions"]
    empty = "" if any(map(_live, questions)) else " {}"
    text = ["", "comptages:", *(_row(line, line.key, 2) for line in rules), f"  questions:{empty}"]
    return text + [_row(line, line.key, 4) for line in questions]


def _block(section: str, lines: Sequence[Line]) -> list[str]:
    own = [line for line in lines if line.section == section]
    if not own:
        return [f"{section}: {{}}"] if section in ("axes", "questions") else []
    # a mapping or a list whose lines are all comments is still one
    empty = "" if any(map(_live, own)) else " []" if section == "ignorees" else " {}"
    text = ["", f"{section}:{empty}"]
    for line in own:
        text.append(_row(line, None if section == "ignorees" else line.key, 2))
        text += [f"    #? {v}: …" for v in _shown(line)]
    return text


def _row(line: Line, key: str | None, indent: int) -> str:
    """Returns a line of a mapping, or without a key that of a list; one that is not decided is a comment."""
    mark = "" if _live(line) else "#? "
    head = "-" if key is None else f"{scalar(key)}:"
    shown = dict(sorted(line.value.items(), key=_rank)) if line.section == "codages" else line.value
    value = scalar(shown) if shown is not None else "…"
    comment = " ".join(line.reason.split())
    return f"{' ' * indent}{mark}{head} {value}  # {line.confidence} % : {comment}"


def _live(line: Line) -> bool:
    return line.decided or line.section in ("codages", "format")


def _rank(item: tuple[str, str]) -> tuple[int, str]:
    value = item[0]
    return (int(value), "") if re.fullmatch(r"-?\d+", value) else (0, value)


def scalar(value: Any) -> str:
    """Returns a value in YAML's flow style; a text is quoted unless it is a plain word."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(str(k))}: {scalar(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(scalar(v) for v in value) + "]"
    if isinstance(value, bool | int):
        return json.dumps(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def write_draft(text: str, path: Path) -> None:
    """Writes the draft; a file that stands there is a person's work and is left.

    Raises:
        ContractError: it is there already.
    """
    try:
        if os.path.lexists(path):
            raise FileExistsError
        path.parent.stat()  # a folder with a typing error is not made
        write_text(text, path)
    except FileExistsError:
        raise ContractError(f"{path} existe déjà ; choisir un autre nom avec -o, ou l'effacer d'abord.") from None
    except OSError as error:
        raise ContractError(
            f"{machine_sentence(error, path)} Rien n'en est écrit ; « -o » choisit un autre lieu."
        ) from None
