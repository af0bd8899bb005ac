"""What a reader must know before comparing: what a theme did, what is new, not comparable or gone; the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orchestration.reporting import formats
from orchestration.reporting.cells import Cell, Edition, Row
from orchestration.reporting.figures import Figures
from orchestration.reporting.formats import Formats
from orchestration.reporting.indicators import Indicator, Scope, Theme

# the tone of each group of a question of recommendation
GROUP_TONES = {"promoteur": "bon-1", "passif": "neutre-2", "detracteur": "bas-1"}
SPELT_OUT = 5  # options that a caption can name one by one


@dataclass(frozen=True)
class Gone:
    """A question of an earlier wave that is no longer asked."""

    code: str
    libelle: str
    theme: str
    last: str


@dataclass(frozen=True)
class Masked:
    """How many published cells of the wave have this status, and the reason they give."""

    statut: str
    motif: str
    cells: Cell


@dataclass(frozen=True)
class Line:
    """How one question was answered: the share of each option, in the order of its group."""

    item: Indicator
    parts: tuple[Cell, ...]

    @property
    def shown(self) -> bool:
        """Whether there is a share to draw."""
        return any(cell.shown for cell in self.parts)


@dataclass(frozen=True)
class Answers:
    """Questions answered on the same scale; `tones` as in the function of that name."""

    options: tuple[str, ...]
    tones: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def wide(self) -> bool:
        """Whether there are more options than a page has room for side by side."""
        return len(self.options) > SPELT_OUT

    @property
    def scale(self) -> str:
        """The options in a few words: what tells two groups of a theme apart."""
        return f"{self.options[0]} … {self.options[-1]}" if self.wide else ", ".join(self.options)

    @property
    def positive(self) -> str:
        """The options that a rate counts, of opinions; nothing where it counts none."""
        return ", ".join(
            option for option, tone in zip(self.options, self.tones, strict=True) if tone.startswith("bon-")
        )


def said(f: Formats, counted: Mapping[str, int], previous: str | None) -> str:
    """The sentence that holds for the opinions of a theme that are compared; nothing of fewer than two.

    Args:
        f: the language.
        counted: how many of its questions of satisfaction have a verdict of each family, of those that compare.
        previous: the wave that they are compared with.
    """
    total = sum(counted.values())
    if previous is None or total < 2:
        return ""
    alike = [family for family, count in counted.items() if count == total and family != "incertain"]
    moved = {family: counted[family] for family in ("hausse", "baisse") if counted.get(family)}
    if alike or len(moved) != 1:
        return f.plain(f"theme_dit_{alike[0] if alike else 'mixte' if moved else 'immobile'}", vague=previous)
    [(way, count)] = moved.items()
    if count == 1:
        return f.plain(f"theme_un_{way}", vague=previous, total=total)
    return f.plain(f"theme_partie_{way}", vague=previous, total=total, n=count)


def agencies(f: Formats, items: Iterable[Indicator], scope: Scope) -> str:
    """What is said where changes are measured from one survey agency to another; nothing where none is.

    Args:
        f: the language.
        items: the questions that are spoken of.
        scope: the two waves.
    """
    compared = [item for item in items if item.compared]
    changed, before, wave = sum(item.agency_changed for item in compared), scope.previous, scope.current
    if not changed:
        return ""
    if changed == len(compared):
        return f.plain("instituts_change", avant=before, vague=wave)
    return f.plain("instituts_change_partie", n=changed, total=len(compared), avant=before, vague=wave)


def not_compared(themes: Iterable[Theme]) -> list[Indicator]:
    """Questions that are new, or whose comparison with the wave before is refused; their verdict has the reason."""
    return [
        item
        for theme in themes
        for item in theme.indicators
        if item.verdict.valeur in ("nouveau", "non comparable") and item.current.statut != "Z"
    ]


def no_longer_asked(edition: Edition, scope: Scope) -> list[Gone]:
    """Questions of the printed waves that the current one left out."""
    return [
        Gone(str(row["question_code"]), str(row["libelle"]), str(row["theme"]), str(row["derniere_vague"]))
        for row in edition.rows("dim_question")
        if str(row.get("derniere_vague")) in scope.vagues[:-1]
    ]


def masked(edition: Edition, scope: Scope) -> list[Masked]:
    """The cells of the current wave without a figure, by status and reason, the most frequent first."""
    table = "fct_satisfaction"
    groups = {
        (str(row["statut"]), str(row.get("motif_statut") or ""))
        for row in edition.rows(table, vague=scope.current)
        if row["statut"] != "V"
    }
    lines = []
    for statut, motif in groups:
        key = {"vague": scope.current, "statut": statut} | ({"motif_statut": motif} if motif else {})
        lines.append(Masked(statut, motif, edition.cell(table, key, "count(*)")))
    order = list(formats.STATUSES)
    return sorted(lines, key=lambda line: (order.index(line.statut), -line.cells.valeur, line.motif))


def published(edition: Edition, scope: Scope) -> tuple[Cell, Cell]:
    """How many cells of the current wave are published, of how many."""
    table, key = "fct_satisfaction", {"vague": scope.current}
    return edition.cell(table, {**key, "statut": "V"}, "count(*)"), edition.cell(table, key, "count(*)")


def answers(figures: Figures, theme: Theme) -> list[Answers]:
    """The distributions of a theme, questions with the same options together."""
    groups: dict[tuple[bool, tuple[str, ...]], tuple[tuple[str, ...], list[Line]]] = {}
    for item in theme.indicators:
        options = figures.distribution(item.code)
        if not options or item.current.statut == "Z":
            continue
        labels = tuple(str(option["libelle"]) for option, _ in options)
        shades = tones((option for option, _ in options), item.judged)
        _, lines = groups.setdefault((item.judged, labels), (shades, []))
        lines.append(Line(item, tuple(cell for _, cell in options)))
    return [Answers(labels, shades, tuple(lines)) for (_, labels), (shades, lines) in groups.items()]


def shares_note(f: Formats, estimator: str = "domaine") -> str:
    """What to know of shares that stand together: their rounding, and that they may be of another estimator.

    Args:
        f: the language.
        estimator: the programme's `estimateur_imprime`; of one organisme alone, all are the same.
    """
    texts = ["parts_arrondies"] if estimator == "domaine" else ["parts_arrondies", "parts_ensemble"]
    return " ".join(f.plain(text) for text in texts)


def tones(options: Iterable[Row], judged: bool = True) -> tuple[str, ...]:
    """A css tone per option, `bon`, `bas` or `neutre`, the strongest (1) at the two ends of the scale.

    An option that is not satisfied and stands at the middle, or on the better side of it, is neither good nor bad.

    Args:
        options: the options of one scale, in order.
        judged: an option is good or bad; those of a question that asks for no opinion are neither.
    """
    options = list(options)
    last = len(options) - 1
    satisfied = [rank for rank, option in enumerate(options) if option.get("est_satisfait")]
    best_last = bool(satisfied) and 2 * sum(satisfied) > last * len(satisfied)

    def in_between(rank: int) -> bool:
        from_worst = rank if best_last else last - rank
        return bool(satisfied) and 0 < rank < last and 2 * from_worst >= last

    def tone(rank: int, option: Row) -> str:
        if not judged:
            return f"neutre-{1 if rank == 0 else 3 if rank == last else 2}"
        if option.get("groupe_nps") == "passif":
            return GROUP_TONES["passif"]
        if not option.get("groupe_nps") and rank not in satisfied and in_between(rank):
            return "neutre-2"
        return ("bon-" if rank in satisfied else "bas-") + ("1" if rank in (0, last) else "2")

    return tuple(tone(rank, option) for rank, option in enumerate(options))
