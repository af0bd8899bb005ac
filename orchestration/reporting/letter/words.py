"""A figure, a verdict, an indicator as the templates expect them: text that is written, or masked with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Any

from orchestration.reporting import leading
from orchestration.reporting.cells import Cell
from orchestration.reporting.formats import Formats, Label, exact
from orchestration.reporting.indicators import Indicator, Motives, Recommendation
from orchestration.reporting.notices import GROUP_TONES
from orchestration.reporting.pages import written

Printable = dict[str, Any]


@dataclass
class Notes:
    """The reasons given under one table, each once, by letter."""

    letters: dict[str, str] = field(default_factory=dict)

    def letter(self, reason: str) -> str:
        """The letter of a reason: a, b, … z, aa, ab."""
        if reason not in self.letters:
            number, name = len(self.letters), ""
            while number >= 0:
                name = ascii_lowercase[number % 26] + name
                number = number // 26 - 1
            self.letters[reason] = name
        return self.letters[reason]

    def printed(self) -> list[Printable]:
        """The notes in the order of their letters."""
        return [{"n": letter, "texte": reason} for reason, letter in self.letters.items()]


class Writer(Formats):
    """Writes cells in one language, with the words of a programme."""

    def text(self, value: object) -> str:
        """A text of the published file, spaced as the language asks; nothing where it has none."""
        return self.typography(value or "")

    def figure(self, cell: Cell | None, kind: str, notes: Notes | None = None) -> Printable:
        """A figure as text (`t`), or the word that stands for it (`x`) and the letter of its reason (`n`)."""
        if cell is None:
            return {"x": self.no_value.word}
        if cell.shown:
            return {"t": written(self, cell.valeur, kind), **source(cell), "valeur": exact(cell.valeur)}
        label = self.status(cell.missing)
        if not cell.missing:
            return {"x": label.word}
        reason = self.why(cell.missing, cell.motif)
        masked = {"x": label.word, "raison": reason, "statut": cell.missing, **source(cell)}
        return {**masked, "n": notes.letter(reason)} if notes is not None else masked

    def judged(self, cell: Cell, notes: Notes | None = None, opinion: bool = True) -> Printable | None:
        """A verdict's sign and word, with the letter of its reason where a comparison is not made; None without.

        Args:
            cell: the verdict.
            notes: where the letters of the reasons are kept.
            opinion: more is better; without, the verdict has no colour.
        """
        if cell.valeur is None:
            return None
        return self.label(self.verdict(cell.valeur, opinion), cell.motif, notes)

    def label(self, label: Label, reason: str = "", notes: Notes | None = None) -> Printable:
        """A code put in words."""
        printed = {"signe": label.symbol, "mot": label.word, "famille": label.family}
        if notes is not None and label.family == "muet" and reason:
            printed["n"] = notes.letter(self.text(reason))
        return printed

    def on_panel(self, item: Indicator) -> str:
        """What the organismes of both waves say otherwise of a change; empty where they say the same."""
        if not item.panel_verdict or not item.panel_disagrees:
            return ""
        return self.plain("panel_autrement", verdict=self.verdict(item.panel_verdict.valeur).word)

    def line(self, item: Indicator, notes: Notes, shared: float | None) -> Printable:
        """One line of the newsletter's table; it says the maximum of its note where the table's have none in common."""
        scored = item.kind == "note"
        return {
            "libelle": self.text(item.libelle),
            "phrase": self.text(item.phrase),
            "panel": self.on_panel(item),
            "notes": [self.figure(cell, item.written, notes) for cell in item.values],
            "unite": self.unit(item) if shared is None and item.current.shown else "",
            "precision": self.figure(item.precision, "precision") if scored and item.current.shown else None,
            "bornes": [self.figure(cell, "taux_fin") for cell in (item.low, item.high)]
            if not scored and item.current.shown
            else None,
            "indicatif": self.indicative(item.fragile and item.current.shown),
            "evolution": self.figure(item.evolution, f"ecart_{item.kind}") if item.evolution.shown else None,
            "verdict": self.judged(item.verdict, notes, item.judged),
            "evolution_selon_bareme": self.plain("selon_bareme") if item.sensitive else "",
            "organismes": [self.figure(cell, "entier") for cell in item.organismes]
            if any(cell.shown for cell in item.organismes)
            else None,
            **self._reference(item),
            "base": self.figure(item.base, "entier", notes),
        }

    def unit(self, item: Indicator) -> str:
        """What follows a note; a share carries its unit itself."""
        return self.out_of(item.maximum).strip()

    def reference(self, item: Indicator) -> Printable | None:
        """The national reference of a question; None where there is none."""
        return self.figure(item.reference, item.written_reference) if item.reference.shown else None

    def _reference(self, item: Indicator) -> Printable:
        note = item.reference_is_note
        return {
            "reference": self.reference(item),
            "ecart": self.figure(item.gap, "ecart_note" if note else "ecart_pourcentage") if item.gap.shown else None,
            "verdict_reference": self.judged(item.gap_verdict, opinion=item.judged),
            "selon_bareme": self.plain("selon_bareme") if item.gap_sensitive and item.gap_verdict.shown else "",
        }

    def motives(self, block: Motives) -> Printable:
        """A question without note or rate, and the share of each answer."""
        shown = block.statut == "V" and bool(block.options)
        label = self.status(block.statut)
        reason = self.why(block.statut, block.motif)
        return {
            "libelle": self.text(block.libelle),
            "formulation": self.text(block.formulation),
            "absent": None if shown else self.plain("deux_points", nom=label.word, valeur=reason),
            "dit": leading.said(self, block.leading) if shown else "",
            "options": [self.option(label, share) for label, share in block.options] if shown else [],
        }

    def recommendation(self, block: Recommendation) -> Printable:
        """A question of recommendation: a line of each measure, a figure of each wave, and the groups as one bar."""
        last = block.scores[-1]
        lines = [
            (self.plain("score_recommandation"), [self.figure(s.score, "nps") for s in block.scores]),
            (self.plain("intervalle"), [self.interval(s.low, s.high, "nps", fragile=s.fragile) for s in block.scores]),
        ]
        for rank, (group, (first, end)) in enumerate(block.groups):
            answers = (
                self.text(first) if first == end else self.plain("de_a", bas=self.text(first), haut=self.text(end))
            )
            lines.append(
                (
                    self.plain(f"groupe_{group}", notes=answers),
                    [self.figure(s.groups[rank], "taux") for s in block.scores],
                )
            )
        lines.append((self.plain("base"), [self.figure(s.base, "entier") for s in block.scores]))
        return {
            "titre": self.plain("titre_score", question=block.item.libelle),
            "aide": self.plain("score_aide"),
            "lignes": [{"libelle": label, "valeurs": values} for label, values in lines],
            "parts": [
                {"part": float(cell.valeur), "ton": GROUP_TONES[group]}
                for (group, _), cell in zip(block.groups, last.groups, strict=True)
                if cell.shown
            ],
        }

    def indicative(self, fragile: bool) -> str:
        """The word that follows an interval which is only an order of magnitude; nothing after another."""
        return self.plain("indicatif") if fragile else ""

    def interval(self, low: Cell, high: Cell, kind: str, notes: Notes | None = None, *, fragile: bool) -> Printable:
        """The two ends of an interval in one cell, and if it is only indicative, or the word that stands for them."""
        ends = [self.figure(cell, kind, notes) for cell in (low, high)]
        if not (low.shown and high.shown):
            return ends[0]
        return {
            "t": self.plain("de_a", bas=ends[0]["t"], haut=ends[1]["t"]),
            "bornes": ends,
            "indicatif": self.indicative(fragile),
        }

    def option(self, label: str, share: Cell) -> Printable:
        """One answer and its share, as a number to draw and as text."""
        return {
            "libelle": self.text(label),
            "part": float(share.valeur) if share.shown else None,
            "valeur": self.figure(share, "taux"),
        }


def source(cell: Cell) -> Printable:
    """Where a figure was read: anyone can ask the published file for it."""
    return {"table": cell.table, "cle": cell.key_text, "mesure": cell.mesure}
