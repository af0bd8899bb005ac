"""What a trial says, as one structure that the terminal, the page and other programs read; nothing personal in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import polars as pl

from orchestration.extracts.catalogue import REFUSAL, WARNING, gates, rule_of
from orchestration.extracts.gates import Finding
from orchestration.extracts.personal_data import MASK, is_code
from orchestration.extracts.records import REFUSED
from orchestration.programme import Programme
from orchestration.programme.texts import normalise
from orchestration.programme.vocabulary import words_of
from orchestration.trial.conduct import Part, Trial
from orchestration.words import Words

# the states of a gate
HELD, PARTLY, BROKEN, UNTRIED = "tenue", "tenue_en_partie", "non_tenue", "non_examinee"
# lines that are given as examples of a rejected value, and codes of rejects
_EXAMPLES = 5
UNKNOWN_ORGANISME = "organisme_inconnu"
_SAID = ("ligne_irreguliere", UNKNOWN_ORGANISME)
_DATE = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}( \d\d?[:h]\d\d(:\d\d)?)?")


def as_json(trial: Trial, programme: Programme) -> dict[str, Any]:
    """Returns what a trial says as JSON-ready data, whole: who shows it shortens its lists.

    Args:
        trial: the trial.
        programme: whose words are used.
    """
    words, chosen = words_of(programme.config), trial.chosen
    shown = _shown_values(trial)
    return {
        "fichier": trial.file,
        "vague": chosen.wave,
        "contrat": trial.record.contrat,
        "version_contrat": trial.record.version_contrat,
        "acceptee": trial.accepted,
        "statut": trial.status,
        "motif": trial.reason,
        "remarques": list(_remarks(trial, words)),
        "fautes_du_contrat": list(chosen.faults),
        "portes": [_gate(gate, trial, words) for gate in gates()],
        "colonnes_absentes": [{"colonne": m.heading, "sert_a": m.role, "proches": list(m.near)} for m in trial.missing],
        "colonnes_inconnues": list(trial.unknown_headings),
        "organismes": [_part(part) for part in trial.parts],
        "rejets": list(_rejects(trial.rejects, words, shown)),
        "valeurs_sans_code": list(_values(trial.unknown, shown)),
    }


def _remarks(trial: Trial, words: Words) -> Iterator[str]:
    chosen = trial.chosen
    if chosen.unconfirmed:
        yield words.say("essai_brouillon")
    if chosen.unclaimed:
        yield words.say("essai_nom_non_reconnu", fichier=trial.file)
    for fault in chosen.rivals:
        yield words.say("essai_noms_disputes", faute=fault)
    if trial.same_as:
        yield words.say("essai_deja_recue", fichier=trial.same_as)
    judged = [part for part in trial.parts if part.status != REFUSED]
    if judged and not any(part.compared for part in judged):
        yield words.say("essai_sans_vague_precedente")


def _gate(gate: str, trial: Trial, words: Words) -> dict[str, Any]:
    """Returns what one gate says: its state, how many rules were tried, and those that are broken."""
    aside = {part.lot.organisme_code for part in trial.parts if part.left_out}
    tried = [f for f in trial.findings if f.rule.gate == gate and f.organisme not in aside - {None}]
    broken = [f for f in tried if not f.held]
    # Lines of an unknown organisme are rejects as others are, but nothing else can be said of them: they are refused.
    costs = {REFUSAL if f.rule.code == UNKNOWN_ORGANISME else f.severity for f in broken}
    # A remark costs nothing: a gate at which there are only remarks is held.
    state = HELD if tried and costs <= {WARNING} else PARTLY if tried else UNTRIED
    if REFUSAL in costs:
        state = BROKEN
    return {
        "porte": gate,
        "etat": state,
        "regles_examinees": len({f.rule.code for f in tried}),
        "non_tenues": [_finding(f, words) for f in broken],
    }


def _finding(finding: Finding, words: Words) -> dict[str, Any]:
    return {
        "regle": finding.rule.code,
        "libelle": finding.rule.label,
        "gravite": finding.severity,
        "organisme": finding.organisme,
        "nombre": finding.number,
        "exemple": finding.example,
        "remede": rule_of(finding.rule.code, words).remedy,
    }


def _part(part: Part) -> dict[str, Any]:
    lot = part.lot
    return {
        "organisme": lot.organisme_code,
        "statut": part.status,
        "motif": part.reason,
        "laisse_de_cote": part.left_out,
        "lues": lot.lignes_lues,
        "acceptees": lot.lignes_acceptees,
        "rejetees": lot.lignes_rejetees,
        "comparee": part.compared,
    }


def _shown_values(trial: Trial) -> set[str]:
    """Returns the rejected values that may be shown: codes, dates, values of the contract, what many lines have.

    A rare text may be anyone's words, or a name that a shift brought into another column.
    """
    contract = trial.chosen.contract
    tables = contract.sample_rules.codages.values() if contract and not contract.of_scores else ()
    known = {value for table in tables for value in table}
    # What the reader says of a line, and what names an organisme, are nobody's answers.
    said = set(trial.rejects.filter(pl.col("regle").is_in(_SAID))["valeur"].drop_nulls())
    counts = trial.rejects.group_by("valeur").len().drop_nulls().iter_rows()
    return said | {
        value
        for value, lines in counts
        if value and (_DATE.fullmatch(value) or normalise(value) in known or is_code(value, lines))
    }


def _rejects(rejects: pl.DataFrame, words: Words, shown: set[str]) -> Iterator[dict[str, Any]]:
    """Yields the rejected lines by rule and column, most lines first, with the first few as examples."""
    parts = rejects.partition_by("regle", "colonne", as_dict=True, maintain_order=True)
    keyed = sorted(parts.items(), key=lambda item: (-_lines(item[1]), str(item[0])))
    for (code, column), rows in keyed:
        rule = rule_of(str(code), words)
        first = rows.sort("feuille", "ligne").head(_EXAMPLES)
        yield {
            "regle": code,
            "libelle": rule.label,
            "colonne": column,
            "lignes": _lines(rows),
            "remede": rule.remedy,
            "exemples": [
                {"feuille": r["feuille"], "ligne": r["ligne"], "valeur": _masked(r["valeur"], shown)}
                for r in first.iter_rows(named=True)
            ],
        }


def _lines(rows: pl.DataFrame) -> int:
    return rows.select("feuille", "ligne").n_unique()


def _masked(value: str | None, shown: set[str]) -> str | None:
    return None if not value else value if value in shown else MASK


def _values(unknown: pl.DataFrame, shown: set[str]) -> Iterator[dict[str, Any]]:
    """Yields the values without a code, column by column, the most frequent first; rare texts are only counted."""
    for (column,), rows in unknown.partition_by("colonne", as_dict=True, maintain_order=True).items():
        found = rows.filter(pl.col("valeur") != "").sort("nb_lignes", "valeur", descending=[True, False])
        values = found.select("valeur", "nb_lignes").rows()
        yield {
            "colonne": column or None,
            "valeurs": [{"valeur": value, "lignes": lines} for value, lines in values if value in shown],
            "textes_rares": sum(value not in shown for value, _ in values),
        }
