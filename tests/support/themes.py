"""What may be said of a whole theme, worked out from the reader's own verdicts: its sentence, and its counts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from tests.support.grammars import AGENCIES, LEADING, THEMES
from tests.support.sentences import Reader, Row

WAYS = {"hausse": "up", "baisse": "down", "stable": "stable"}


def moves(reader: Reader, wave: str) -> dict[str, list[str]]:
    """The verdicts of the opinions of each theme that are compared with the wave before, by the theme's code."""
    asked = reader.query(
        "select i.theme_code, i.question_code, i.vague_precedente, i.verdict from observatoire.obs_indicateur as i"
        f" where i.vague = '{wave}' and i.nature = 'satisfaction' and i.verdict not in ('nouveau', 'non comparable')"
    )
    found: dict[str, list[str]] = {}
    for row in asked:
        change = reader.evolutions[row["question_code"], wave, row["vague_precedente"]]
        found.setdefault(row["theme_code"], []).append(reader.ladder(change) or row["verdict"])
    return found


def sentences(reader: Reader, wave: str, before: str) -> dict[str, str]:
    """The sentence that holds for each theme with two opinions at least that are compared with the wave `before`."""
    told = {theme: sentence(reader, ladder, before) for theme, ladder in moves(reader, wave).items()}
    return {theme: said for theme, said in told.items() if said}


def sentence(reader: Reader, ladder: list[str], before: str) -> str:
    """The sentence that holds for changes with these verdicts since the wave `before`; nothing for fewer than two."""
    if len(ladder) < 2:
        return ""
    verdicts = [verdict.removesuffix(" légère") for verdict in ladder]
    way = WAYS.get(verdicts[0], "")
    moved = [name for name, word in (("up", "hausse"), ("down", "baisse")) if word in verdicts]
    n = sum(verdict in ("hausse", "baisse") for verdict in verdicts)
    one_way = f"{'one' if n == 1 else 'some'} {moved[0]}" if moved else "neither"
    kind = way if way and len({*verdicts}) == 1 else "both" if len(moved) == 2 else one_way
    return THEMES[reader.programme["langue"]][kind].format(wave=before, of=len(verdicts), n=n)


def counts(reader: Reader, wave: str) -> dict[str, dict[str, tuple[int, int]]]:
    """By theme and word of a verdict: how many questions have it, slight ones with the others, and how many are slight."""
    told = {}
    for theme, ladder in moves(reader, wave).items():
        every = Counter(verdict.removesuffix(" légère") for verdict in ladder)
        slight = Counter(verdict.removesuffix(" légère") for verdict in ladder if verdict.endswith(" légère"))
        words = ("hausse", "stable", "non significatif", "baisse")
        told[theme] = {reader.grammar.words[word]: (every[word], slight[word]) for word in words}
    return told


def agencies(reader: Reader, wave: str, before: str) -> dict[str, str]:
    """By theme, what must be said of agencies that changed: of all the questions that are compared, or of how many."""
    rows = reader.query(
        "select theme_code, count(*) as total, count(*) filter (where not meme_institut) as n from observatoire.fct_evolution"
        " inner join observatoire.dim_question using (question_code) where perimetre_type = 'region' and axe = 'ensemble'"
        f" and methode = 'publie' and vague = '{wave}' and vague_precedente = '{before}'"
        " and verdict not in ('nouveau', 'non comparable') group by all"
    )
    every, some = AGENCIES[reader.programme["langue"]]
    return {
        row["theme_code"]: (every if row["n"] == row["total"] else some).format(before=before, wave=wave, **row)
        for row in rows
        if row["n"]
    }


def on_panel(reader: Reader, wave: str, before: str) -> dict[str, str]:
    """The questions whose change has another verdict among the organismes of both waves, and the word of its verdict there."""
    rows = reader.query(
        "select question_code, a.verdict, b.verdict as panel from observatoire.fct_evolution as a"
        " inner join observatoire.fct_evolution as b using (question_code, vague, vague_precedente, perimetre_type, axe)"
        " where perimetre_type = 'region' and axe = 'ensemble' and a.methode = 'publie' and b.methode = 'panel_constant'"
        f" and vague = '{wave}' and vague_precedente = '{before}'"
    )
    ways = ("hausse", "stable", "non significatif", "baisse")
    other = {
        row["question_code"]
        for row in rows
        if row["verdict"] != row["panel"]
        and {str(row[name]).removesuffix(" légère") for name in ("verdict", "panel")} <= set(ways)
    }
    return {row["question_code"]: reader.grammar.words[row["panel"]] for row in rows if row["question_code"] in other}


def composition(reader: Reader, wave: str, before: str) -> str:
    """What is said of the organismes that two waves have not in common; nothing where they are the same."""
    rows = reader.query(
        "select vague, organisme_code, part_parc from observatoire.obs_couverture where statut in ('inclus', 'reserve')"
    )
    held = {w: {row["organisme_code"]: row["part_parc"] for row in rows if row["vague"] == w} for w in (wave, before)}
    joined, left = held[wave].keys() - held[before].keys(), held[before].keys() - held[wave].keys()
    if not joined and not left:
        return ""
    share = f"{100 * sum(held[before][code] for code in left):.1f}"
    if reader.programme["langue"] == "en":
        gone = f"{len(left)} ({share}% of the stock of that wave)" if left else "0"
        return reader.called(
            f"Landlords included in {wave} and not in {before}: {len(joined)}; in {before} and not in {wave}: {gone}."
        )
    gone = f"{len(left)} ({share.replace('.', ',')} % du parc d'alors)" if left else "0"
    return (
        f"Organismes consolidés en {wave} et non en {before} : {len(joined)} ; en {before} et non en {wave} : {gone}."
    )


def leading(
    reader: Reader, wave: str, asked: Iterable[str], kind: str = "region", perimeter: str = "region"
) -> dict[str, str]:
    """By question, of those `asked`, several answers admitted or one: the sentence on those that lead, where the least of them is established to be above all others.

    Nothing is said of fewer answers, effective ones or degrees of freedom than a verdict needs, nor where one share is withheld. The error of a difference is at most the
    sum of both errors, which the intervals give.
    """
    told_apart = "part, statut, part_ic_bas as low, part_ic_haut as high"
    here = f"vague = '{wave}' and perimetre_type = '{kind}' and perimetre = '{perimeter}' and axe = 'ensemble'"
    rows = reader.query(
        f"select question_code, libelle, {told_apart} from observatoire.fct_motif where {here} union all"
        f" select question_code, libelle, {told_apart} from observatoire.fct_distribution"
        f" inner join observatoire.dim_modalite using (question_code, modalite_code) where {here} and statut_reponse = 'exprime'"
    )
    carried = reader.query(
        f"select question_code, least(base_brute, base_efficace, ddl) as base from observatoire.fct_satisfaction where {here}"
    )
    bases = {row["question_code"]: row["base"] for row in carried}
    wanted, questions = {*asked}, dict[str, list[Row]]()
    for row in rows:
        if row["question_code"] in wanted:
            questions.setdefault(row["question_code"], []).append(row)
    told = {}
    for code, found in questions.items():
        if any(row["statut"] != "V" or row["part"] is None or row["high"] is None for row in found):
            continue
        found.sort(key=lambda row: (-row["part"], row["libelle"]))
        if bases[code] < reader.thresholds["base_fragile"]:
            continue
        apart = [n for n in (1, 2) if n < len(found) and _apart(found[:n], found[n:])]
        if apart:
            named = [(row["libelle"], _percent(reader, row["part"])) for row in found[: apart[-1]]]
            told[code] = LEADING[reader.programme["langue"]][apart[-1] - 1].format(*named)
    return told


def _apart(above: list[Row], below: list[Row]) -> bool:
    """Whether every interval of some answers is above every one of the others."""
    return all(first["low"] > second["high"] for first in above for second in below)


def _percent(reader: Reader, share: float) -> str:
    # a half goes up as it is written: 0.565, whose double is a little less, is 57 %
    return f"{math.floor(100 * Decimal(str(share)) + Decimal('0.5'))}{reader.grammar.percent}"
