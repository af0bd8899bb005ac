"""Second readings of the published figures: intervals, quartiles, methods, barèmes, priorities, comparable profile.

Like `figures`: everything is read from a published table, nothing is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from orchestration.reporting import formats
from orchestration.reporting.cells import Cell, Edition, Row
from orchestration.reporting.figures import QUARTILES, Figures, own_reader, reader
from orchestration.reporting.indicators import ENSEMBLE, Indicator, Scope, Theme

METHODS = ("panel_constant", "pro_forma")
PRIORITY = ("vague", "perimetre_type", "perimetre", "question_globale", "niveau", "code")
EVERYONE = "region"  # quartiles are those of all organismes of the region


@dataclass(frozen=True)
class Scale:
    """A note under another barème, and what becomes of its verdict."""

    libelle: str
    note: Cell
    verdict: Cell
    changes: bool


@dataclass(frozen=True)
class Reading:
    """What else is published of an indicator: `methods` pairs a difference and its verdict, in the order of METHODS."""

    item: Indicator
    rate: Cell
    unweighted: Cell
    by_organisme: Cell
    quartiles: tuple[Cell, ...]
    methods: tuple[tuple[Cell, Cell], ...]
    scales: tuple[Scale, ...]


@dataclass(frozen=True)
class Priority:
    """A question of the map of priorities: what it weighs in the `overall` question, and how it is rated.

    A column of fct_priorite is an item of it: `importance`, `rang`, `note`, `lecture` …
    """

    overall: str
    code: str
    libelle: str
    cell: Callable[[str], Cell]
    # the kind that its note is written as, here as in the table of its theme
    written: str = "note"

    @property
    def anchor(self) -> str:
        """The permanent anchor of the question."""
        return formats.anchor(self.code)

    def __getitem__(self, column: str) -> Cell:
        """A column as a figure."""
        return self.cell(column)


@dataclass(frozen=True)
class Profile:
    """A perimeter's figure as it is, and with the region's composition on one axis."""

    perimetre: str
    axe: str
    own: Cell
    comparable: Cell
    region: Cell


class Readings:
    """The published tables of second readings, indexed for one scope."""

    def __init__(self, figures: Figures) -> None:
        """Read them: the region, all respondents, the current wave."""
        self.edition, self.scope = figures.edition, figures.scope
        self.measured = figures.measured
        here = {"vague": self.scope.current, **self.scope.perimetre}
        self.quartiles = _by(self.edition, "fct_quartile", "question_code", "mesure", **here, groupe_type=EVERYONE)
        self.evolution = _by(
            self.edition, "fct_evolution", "question_code", "vague_precedente", "methode", **here, **ENSEMBLE
        )
        self.scales: dict[str, list[Row]] = {}
        for row in self.edition.rows("fct_sensibilite", **here, **ENSEMBLE):
            self.scales.setdefault(str(row["question_code"]), []).append(row)

    def of(self, theme: Theme) -> list[Reading]:
        """The second readings of a theme, in the order of the questionnaire."""
        return [self._reading(item) for item in theme.indicators]

    def _reading(self, item: Indicator) -> Reading:
        code, scope = item.code, self.scope
        note = item.kind == "note"
        satisfaction = self.measured(code)
        quartile = quartile_of(scope, code, item.kind, self.quartiles.get((code, item.kind)))

        def method(name: str) -> tuple[Cell, Cell]:
            before = scope.previous or ""
            key = scope.key(code, vague_precedente=before, methode=name)
            evolution = reader("fct_evolution", key, self.evolution.get((code, before, name)))
            return evolution(f"ecart_{item.kind}"), evolution("verdict")

        return Reading(
            item=item,
            rate=satisfaction("taux_imprime"),
            unweighted=satisfaction("note_non_ponderee" if note else "taux_non_pondere"),
            by_organisme=satisfaction("note_moyenne_organismes" if note else "taux_moyenne_organismes"),
            quartiles=tuple(quartile(column) for column in QUARTILES),
            methods=tuple(method(name) for name in METHODS) if scope.previous else (),
            scales=self._scales(code, satisfaction("note_imprimee")),
        )

    def _scales(self, code: str, note: Cell) -> tuple[Scale, ...]:
        """What the note would be under each barème; nothing where none would change it, as on a scale of its own."""
        scales = tuple(self._scale(code, found) for found in self.scales.get(code, []))
        return scales if any(scale.note.valeur != note.valeur for scale in scales) else ()

    def _scale(self, code: str, row: Row) -> Scale:
        names = ("bareme", "bareme_version")
        key = self.scope.key(code, **{name: str(row[name]) for name in names if row.get(name) is not None})
        under = reader("fct_sensibilite", key, row)
        return Scale(
            libelle=str(row.get("bareme_libelle") or row["bareme"]),
            note=under("note"),
            verdict=under("verdict"),
            changes=bool(row.get("change_verdict")),
        )


def quartile_of(scope: Scope, question: str, measure: str, row: Row | None) -> Callable[[str], Cell]:
    """What reads where the figures of the region's organismes stand, for one question and measure."""
    key = {"vague": scope.current, **scope.perimetre, "groupe_type": EVERYONE}
    return reader("fct_quartile", {**key, "question_code": question, "mesure": measure}, row)


def priorities(edition: Edition, scope: Scope, themes: Iterable[Theme]) -> list[Priority]:
    """The questions that weigh in overall satisfaction, by rank; those without one last.

    Args:
        edition: the published file.
        scope: whose priorities.
        themes: the lines of its tables, whose decimals the notes have here too.
    """
    table = "fct_priorite"
    written = {item.code: item.written for theme in themes for item in theme.indicators if item.kind == "note"}
    found = [
        Priority(
            str(row["question_globale"]),
            str(row["code"]),
            str(row["libelle"]),
            own_reader(table, row, *PRIORITY),
            written.get(str(row["code"]), "note"),
        )
        for row in edition.rows(table, vague=scope.current, niveau="question", **scope.perimetre)
    ]
    return sorted(found, key=lambda line: (line["rang"].valeur if line["rang"].shown else len(found) + 1, line.code))


def comparable_profiles(
    edition: Edition, scope: Scope, overall: Indicator | None, perimeters: dict[str, str]
) -> list[Profile]:
    """The overall question at a comparable profile, perimeter by perimeter and axis by axis; masked ones too."""
    if overall is None:
        return []
    own = "note_moyenne" if overall.kind == "note" else "taux_satisfaits"
    axes = {row["axe"]: row.get("axe_libelle") or row["axe"] for row in edition.rows("dim_segment")}
    lines = []
    for row in edition.rows("fct_profil_comparable", vague=scope.current, question_code=overall.code):
        if row["axe"] == row["perimetre_type"]:
            continue  # départements compared at a comparable composition by département: nothing to read
        cell = own_reader("fct_profil_comparable", row, "vague", "perimetre_type", "perimetre", "axe", "question_code")
        lines.append(
            Profile(
                perimetre=perimeters.get(f"{row['perimetre_type']}|{row['perimetre']}", str(row["perimetre"])),
                axe=str(axes.get(row["axe"], row["axe"])),
                own=cell(own),
                comparable=cell(f"{overall.kind}_profil_comparable"),
                # of the same segments: the usual figure counts people of an unknown segment too
                region=cell(f"{overall.kind}_region"),
            )
        )
    lines.sort(key=lambda line: (line.perimetre, line.axe))
    return lines


def perimeters(edition: Edition) -> dict[str, str]:
    """The name of a perimeter, by `type|code`."""
    return {f"{row['perimetre_type']}|{row['perimetre']}": str(row["libelle"]) for row in edition.rows("dim_perimetre")}


def _by(edition: Edition, table: str, *columns: str, **where: str) -> dict[tuple[str, ...], Row]:
    return {tuple(str(row[column]) for column in columns): row for row in edition.rows(table, **where)}
