"""An organisme's leaflet as a reader of its page sees it, and what its own file proves of it: none of the writers' code is used."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl

from scipy import stats

from tests.support.sentences import Reader, Row

LISTED = 3
# a list whose title has no number shows all there is
CUT = re.compile(r"\((\d+)\s(?:sur|of)\s(\d+)\)$")
# how a place beside the others is printed, and a question's place on the map of priorities
PLACES = {
    "fr": {"au-dessus": "▲ au-dessus", "légèrement au-dessus": "△ légèrement au-dessus", "au niveau": "= au niveau",
        "légèrement en dessous": "▽ légèrement en dessous", "en dessous": "▼ en dessous", "non significatif": "≈ sans écart établi"},
    "en": {"au-dessus": "▲ above", "légèrement au-dessus": "△ slightly above", "au niveau": "= level",
        "légèrement en dessous": "▽ slightly below", "en dessous": "▼ below", "non significatif": "≈ no clear difference"},
}  # fmt: skip

READINGS = {"à améliorer": "▲ à améliorer", "à préserver": "● à préserver", "à surveiller": "△ à surveiller", "acquis": "○ acquis"}  # fmt: skip


@dataclass
class Entry:
    """A line of a list, of a table or of the priorities: its question, the verdicts of its cells, its difference."""

    code: str = ""
    verdicts: list[str] = field(default_factory=list)
    differences: list[float] = field(default_factory=list)
    indicative: bool = False


class Leaflet(HTMLParser):
    """The page: its four lists under their titles, the lines of its tables by question, its priorities in order."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.lists: list[tuple[str, list[Entry]]] = []
        self.lines: dict[str, Entry] = {}
        self.priorities: list[Entry] = []
        self._where, self._entry, self._text = "", Entry(), ""
        self._cell, self._verdict = False, 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if given.get("class") == "listes":
            self._where = "listes"
        elif tag == "section" and given.get("aria-labelledby"):
            self._where = given["aria-labelledby"]
        elif tag == "h3":
            self._text = ""
        elif tag == "li" and self._where == "listes":
            self._entry = Entry()
            self.lists[-1][1].append(self._entry)
        elif tag == "tr":
            self._entry = Entry(given.get("id", "").removeprefix("Q-"))
            if self._entry.code:
                self.lines[self._entry.code] = self._entry
        elif tag == "td":
            self._entry.verdicts.append("")
        elif tag == "small" and "title" in given:
            self._entry.indicative = True
        elif tag == "span" and (self._verdict or given.get("class", "").startswith("verdict")):
            self._verdict += 1
            self._text = self._text if self._verdict > 1 else ""
        elif tag == "data":
            self._figure(given)

    def _figure(self, given: dict[str, str]) -> None:
        key = dict(parse_qsl(given["data-key"]))
        if self._where == "listes":
            self._entry.code = key["question_code"]
            if given["data-mesure"].startswith("ecart_"):
                self._entry.differences.append(float(given["data-valeur"]))
        if self._where == "priorites" and given["data-mesure"] == "rang":
            self._entry.code = key["code"]
            self.priorities.append(self._entry)

    def handle_endtag(self, tag: str) -> None:
        if tag == "h3" and self._where == "listes":
            self.lists.append((" ".join(self._text.split()), []))
        if tag == "span" and self._verdict:
            self._verdict -= 1
            if not self._verdict and self._entry.verdicts:
                self._entry.verdicts[-1] = " ".join(self._text.split())

    def handle_data(self, data: str) -> None:
        self._text += data


def whole(title: str, shown: int) -> int:
    """How many questions a list stands for, by its title; one that is cut shows as many as it says."""
    found = CUT.search(title)
    if not found:
        return shown
    assert int(found[1]) == shown == LISTED < int(found[2]), title
    return int(found[2])


def places(own: Reader, code: str) -> list[Row]:
    """The differences of an organisme to the rest of its region, all tenants of the current wave, with what may be said of each.

    Neither degrees of freedom nor the error of a rate are published of them: they lie between the organisme's own and the normal
    law's, and the interval has the error. `said` is empty where rounding leaves two verdicts open.
    """
    rows = own.query(
        f"""
        select c.*, q.nature, s.ddl as ddl_propre, s.base_efficace,
            case c.mesure when 'note' then c.ecart_note else c.ecart_taux end as ecart,
            case c.mesure when 'note' then c.ecart_note_ic_haut - c.ecart_note_ic_bas else c.ecart_taux_ic_haut - c.ecart_taux_ic_bas end / 2 as etendue
        from observatoire.fct_comparaison as c
        inner join observatoire.fct_satisfaction as s using (vague, perimetre_type, perimetre, axe, segment, question_code)
        inner join observatoire.dim_question as q using (question_code)
        where c.perimetre = '{code}' and c.comparaison = 'reste_region' and c.axe = 'ensemble' and c.vague = '{own.programme["vague_courante"]}'
            and c.statut = 'V' and c.p_valeur is not null
        """
    )
    if not rows:
        return rows
    alpha, level = own.thresholds["alpha"], (1 + own.thresholds["confiance"]) / 2
    adjusted = stats.false_discovery_control([row["p_valeur"] for row in rows])
    for row, again in zip(rows, adjusted, strict=True):
        assert abs(again - row["p_valeur_ajustee"]) <= 0.06 * again + 1e-3, row
        few, many = stats.t(row["ddl_propre"]), stats.norm()
        gap, reach = abs(row["ecart"]), row["etendue"]
        least, most = 2 * many.sf(gap / reach * many.ppf(level)), 2 * few.sf(gap / reach * few.ppf(level))
        assert 0.8 * min(least, most) - 2e-3 <= row["p_valeur"] <= 1.2 * max(least, most) + 2e-3, row
        base = min(row[name] for name in ("base_brute", "base_brute_comparee", "base_efficace", "ddl_propre"))
        threshold = own.thresholds["materialite_note" if row["mesure"] == "note" else "materialite_taux"]
        fragile = base < own.thresholds["base_fragile"]
        told = {_place(row, threshold * near, row["p_valeur_ajustee"] < alpha, fragile) for near in (0.98, 1, 1.02)}
        row["said"] = told.pop() if len(told) == 1 else ""
    return rows


def _place(row: Row, threshold: float, significant: bool, fragile: bool) -> str:
    if fragile:
        return "non significatif"
    if significant:
        side = "au-dessus" if row["ecart"] > 0 else "en dessous"
        return side if abs(row["ecart"]) >= threshold else f"légèrement {side}"
    return "au niveau" if abs(row["ecart"]) + row["etendue"] <= threshold else "non significatif"


def prove_priorities(own: Reader, where: str) -> int:
    """Holds ranks and readings of the maps of a file to their importances and notes: ranked by importance, cut at both means.

    Returns the readings that rounding leaves no doubt of.
    """
    maps: dict[tuple[str, ...], list[Row]] = {}
    for row in own.query(f"select * from observatoire.fct_priorite where statut = 'V' and {where}"):
        key = ("vague", "perimetre_type", "perimetre", "question_globale", "niveau")
        maps.setdefault(tuple(row[name] for name in key), []).append(row)
    return sum(_proven_readings(sorted(rows, key=lambda row: row["rang"])) for rows in maps.values())


def _proven_readings(rows: list[Row]) -> int:
    assert len({row["rang"] for row in rows}) == len(rows)
    proven, sides = 0, []
    for name in ("importance", "note"):
        values = [row[name] for row in rows]
        # half the step that the figures are rounded to, on a figure and on their mean
        doubt = 10.0 ** -max(len(f"{value:.10f}".rstrip("0").split(".")[1]) for value in values)
        mean = sum(values) / len(values)
        sides.append([0 if abs(value - mean) <= doubt else 1 if value > mean else -1 for value in values])
    importances = [row["importance"] for row in rows]
    assert importances == sorted(importances, reverse=True)
    for row, heavy, high in zip(rows, *sides, strict=True):
        if heavy and high:
            expected = {(1, -1): "à améliorer", (1, 1): "à préserver", (-1, -1): "à surveiller", (-1, 1): "acquis"}
            assert row["lecture"] == expected[heavy, high], row
            proven += 1
    return proven
