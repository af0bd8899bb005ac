"""Every sentence of the demonstration read as a reader does, and held to the figures: none of the writer's code is used.

The reader knows the words by heart (below), the thresholds by the programme's file, and works out again, with SciPy, what may
be said of a difference: Student's p, Benjamini and Hochberg's adjustment, and the interval within the threshold.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
import yaml
from scipy import stats

from tests.support.demo import Demo

LEVEL = r"(?P<level>\d+,\d|\d+\u00a0%)(?: sur (?P<scale>\d+))?"
BEFORE = r" \((?P<before>\d+,\d|\d+\u00a0%) en (?P<wave>\d{4})\)"
MOVE = r"(?P<slight> légèrement,)? de (?P<size>\d+,\d{1,2}) points?,? par rapport à (?P<wave>\d{4})"
THEN = r"(?P<before>\d+,\d|\d+\u00a0%)"
OLD = r" \((?P<before>\d+,\d|\d+\u00a0%)\)"
SENTENCES = {
    "rise": re.compile(rf"progresse{MOVE}(?: et atteint|{OLD} et s'établit à) {LEVEL}"),
    "fall": re.compile(rf"recule{MOVE}(?: et descend à|{OLD} et s'établit à) {LEVEL}"),
    "up": re.compile(rf"augmente de (?P<size>\d+,\d{{1,2}}) points?, de {THEN} en (?P<wave>\d{{4}}) à {LEVEL}"),
    "down": re.compile(rf"diminue de (?P<size>\d+,\d{{1,2}}) points?, de {THEN} en (?P<wave>\d{{4}}) à {LEVEL}"),
    "stable": re.compile(rf"reste stable, à {LEVEL}{BEFORE}"),
    "unsettled": re.compile(rf"s'établit à {LEVEL}{BEFORE}, sans évolution établie"),
    "new": re.compile(rf"entre dans l'enquête à {LEVEL}"),
    "incomparable": re.compile(rf"s'établit à {LEVEL}, sans comparaison possible avec (?P<wave>\d{{4}})"),
    "level": re.compile(rf"s'établit à {LEVEL}"),
}
PLACES = {
    ", au-dessus du niveau national": (True, 1),
    ", légèrement au-dessus du niveau national": (False, 1),
    ", en deçà du niveau national": (True, -1),
    ", légèrement en deçà du niveau national": (False, -1),
    ", au même niveau que la référence nationale": (False, 0),
}
# after a rise, or a fall, which the first comparable wave contradicts
RETURNS = {
    "rise": re.compile(r", sans retrouver son niveau de (?P<first>\d{4})"),
    "fall": re.compile(r", tout en restant au-dessus de son niveau de (?P<first>\d{4})"),
}
Row = dict[str, Any]


@pytest.fixture(scope="module")
def thresholds(demo: Demo) -> Row:
    """What the programme's file says of its tests."""
    return dict(yaml.safe_load((demo.root / "programme.yaml").read_text(encoding="utf-8"))["seuils"])


@pytest.fixture(scope="module")
def evolutions(demo: Demo) -> dict[tuple[str, str, str], Row]:
    """By question and pair of waves: the difference of the region that its sentence speaks of, its error, its p adjusted again."""
    rows = demo.query(
        """
        select question_code, vague, vague_precedente, ddl, mesure, statut, least(base_brute, base_brute_precedente) as base,
            case mesure when 'note' then ecart_note else ecart_taux end as ecart,
            case mesure when 'note' then erreur_type else erreur_type_taux end as erreur
        from observatoire.fct_evolution
        where perimetre_type = 'region' and axe = 'ensemble' and methode = 'publie'
        """
    ).to_dicts()
    families: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row["ecart"] is not None and row["erreur"]:
            row["p"] = 2 * stats.t.sf(abs(row["ecart"] / row["erreur"]), row["ddl"])
            families.setdefault((row["vague"], row["vague_precedente"]), []).append(row)
    for family in families.values():
        for row, adjusted in zip(family, stats.false_discovery_control([r["p"] for r in family]), strict=True):
            row["adjusted"] = float(adjusted)
    return {(r["question_code"], r["vague"], r["vague_precedente"]): r for r in rows}


@pytest.fixture(scope="module")
def gaps(demo: Demo) -> dict[tuple[str, str, str, str], Row]:
    """By question, wave, source and unit: the region's difference to a source, its error and p worked out from other tables.

    The error of a source is that of a simple sample of its base, or of the base that the programme assumes; the answers to its
    note are spread as the region's are, which the distribution tells.
    """
    assumed = yaml.safe_load((demo.root / "programme.yaml").read_text(encoding="utf-8"))["estimation"]
    rows = demo.query(
        """
        with etendues as (
            select d.vague, d.question_code, sum(d.part * m.note * m.note) - sum(d.part * m.note) ** 2 as variance
            from observatoire.fct_distribution as d
            inner join observatoire.dim_modalite as m using (question_code, modalite_code)
            where d.perimetre_type = 'region' and d.axe = 'ensemble' and d.statut = 'V' group by all
        )
        select e.*, s.ddl, s.base_brute, n.valeur as publiee, n.base_effectif, v.variance,
            case e.unite when 'note_10' then s.note_erreur_type else 100 * s.taux_erreur_type end as propre
        from observatoire.fct_ecart_reference as e
        inner join observatoire.fct_satisfaction as s using (vague, perimetre_type, perimetre, question_code)
        inner join observatoire.fct_reference_nationale as n using (source, unite, question_code, vague, millesime)
        left join etendues as v using (vague, question_code)
        where e.perimetre_type = 'region' and s.axe = 'ensemble' and e.ecart is not null
        """
    ).to_dicts()
    families: dict[str, list[Row]] = {}
    for row in rows:
        spread = row["variance"] if row["unite"] == "note_10" else row["publiee"] * (100 - row["publiee"])
        base = row["base_effectif"] or assumed["reference_base_supposee"]
        row["erreur"] = (row["propre"] ** 2 + spread / base) ** 0.5
        row["p"] = 2 * stats.t.sf(abs(row["ecart"] / row["erreur"]), row["ddl"])
        families.setdefault(row["vague"], []).append(row)
    for family in families.values():
        for row, adjusted in zip(family, stats.false_discovery_control([r["p"] for r in family]), strict=True):
            row["adjusted"] = float(adjusted)
    return {(r["question_code"], r["vague"], r["source"], r["unite"]): r for r in rows}


@pytest.fixture(scope="module")
def said(demo: Demo) -> list[Row]:
    """Every sentence, beside the figures that are published of its question and of the wave before."""
    return demo.query(
        """
        select i.question_code, i.vague, i.vague_precedente, i.phrase, i.reference, i.ecart_reference, i.reference_unite, i.reference_source,
            s.note_imprimee as note, s.taux_imprime as taux, b.note_imprimee as note_avant, b.taux_imprime as taux_avant,
            (select nature from observatoire.dim_question as q where q.question_code = i.question_code) as nature,
            (select max(note) from observatoire.dim_modalite as m where m.question_code = i.question_code) as maximum
        from observatoire.obs_indicateur as i
        inner join observatoire.fct_satisfaction as s
            on i.question_code = s.question_code and i.vague = s.vague and s.perimetre_type = 'region' and s.axe = 'ensemble'
        left join observatoire.fct_satisfaction as b
            on i.question_code = b.question_code and b.vague = i.vague_precedente
                and b.perimetre_type = 'region' and b.axe = 'ensemble'
        where i.statut = 'V' and (s.note_imprimee is not null or s.taux_imprime is not null)
        """
    ).to_dicts()


def test_every_sentence_says_what_the_figures_prove(
    said: list[Row], evolutions: dict[tuple[str, str, str], Row], thresholds: Row
) -> None:
    """Levels, size, direction, strength and certainty, all worked out anew."""
    kinds: Counter[str] = Counter()
    for row in said:
        kind, found, _ = _read(row["phrase"])
        what = f"{row['question_code']} {row['vague']} : {row['phrase']}"
        measure = "note" if row["note"] is not None else "taux"
        _same(found["level"], row[measure], what)
        assert (measure == "note") == (found["scale"] is not None), what
        assert found["scale"] is None or int(found["scale"]) == row["maximum"], what
        kinds[kind + ("-slight" if found.get("slight") else "")] += 1
        if found.get("before"):
            _same(found["before"], row[f"{measure}_avant"], what)
        if kind in ("new", "incomparable", "level"):
            continue
        assert found["wave"] == row["vague_precedente"], what
        # what rises gets better, unless its question asks for no opinion: that only goes up
        opinion = row["nature"] in ("satisfaction", "recommandation")
        assert kind not in (("up", "down") if opinion else ("rise", "fall")), what
        change = evolutions[row["question_code"], row["vague"], row["vague_precedente"]]
        _held(kind, found, change, thresholds, what)
        _returned(kind, found.get("first"), row, evolutions, thresholds, what)
        kinds["return"] += found.get("first") is not None
    assert (
        min(kinds[kind] for kind in ("rise", "rise-slight", "fall", "fall-slight", "stable", "unsettled", "new")) >= 1
    ), kinds
    assert kinds["return"] >= 1
    assert sum(kinds.values()) - kinds["return"] == len(said) > 100


def test_a_place_beside_the_reference_is_that_of_the_figures(
    said: list[Row], gaps: dict[tuple[str, str, str, str], Row], thresholds: Row
) -> None:
    """Above and below are established, the error of the source counted; a level is proven; nothing else is said."""
    told = kept = 0
    for row in said:
        found = gaps.get((row["question_code"], row["vague"], row["reference_source"], row["reference_unite"]))
        place = _read(row["phrase"])[2]
        what = f"{row['question_code']} {row['vague']} : {row['phrase']}"
        if found is None:
            assert not place, what
            continue
        gap, note = found["ecart"], row["reference_unite"] == "note_10"
        threshold = thresholds["materialite_note"] if note else thresholds["materialite_taux"] * 100
        established = found["adjusted"] < thresholds["alpha"] and found["base_brute"] >= thresholds["base_fragile"]
        reach = stats.t.ppf((1 + thresholds["confiance"]) / 2, found["ddl"]) * found["erreur"]
        told, kept = told + bool(place), kept + (not place)
        if not place:
            assert not established and abs(gap) + reach > threshold, what
            continue
        large, sign = PLACES[place]
        assert established == (sign != 0), what
        if sign == 0:
            assert abs(gap) + reach <= threshold, what
        else:
            assert gap * sign > 0 and large == (abs(gap) >= threshold), what
    # under a source taken for exact, twice as many would be said
    assert told > 10 and kept > 10


def test_a_gap_has_the_error_of_both_sides(gaps: dict[tuple[str, str, str, str], Row]) -> None:
    assert len(gaps) > 30
    for key, row in gaps.items():
        assert row["erreur"] == pytest.approx(row["erreur_type"], rel=1e-6), key
        assert row["p"] == pytest.approx(row["p_valeur"], abs=1e-9), key
        assert row["adjusted"] == pytest.approx(row["p_valeur_ajustee"], abs=1e-9), key


def _read(sentence: str) -> tuple[str, dict[str, Any], str]:
    """What kind of sentence it is, what stands in its places, and what it says of the reference."""
    name, _, rest = sentence.partition("\u00a0» ")
    assert name.startswith("«\u00a0") and rest.endswith("."), sentence
    for kind, form in SENTENCES.items():
        found = form.match(rest)
        if not found:
            continue
        told, place = found.groupdict(), rest[found.end() : -1]
        if kind in RETURNS and (returned := RETURNS[kind].match(place)):
            told, place = told | returned.groupdict(), place[returned.end() :]
        if place in PLACES or place == "":
            return kind, told, place
    raise AssertionError(f"a sentence that the reader does not know: {sentence}")


def _returned(
    kind: str,
    first: str | None,
    row: Row,
    evolutions: dict[tuple[str, str, str], Row],
    thresholds: Row,
    what: str,
) -> None:
    """A first wave is named where the change since then is established the other way, and there only."""
    since = sorted(
        before
        for code, wave, before in evolutions
        if (code, wave) == (row["question_code"], row["vague"]) and evolutions[code, wave, before]["ecart"] is not None
    )
    longest = evolutions[row["question_code"], row["vague"], since[0]]
    established = longest["adjusted"] < thresholds["alpha"] and longest["base"] >= thresholds["base_fragile"]
    other_way = established and (kind, longest["ecart"] > 0) in (("rise", False), ("fall", True))
    assert (first == since[0]) if other_way else first is None, what


def _same(printed: str, value: float | None, what: str) -> None:
    """What is printed is the figure, at the precision it is printed with."""
    assert value is not None, what
    rate = printed.endswith("%")
    number = float(printed.removesuffix("\u00a0%").replace(",", "."))
    assert abs(number - (100 * value if rate else value)) <= (0.5 if rate else 0.05) + 1e-9, what


def _held(kind: str, found: dict[str, Any], change: Row, thresholds: Row, what: str) -> None:
    """A difference proves what is said of it, by the ladder: established, equivalent, or neither."""
    note = change["mesure"] == "note"
    threshold = thresholds["materialite_note" if note else "materialite_taux"]
    established = change["adjusted"] < thresholds["alpha"] and change["base"] >= thresholds["base_fragile"]
    reach = stats.t.ppf((1 + thresholds["confiance"]) / 2, change["ddl"]) * change["erreur"]
    if kind in ("rise", "fall", "up", "down"):
        assert established and (change["ecart"] > 0) == (kind in ("rise", "up")), what
        if kind in ("rise", "fall"):
            assert bool(found["slight"]) == bool(found["before"]) == (abs(change["ecart"]) < threshold), what
        size = float(found["size"].replace(",", "."))
        real = abs(change["ecart"]) * (1 if note else 100)
        assert size > 0 and abs(size - real) <= 0.5 * 10 ** -len(found["size"].partition(",")[2]) + 1e-9, what
    else:
        assert not established, what
        assert (kind == "stable") == (abs(change["ecart"]) + reach <= threshold), what
