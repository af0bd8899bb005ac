"""Deliveries of counts as senders write them, drawn at random with their truth: wide, in two rows of titles, long."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter

from orchestration.extracts.form import Format
from orchestration.extracts.readers.tables import titles as column_titles
from orchestration.programme import Programme

WAVE, INSTITUTE = "2022", "ALTAIR"
ORGANISMES = ("AUBEPINE", "BRUYERE", "DIGITALE", "EGLANTINE")
RESPONDENTS = "*"
# axis and segments that some deliveries cut their counts by
CUT = {"type_menage": ("SEUL", "COUPLE", "COUPLE_ENFANTS", "MONOPARENTAL")}

Key = tuple[str, str, str, str]
Answer = tuple[str, str]


@dataclass(frozen=True)
class Truth:
    """What a column of a delivery is: `compte`, `pourcentage`, `poids`… of a question's answer, or another role."""

    kind: str
    question: str = ""
    answer: str = ""

    @property
    def of_question(self) -> bool:
        return self.kind == "compte"


@dataclass
class CountsExtract:
    """A file and its truth.

    Attributes:
        path: the file.
        variant: how it is written.
        columns: truth by title, as the reader names the column.
        sizes: interviews by organisme, stratum, axis and segment.
        counts: likewise, by question and answer.
        long: whether it is a frequency table: a column is then a question, an answer, and what stands between.
    """

    path: Path
    variant: str
    columns: dict[str, Truth] = field(default_factory=dict)
    sizes: dict[Key, int] = field(default_factory=dict)
    counts: dict[Key, dict[Answer, int]] = field(default_factory=dict)
    long: bool = False


@dataclass(frozen=True)
class Style:
    """How a sender writes its tables.

    Attributes:
        title: title of a count, from the question's code and label, and the answer's code and label.
        beside: columns beside the counts: `pourcentage`, `total`, `satisfaits`, `poids`.
        statuses: whether refusals and « does not know » are counted too.
        cut: whether lines of segments follow.
        total_line: whether a line adds up the organismes.
        noise: columns that say nothing of answers.
        shuffled: whether columns stand in any order.
        bare: whether accents are lost.
        rows: rows of titles.
        respondents: how those who answered a question of several answers are called.
        form: csv or xlsx.
    """

    title: Callable[[str, str, str, str], str]
    beside: tuple[str, ...] = ()
    statuses: bool = False
    cut: bool = False
    total_line: bool = False
    noise: bool = False
    shuffled: bool = False
    bare: bool = False
    rows: int = 1
    respondents: str = "répondants"
    form: str = "csv"


WIDE: Mapping[str, Style] = {
    "labels": Style(lambda code, q, option, a: f"{q} - {a}", statuses=True, noise=True, total_line=True),
    "codes": Style(lambda code, q, option, a: f"{code}_{option}", shuffled=True, cut=True, respondents="N"),
    "numbered": Style(lambda code, q, option, a: f"{code}. {q} : {a}", beside=("total", "pourcentage"), noise=True),
    "bare": Style(lambda code, q, option, a: f"NB {q} [{a}]".upper(), bare=True, shuffled=True, beside=("satisfaits",)),
    "turned": Style(lambda code, q, option, a: f"{a} ({code})", beside=("poids",), statuses=True),
    "two-rows": Style(lambda code, q, option, a: a, rows=2, beside=("total",), form="xlsx", cut=True),
    "two-rows-codes": Style(lambda code, q, option, a: option, rows=2, statuses=True, noise=True, total_line=True),
}  # fmt: skip
LONG = ("long-labels", "long-codes", "long-without-zeros", "long-cut", "long-shares")
VARIANTS = (*WIDE, *LONG)


def counts_extract(variant: str, folder: Path, programme: Programme, seed: int) -> CountsExtract:
    """Writes a delivery of a variant; a seed always gives the same one."""
    chance = Random(f"{seed}/{variant}")
    form = WIDE[variant].form if variant in WIDE else "csv"
    extract = CountsExtract(folder / f"{INSTITUTE}_comptages_{WAVE}.{form}", variant)
    _draw(extract, programme, chance, cut=WIDE[variant].cut if variant in WIDE else variant == "long-cut")
    if variant in WIDE:
        _wide(extract, WIDE[variant], programme, chance)
    else:
        _long(extract, programme, chance)
    return extract


def _asked(programme: Programme) -> Iterator[tuple[str, str, str]]:
    asked = {r["question_code"] for r in programme.rows("questions_vagues") if r["vague"] == WAVE}
    for row in programme.rows("questions"):
        code = row["question_code"] or ""
        if code in asked and code in programme.questions:
            yield code, row["libelle"] or "", row["echelle"] or ""


def _answers(programme: Programme, code: str, scale: str, *, statuses: bool) -> list[tuple[str, str]]:
    kept = [r for r in programme.rows("modalites") if r["echelle"] == scale]
    kept += [r for r in programme.rows("modalites") if statuses and r["modalite_code"] in ("NSP", "REFUS")]
    return [(r["modalite_code"] or "", r["libelle"] or "") for r in kept]


def _draw(extract: CountsExtract, programme: Programme, chance: Random, *, cut: bool) -> None:
    for row in programme.rows("plan_sondage"):
        organisme, stratum = row["organisme_code"] or "", row["strate"] or ""
        if row["vague"] != WAVE or organisme not in ORGANISMES:
            continue
        population = int(row["population"] or 0)
        size = chance.randint(min(30, population // 2), min(400, population // 2))
        cells = [("", ""), *((axis, segment) for axis, all_of_it in CUT.items() for segment in all_of_it if cut)]
        for axis, segment in cells:
            extract.counts[organisme, stratum, axis, segment] = {}
        segments = [chance.choice(CUT["type_menage"]) for _ in range(size)]
        for axis, segment in cells:
            extract.sizes[organisme, stratum, axis, segment] = segments.count(segment) if axis else size
        for code, _, scale in _asked(programme):
            _interviews(extract, (organisme, stratum), (code, scale), segments, programme, chance)


def _interviews(
    extract: CountsExtract,
    where: tuple[str, str],
    question: tuple[str, str],
    segments: Sequence[str],
    programme: Programme,
    chance: Random,
) -> None:
    """Counts the answers that interviews give to a question, in the whole and in their segments."""
    code, scale = question
    multiple = programme.questions[code].multiple
    options = [option for option, _ in _answers(programme, code, scale, statuses=not multiple)]
    weights = [6, *(chance.choice((0, 1, 5, 9)) for _ in options[1:])]
    put = 0.4 if programme.questions[code].condition else 1.0
    cells = {key: counts for key, counts in extract.counts.items() if key[:2] == where}
    for counts in cells.values():
        counts |= {(code, option): 0 for option in (*options, *([RESPONDENTS] if multiple else []))}
    for segment in segments:
        if chance.random() >= put:
            continue
        said = {chance.choices(options, weights)[0] for _ in range(2 if multiple else 1)}
        for (*_, axis, own), counts in cells.items():
            for answer in (*said, *([RESPONDENTS] if multiple else [])) if not axis or own == segment else ():
                counts[code, answer] += 1


def _wide(extract: CountsExtract, style: Style, programme: Programme, chance: Random) -> None:
    columns: list[tuple[str, str, Truth, Callable[[Key], Any]]] = []
    strata = [("", "Organisme", Truth("organisme"), lambda k: programme_name(programme, k[0])), ("", "strate", Truth("strate"), lambda k: k[1])]  # fmt: skip
    if style.cut:
        strata += [("", "axe", Truth("axe"), lambda k: k[2]), ("", "segment", Truth("segment"), lambda k: k[3])]
    strata.append(("", "Nombre d'entretiens", Truth("effectif"), lambda k: extract.sizes[k]))
    if "poids" in style.beside:
        strata += [("", "Effectif pondéré", Truth("effectif_poids"), lambda k: extract.sizes[k] * 2), ("", "Somme des carrés des poids", Truth("effectif_poids_carre"), lambda k: extract.sizes[k] * 4)]  # fmt: skip
    for code, label, scale in _asked(programme):
        columns += _of_question(extract, style, programme, code, label, scale)
    if style.noise:
        columns.insert(chance.randint(1, 40), ("", "Commentaire du chargé d'étude", Truth("bruit"), lambda k: "RAS"))
        columns.insert(
            chance.randint(1, 40), ("", "Taux de retour (%)", Truth("bruit"), lambda k: chance.randint(11, 39))
        )
    if style.shuffled:
        chance.shuffle(columns)
    every = [*strata, *columns]
    keys = list(extract.sizes)
    rows = [[get(key) for *_, get in every] for key in keys]
    if style.total_line:
        total = [sum(v for v in column if isinstance(v, int)) if isinstance(column[0], int) else "" for column in zip(*rows, strict=True)]  # fmt: skip
        rows.append(["Total", *total[1:]])
    shown = bare if style.bare else str
    if style.rows == 1:
        titles = [[shown(title) for _, title, _, _ in every]]
    else:
        groups = [group for group, *_ in every]
        titles = [[g if i == 0 or g != groups[i - 1] else "" for i, g in enumerate(groups)], [t for _, t, *_ in every]]
    named = column_titles(titles, Format(type="csv"))
    extract.columns = dict(zip(named, (truth for _, _, truth, _ in every), strict=True))
    if style.form == "xlsx":
        _workbook(extract.path, [*titles, *rows])
    else:
        _csv(extract.path, [*titles, *rows])


def _of_question(
    extract: CountsExtract, style: Style, programme: Programme, code: str, label: str, scale: str
) -> Iterator[tuple[str, str, Truth, Callable[[Key], Any]]]:
    multiple = programme.questions[code].multiple
    answers = _answers(programme, code, scale, statuses=style.statuses and not multiple)
    group = label if style.rows > 1 and style.statuses is False else code
    answers += [(RESPONDENTS, style.respondents)] if multiple else []

    def count(option: str) -> Callable[[Key], int]:
        return lambda key: extract.counts[key][code, option]

    def whole(key: Key) -> int:
        return sum(extract.counts[key][code, option] for option, _ in answers)

    def put(option: str, text: str, own: str = "") -> str:
        written = style.title(code, label, RESPONDENTS if option == RESPONDENTS else option, text)
        return (written.replace("*", text) if option == RESPONDENTS else written) + own

    for option, text in answers:
        yield group, put(option, text), Truth("compte", code, option), count(option)
        if "pourcentage" in style.beside and not multiple:
            yield group, put(option, text, " (%)"), Truth("pourcentage", code, option), _share(count(option), whole)
        if "poids" in style.beside:
            yield group, put(option, text, " poids"), Truth("poids", code, option), _times(count(option), 2)
            yield group, put(option, text, " poids carré"), Truth("poids_carre", code, option), _times(count(option), 4)
    if "total" in style.beside and not multiple:
        yield group, put("total", "Total"), Truth("total", code), whole
    liked = {r["modalite_code"] for r in programme.rows("modalites") if r["echelle"] == scale and r["est_satisfait"] == "oui"}  # fmt: skip
    if "satisfaits" in style.beside and liked and not multiple:
        yield group, f"{code} % satisfaits", Truth("satisfaits", code), _share(lambda k: sum(extract.counts[k][code, o] for o in liked), whole)  # fmt: skip


def _share(part: Callable[[Key], int], total: Callable[[Key], int]) -> Callable[[Key], Any]:
    return lambda key: f"{100 * part(key) / total(key):.1f}".replace(".", ",") if total(key) else ""


def _times(part: Callable[[Key], int], factor: int) -> Callable[[Key], int]:
    return lambda key: part(key) * factor


def _long(extract: CountsExtract, programme: Programme, chance: Random) -> None:
    extract.long = True
    variant = extract.variant
    coded = variant == "long-codes"
    rows = []
    for code, label, scale in _asked(programme):
        question = code if coded else label
        multiple = programme.questions[code].multiple
        answers = _answers(programme, code, scale, statuses=not multiple)
        answers += [(RESPONDENTS, "Répondants")] if multiple else []
        for option, text in answers:
            answer = text if option == RESPONDENTS or not coded else option
            extract.columns[f"{question} / {answer}"] = Truth("compte", code, option)
            for key, size in extract.sizes.items():
                count = extract.counts[key][code, option]
                if variant == "long-without-zeros" and not count:
                    continue
                total = sum(extract.counts[key][code, o] for o, _ in answers if o != RESPONDENTS) or 1
                line = {"Bailleur": programme_name(programme, key[0]), "Strate": key[1]}
                line |= {"axe": key[2], "segment": key[3]} if variant == "long-cut" else {}
                line |= {"Effectif total": size, "Question": question, "Réponse": answer, "Nombre": count}
                if variant == "long-shares":
                    line |= {"Pourcentage": f"{100 * count / total:.1f}", "Source": "terrain"}
                rows.append(line)
    if variant in ("long-codes", "long-cut"):
        chance.shuffle(rows)
    roles = {"Bailleur": "organisme", "Strate": "strate", "axe": "axe", "segment": "segment", "Effectif total": "effectif", "Question": "forme_longue", "Réponse": "forme_longue", "Nombre": "forme_longue", "Pourcentage": "pourcentage", "Source": "bruit"}  # fmt: skip
    extract.columns |= {name: Truth(roles[name]) for name in rows[0]}
    _csv(extract.path, [list(rows[0]), *[list(row.values()) for row in rows]])


def programme_name(programme: Programme, code: str) -> str:
    """Returns the usual name of an organisme."""
    return next(r["alias"] or "" for r in programme.rows("organismes_alias") if r["organisme_code"] == code)


def bare(text: str) -> str:
    """Returns a text without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _csv(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\n").writerows(rows)


def _workbook(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Comptages")
        sheet.write(0, 0, "Enquête auprès des locataires : comptages par organisme")
        for i, row in enumerate(rows, 2):
            for j, cell in enumerate(row):
                if cell != "":
                    sheet.write(i, j, cell)
