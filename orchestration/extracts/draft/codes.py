"""Reads the values of a column as the codes of a list of options: every reading that the values allow."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property

from orchestration.extracts.draft.ends import turned
from orchestration.extracts.draft.lexicon import lexicon, plain
from orchestration.extracts.draft.marks import Marks
from orchestration.extracts.draft.meaning import compared, in_order, like, unnumbered
from orchestration.extracts.draft.units import bounds_unit
from orchestration.programme import Programme
from orchestration.programme.programme import COMMON_SCALE
from orchestration.programme.texts import normalise

TEXT, ALIKE, NOTE, RISING, FALLING, INITIAL, BANDS, SHIFTED = (
    "libelle", "ressemblance", "note", "croissant", "decroissant", "initiale", "bornes", "decale",
)  # fmt: skip

USUAL = "façon courante de le dire"

Likely = Mapping[str, tuple[str, str]]

# a column with more values than this is no list of options
_VALUES = 200


@dataclass(frozen=True)
class Options:
    """What an answer may be.

    Attributes:
        labels: labels by code, in order.
        statuses: ways to write each status common to all questions: label and code.
        bands: bounds by code, where the options are bands of numbers.
        unit: in which the bounds count; empty where nothing tells it.
        sided: whether some options are favourable and others not.
        alone: options that exclude the others.
        favourable: those that are favourable.
    """

    labels: Mapping[str, str]
    statuses: Mapping[str, Sequence[str]]
    bands: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    unit: str = ""
    sided: bool = False
    alone: frozenset[str] = frozenset()
    favourable: frozenset[str] = frozenset()

    @property
    def codes(self) -> list[str]:
        """Codes, in order."""
        return list(self.labels)

    @property
    def ordered(self) -> bool:
        """Whether they have one order: bands, numbers, or words from one end of a scale to the other."""
        labels = list(self.labels.values())
        return bool(self.bands) or all(re.fullmatch(r"-?\d+", t) for t in labels) or in_order(labels) is not None

    @cached_property
    def own(self) -> dict[str, list[str]]:
        """Ways to write each option: label and code."""
        return {code: [label, code] for code, label in self.labels.items()}

    @cached_property
    def _named(self) -> dict[tuple[str, ...], set[str]]:
        found: dict[tuple[str, ...], set[str]] = {}
        for code, names in {**self.own, **self.statuses}.items():
            for name in filter(None, names):
                found.setdefault(compared(name), set()).add(code)
        return found

    def named(self, text: str) -> str | None:
        """Returns the code that a text is the label or the code of; None where it is none's, or several codes'."""
        found = self._named.get(compared(text), set()) if text else set()
        if not found and "_" in text:
            found = {code for code, names in self._slugs.items() if text in names}
        return next(iter(found)) if len(found) == 1 else None

    @cached_property
    def _slugs(self) -> dict[str, set[str]]:
        """The names that a form builder makes of each label: all but bare letters and digits becomes « _ »."""
        return {code: set(map(form_name, filter(None, names))) for code, names in {**self.own, **self.statuses}.items()}


def form_name(label: str) -> str:
    """Returns the name that a form builder makes of a label: « tr_s_satisfait », « _10_ans »."""
    name = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    return f"_{name}" if name[:1].isdigit() else name


@dataclass(frozen=True)
class Reading:
    """One way to read a column.

    Attributes:
        origin: what it rests on.
        codage: code by value (for a column per option, the option by column).
        prior: how likely it is before anything else is looked at, 0 to 1.
        unread: values it says nothing of.
        likely: for some of these, the code that they may stand for, and why: a person decides.
        marks: for a column per option, which values say that the option was chosen; None where nothing says it.
        doubt: why it may be another one, in French.
        contradicted: whether the column's own title says so, which no filter undoes.
    """

    origin: str
    codage: Mapping[str, str]
    prior: float
    unread: tuple[str, ...] = ()
    likely: Likely = field(default_factory=dict)
    marks: Marks | None = None
    doubt: str = ""
    contradicted: bool = False

    @property
    def guessed(self) -> dict[str, str]:
        """Code by value, what is only likely included: enough to weigh evidence, not to load an answer."""
        return {**{value: code for value, (code, _) in self.likely.items()}, **self.codage}


def question_options(programme: Programme, scale: str) -> Options:
    """Returns the options of a scale."""
    labels = _labels(programme, scale)
    rows = [r for r in programme.rows("modalites") if r["echelle"] == scale]
    sides = {r["est_satisfait"] for r in rows}
    alone = frozenset(r["modalite_code"] or "" for r in rows if r["exclusive"] == "oui")
    own = {code: labels[code] for code in programme.options[scale]}
    liked = frozenset(r["modalite_code"] or "" for r in rows if r["est_satisfait"] == "oui")
    return Options(own, _statuses(programme), sided={"oui", "non"} <= sides, alone=alone, favourable=liked)


def axis_options(programme: Programme, axis: str) -> Options:
    """Returns the segments of an axis."""
    segments = programme.axes[axis]
    labels = {b.code: b.label for b in segments}
    bands = {b.code: (b.low, b.high) for b in segments if b.low is not None and b.high is not None}
    return Options(labels, _statuses(programme), bands, bounds_unit(axis_names(programme, axis), labels, bands))


def axis_names(programme: Programme, axis: str) -> tuple[str, str]:
    """Returns what an axis is called: its code, its label."""
    return axis, next((r["libelle"] or "" for r in programme.rows("axes") if r["axe"] == axis), "")


def _labels(programme: Programme, scale: str) -> dict[str, str]:
    return {r["modalite_code"] or "": r["libelle"] or "" for r in programme.rows("modalites") if r["echelle"] == scale}


def _statuses(programme: Programme) -> dict[str, list[str]]:
    return {code: [label, code] for code, label in _labels(programme, COMMON_SCALE).items()}


def label_codage(
    counts: Mapping[str, int], labels: Mapping[str, str], options: Options
) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Returns the code of each value whose label, or own text, is an option's; and of others the likely one, with why.

    A number before the label is left out as long as one number goes with one label: « 1 - Très satisfait ».
    """
    texts = {value: labels.get(value, value) for value in {**dict.fromkeys(labels, 0), **counts}}
    found = {value: code for value, text in texts.items() if (code := options.named(text))}
    bare = {value: unnumbered(text) for value, text in texts.items() if value not in found}
    numbered = {value: (code, number) for value, (text, number) in bare.items() if (code := options.named(text))}
    pairs = set(numbered.values())
    if len({code for code, _ in pairs}) == len({number for _, number in pairs}) == len(pairs):
        found |= {value: code for value, (code, _) in numbered.items()}
    likely: dict[str, tuple[str, str]] = {}
    for value, text in texts.items() if len(texts) <= _VALUES else ():
        if value not in found:
            near = like(text, options.own, sided=options.sided) or like(text, options.statuses, sided=False)
            usual = (code for code, said in lexicon()["sans_opinion"].items() if plain(text) in said)
            if not near and (status := next(usual, "")) in options.statuses:
                near = status, USUAL
            # the end of a scale of numbers, with what it means: « 10 - Tout à fait probable »
            if (number := bare[value][1]) and (code := options.named(number)) in options.labels:
                near = str(code), f"commence par « {number} »"
            likely |= {value: near} if near else {}
    return found, likely


def run_of(counts: Mapping[str, int]) -> list[str]:
    """Returns the values that follow one another from 0 or 1: the options of a coded column."""
    by_number = {int(v): v for v in counts if re.fullmatch(r"\d{1,3}", v)}
    total = sum(counts.values())
    start = 0 if counts.get(by_number.get(0, ""), 0) > 0.002 * total else 1
    run = []
    while start in by_number and (counts[by_number[start]] >= 0.002 * total or start + 1 in by_number):
        run.append(by_number[start])
        start += 1
    return run


def readings(
    counts: Mapping[str, int],
    labels: Mapping[str, str],
    options: Options,
    notes: Mapping[str, str],
    *,
    ordered: bool,
    titles: Sequence[str] = (),
) -> list[Reading]:
    """Returns every reading of the values as these options, the likeliest first.

    Args:
        counts: rows by value.
        labels: label by value.
        options: the options.
        notes: label by value, as notes above the table say.
        ordered: whether the options have an order that codes follow, up or down.
        titles: ways to read the question, which may say from which number to which its answers go.
    """
    total = sum(counts.values()) or 1
    codes, statuses = options.codes, options.statuses

    named, likely = label_codage(counts, labels, options)

    def reading(origin: str, codage: Mapping[str, str], prior: float) -> Reading:
        known = {v: c for v, c in codage.items() if v in counts or v in labels}
        unread = tuple(v for v in counts if v not in known)
        return Reading(origin, known, prior, unread, {v: likely[v] for v in unread if v in likely})

    if _shifted(counts, labels, options):
        return [reading(SHIFTED, named, 0.6)]
    told, _ = label_codage({}, notes, options)
    if doubt := _other_scale(counts, {*notes, *(v for v, text in labels.items() if text.strip())}, options, titles):
        return [replace(reading(SHIFTED, named, 0.6), doubt=doubt)]
    if doubt := _turned(named, labels, options, titles):
        return [replace(reading(SHIFTED, named, 0.6), doubt=doubt, contradicted=True)]
    exact = sum(n for v, n in counts.items() if v in named) / total
    if exact > 0.5 and 2 * len(set(named.values()) & set(codes)) >= len(codes):
        return [reading(TEXT, named, 0.97)]
    told_apart = {**{v: code for v, (code, _) in likely.items()}, **named}
    share = sum(n for v, n in counts.items() if v in told_apart) / total
    if share > 0.9 and set(told_apart.values()) & set(codes):
        return [reading(TEXT, named, 0.97)]
    special = {v: c for v, c in named.items() if c in statuses}
    run = run_of(counts)
    known_run = run[: len(codes)]
    special |= {v: c for v, c in told.items() if c in statuses and v not in known_run}
    found = []
    if _fits(run, codes) and len(codes) > 1:
        k = int(known_run[0])
        values = [str(k + i) for i in range(len(codes))]
        rising, falling = dict(zip(values, codes, strict=True)), dict(zip(values, reversed(codes), strict=True))
        anchors = {v: c for v, c in told.items() if c in codes}
        for origin, codage in ((RISING, rising), (FALLING, falling)):
            if anchors and all(codage.get(v) == c for v, c in anchors.items()) and ordered:
                return [reading(NOTE, {**codage, **special}, 0.93)]
            if origin == RISING or ordered or len(codes) == 2:
                found.append(reading(origin, {**codage, **special}, 0.6 if origin == RISING else 0.3))
    if ordered and (doubts := [_turned(one.codage, labels, options, titles) for one in found]) and any(doubts):
        kept = [one for one, doubt in zip(found, doubts, strict=True) if not doubt]
        found = kept or [replace(found[0], doubt=doubts[0], contradicted=True)]
    found += _letters(counts, codes, options, special, reading)
    return found


def _other_scale(counts: Mapping[str, int], explained: Set[str], options: Options, titles: Sequence[str]) -> str:
    """Returns why answers in numbers may be those of a scale that begins one later, or one earlier; empty otherwise.

    Args:
        counts: rows by value.
        explained: values of which the file says what they mean.
        options: the options.
        titles: ways to read the question.
    """
    scale = sorted(int(label) for label in options.labels.values() if re.fullmatch(r"\d+", label))
    if len(scale) < 3 or len(scale) < len(options.labels) or scale[0] > 1:
        return ""
    # an answer at the end of the scale is rare; one beyond it may be a slip of the keyboard
    least = 0.002 * sum(counts.values()) if scale[0] else 0
    given = {int(v) for v, n in counts.items() if re.fullmatch(r"\d+", v) and n > least}
    if scale[-1] not in given or (0 in given) is (scale[0] == 0) or str(scale[0]) in explained:
        return ""
    bounds = {str(scale[0]), str(scale[-1])}
    if any(bounds <= {*re.findall(r"\d+", title)} for title in titles):
        return ""
    seen, own = f"de {min(given)} à {scale[-1]}", f"de {scale[0]} à {scale[-1]}"
    return f"les réponses vont {seen}, l'échelle va {own} : dire laquelle l'expéditeur a posée"


def _turned(codage: Mapping[str, str], labels: Mapping[str, str], options: Options, titles: Sequence[str]) -> str:
    """Returns why a reading of numbers goes against what title or labels say of the two ends; empty otherwise."""
    read = {int(v): code for v, code in codage.items() if re.fullmatch(r"\d{1,3}", v) and code in options.labels}
    if len(read) < 3 or not options.sided or any(labels.get(str(v), str(v)).strip() != str(v) for v in read):
        return ""
    low, high = (
        str(end + way * (str(end + way) in {*labels} - {*codage})) for end, way in ((min(read), -1), (max(read), 1))
    )
    best, said = turned(titles, labels, (low, high), (read[min(read)], read[max(read)]), options.favourable)
    if not best:
        return ""
    told = ", ".join(f"{end} = « {text} »" for end, text in said.items())
    return (
        f"le titre dit {told} : {best} y est la meilleure réponse, et la moins bonne d'après l'échelle ; dire laquelle"
    )


def _shifted(counts: Mapping[str, int], labels: Mapping[str, str], options: Options) -> bool:
    """Returns whether numbers go one beyond one end of a scale of numbers, and none stands at the other end."""
    scale = sorted(int(label) for label in options.labels.values() if re.fullmatch(r"\d+", label))
    if len(scale) < 3 or len(scale) < len(options.labels):
        return False
    given = {int(v) for v in counts if re.fullmatch(r"-?\d+", v) and not labels.get(v, "").strip()}
    low, high = scale[0], scale[-1]
    return (high + 1 in given and low not in given) or (low - 1 in given and high not in given)


def _fits(run: Sequence[str], codes: Sequence[str]) -> bool:
    return 0 < len(run) <= len(codes) and (len(run) >= len(codes) - 1 or len(run) >= 2)


def _letters(
    counts: Mapping[str, int],
    codes: Sequence[str],
    options: Options,
    special: Mapping[str, str],
    reading: Callable[[str, Mapping[str, str], float], Reading],
) -> list[Reading]:
    """Reads letters: the initials of the labels, or O and N for two options."""
    total = sum(counts.values()) or 1
    main = [v for v, n in counts.items() if v not in special and n > 0.01 * total and not re.fullmatch(r"-?\d+", v)]
    if not main or len(main) > len(codes):
        return []
    starts = {v: [c for c in codes if any(plain(t).startswith(plain(v)) for t in (options.labels[c], c))] for v in main}
    if all(len(s) == 1 for s in starts.values()) and len({s[0] for s in starts.values()}) == len(main):
        return [reading(INITIAL, {**{v: s[0] for v, s in starts.items()}, **special}, 0.75)]
    yes, no = set(lexicon()["oui"]), set(lexicon()["non"])
    said = {v: "y" if normalise(v) in yes else "n" if normalise(v) in no else "" for v in main}
    if len(codes) == 2 and all(said.values()) and len(set(said.values())) == 2:
        order = sorted(main, key=lambda v: said[v] != "y")
        return [
            reading(RISING, {**dict(zip(order, codes, strict=True)), **special}, 0.7),
            reading(FALLING, {**dict(zip(order, reversed(codes), strict=True)), **special}, 0.3),
        ]
    return []


def noted_labels(notes: Sequence[str]) -> dict[str, str]:
    """Returns the labels of codes that notes give, as in « 4 très satisfait, 1 pas du tout satisfait »."""
    found: dict[str, str] = {}
    for note in notes:
        pairs = re.findall(r"(?<!\w)(\d{1,2})\s*[=:]?\s*([^\W\d][^\d,;:=|]*)", note)
        found |= {value: text.strip() for value, text in pairs if value not in found}
    return found
