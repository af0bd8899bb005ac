"""Reads the quality report of an edition as a reader does, and works out each of its figures again: none of the writers' code is used.

The reader knows the words of both languages by heart, and asks the published tables for rows only: counts, sums and medians are Python's.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from statistics import median
from typing import Any

from tests.support.grammars import QUALITY
from tests.support.sentences import Reader, Row

Figures = dict[tuple[str, str], list[float]]


class Printed(HTMLParser):
    """The report's lines: by chapter and name, what is printed after it."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: dict[tuple[str, str], list[str]] = {}
        self.text = ""
        self._chapter, self._names, self._said, self._into = "", [""], [""], ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "section":
            self._chapter = given.get("id") or ""
        elif tag in ("tr", "div"):
            self._names, self._said = [], []
        elif tag in ("th", "dt") and "col" not in (given.get("scope") or ""):
            self._names.append("")
            self._into = "name"
        elif tag in ("td", "dd"):
            self._said.append("")
            self._into = "said"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._into == "name":
            self._names[-1] += data
        elif self._into == "said":
            self._said[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "dt", "td", "dd"):
            self._into = ""
        elif tag in ("tr", "div") and self._names and self._said:
            key = (self._chapter, plain(self._names[0]))
            assert key not in self.lines, f"{key} is said twice"
            self.lines[key] = [plain(text) for text in self._said]
            self._names, self._said = [], []


def plain(text: str) -> str:
    """A text with ordinary spaces and apostrophes."""
    return " ".join(re.sub(r"[\u00a0\u202f]", " ", text).replace("’", "'").split())


def agrees(printed: str, value: float, language: str) -> bool:
    """Whether a printed figure is a value, at the precision it is printed with."""
    bare = re.sub(r"[^\d.,\u2212-]", "", printed).replace("\u2212", "-")
    bare = bare.replace(",", ".") if language == "fr" else bare.replace(",", "")
    unit = 100 if printed.endswith(("%", "pt", "pts")) else 1
    return abs(float(bare) - unit * value) <= 0.5 * 10 ** -len(bare.partition(".")[2]) + 1e-9


def prove(reader: Reader, page: Path) -> int:
    """Holds the report to the tables, all that it should print and nothing else; returns how many lines it has."""
    printed, expected, language = Printed(page), figures(reader), reader.programme["langue"]
    assert printed.lines.keys() == expected.keys()
    for key, values in expected.items():
        told = [text for text in printed.lines[key] if re.search(r"\d", text)][-len(values) :]
        assert len(told) == len(values), key
        for text, value in zip(told, values, strict=True):
            assert agrees(text, value, language), (key, text, value)
    for row in reader.query("select * from observatoire.dim_vague"):
        if ("actualite", row["vague"]) in printed.lines:
            start, end = row["terrain_debut"], row["terrain_fin"]
            days = [int(part) for part in re.findall(r"\d+", printed.lines["actualite", row["vague"]][0])]
            assert days in ([start.day, end.day, end.year], [start.day, start.year, end.day, end.year])
    label = "Données de démonstration" if language == "fr" else "Demonstration data"
    assert (label in printed.text) == bool(reader.programme.get("demonstration"))
    return len(expected)


def figures(reader: Reader) -> Figures:
    """Every figure that the report should print, by chapter and name, from the rows of the published tables."""
    wave, language = reader.programme["vague_courante"], 0 if reader.programme["langue"] == "fr" else 1
    found: dict[str, dict[str, list[float]]] = {
        "exactitude": _precision(reader, wave) | _places(reader, wave) | _deliveries(reader, wave),
        "actualite": _delay(reader, wave),
        "coherence": _comparisons(reader, wave) | _sources(reader),
        "charge": {},
        "confidentialite": _protection(reader),
    }
    found["charge"]["reponses"] = [
        sum(row["base_brute"] for row in _everyone(reader, wave)) / found["exactitude"]["realises"][0]
    ]
    named = {
        (chapter, plain(reader.called(QUALITY[chapter][name][language]))): values
        for chapter, told in found.items()
        for name, values in told.items()
    }
    return named | _tables(reader, wave)


# what an interval rests on
BASES = ("base_brute", "base_efficace", "ddl")


def _satisfaction(reader: Reader, wave: str) -> list[Row]:
    return reader.query(
        "select perimetre_type, axe, statut, question_code, base_brute, base_efficace, ddl, strates_reunies, intervalle_indicatif, note_effet_plan,"
        " taux_effet_plan, note_imprimee_ic_bas, note_imprimee_ic_haut, taux_imprime_ic_bas, taux_imprime_ic_haut"
        f" from observatoire.fct_satisfaction where vague = '{wave}'"
    )


def _everyone(reader: Reader, wave: str) -> list[Row]:
    rows = _satisfaction(reader, wave)
    return [row for row in rows if (row["perimetre_type"], row["axe"], row["statut"]) == ("region", "ensemble", "V")]


def _halves(rows: list[Row], measure: str) -> list[float]:
    ends = [(row[f"{measure}_ic_bas"], row[f"{measure}_ic_haut"]) for row in rows]
    return [(high - low) / 2 for low, high in ends if low is not None and high is not None]


def _precision(reader: Reader, wave: str) -> dict[str, list[float]]:
    rows = _everyone(reader, wave)
    effects = [row["taux_effet_plan"] if row["note_effet_plan"] is None else row["note_effet_plan"] for row in rows]
    measured = {
        "note": _halves(rows, "note_imprimee"),
        "taux": _halves(rows, "taux_imprime"),
        "effet": effects,
    } | {name: [row[name] for row in rows] for name in ("base_brute", "base_efficace", "ddl")}
    known = {name: [value for value in values if value is not None] for name, values in measured.items()}
    return {name: [min(values), median(values), max(values)] for name, values in known.items() if values}


def _places(reader: Reader, wave: str) -> dict[str, list[float]]:
    def place(row: Row) -> str:
        if row["perimetre_type"] != "region":
            return "autres"
        return "region" if row["axe"] == "ensemble" else "profils"

    groups: dict[str, list[Row]] = {}
    for row in _satisfaction(reader, wave):
        if row["statut"] != "Z":
            groups.setdefault(place(row), []).append(row)
    measure = "note_imprimee" if _halves(groups["region"], "note_imprimee") else "taux_imprime"
    told = {}
    for name, rows in groups.items():
        shown = [row for row in rows if row["statut"] == "V"]
        # an interval is told to be indicative or not where all that decides it is published
        known = all(row[column] is not None for row in shown for column in BASES)
        weak = [sum(_indicative(row, reader.thresholds["base_fragile"]) for row in shown)] if known else []
        lonely = sum(bool(row["strates_reunies"]) for row in shown)
        told[name] = [len(rows), len(shown), median(_halves(rows, measure)), *weak, lonely]
    return told


def _indicative(row: Row, fragile: float) -> bool:
    """Whether the intervals of a cell are only indicative: the weight of an interview alone in its stratum is not published."""
    few = min(row[column] for column in BASES) < fragile
    assert bool(row["intervalle_indicatif"]) >= few, row
    assert row["strates_reunies"] or bool(row["intervalle_indicatif"]) == few, row
    return bool(row["intervalle_indicatif"])


def _deliveries(reader: Reader, wave: str) -> dict[str, list[float]]:
    rows = reader.query(
        f"select * from observatoire.obs_couverture where vague = '{wave}' and statut <> 'non_concerne'"
    )
    broken = reader.query(f"select regle from observatoire.obs_qualite where vague = '{wave}' and not tenue")
    included = [row for row in rows if row["statut"] in ("inclus", "reserve")]
    filters = {row["question_code"]: row["filtre"] for row in reader.query("select * from observatoire.dim_question")}
    interviews = sum(row["nb_entretiens"] for row in included)
    shares = [
        row["base_brute"] / interviews for row in _everyone(reader, wave) if filters[row["question_code"]] is None
    ]
    told: dict[str, list[Any]] = {
        "attendus": [len(rows)],
        "consolides": [len(included)],
        "refuses": [sum(row["statut"] == "rejete" for row in rows)],
        "absents": [sum(row["statut"] == "attendu" for row in rows)],
        "part": [sum(row["part_parc"] for row in included)],
        "realises": [interviews],
        "lignes": [sum(row["lignes_rejetees"] or 0 for row in included)],
        "vides": [sum(row["regle"] == "strates_vides" for row in broken)],
        "exclues": [sum(row["regle"] == "question_exclue" for row in broken)],
        "moindre": [min(shares)],
        "mediane": [median(shares)],
    }
    [field] = reader.query(f"select * from observatoire.dim_vague where vague = '{wave}'")
    if field["appeles"] is not None:
        called, answered = field["appeles"], field["entretiens_des_appeles"]
        told |= {"appeles": [called], "entretiens": [answered], "reponse": [answered / called]}
    if field["joints"] is not None:
        told["joints"] = [field["joints"] / field["appeles"]]
    if field["refus"] is not None:
        told["refus"] = [field["refus"] / field["joints"]]
    aimed = [row["entretiens_vises"] for row in rows if row["entretiens_vises"] is not None]
    return told | ({"vises": [sum(aimed)]} if aimed else {})


def _delay(reader: Reader, wave: str) -> dict[str, list[float]]:
    [edition] = reader.query("select * from observatoire.meta_edition")
    [asked] = reader.query(f"select * from observatoire.dim_vague where vague = '{wave}'")
    return {"delai": [(edition["publiee_le"].date() - asked["terrain_fin"]).days]}


def _comparisons(reader: Reader, wave: str) -> dict[str, list[float]]:
    rows = reader.query(f"select * from observatoire.obs_indicateur where vague = '{wave}' and statut <> 'Z'")
    before = {row["vague_precedente"] for row in rows} - {None}
    if not before:
        return {}
    verdicts = [row["verdict"] for row in rows]
    changes = reader.query(
        "select methode, meme_institut, verdict from observatoire.fct_evolution where statut = 'V' and perimetre_type = 'region'"
        f" and axe = 'ensemble' and vague = '{wave}' and vague_precedente = '{before.pop()}'"
    )
    scales = reader.query(
        "select change_verdict from observatoire.fct_sensibilite"
        f" where perimetre_type = 'region' and axe = 'ensemble' and vague = '{wave}'"
    )
    bare = (None, "nouveau", "non comparable")
    told = {
        "comparees": [sum(verdict not in bare for verdict in verdicts)],
        "nouvelles": [verdicts.count("nouveau")],
        "incomparables": [verdicts.count("non comparable")],
        "muettes": [verdicts.count(None)],
        "longues": [sum((row["tendance_vagues"] or 0) > 2 for row in rows)],
        "instituts": [
            sum(r["methode"] == "publie" and r["meme_institut"] is False and r["verdict"] not in bare for r in changes)
        ],
        "panel": [sum(row["methode"] == "panel_constant" for row in changes)],
        "pro_forma": [sum(row["methode"] == "pro_forma" for row in changes)],
        "baremes": [sum(bool(row["change_verdict"]) for row in scales)],
        "baremes_references": [sum(bool(row["verdict_reference_sensible_bareme"]) for row in rows)],
    }
    several = reader.query("select distinct bareme, bareme_version from observatoire.fct_sensibilite")
    return told if len(several) > 1 else {name: n for name, n in told.items() if not name.startswith("baremes")}


def _sources(reader: Reader) -> dict[str, list[float]]:
    rows = reader.query("select * from observatoire.fct_reference_nationale")
    if not rows:
        return {}
    comparable = [row for row in rows if row["est_comparable"]]
    exact = [row for row in comparable if (row["base_effectif"], row["erreur_type"]) != (None, None)]
    return {
        "valeurs": [len(rows)],
        "comparables": [len(comparable)],
        "precises": [len(exact)],
    }


def _protection(reader: Reader) -> dict[str, list[float]]:
    [edition] = reader.query("select * from observatoire.meta_edition")
    secret = reader.programme.get("secret", {}).get("organismes_secrets", True)
    if not secret or not edition["protection"]:
        return {}
    return {name: [edition[name]] for name in ("protection", "plancher", "organismes_plein_chiffre")}


def _tables(reader: Reader, wave: str) -> Figures:
    """The tables whose lines the data names: themes, waves, rules that caught something, reasons of masked cells."""
    told: Figures = {}
    for row in reader.query("select * from observatoire.dim_theme"):
        asked = reader.query(
            f"select statut from observatoire.obs_indicateur where vague = '{wave}' and theme_code = '{row['theme_code']}'"
        )
        statuses = [line["statut"] for line in asked]
        told["pertinence", plain(row["libelle"])] = [
            len(statuses) - statuses.count("Z"),
            statuses.count("V"),
        ]
    waves = reader.query("select * from observatoire.dim_vague where est_principale order by ordre")
    for row in [row for row in waves if row["ordre"] <= _order(waves, wave)][-3:]:
        told["actualite", row["vague"]] = [row["nb_organismes"], row["nb_entretiens"]]
    # the report is of the survey: what was delivered between two of its waves is not counted in it
    survey = "vague in (select vague from observatoire.dim_vague where est_principale)"
    for row in reader.query(f"select * from observatoire.obs_qualite where not tenue and {survey}"):
        line = told.setdefault(("exactitude", plain(row["libelle"])), [0, 0])
        line[0] += 1
    for row in reader.query(
        f"select libelle, nb_lignes from observatoire.obs_qualite where nb_lignes > 0 and {survey}"
    ):
        if ("exactitude", plain(row["libelle"])) in told:
            told["exactitude", plain(row["libelle"])][1] += row["nb_lignes"]
    for row in reader.query(
        f"select motif_statut from observatoire.fct_satisfaction where vague = '{wave}' and statut <> 'V'"
    ):
        line = told.setdefault(("confidentialite", plain(row["motif_statut"])), [0])
        line[0] += 1
    return told


def _order(waves: list[Row], wave: str) -> int:
    return next(int(row["ordre"]) for row in waves if row["vague"] == wave)
