"""The columns of a table of counts that count no answers: organisme, stratum, segment, wave, interviews, population."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.extracts.draft.counts_table import CountsTable, added, at_most, same
from orchestration.extracts.draft.counts_titles import Vocabulary, says_counts
from orchestration.extracts.draft.lexicon import lexicon, says
from orchestration.extracts.draft.line import Line
from orchestration.extracts.draft.meaning import compared
from orchestration.extracts.draft.profile import Column
from orchestration.extracts.draft.roles import organisme_aliases
from orchestration.programme import Programme
from orchestration.programme.texts import capped, normalise

COUNTS = "comptages"
_SURE, _OPEN = 95, 40
_KNOWN = 0.5  # share of values that are organismes, from which a column names them
_ANSWERED = 0.5  # share of its interviews that a line's fullest question holds, at least
_SHORT = 12  # letters of a text that may be quoted: a longer one may be somebody's words
_SIZES = ("effectif", "effectif_poids", "effectif_poids_carre")


@dataclass
class Roles:
    """What the other columns are, as lines of the draft.

    Attributes:
        table: the lines of counts, totals and other waves left out.
        lines: the lines of the contract, with the columns that each settles.
        columns: the column of each role.
        kept: lines of `format` that say which rows to leave out, with their reason.
    """

    table: CountsTable
    lines: list[Line] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    kept: dict[str, tuple[Any, str]] = field(default_factory=dict)

    def add(self, role: str, line: Line) -> None:
        """Adds a line; a column that it settles has its role."""
        self.lines.append(line)
        if line.decided and line.columns:
            self.columns[role] = line.columns[0]

    @property
    def free(self) -> list[str]:
        """The columns that no line speaks of yet."""
        taken = {c for line in self.lines for c in line.columns}
        return [c for c in self.table.others if c not in taken]


def find_counts_roles(table: CountsTable, columns: Sequence[Column], known: Vocabulary, wave: str | None) -> Roles:
    """Returns what the columns beside the counts are, each decided only where names, codes or numbers prove it.

    Args:
        table: the lines of counts.
        columns: the columns of the file, with what their cells look like.
        known: the names of questions and answers.
        wave: the wave; None where it is not known.
    """
    roles, programme = Roles(table), known.programme
    for column in columns:
        if column.name in table.others and column.personal:
            reason = f"données personnelles ({column.personal}) : à faire retirer par l'émetteur"
            roles.add("", Line("ignorees", "personnel", column.name, (column.name,), 95, reason))
    _wave(roles, programme, wave)
    _organisme(roles, programme)
    _stratum(roles, programme, wave)
    _cut(roles, programme)
    _sizes(roles, known)
    for name in roles.free:
        if says((name,), lexicon()["gestion"]):
            roles.add("", Line("ignorees", "gestion", name, (name,), 92, "gestion du terrain"))
    _segments(roles, programme)
    for name in roles.free:
        reason = "ni réponse, ni effectif, ni segment du programme de façon sûre"
        roles.add("", Line("ignorees", "", name, (name,), _OPEN, reason))
    return roles


def _values(table: CountsTable, column: str) -> list[str]:
    return list(dict.fromkeys(v for v in table.texts(column) if v is not None))


def _wave(roles: Roles, programme: Programme, wave: str | None) -> None:
    for name in roles.free:
        values = _values(roles.table, name)
        if not values or not set(values) <= set(programme.waves) or not says_counts(name, "vague"):
            continue
        if values == [wave]:
            roles.add(
                "vague", Line("ignorees", "vague", name, (name,), _SURE, f"dit la vague {wave}, sur chaque ligne")
            )
        elif wave in values:
            rule = {"colonne": name, "valeurs": [wave]}
            roles.kept["lignes_gardees"] = rule, f"le fichier mêle les vagues {capped(values)}"
            roles.add("vague", Line("ignorees", "vague", name, (name,), _SURE, "dit quelles lignes sont de la vague"))
            roles.table = roles.table.rows([text == wave for text in roles.table.texts(name)])
        else:
            said = f"dit les vagues {capped(values)}, et non {wave}" if wave else f"dit les vagues {capped(values)}"
            roles.add("", Line("ignorees", "", name, (name,), _OPEN, said))


def _organisme(roles: Roles, programme: Programme) -> None:
    names = organisme_aliases(programme, official=True)
    keys = {compared(name): code for code, said in names.items() for name in said}
    found = []
    for name in roles.free:
        values = [v for v in _values(roles.table, name) if not says_counts(v, "totaux")]
        read = {v: keys[compared(v)] for v in values if compared(v) in keys}
        if values and len(read) >= _KNOWN * len(values):
            found.append((len(read) / len(values), name, read, [v for v in values if v not in read]))
    if not found:
        return
    _, name, read, unknown = max(found, key=lambda one: one[0])
    own = {v: code for v, code in read.items() if programme.organisme_names.get(normalise(v)) != code}
    _totals(roles, name)
    value = {"colonne": name} | ({"valeurs": own} if own else {})
    if unknown or len(set(read.values())) < len(read):
        told = "plusieurs noms pour un organisme"
        if unknown:
            told = f"ne sont d'aucun organisme : {capped(f'« {v} »' for v in unknown)}"
        roles.add("organisme", Line("organisme", "", value, (name,), _OPEN, told))
    else:
        roles.add(
            "organisme", Line("organisme", "", value, (name,), 97, f"{len(read)} organisme(s) reconnu(s) par leur nom")
        )
    said = [read.get(v or "") for v in roles.table.texts(name)]
    for _, other, again, _ in found:
        if other != name and [again.get(v or "") for v in roles.table.texts(other)] == said:
            roles.add("", Line("ignorees", "redit", other, (other,), 92, f"redit l'organisme de « {name} »"))


def _totals(roles: Roles, name: str) -> None:
    """Leaves out the lines that add up the organismes': no organisme has their name."""
    texts = roles.table.texts(name)
    totals = list(dict.fromkeys(t for t in texts if t is not None and says_counts(t, "totaux")))
    if totals and len(totals) < len(set(texts)):
        pattern = f"^({'|'.join(map(re.escape, totals))})$"
        roles.kept["lignes_ignorees"] = {"colonne": name, "motif": pattern}, "lignes qui réunissent les organismes"
        roles.table = roles.table.rows([t not in totals for t in texts])


def _stratum(roles: Roles, programme: Programme, wave: str | None) -> None:
    planned = programme.planned_strata(wave) if wave else frozenset()
    for name in roles.free:
        values = _values(roles.table, name)
        if planned and values and set(values) <= planned and None not in roles.table.texts(name):
            line = Line("strate", "", {"colonne": name}, (name,), _SURE, "strates de plan_sondage.csv")
            return roles.add("strate", line)
    for name in roles.free:
        if says((name,), lexicon()["roles"]["strate"]):
            reason = "en-tête de strate, dont les codes ne sont pas ceux de plan_sondage.csv ; les dire sous codage"
            value = {"colonne": name, "codage": {}}
            return roles.add("strate", Line("strate", "", value, (name,), _OPEN, reason))
    if len(planned) == 1:
        [only] = planned
        return roles.add("strate", Line("strate", "", {"valeur": only}, (), 92, "la seule strate de plan_sondage.csv"))
    told = "aucune colonne ne la dit, et le plan de sondage en a plusieurs"
    if not planned:
        told = "aucune colonne ne la dit ; lui donner un code, et sa population par une colonne ou par plan_sondage.csv"
    return roles.add("strate", Line("strate", "", None, (), 0, told))


def _cut(roles: Roles, programme: Programme) -> None:
    """Finds the two columns of axis and segment; a contract reads the programme's codes there, and nothing else."""
    codes = {axis: {band.code for band in bands} for axis, bands in programme.axes.items()}
    whole = {("", ""), ("ensemble", "tous"), ("ensemble", "")}
    axes = [
        n for n in roles.free if (v := _values(roles.table, n)) and {*v} <= {*codes, "ensemble"} and {*v} & {*codes}
    ]
    for axis in axes:
        for segment in roles.free:
            pairs = {
                (a or "", s or "") for a, s in zip(roles.table.texts(axis), roles.table.texts(segment), strict=True)
            }
            if segment != axis and all(pair in whole or pair[1] in codes.get(pair[0], ()) for pair in pairs):
                value = {"axe": axis, "segment": segment}
                line = Line(COUNTS, "decoupage", value, (axis, segment), _SURE, "codes d'axes.csv et de segments.csv")
                return roles.add("decoupage", line)
    named = [next((n for n in roles.free if says_counts(n, part)), "") for part in ("axe", "segment")]
    if all(named):
        reason = "un contrat ne lit là que les codes d'axes.csv et de segments.csv ; les faire livrer ainsi"
        value = dict(zip(("axe", "segment"), named, strict=True))
        return roles.add("decoupage", Line(COUNTS, "decoupage", value, tuple(named), _OPEN, reason))
    return None


def _sizes(roles: Roles, known: Vocabulary) -> None:
    fullest = _fullest(roles.table, known)
    for key in (*_SIZES, "population"):
        named = [n for n in roles.free if says_counts(n, key)]
        if key == "effectif" and not named:
            roles.add(key, Line(COUNTS, key, None, (), 0, "aucune colonne ne dit le nombre d'entretiens de la ligne"))
        if not named:
            continue
        first, *others = named
        numbers = roles.table.numbers(first)
        if any(not same(numbers, roles.table.numbers(other)) for other in others):
            reason = f"plusieurs colonnes peuvent le dire : {capped(named)}"
            roles.add(key, Line(COUNTS, key, first, tuple(named), _OPEN, reason))
            continue
        for other in others:
            roles.add("", Line("ignorees", "redit", other, (other,), 92, f"redit « {first} »"))
        fault = _no_size(numbers, fullest) if key == "effectif" else ""
        if key == "population" and "effectif" in roles.columns:
            smaller = not at_most(roles.table.numbers(roles.columns["effectif"]), numbers)
            fault = "moins de personnes que d'entretiens" if smaller else ""
        if None in numbers:
            fault = fault or "des cellules n'y sont pas des nombres"
        confidence = _OPEN if fault else 92
        reason = f"« {first} » : {fault}" if fault else "en-tête, que les nombres ne contredisent pas"
        roles.add(key, Line(COUNTS, key, first, (first,), confidence, reason))


def _fullest(table: CountsTable, known: Vocabulary) -> list[float | None]:
    """Returns how many answers the fullest question of each line has, of those of one answer."""
    sums = []
    for code in known.questions:
        clear = {c: next(iter(said)) for c, said in table.said.items() if len(said) == 1}
        own = {said.answer: c for c, said in clear.items() if said.question == code and said.measure in ("", "comptes")}
        parts = [table.numbers(c) for answer, c in own.items() if answer in known.options[code].codes]
        if parts and not known.multiple(code):
            sums.append(added(parts))
    return [max((v for v in row if v is not None), default=None) for row in zip(*sums, strict=True)] if sums else []


def _no_size(numbers: Sequence[float | None], fullest: Sequence[float | None]) -> str:
    """Returns why numbers are not those of the interviews of each line; empty where they may be."""
    if any(n is not None and (n <= 0 or n != round(n)) for n in numbers):
        return "des nombres nuls, négatifs ou à virgule"
    if not fullest or not at_most(fullest, numbers):
        return "moins d'entretiens que de réponses à une question"
    if not at_most([None if n is None else n * _ANSWERED for n in numbers], fullest):
        return "bien plus grand que le nombre de réponses : une population, sans doute"
    return ""


def _segments(roles: Roles, programme: Programme) -> None:
    """Says of a column of segments that a contract reads them by two columns."""
    for name in roles.free:
        values = {compared(v) for v in _values(roles.table, name)}
        for axis, bands in programme.axes.items():
            own = {compared(text) for band in bands for text in (band.code, band.label)}
            if len(values & own) > 1 and all(v in own or says_counts(v[0], "totaux") for v in values):
                told = "un contrat les lit en deux colonnes, axe et segment, sous les codes du programme"
                reason = f"segments de l'axe {axis} : {told}"
                roles.add("", Line("ignorees", "", name, (name,), _OPEN, reason))
                break


def repeated_lines(roles: Roles) -> Iterator[Line]:
    """Yields the doubt that several lines of one organisme, stratum and segment leave: which one is the whole?"""
    held = [roles.columns[role] for role in ("organisme", "strate") if role in roles.columns]
    cut = next((line.columns for line in roles.lines if line.key == "decoupage" and line.decided), ())
    keys = [*held, *cut]
    if keys and "organisme" in roles.columns and roles.table.frame.select(keys).is_duplicated().any():
        told = (
            "plusieurs lignes d'un même organisme, d'une même strate et d'un même segment ; dire ce qui les distingue"
        )
        if not any(line.key == "decoupage" for line in roles.lines):
            yield Line(COUNTS, "decoupage", None, (), 0, told)


def statuses_line(table: CountsTable, used: Sequence[str]) -> Iterator[Line]:
    """Yields what stands in the place of numbers, for a person to say what it means."""
    odd: dict[str, int] = {}
    for column in used:
        for text, cells in table.odd(column).items():
            odd[text] = odd.get(text, 0) + cells
    if odd:
        short = {text: cells for text, cells in odd.items() if len(text) <= _SHORT}
        said = [f"« {text} » ({cells} fois)" for text, cells in sorted(short.items(), key=lambda one: -one[1])]
        long = sum(cells for text, cells in odd.items() if text not in short)
        told = capped([*said, *([f"d'autres textes ({long} fois)"] if long else [])])
        value = dict.fromkeys(short, "…")
        reason = f"ce que vaut, à la place d'un nombre, {told} ; dire vide, sans_objet, supprime, indisponible ou exclu"
        yield Line(COUNTS, "statuts", value, (), _OPEN, reason)
