"""Whether a contract contradicts the words of an extract: a value that is another option's label, or its contrary."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from orchestration.extracts.contract_body import AxisRule
from orchestration.extracts.contract_questions import Question, YesNoQuestion
from orchestration.extracts.contract_titles import option_columns
from orchestration.extracts.draft.bounds import apart
from orchestration.extracts.draft.codes import axis_options, question_options
from orchestration.extracts.draft.leaning import (
    answered,
    completed,
    counted_of,
    denied,
    denies,
    doubtful,
    half,
    leaning,
    level,
    names_bad,
    of_a_statement,
    opposed,
    spelled,
)
from orchestration.extracts.draft.lexicon import lexicon, plain
from orchestration.extracts.draft.meaning import (
    agreed,
    between,
    contrary,
    equal,
    no_answer,
    of_same_meaning,
    unnumbered,
    with_or_without,
)
from orchestration.extracts.draft.strength import disordered
from orchestration.programme import Programme
from orchestration.programme.faults import Fault

# the status of what was left without an answer, whatever the reason
_ANY = "sans_reponse"
_FIX = "corriger le code"
_OR = "corriger le code, ou dire pourquoi sous codage_propre"


@dataclass(frozen=True)
class Against:
    """What the words of a text say against the code that it is given.

    Attributes:
        why: a French clause.
        excused: whether a reason under `codage_propre` lets it through.
    """

    why: str
    excused: bool = True

    @property
    def fix(self) -> str:
        """What to do about a contract that says so, in French."""
        return f"{self.why} ; {_OR if self.excused else _FIX}"


@dataclass(frozen=True)
class Words:
    """What texts are held to: the words of a scale, or of an axis.

    Attributes:
        names: labels by code, those that are no opinion included.
        options: those that are an opinion, or a segment.
        side: the side of each option, 1 or -1, where the scale has sides.
        natures: what each code that is no opinion stands for (statut_reponse).
        elsewhere: of an axis, the labels of the other axes' segments, and of which axis each is.
        bands: of an axis, the bounds of its segments that have some.
    """

    names: Mapping[str, str]
    options: Mapping[str, str]
    side: Mapping[str, int]
    natures: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    bands: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def of_scale(cls, programme: Programme, scale: str) -> Words:
        """Returns the words of a scale."""
        options = question_options(programme, scale)
        names = {**options.labels, **{status: said[0] for status, said in options.statuses.items()}}
        sides = _sides(programme, scale) if options.sided else {}
        return cls(names, options.labels, sides, programme.statuses)

    @classmethod
    def of_axis(cls, programme: Programme, axis: str) -> Words:
        """Returns the words of an axis."""
        options = axis_options(programme, axis)
        labels = options.labels
        segments = [(other, band.label) for other, bands in programme.axes.items() for band in bands if other != axis]
        # a yes is a yes on any axis
        others = {label: other for other, label in segments if agreed(label, "oui") is None}
        return cls(labels, labels, {}, elsewhere=others, bands=options.bands)

    def against(self, text: str, code: str, *, own: bool, turned: bool, beside: Collection[str] = ()) -> Against | None:
        """Returns why a text cannot have a code; None where it can, or where the code has no words.

        Args:
            text: a delivered value, or what a file calls it.
            code: what the contract makes of it.
            own: whether the contract gives a reason for what it reads otherwise than usual.
            turned: whether it gives one, and reads the whole scale from its other end.
            beside: the texts of the same list.
        """
        return _against(text, code, self, beside, own=own, turned=turned) if code in self.names else None

    def out_of_order(self, codage: Mapping[str, str]) -> Iterator[str]:
        """Yields, in French, the texts of a list that say more than another and are given less; none of an axis.

        A scale whose own options stand in such an order is the programme's to decide.
        """
        order = list(self.options)
        places = {text: order.index(code) for text, code in codage.items() if code in self.options}
        for strong, weak in disordered(places) if self.side else ():
            if all(equal(text, self.names[codage[text]]) for text in (strong, weak)):
                continue
            given = f"{codage[strong]} et {codage[weak]}"
            yield f"« {strong} » et « {weak} » ne peuvent pas donner {given} : l'un va plus loin que l'autre"

    def at_an_end(self, code: str) -> bool:
        """Returns whether an option is the first or the last of a scale that has others in between."""
        order = list(self.options)
        return len(order) > 3 and code in (order[0], order[-1])


def question_words(
    key: str, where: str, rule: Question, codage: Mapping[str, str], scale: str, programme: Programme
) -> Iterator[Fault]:
    """Yields the values of a question that say another option of the scale, or another side, than they are given.

    Args:
        key: place of the question in the contract.
        where: place of its table of codes.
        rule: what the contract says of it.
        codage: its table of codes.
        scale: its scale.
        programme: the options and their labels.
    """
    words, own = Words.of_scale(programme, scale), rule.codage_propre is not None
    yield from _values(where, codage, words, own=own, turned=own and turned(codage, words.options))
    if rule.codage_propre is None:
        yield from _initials(where, codage, words.options)
        for why in words.out_of_order(codage):
            yield where, f"{why} ; {_OR}."
    if isinstance(rule, YesNoQuestion):
        yield from _yes_and_no(key, rule)
        yield from option_columns(f"{key}.colonnes", rule.colonnes, words.options)


def axis_words(
    where: str, rule: AxisRule, codage: Mapping[str, str], axis: str, programme: Programme
) -> Iterator[Fault]:
    """Yields the values of an axis that say another segment than they are given."""
    words, own = Words.of_axis(programme, axis), rule.codage_propre is not None
    yield from _values(where, codage, words, own=own, turned=own)
    if rule.codage_propre is None:
        yield from _initials(where, codage, words.options)


def _values(where: str, codage: Mapping[str, str], words: Words, *, own: bool, turned: bool) -> Iterator[Fault]:
    for value, code in codage.items():
        if found := words.against(value, code, own=own, turned=turned, beside=codage):
            yield where, f"« {value} » ne peut pas donner {code} (« {words.names[code]} ») : {found.fix}."


def _initials(where: str, codage: Mapping[str, str], labels: Mapping[str, str]) -> Iterator[Fault]:
    """Yields the letters that are each the initial of one option, all different, where they are given another one."""
    letters = {value: code for value, code in codage.items() if code in labels and value.isalpha() and len(value) < 3}
    meant = {
        value: [c for c, label in labels.items() if any(plain(t).startswith(plain(value)) for t in (label, c))]
        for value in letters
    }
    if len({named[0] if len(named) == 1 else "" for named in meant.values()} - {""}) < max(2, len(letters)):
        return
    for value, code in letters.items():
        if meant[value] != [code] and not equal(value, code):
            yield where, f"« {value} » ne peut pas donner {code} : c'est l'initiale de {meant[value][0]} ; {_OR}."


def turned(codage: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Returns whether every value that is a label or a code is given the option as far from the other end."""
    order = list(labels)
    for value, code in codage.items():
        named = next((c for c, label in labels.items() if equal(value, label) or equal(value, c)), None)
        if named is not None and code in labels and order.index(named) + order.index(code) != len(order) - 1:
            return False
    return True


def _against(
    value: str, code: str, words: Words, beside: Collection[str], *, own: bool, turned: bool
) -> Against | None:
    """Returns the same, of a code that has words."""
    names, options = words.names, words.options
    text = spelled(unnumbered(value)[0] or value)
    if equal(text, names[code]) or equal(value, code):
        return None
    text = counted_of(completed(text, options.values()), options.values())
    if equal(text, names[code]):
        return None
    worded = any(c.isalpha() for c in text)
    # of what is no opinion, a sender may put one thing with another
    names = names if code in options else {**options, code: names[code]}
    if named := next((c for c, label in names.items() if equal(text, label)), None):
        # a number that is a label may be that of a scale written the other way round
        return Against(f"c'est le libellé de {named}", excused=not worded) if worded or not turned else None
    if named := next((c for c in names if equal(value, c)), None):
        return None if turned else Against(f"c'est le code de {named}")
    if (named := _partly(text, names)) and code in options:
        return None if own or named == code else Against(f"c'est dire {named}")
    if not own and (
        axis := next((axis for label, axis in words.elsewhere.items() if worded and equal(text, label)), "")
    ):
        return Against(f"c'est un segment de l'axe {axis}")
    if words.side and code in options and half(text):
        return (
            Against("c'est dit à demi, et cette modalité est un bout de l'échelle")
            if words.at_an_end(code) and not own
            else None
        )
    # of bands, numbers are compared: « < 35 ans » and « moins de 35 ans » are one
    if contrary(text, names[code]) and code in options and (words.side or not any(c.isdigit() for c in text)):
        return Against("c'est le contraire", excused=False)
    if own:
        return None
    # a band has bounds or a sign, and no letter: « 18-34 », « 65+ »
    why = _unlike(text, code, words) if worded or not text.isdigit() else ""
    here = words.side.get(code, 0)
    if here and of_a_statement(text) and any(map(names_bad, options.values())):
        # a scale that names what is bad does not say which statement the answer is to
        here = 0
    if not why and here and (found := leaning(text, beside)) and found != here:
        why = f"c'est {'favorable' if found > 0 else 'défavorable'} d'ordinaire, et cette modalité ne l'est pas"
    return Against(why) if why else None


def _unlike(text: str, code: str, words: Words) -> str:
    """Returns what the words of a value say against its code, where they are no label of the programme's."""
    status, options, side = no_answer(text), words.options, words.side
    if code not in options:
        if side and not status and answered(text, words.natures[code]):
            return "c'est une opinion"
        return _other_nature(text, code, words)
    if side and (same := of_same_meaning(text, options)) and code not in same:
        return f"c'est dire comme {' ou '.join(same)}"
    if apart(text, options[code], options.values(), words.bands.get(code)):
        return "ses nombres sont ceux d'une autre modalité"
    if (agreed(text, options[code]) or with_or_without(text, options[code], options.values())) == -1:
        return "l'un dit oui, l'autre non"
    if plain(options[code]) in lexicon()["usage"]["oui"] and not (status or doubtful(text)) and denies(text):
        return "l'un dit oui, l'autre non"
    if status and words.names != options and not (no_answer(options[code]) or plain(text) in plain(options[code])):
        return f"ce n'est pas une réponse ({status})"
    if side and doubtful(text) and not _short_for(text, options[code]):
        return "ce n'est pas une réponse"
    if side.get(code, 0) and (between(text) or level(text)):
        return "c'est le milieu d'une échelle"
    if not side and (short := _abridged(text, options)) and short != code:
        return f"c'est l'abrégé de {short}"
    if not side and (denied(text, options[code], options.values()) or opposed(text, options[code], options.values())):
        return "c'est dire le contraire"
    return ""


def _other_nature(text: str, code: str, words: Words) -> str:
    """Returns what a text names without doubt, of what is no opinion, where the programme tells it from its code."""
    said = lexicon()["natures"]
    if doubtful(text) or plain(text) in plain(words.names[code]):
        return ""
    named = [
        c for c, nature in words.natures.items() if nature != _ANY and (equal(text, words.names[c]) or equal(text, c))
    ]
    nature = words.natures[named[0]] if named else said["statuts"].get(no_answer(text) or "")
    if nature is None or words.natures[code] in (nature, *said["filtres"].get(nature, ())):
        return ""
    others = [c for c, own in words.natures.items() if own == nature]
    return f"c'est dire {others[0]}" if others else ""


def _abridged(text: str, options: Mapping[str, str]) -> str:
    """Returns the only option whose label, or code, begins with a word that is cut short: « Coll. »."""
    cut = plain(text)
    if not re.fullmatch("[a-z]{3,}", cut):
        return ""
    begun = [c for c, label in options.items() if any(cut == plain(t).split(" ")[0][: len(cut)] for t in (label, c))]
    whole = any(cut == word for label in options.values() for word in plain(label).split())
    return begun[0] if len(begun) == 1 and not whole else ""


def _partly(text: str, names: Mapping[str, str]) -> str:
    """Returns the only code that a part of a text names: its words without an aside, or the aside: « Cher (18) »."""
    aside = re.fullmatch(r"([^()\[\]]*[^\W\d][^()\[\]]*)[(\[]([^()\[\]]+)[)\]]\s*", text)
    parts = aside.groups() if aside else ()
    found = {c for c, label in names.items() for part in parts if equal(part, label) or (equal(part, c) and len(c) > 1)}
    return found.pop() if len(found) == 1 else ""


def _short_for(text: str, label: str) -> bool:
    """Returns whether letters begin a label, or are the initials of its words: « SO » of « souvent »."""
    letters, said = plain(text).replace(" ", ""), plain(label)
    return said.startswith(letters) or letters == "".join(word[0] for word in said.split())


def _sides(programme: Programme, scale: str) -> dict[str, int]:
    """Returns the side of each option: what its words say, or a number's half of the scale; 0 where neither tells."""
    rows = [row for row in programme.rows("modalites") if row["echelle"] == scale]
    good = [at for at, row in enumerate(rows) if row["est_satisfait"] == "oui"]
    upwards = 2 * sum(good) > len(good) * (len(rows) - 1)
    sides = {}
    for at, row in enumerate(rows):
        label, place = row["libelle"] or "", at if upwards else len(rows) - 1 - at
        # words in the middle, and words of a doubtful side, take none
        half_of_it = (2 * place + 1 > len(rows)) - (2 * place + 1 < len(rows))
        worded = any(c.isalpha() for c in label)
        sides[row["modalite_code"] or ""] = (leaning(label) or 0) if worded else half_of_it
    return sides


def _yes_and_no(key: str, rule: YesNoQuestion) -> Iterator[Fault]:
    """Yields a yes that is said to be a no, and a no that is said to be a yes."""
    if rule.codage_propre is not None:
        return
    for place, values, wanted in (("oui", rule.oui, 1), ("non", rule.non, -1)):
        for value in values:
            found = agreed(value, "oui") or 0
            if value.isalpha() and found * wanted < 0:
                yield f"{key}.{place}", f"« {value} » dit {'oui' if found > 0 else 'non'} ; {_OR}."
