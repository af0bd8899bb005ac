"""What the explorer must show, as a reader has it who shares no code with it: plain SQL, and rounding of its own.

A line of the explorer is named by question, measure, perimeter, axis, segment and wave. What is compared: figure, bounds,
base, status and reason, change and verdict, reference.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

Key = tuple[str, str, str, str, str, str]
THIN, MINUS = "\u202f", "\u2212"


class Tongue(NamedTuple):
    """How a language writes a figure."""

    thousands: str
    decimal: str
    percent: str
    points: str
    between: str
    since: str


TONGUES = {
    "fr": Tongue(THIN, ",", f"{THIN}%", "\u00a0pt", "à", "depuis"),
    "en": Tongue(",", ".", "%", "\u00a0pts", "to", "since"),
}

# what is looked at while a page is crawled: goes to choices, and reads the lines of the table of each
CRAWL = """async ({ choices, every }) => {
  const box = document.getElementById("resultat"), found = {}, wrong = [];
  let visited = 0;
  const go = async (choice) => {
    const hash = "#" + new URLSearchParams(choice);
    if (location.hash === hash) return;
    box.dataset.choix = "";
    location.hash = hash;
    for (let waited = 0; !box.dataset.choix && waited < 6000; waited += 1) await new Promise((done) => setTimeout(done, waited < 50 ? 1 : 5));
    if (!document.getElementById("avis").hidden || !box.dataset.choix) wrong.push(hash + " " + document.getElementById("avis").textContent);
  };
  const text = (cell) => cell ? cell.textContent.trim() : "";
  const look = () => {
    visited += 1;
    const bold = [...document.querySelectorAll("#dessin text[font-weight='700']")].map(text).filter((one) => /\\d/.test(one));
    const rows = [...document.querySelectorAll("#resultat tbody tr[data-cle]")].map((row) => {
      const part = (name) => row.querySelector(`[data-part=${name}]`);
      const value = (name) => part(name)?.querySelector("data")?.getAttribute("value") ?? null;
      const bounds = part("intervalle")?.querySelector("[data-bas]"), change = part("evolution")?.querySelector("data[data-ecrit]");
      return { cle: row.dataset.cle, valeur: value("valeur"), texte: text(part("valeur")), bas: bounds?.dataset.bas ?? null, haut: bounds?.dataset.haut ?? null, intervalle: text(bounds),
        base: value("base"), base_texte: text(part("base")?.querySelector("data")), statut: row.querySelector("[data-statut]")?.dataset.statut ?? "V", raison: text(part("statut")),
        evolution: change?.getAttribute("value") ?? null, depuis: text(change), verdict: text(part("evolution")?.querySelector(".verdict")), reserve: text(part("evolution")?.querySelector("small")), reference: value("reference"), contre: text(part("reference")?.querySelector(".verdict")) };
    });
    const shown = new Set(rows.map((row) => row.texte)), headings = [...document.querySelectorAll("#resultat .rupture, #choix-titre")].map(text).join(" ");
    for (const one of bold) if (!shown.has(one) && !headings.includes(one)) wrong.push(location.hash + " drawn, not in the table: " + one);
    if (!rows.length) wrong.push(location.hash + " shows nothing");
    for (const { cle, ...rest } of rows) (found[cle] ??= new Set()).add(JSON.stringify(rest));
  };
  const values = (id) => [...document.querySelectorAll(`#${id} option`)].map((option) => option.value);
  const subsets = (all) => all.reduce((sets, one) => [...sets, ...sets.map((set) => [...set, one])], [[]]).filter((set) => set.length);
  if (every) {
    const waves = [...document.querySelectorAll("#vagues input")].map((input) => input.value);
    for (const q of values("question")) {
      await go({ q });
      for (const m of values("mesure")) {
        await go({ q, m });
        for (const p of values("perimetre")) {
          await go({ q, p, m });
          for (const a of values("axe")) for (const some of subsets(waves)) {
            await go({ q, p, a, v: some.length === waves.length ? "*" : some.join(","), m });
            look();
          }
        }
      }
    }
  } else for (const choice of choices) { await go(choice); look(); }
  return { visited, wrong, found: Object.entries(found).map(([cle, seen]) => [cle, [...seen].map((one) => JSON.parse(one))]) };
}"""

PLACE = "perimetre_type, perimetre, axe, segment, vague"
FIGURES = f"""
    select 'note' as mesure, question_code, {PLACE}, note_imprimee as valeur, note_imprimee_ic_bas as bas,
        note_imprimee_ic_haut as haut, base_brute as base, statut, motif_statut from fct_satisfaction
    union all
    select 'taux', question_code, {PLACE}, taux_imprime, taux_imprime_ic_bas, taux_imprime_ic_haut, base_brute, statut,
        motif_statut from fct_satisfaction
    union all
    select 'nps', question_code, {PLACE}, nps, nps_ic_bas, nps_ic_haut, base_brute, statut, motif_statut
    from fct_satisfaction
    union all
    select 'reponses.' || modalite_code, question_code, {PLACE}, part, part_ic_bas, part_ic_haut, base_brute, statut,
        motif_statut from fct_distribution
    union all
    select 'reponses.' || motif, question_code, {PLACE}, part, part_ic_bas, part_ic_haut, base_brute, statut,
        motif_statut from fct_motif
"""
CHANGES = f"""
    select c.question_code, {", ".join(f"c.{name}" for name in PLACE.split(", "))}, c.vague_precedente, c.ecart_note, c.ecart_taux,
        c.mesure, c.verdict, v.libelle, c.verdict_sensible_bareme and c.verdict <> 'non significatif' as reserve
    from fct_evolution as c
    left join dim_verdict as v on c.verdict = v.verdict
    where c.methode = 'publie' and c.vague_precedente = (
        select b.vague from dim_vague as b inner join dim_vague as w using (dispositif_code) where w.vague = c.vague and b.ordre < w.ordre order by b.ordre desc limit 1)
"""


@dataclass(frozen=True)
class Truth:
    """Figures, changes, references; how many decimals a line has; whether a verdict is one of notes.

    `finer`: the lines of the region, by question and measure, that have a figure outside its interval as usually written.
    """

    figures: dict[Key, dict[str, Any]] = field(repr=False)
    changes: dict[tuple[str, ...], dict[str, Any]] = field(repr=False)
    references: dict[tuple[str, ...], float] = field(repr=False)
    decimals: dict[str, int] = field(repr=False)
    notes: frozenset[str] = field(repr=False)
    finer: frozenset[tuple[str, str]] = field(repr=False)
    tongue: Tongue


def truth(database: Path, source: str | None, language: str = "fr") -> Truth:
    """Reads an edition of a programme in this language; `source` is the reference that it prints."""
    with duckdb.connect() as session:
        session.execute(f"attach '{str(database).replace(chr(39), chr(39) * 2)}' as e (read_only)")
        session.execute("use e.observatoire")

        def rows(sql: str, *values: object) -> list[dict[str, Any]]:
            cursor = session.execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

        figures = {_key(row): row for row in rows(FIGURES)}
        return Truth(
            figures=figures,
            changes={(row["question_code"], *_place(row)): row for row in rows(CHANGES)},
            references={
                (row["question_code"], row["perimetre_type"], row["perimetre"], row["vague"], row["unite"]): row[
                    "reference"
                ]
                for row in rows("from fct_ecart_reference where source = ?", source or "")
            },
            decimals={
                row["question_code"]: row["decimales"]
                for row in rows("from obs_indicateur")
                if row["decimales"] is not None
            },
            finer=frozenset(key[:2] for key, row in figures.items() if _whole(key) and _outside(key[1], row)),
            tongue=TONGUES[language],
            notes=frozenset(
                row["question_code"]
                for row in rows("select distinct question_code from dim_modalite where note is not null")
            ),
        )


def _place(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return f"{row['perimetre_type']}|{row['perimetre']}", row["axe"], row["segment"], row["vague"]


def _whole(key: tuple[str, ...]) -> bool:
    return key[2].startswith("region|") and key[3:5] == ("ensemble", "tous")


def _outside(measure: str, row: dict[str, Any]) -> bool:
    """Whether a figure of the region, as it is usually written, is outside its interval as it is written."""
    held = [row[part] for part in ("bas", "valeur", "haut")]
    if measure == "nps" or None in held:
        return False
    unit, digits = (1, 1) if measure == "note" else (100, 0)
    low, value, high = (
        round_as_people(Decimal(repr(part)) * unit, digits + more) for part, more in zip(held, (1, 0, 1), strict=True)
    )
    return not low <= value <= high


def _key(row: dict[str, Any]) -> Key:
    return (row["question_code"], row["mesure"], *_place(row))


def faults(known: Truth, found: list[tuple[str, list[dict[str, Any]]]]) -> list[str]:
    """What a page showed that the edition does not say, or says otherwise."""
    told = []
    for name, variants in found:
        key = tuple(name.split("\u0001"))
        row = known.figures.get(key)  # type: ignore[call-overload]
        for seen in variants:
            if row is None:
                if seen["valeur"] is not None or seen["statut"] != "":
                    told.append(f"{key}: not in the edition: {seen}")
                continue
            told += [f"{key}: {said}: {seen} {row}" for said in _compared(known, key, row, seen)]
    return told


def _compared(known: Truth, key: tuple[str, ...], row: dict[str, Any], seen: dict[str, Any]) -> list[str]:
    code, measure, *_ = key
    if row["statut"] != "V":
        wrong = (
            ["a figure is shown"]
            if any(seen[part] is not None for part in ("valeur", "bas", "haut", "base", "evolution"))
            else []
        )
        wrong += [] if seen["statut"] == row["statut"] else ["status"]
        reason = row["motif_statut"] or ""
        return wrong + ([] if _plain(reason) in _plain(seen["raison"]) and seen["raison"] else ["reason"])
    if row["valeur"] is None:
        return [] if seen["valeur"] is None and seen["statut"] == "" else ["a figure is shown that is none"]
    whole = _whole(key)
    line = "note" if code in known.notes else "taux"
    finer = (2 if measure == "note" else 1) if (code, measure) in known.finer else 0
    more = max(known.decimals.get(code, 0) if measure == line else 0, finer)
    wrong = []
    if not _is(seen["valeur"], row["valeur"]) or seen["texte"] != _written(
        known.tongue, measure, row["valeur"], whole, False, more
    ):
        wrong.append(f"figure, not {_written(known.tongue, measure, row['valeur'], whole, False, more)}")
    if row["bas"] is not None and row["haut"] is not None:
        low, high = (_written(known.tongue, measure, row[end], whole, True, 0) for end in ("bas", "haut"))
        if (
            not (_is(seen["bas"], row["bas"]) and _is(seen["haut"], row["haut"]))
            or seen["intervalle"] != f"{low} {known.tongue.between} {high}"
        ):
            wrong.append(f"interval, not {low} {known.tongue.between} {high}")
    elif seen["bas"] is not None:
        wrong.append("an interval is shown")
    if row["base"] is None:
        wrong += ["a base is shown"] if seen["base"] is not None else []
    elif not _is(seen["base"], row["base"]) or seen["base_texte"] != _grouped(known.tongue, Decimal(row["base"]), 0):
        wrong.append("base")
    return wrong + _changes(known, key, seen)


def _changes(known: Truth, key: tuple[str, ...], seen: dict[str, Any]) -> list[str]:
    code, measure, place, axis, segment, wave = key
    change = known.changes.get((code, place, axis, segment, wave), {})
    value = change.get({"note": "ecart_note", "taux": "ecart_taux"}.get(measure, ""))
    wrong = []
    if value is None:
        wrong += ["a change is shown"] if seen["evolution"] is not None else []
    else:
        unit, least, most, end = (1, 1, 2, "") if measure == "note" else (100, 0, 1, known.tongue.points)
        digits = most if _whole(key) else min(most, max(least, _places(Decimal(repr(value)) * unit)))
        written = (
            _signed(known.tongue, value, unit, digits) + end + f" {known.tongue.since} {change['vague_precedente']}"
        )
        if not _is(seen["evolution"], value) or seen["depuis"] != written:
            wrong.append(f"change, not {written}")
    said = change.get("libelle") if measure in ("note", "taux") and change.get("mesure") in (None, measure) else None
    if not _plain(seen["verdict"]).endswith(_plain(said or "")) or bool(said) != bool(seen["verdict"]):
        wrong.append(f"verdict, not {said}")
    if bool(said and change.get("reserve")) != bool(seen["reserve"]):
        wrong.append("reserve of the verdict")
    kind, _, perimeter = place.partition("|")
    unit = {"note": "note_10", "taux": "pourcentage_satisfaits"}.get(measure, "")
    reference = known.references.get((code, kind, perimeter, wave, unit)) if axis == "ensemble" else None
    if (reference is None) != (seen["reference"] is None) or not (
        reference is None or _is(seen["reference"], reference)
    ):
        wrong.append(f"reference, not {reference}")
    return wrong


def _is(shown: str | None, value: Any) -> bool:
    return shown is not None and float(shown) == float(value)


def _written(tongue: Tongue, measure: str, value: float, whole: bool, bound: bool, more: int) -> str:
    if measure == "nps":
        return _signed(tongue, value, 1, 1)
    exact = Decimal(repr(value)) * (1 if measure == "note" else 100)
    least, most = (1, 2) if measure == "note" else (0, 1)
    digits = (most if bound else max(least, more)) if whole else min(most, max(least, _places(exact)))
    return _grouped(tongue, exact, digits) + ("" if measure == "note" else tongue.percent)


def _places(exact: Decimal) -> int:
    """How many decimals a number has."""
    return max(0, -int(exact.normalize().as_tuple().exponent))


def round_as_people(value: Decimal, digits: int) -> Decimal:
    """A number with so many decimals, halves away from zero."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _grouped(tongue: Tongue, value: Decimal, digits: int) -> str:
    rounded = round_as_people(value, digits)
    text = f"{abs(rounded):,.{digits}f}".translate({44: tongue.thousands, 46: tongue.decimal})
    return (MINUS if rounded < 0 else "") + text


def _signed(tongue: Tongue, value: float, unit: int, digits: int) -> str:
    exact = Decimal(repr(value)) * unit
    return ("+" if round_as_people(exact, digits) > 0 else "") + _grouped(tongue, exact, digits)


def _plain(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", "", text.replace("’", "'"))


def planted(report: Path, copied: Path, plant: Callable[[dict[str, Any]], None]) -> Path:
    """The explorer of a copy of a report in which the file of question G1 is at fault."""
    shutil.copytree(report, copied)
    file = copied / "explorateur" / "Q-G1.js"
    body = json.loads(file.read_text(encoding="utf-8").removeprefix("explorateur(").removesuffix(");\n"))
    plant(body)
    file.write_text(f"explorateur({json.dumps(body)});", encoding="utf-8")
    return copied / "explorateur.html"


def _everyone(body: dict[str, Any]) -> list[int]:
    cell: list[int] = body["cellules"]["note"]["region|region"]["ensemble"]["tous"][-1]
    return cell


def _other_text(body: dict[str, Any]) -> None:
    body["nombres"][_everyone(body)[0] - 1][1] = "9,9"


def _other_rank(part: int, table: str) -> Callable[[dict[str, Any]], None]:
    def plant(body: dict[str, Any]) -> None:
        cell = _everyone(body)
        cell[part] = 1 + cell[part] % len(body[table])

    return plant


# what is planted, and the first word of what is told of it
FAULTS = {
    "text": (_other_text, "figure"),
    "figure": (_other_rank(0, "nombres"), "figure"),
    "bound": (_other_rank(2, "nombres"), "interval"),
    "base": (_other_rank(3, "nombres"), "base"),
    "change": (_other_rank(6, "nombres"), "change"),
    "verdict": (_other_rank(7, "mots"), "verdict"),
    "reference": (_other_rank(8, "nombres"), "reference"),
    "mask": (lambda body: _everyone(body).__setitem__(slice(None), [0, 0, 0, 0, 1]), "figure"),
}
