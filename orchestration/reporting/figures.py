"""What the report says of each theme and question, read from the published tables.

Everything here is a `Cell` or a text that stands in a published table: nothing is estimated, tested or
masked again.
The study itself (profile, coverage, quality, sources) is in `study`.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from orchestration.reporting.cells import Cell, Edition, Row
from orchestration.reporting.formats import VERDICTS, exactly, family, round_half_up
from orchestration.reporting.indicators import (
    DECIMALS,
    ENSEMBLE,
    JUDGED,
    RECOMMENDATION,
    SATISFACTION,
    SLIGHT,
    Indicator,
    Motives,
    Recommendation,
    Scope,
    Score,
    Theme,
)
from orchestration.reporting.leading import leaders
from orchestration.reporting.waves import printed_questions

PRINTED_METHOD, PANEL = "publie", "panel_constant"
# the groups of a question of recommendation: as an option names its own, and the column that has its share
GROUPS = {"promoteur": "part_promoteurs", "passif": "part_passifs", "detracteur": "part_detracteurs"}
QUARTILES = ("quartile_1", "mediane", "quartile_3")


class Figures:
    """The published tables, indexed by question for one scope."""

    def __init__(self, edition: Edition, scope: Scope) -> None:
        """Read what one scope needs: a few thousand rows."""
        self.edition, self.scope = edition, scope
        region = {**scope.perimetre, **ENSEMBLE}
        self.satisfaction = _index(edition.rows("fct_satisfaction", **region), "question_code", "vague")
        changes = edition.rows("fct_evolution", vague=scope.current, **region) if scope.previous else []
        self.evolution, self.on_panel = (
            _index((row for row in changes if row["methode"] == method), "question_code", "vague_precedente")
            for method in (PRINTED_METHOD, PANEL)
        )
        # the newsletter's table is the region's: an organisme's own lines are not in it, but have its decimals
        regional = scope.perimetre["perimetre_type"] == "region"
        lines = _index(edition.rows("obs_indicateur", vague=scope.current), "question_code")
        self.printed = lines if regional else {}
        self.decimals = {code: line.get("decimales") for (code,), line in lines.items()}
        places = (
            []
            if regional
            else edition.rows("fct_quartile", vague=scope.current, groupe_type="region", **scope.perimetre)
        )
        self.quartiles = _index(places, "question_code", "mesure")
        self.options: dict[str, list[Row]] = {}
        for row in sorted(edition.rows("dim_modalite"), key=lambda row: row.get("ordre") or 0):
            self.options.setdefault(row["question_code"], []).append(row)
        self.motives: dict[str, list[Row]] = {}
        for row in edition.rows("fct_motif", vague=scope.current, **scope.perimetre):
            if all(row.get(column, value) == value for column, value in ENSEMBLE.items()):
                self.motives.setdefault(row["question_code"], []).append(row)

    def themes(self) -> list[Theme]:
        """The themes, in order, with their questions."""
        known = {row["theme_code"]: row for row in self.edition.rows("dim_theme")}
        grouped: dict[str, list[Row]] = {}

        def order(row: Row) -> tuple[Any, ...]:
            theme = known.get(row["theme_code"], {})
            return (
                theme.get("ordre") or 0,
                str(row["theme_code"]),
                row.get("ordre") or 0,
                str(row["question_code"]),
            )

        for row in sorted(printed_questions(self.edition), key=order):
            grouped.setdefault(row["theme_code"], []).append(row)
        return [
            Theme(
                code=str(code),
                numero=number,
                libelle=str(rows[0]["theme"]),
                definition=str(known.get(code, {}).get("definition") or ""),
                notes=tuple(self._indicator(row, "note") for row in rows if self._group(row) == "note"),
                rates=tuple(self._indicator(row, "taux") for row in rows if self._group(row) == "taux"),
                facts=tuple(self._indicator(row, "taux") for row in rows if self._group(row) == "fait"),
                recommendations=tuple(self._recommendation(row) for row in rows if self._recommends(row)),
                motives=tuple(self._motives(row) for row in rows if self._group(row) == "motif"),
                verdicts=self._verdicts(str(code), VERDICTS),
                slight=self._verdicts(str(code), SLIGHT),
            )
            for number, (code, rows) in enumerate(grouped.items(), start=1)
        ]

    def _verdicts(self, theme: str, among: Iterable[str]) -> dict[str, Cell]:
        """How many questions of satisfaction of a theme have a verdict of each family, `among` these verdicts."""
        families: dict[str, list[str]] = {}
        for code in among:
            families.setdefault(family(code), []).append(code)
        here = {"vague": self.scope.current, "theme_code": theme, "nature": SATISFACTION}
        if "obs_indicateur" not in self.edition.tables:
            return {}
        return {
            name: self.edition.cell("obs_indicateur", {**here, "verdict in": "|".join(codes)}, "count(*)")
            for name, codes in families.items()
        }

    def distribution(self, question: str) -> list[tuple[Row, Cell]]:
        """The expressed options of a question with their share in the current wave."""
        shares = _index(self.edition.rows("fct_distribution", **self.scope.key(question)), "modalite_code")

        def share(code: str) -> Cell:
            return read("fct_distribution", self.scope.key(question, modalite_code=code), "part", shares.get((code,)))

        return [
            (option, share(str(option["modalite_code"])))
            for option in self.options.get(question, [])
            if option.get("statut_reponse") == "exprime"
        ]

    def measured(self, question: str, vague: str | None = None) -> Callable[[str], Cell]:
        """What reads the measures of a question, for all respondents."""
        wave = vague or self.scope.current
        row = self.satisfaction.get((question, wave))
        return reader("fct_satisfaction", self.scope.key(question, wave), row)

    def _group(self, question: Row) -> str:
        """The table that a question stands in."""
        options = self.options.get(question["question_code"], [])
        judged = question["nature"] in JUDGED
        if self._several(question) or question["nature"] == "motif":
            return "motif"
        if judged and any(option.get("note") is not None for option in options):
            return "note"
        # Options that are neither scored nor satisfied have no rate: they are choices.
        if all(option.get("est_satisfait") is None for option in options):
            return "motif"
        return "taux" if judged else "fait"

    def _recommends(self, question: Row) -> bool:
        options = self.options.get(question["question_code"], [])
        return question["nature"] == RECOMMENDATION and any(option.get("groupe_nps") for option in options)

    def _recommendation(self, question: Row) -> Recommendation:
        code = str(question["question_code"])
        answers = {
            group: [str(o["libelle"]) for o in self.options[code] if o.get("groupe_nps") == group] for group in GROUPS
        }

        def score(wave: str) -> Score:
            cell = self.measured(code, wave)
            return Score(
                score=cell("nps"),
                low=cell("nps_ic_bas"),
                high=cell("nps_ic_haut"),
                groups=tuple(cell(column) for column in GROUPS.values()),
                base=cell("base_brute"),
                fragile=self._fragile(code, wave),
            )

        return Recommendation(
            item=self._indicator(question, self._group(question)),
            groups=tuple((group, (found[0], found[-1])) for group, found in answers.items() if found),
            scores=tuple(score(wave) for wave in self.scope.vagues),
        )

    def _several(self, question: Row) -> bool:
        """Whether people may give several answers."""
        return question["question_code"] in self.motives or question.get("type") == "multiple"

    def _maximum(self, question: str) -> float | None:
        """The highest note that an answer to a question is worth."""
        notes = [float(option["note"]) for option in self.options.get(question, []) if option.get("note") is not None]
        return max(notes, default=None)

    def _indicator(self, question: Row, kind: str) -> Indicator:
        code, scope = str(question["question_code"]), self.scope
        mesure = "note_imprimee" if kind == "note" else "taux_imprime"
        printed = self.printed.get((code,), {})

        satisfaction = self.measured(code)
        before = scope.previous or ""
        compared = scope.key(code, vague_precedente=before, methode=PRINTED_METHOD)
        evolution = reader("fct_evolution", compared, self.evolution.get((code, before)))
        panel = reader("fct_evolution", {**compared, "methode": PANEL}, self.on_panel.get((code, before)))
        letter = reader("obs_indicateur", {"vague": scope.current, "question_code": code}, printed)
        scored = kind == "note"
        verdict = letter("verdict") if scored and printed else evolution("verdict")
        return Indicator(
            code=code,
            libelle=str(question["libelle"]),
            formulation=str(question.get("formulation") or ""),
            filtered=bool(question.get("filtre")),
            nature=str(question["nature"]),
            kind=kind,
            values=tuple(self.measured(code, vague)(mesure) for vague in scope.vagues),
            low=satisfaction(f"{mesure}_ic_bas"),
            high=satisfaction(f"{mesure}_ic_haut"),
            base=satisfaction("base_brute"),
            evolution=letter("evolution") if scored and printed else evolution(f"ecart_{kind}"),
            verdict=verdict,
            panel_verdict=panel("verdict"),
            agency_changed=self.evolution.get((code, before), {}).get("meme_institut") is False,
            organismes=(
                evolution("organismes_en_hausse"),
                evolution("organismes_stables"),
                evolution("organismes_non_significatifs"),
                evolution("organismes_en_baisse"),
            ),
            reference=letter("reference"),
            gap=letter("ecart_reference"),
            gap_verdict=letter("verdict_reference"),
            reference_is_note=not str(printed.get("reference_unite") or "").startswith("pourcentage"),
            phrase=str(printed.get("phrase_sans_libelle") or ""),
            maximum=self._maximum(code) if scored else None,
            fragile=self._fragile(code, self.scope.current, str(evolution("motif_verdict_code").valeur)),
            decimals=self.decimals.get(code),
            finer=self._finer(code, kind, satisfaction(mesure), verdict) if not printed else 0,
            sensitive=sensitive(printed, "verdict"),
            gap_sensitive=sensitive(printed, "verdict_reference"),
            trend=letter("tendance"),
            trend_verdict=letter("tendance_verdict"),
            still_below=str(printed["vague_premiere"]) if family(printed.get("verdict_premiere")) == "baisse" else "",
        )

    def _finer(self, question: str, kind: str, figure: Cell, verdict: Cell) -> int:
        """How many decimals more than usual an organisme's figure needs, two at most.

        One where rounding would hide its slight change, and as many as part it from each quartile that it is not.
        """
        row, hundred = self.quartiles.get((question, kind), {}), 1 if kind == "note" else 100
        held = [row[name] for name in QUARTILES if figure.shown and row.get(name) not in (None, figure.valeur)]

        def short(value: float, more: int) -> Decimal:
            return round_half_up(exactly(value) * hundred, DECIMALS[kind] + more)

        parted = (more for more in (0, 1) if all(short(value, more) != short(figure.valeur, more) for value in held))
        return max(int(verdict.valeur in SLIGHT), next(parted, 2))

    def _fragile(self, question: str, wave: str, reason: str = "") -> bool:
        """Whether the interval of a question in a wave is only indicative: no verdict is drawn from it either."""
        return only_indicative(self.satisfaction.get((question, wave)), self.scope.fragile, reason)

    def _motives(self, question: Row) -> Motives:
        code = str(question["question_code"])
        chosen = [(str(option["libelle"]), share) for option, share in self.distribution(code)]
        options = self._cited(code) if self._several(question) else chosen
        ranked = tuple(sorted(options, key=lambda option: (_rank(option[1]), option[0])))
        statuses = {share.statut for _, share in options}
        common = statuses.pop() if len(statuses) == 1 else "V"
        return Motives(
            code=code,
            libelle=str(question["libelle"]),
            formulation=str(question.get("formulation") or ""),
            filtered=bool(question.get("filtre")),
            statut=(common if options else "") or "Z",
            motif=options[0][1].motif if options and common != "V" else "",
            options=ranked,
            leading=() if self._fragile(code, self.scope.current) else leaders(self.edition, ranked),
        )

    def _cited(self, code: str) -> list[tuple[str, Cell]]:
        """The options of a question of several answers, with the share of people who gave each."""
        labels = {row["modalite_code"]: row["libelle"] for row in self.options.get(code, [])}
        here = {"vague": self.scope.current, **self.scope.perimetre, "question_code": code}
        options = []
        for row in self.motives.get(code, []):
            key = here | {name: value for name, value in ENSEMBLE.items() if name in row} | {"motif": str(row["motif"])}
            label = row.get("libelle") or labels.get(row["motif"]) or row["motif"]
            options.append((str(label), read("fct_motif", key, "part", row)))
        return options


def only_indicative(row: Row | None, fragile: int, reason: str = "") -> bool:
    """Whether the interval of a row is only indicative.

    Args:
        row: the published figure; None where there is none, and so no interval.
        fragile: the programme's `base_fragile`.
        reason: why its change has no verdict, in code.
    """
    row = row or {}
    told = row.get("intervalle_indicatif")
    if told is not None:
        return bool(told)
    # where it is withheld, the published base and the reason of the verdict are all that is known
    few = row.get("base_brute") is not None and row["base_brute"] < fragile
    return few or reason == "base_fragile"


def sensitive(line: Row, verdict: str) -> bool:
    """Whether what a verdict says is proven would be told otherwise under another barème."""
    return bool(line.get(f"{verdict}_sensible_bareme")) and line.get(verdict) != "non significatif"


def _rank(share: Cell) -> float:
    """The largest first, those that are not shown last."""
    return -float(share.valeur or 0) if share.shown else 1.0


def read(table: str, key: Mapping[str, str], mesure: str, row: Row | None) -> Cell:
    """A column of a row as a figure, with the reason that the row gives for its status, its verdict or its counts."""
    if not row:
        return Cell(table, key, mesure, None, "")
    reason = row.get("motif_statut")
    if mesure.startswith("verdict"):
        reason = row.get(f"motif_{mesure}")
    elif mesure.startswith("organismes_"):
        reason = reason or row.get("motif_comptes")
    return Cell(table, key, mesure, row.get(mesure), str(row.get("statut") or "V"), str(reason or ""))


def reader(table: str, key: Mapping[str, str], row: Row | None) -> Callable[[str], Cell]:
    """What reads the columns of one row as figures."""
    return partial(read, table, key, row=row)


def own_reader(table: str, row: Row, *key: str) -> Callable[[str], Cell]:
    """The same, where these columns of the row are its key; one that is empty is not of it."""
    return reader(table, {name: str(row[name]) for name in key if row.get(name) is not None}, row)


def _index(rows: Iterable[Row], *columns: str) -> dict[tuple[Any, ...], Row]:
    return {tuple(row[column] for column in columns): row for row in rows}
