"""Reads the sentences of a programme as a reader does: none of the writers' code is used.

The reader knows the words of each language by heart (`grammars`), the thresholds by the programme's file, and works out again, with SciPy, what
may be said of a difference: Student's p, Benjamini and Hochberg's adjustment, and the interval within the threshold.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import yaml
from scipy import stats

from tests.support.grammars import GRAMMARS, Read

Row = dict[str, Any]
OPINIONS = ("satisfaction", "recommandation")


# the English words of these readers, several and one of each; a French programme read here has the readers' own
SPOKEN_OF = {
    "organisme": ("landlords", "landlord"),
    "repondant": ("tenants", "tenant"),
    "population": ("stocks", "stock"),
}


class Reader:
    """What may be said of a published programme, worked out from its tables."""

    def __init__(self, root: Path, database: Path | None = None) -> None:
        """Takes the programme's folder, and another file than the region's; tables are read when they are asked for."""
        self.root, self.database = root, database or root / "published" / "observatoire.duckdb"
        self.programme = yaml.safe_load((root / "programme.yaml").read_text(encoding="utf-8"))
        self.thresholds: Row = self.programme["seuils"]
        self.grammar = GRAMMARS[self.programme["langue"]]

    def called(self, text: str) -> str:
        """A text that speaks of landlords and tenants, in the words that the programme has for them."""
        for name, entry in self.programme.get("vocabulaire", {}).items():
            for ours, theirs in zip(SPOKEN_OF.get(name, ()), (entry["pluriel"], entry["singulier"]), strict=False):
                text = text.replace(ours, theirs).replace(ours.capitalize(), theirs.capitalize())
        return text

    def query(self, sql: str) -> list[Row]:
        """The rows of a query on the published file."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            found = connection.execute(sql)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def changes(self, kind: str, perimeter: str) -> list[Row]:
        """The survey's published differences of all tenants, with error and p adjusted again, in an organisme's file at full digits."""
        rows = self.query(
            f"""
            select e.question_code, e.vague, e.vague_precedente, e.ddl, e.mesure, e.statut, e.verdict, e.p_valeur_ajustee,
                least(e.base_brute, e.base_brute_precedente, round(s.base_efficace), round(b.base_efficace), s.ddl, b.ddl) as base,
                case e.mesure when 'note' then e.ecart_note else e.ecart_taux end as ecart,
                case e.mesure when 'note' then e.erreur_type else e.erreur_type_taux end as erreur
            from observatoire.fct_evolution as e
            inner join observatoire.fct_satisfaction as s using (vague, perimetre_type, perimetre, axe, segment, question_code)
            inner join observatoire.fct_satisfaction as b
                on e.vague_precedente = b.vague and e.question_code = b.question_code and e.axe = b.axe
                    and e.perimetre_type = b.perimetre_type and e.perimetre = b.perimetre
            where e.perimetre_type = '{kind}' and e.perimetre = '{perimeter}' and e.axe = 'ensemble' and e.methode = 'publie'
                and e.vague in (select vague from observatoire.dim_vague where est_principale)
            """
        )
        families: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            if row["ecart"] is not None and row["erreur"]:
                row["p"] = 2 * stats.t.sf(abs(row["ecart"] / row["erreur"]), row["ddl"])
                families.setdefault((row["vague"], row["vague_precedente"]), []).append(row)
        for family in families.values():
            _adjust(family)
            for row in family if kind == "organisme" else ():
                assert abs(row["adjusted"] - row["p_valeur_ajustee"]) <= 0.06 * row["adjusted"] + 1e-3, row
                row["adjusted"] = row["p_valeur_ajustee"]
        return rows

    @cached_property
    def evolutions(self) -> dict[tuple[str, str, str], Row]:
        """The region's differences, by question and pair of waves."""
        return {
            (row["question_code"], row["vague"], row["vague_precedente"]): row
            for row in self.changes("region", "region")
        }

    @cached_property
    def trends(self) -> dict[tuple[str, str], Row]:
        """By question and wave: the slope through the figures of the waves that it compares with, its error, its p adjusted again."""
        figures = {
            (row["question_code"], row["vague"]): row
            for row in self.query(
                "select *, year(terrain_debut) + (month(terrain_debut) - 1) / 12 as annee"
                " from observatoire.fct_satisfaction inner join observatoire.dim_vague using (vague)"
                " where perimetre_type = 'region' and axe = 'ensemble' and statut = 'V'"
            )
        }
        waves: dict[tuple[str, str], set[str]] = {}
        for (code, wave, before), change in self.evolutions.items():
            if change["ecart"] is not None:
                waves.setdefault((code, wave), {wave}).add(before)
        families: dict[str, list[Row]] = {}
        for (code, wave), found in waves.items():
            if len(found) < 3:
                continue
            rows = [figures[code, name] for name in sorted(found)]
            measure = "note_imprimee" if rows[0]["note_imprimee"] is not None else "taux_imprime"
            years = np.array([float(row["annee"]) for row in rows])
            # how far the slope follows each figure, which gives its error
            pull = np.linalg.pinv(np.column_stack([np.ones(len(years)), years]))[1]
            slope = float(np.polyfit(years, [row[measure] for row in rows], 1)[0])
            parts = (pull * [row[f"{measure}_erreur_type"] for row in rows]) ** 2
            error = float(np.sqrt(parts.sum()))
            satterthwaite = parts.sum() ** 2 / sum(part**2 / row["ddl"] for part, row in zip(parts, rows, strict=True))
            degrees = min(int(satterthwaite + 1e-9), sum(row["ddl"] for row in rows) - 1)
            span = years.max() - years.min()
            families.setdefault(wave, []).append(
                {
                    "key": (code, wave),
                    "n": len(rows),
                    "pente": slope,
                    "pente_erreur": error,
                    "ecart": slope * span,
                    "erreur": error * span,
                    "ddl": degrees,
                    "mesure": "note" if measure == "note_imprimee" else "taux",
                    "base": min(
                        row[name]
                        for row in rows
                        for name in ("base_brute", "base_efficace", "ddl")
                        if row[name] is not None
                    ),
                    "p": 2 * stats.t.sf(abs(slope / error), degrees),
                }
            )
        for family in families.values():
            _adjust(family)
        return {row["key"]: row for family in families.values() for row in family}

    @cached_property
    def gaps(self) -> dict[tuple[str, str, str, str], Row]:
        """By question, wave, source and unit: the region's difference to a source, its error and p worked out from other tables.

        The error of a source is that of a simple sample of its base, or of the base that the programme assumes; the answers to its
        note are spread as the region's are, which the distribution tells.
        """
        assumed = self.programme.get("estimation", {}).get("reference_base_supposee", 1000)
        rows = self.query(
            """
            with etendues as (
                select d.vague, d.question_code, sum(d.part * m.note * m.note) - sum(d.part * m.note) ** 2 as variance
                from observatoire.fct_distribution as d
                inner join observatoire.dim_modalite as m using (question_code, modalite_code)
                where d.perimetre_type = 'region' and d.axe = 'ensemble' and d.statut = 'V' group by all
            )
            select e.*, s.ddl, least(s.base_brute, round(s.base_efficace), s.ddl) as base, n.valeur as publiee, n.base_effectif, v.variance,
                case e.unite when 'note_10' then s.note_erreur_type else 100 * s.taux_erreur_type end as propre
            from observatoire.fct_ecart_reference as e
            inner join observatoire.fct_satisfaction as s using (vague, perimetre_type, perimetre, question_code)
            inner join observatoire.fct_reference_nationale as n using (source, unite, question_code, vague, millesime)
            left join etendues as v using (vague, question_code)
            where e.perimetre_type = 'region' and s.axe = 'ensemble' and e.ecart is not null
            """
        )
        families: dict[str, list[Row]] = {}
        for row in rows:
            spread = row["variance"] if row["unite"] == "note_10" else row["publiee"] * (100 - row["publiee"])
            base = row["base_effectif"] or assumed
            row["erreur"] = (row["propre"] ** 2 + spread / base) ** 0.5
            row["p"] = 2 * stats.t.sf(abs(row["ecart"] / row["erreur"]), row["ddl"])
            families.setdefault(row["vague"], []).append(row)
        for family in families.values():
            _adjust(family)
        return {(r["question_code"], r["vague"], r["source"], r["unite"]): r for r in rows}

    @cached_property
    def said(self) -> list[Row]:
        """Every sentence, beside the figures that are published of its question and of the wave before."""
        return self.query(
            """
            select i.question_code, i.vague, i.vague_precedente, i.phrase, i.phrase_sans_libelle, i.reference, i.ecart_reference,
                i.reference_unite, i.reference_source, i.verdict, i.verdict_reference,
                s.note_imprimee as note, s.taux_imprime as taux, b.note_imprimee as note_avant, b.taux_imprime as taux_avant,
                s.note_imprimee_ic_bas as note_bas, s.note_imprimee_ic_haut as note_haut,
                s.taux_imprime_ic_bas as taux_bas, s.taux_imprime_ic_haut as taux_haut,
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
        )

    def read(self, sentence: str) -> Read:
        """What kind of sentence it is, what stands in its places, and what it says of the reference."""
        start, end = self.grammar.name
        name, _, rest = sentence.partition(end)
        assert name.startswith(start) and rest.endswith("."), sentence
        return self.grammar.read(rest.removesuffix("."))

    def read_under(self, sentence: str, row: Row) -> Read:
        """The same of a sentence under its question's name; its subject is what is printed of the question."""
        found = [(subject, start) for subject, start in self.grammar.subjects.items() if sentence.startswith(start)]
        assert len(found) == 1 and sentence.endswith("."), sentence
        [(subject, start)] = found
        read = self.grammar.read(sentence.removeprefix(start).removesuffix("."))
        figure = "note" if row["note"] is not None else "rate" if row["nature"] in OPINIONS else "share"
        assert subject == ("question" if read[0] == "new" else figure), sentence
        return read

    def prove(self, row: Row) -> Counter[str]:
        """Holds a sentence to the figures: levels, size, direction, strength and certainty; returns its kinds."""
        kind, found, _ = self.read(row["phrase"])
        assert self.read_under(row["phrase_sans_libelle"], row) == self.read(row["phrase"]), row
        what = f"{row['question_code']} {row['vague']} : {row['phrase']}"
        measure = "note" if row["note"] is not None else "taux"
        kinds = Counter([kind + ("-slight" if found.get("slight") else "")])
        self._same(found["level"], row[measure], what)
        assert (measure == "note") == (found["scale"] is not None), what
        assert found["scale"] is None or int(found["scale"]) == row["maximum"], what
        self.within(found["level"], row[f"{measure}_bas"], row[f"{measure}_haut"], what)
        if found.get("before"):
            self._same(found["before"], row[f"{measure}_avant"], what)
        kinds[f"since-{found.get('since')}"] += 1
        self._since(kind, found, row, what)
        if kind in ("new", "incomparable", "level"):
            return kinds
        assert found["wave"] == row["vague_precedente"], what
        # what rises gets better, unless its question asks for no opinion: that only goes up
        opinion = row["nature"] in OPINIONS
        assert kind not in (("up", "down") if opinion else ("rise", "fall")), what
        change = self.evolutions[row["question_code"], row["vague"], row["vague_precedente"]]
        self._held(kind, found, change, what)
        return kinds

    def ladder(self, change: Row) -> str | None:
        """The verdict that a difference may bear; None where it may bear none of the ladder's."""
        if change["ecart"] is None or not change["erreur"]:
            return None
        note = change["mesure"] == "note"
        threshold = self.thresholds["materialite_note" if note else "materialite_taux"]
        if self._established(change):
            word = "hausse" if change["ecart"] > 0 else "baisse"
            return word if abs(change["ecart"]) >= threshold else f"{word} légère"
        fragile = change["base"] < self.thresholds["base_fragile"]
        return "stable" if not fragile and self._reach(change) <= threshold else "non significatif"

    def prove_place(self, row: Row) -> bool | None:
        """Holds what is said of the reference to the figures; returns whether something is, None without a reference."""
        found = self.gaps.get((row["question_code"], row["vague"], row["reference_source"], row["reference_unite"]))
        _, told, place = self.read(row["phrase"])
        what = f"{row['question_code']} {row['vague']} : {row['phrase']}"
        if found is None:
            assert not place, what
            return None
        gap, note = found["ecart"], row["reference_unite"] == "note_10"
        threshold = self.thresholds["materialite_note"] if note else self.thresholds["materialite_taux"] * 100
        established = found["adjusted"] < self.thresholds["alpha"] and found["base"] >= self.thresholds["base_fragile"]
        reach = stats.t.ppf((1 + self.thresholds["confiance"]) / 2, found["ddl"]) * found["erreur"]
        assert told["by_rate"] == (bool(place) and not note and row["note"] is not None), what
        if not place:
            assert not established and abs(gap) + reach > threshold, what
            return False
        large, sign = self.grammar.places[place]
        assert established == (sign != 0), what
        if sign == 0:
            assert abs(gap) + reach <= threshold, what
        else:
            assert gap * sign > 0 and large == (abs(gap) >= threshold), what
        return True

    def within(self, printed: str, low: float | None, high: float | None, what: str) -> None:
        """A printed figure does not leave its own interval: where the ordinary decimals would, one more is printed."""
        if low is None or high is None:
            return
        number, decimals, rate = self.grammar.number(printed)
        unit = 100 if rate else 1
        if decimals == (0 if rate else 1):
            assert unit * low - 1e-9 <= number <= unit * high + 1e-9, what

    def _same(self, printed: str, value: float | None, what: str) -> None:
        """What is printed is the figure, at the precision it is printed with."""
        assert value is not None, what
        number, decimals, rate = self.grammar.number(printed)
        assert abs(number - (100 * value if rate else value)) <= 0.5 * 10**-decimals + 1e-9, what

    def _established(self, change: Row) -> bool:
        return bool(change["adjusted"] < self.thresholds["alpha"] and change["base"] >= self.thresholds["base_fragile"])

    def _reach(self, change: Row) -> float:
        """How far from nothing the interval of a difference goes."""
        quantile = stats.t.ppf((1 + self.thresholds["confiance"]) / 2, change["ddl"])
        return float(abs(change["ecart"]) + quantile * change["erreur"])

    def _held(self, kind: str, found: dict[str, Any], change: Row, what: str) -> None:
        """A difference proves what is said of it, by the ladder; two levels that differ are not printed alike."""
        proven = self.ladder(change)
        if kind not in ("rise", "fall", "up", "down"):
            assert proven == {"stable": "stable", "unsettled": "non significatif"}[kind], what
            return
        way = "hausse" if kind in ("rise", "up") else "baisse"
        assert proven in (way, f"{way} légère"), what
        if kind in ("rise", "fall"):
            assert bool(found.get("slight")) == bool(found.get("before")) == (proven != way), what
        if found.get("before"):
            assert found["before"] != found["level"], what
        number, decimals, _ = self.grammar.number(found["size"])
        real = abs(change["ecart"]) * (1 if change["mesure"] == "note" else 100)
        assert number > 0 and abs(number - real) <= 0.5 * 10**-decimals + 1e-9, what

    def since_the_first(self, row: Row) -> tuple[str, bool] | None:
        """The first wave that a question compares with and whether it is above; None where that is the last, or nothing is established."""
        asked = (row["question_code"], row["vague"])
        waves = sorted(
            key[2] for key in self.evolutions if key[:2] == asked and self.evolutions[key]["ecart"] is not None
        )
        if not waves or waves[0] == row["vague_precedente"]:
            return None
        longest = self.evolutions[*asked, waves[0]]
        return (waves[0], longest["ecart"] > 0) if self._established(longest) else None

    def _since(self, kind: str, found: dict[str, Any], row: Row, what: str) -> None:
        """A first wave that is not the last before is named where the change since then is established, and there only."""
        first = self.since_the_first(row)
        opposed = {("rise", False): "unregained", ("fall", True): "kept"}
        expected = (
            (first[0], opposed.get((kind, first[1]), "above" if first[1] else "below")) if first else (None, None)
        )
        assert (found.get("first"), found.get("since")) == expected, what


def _adjust(family: list[Row]) -> None:
    for row, adjusted in zip(family, stats.false_discovery_control([r["p"] for r in family]), strict=True):
        row["adjusted"] = float(adjusted)
