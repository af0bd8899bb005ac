"""The study around the figures: edition, profile, coverage, segments, sources."""

from dataclasses import dataclass
from typing import Any

from orchestration.programme.config import ProgrammeConfig
from orchestration.publication.sampling import told
from orchestration.reporting import formats
from orchestration.reporting.cells import Cell, Edition, Row
from orchestration.reporting.figures import only_indicative, own_reader, reader
from orchestration.reporting.formats import Formats
from orchestration.reporting.indicators import ENSEMBLE, INDEX, Indicator, Scope
from orchestration.reporting.waves import of_printed_waves, printed_waves

INCLUDED_STATUSES = ("inclus", "reserve")
# A plain sum of floats depends on the order in which rows are met, and the same edition would be printed otherwise.
SHARE_OF_STOCK = "fsum(part_parc)"
INCLUDED = {"statut in": "|".join(INCLUDED_STATUSES)}
WAVE = ("libelle", "terrain_debut", "terrain_fin", "mode_collecte", "institut")
COMPARED = ("valeur", "reference", "ecart", "verdict")


@dataclass(frozen=True)
class Profile:
    """The key figures of the wave."""

    vague: Row
    interviews: Cell
    questions: Cell
    organismes: Cell
    expected: Cell
    stock: Cell
    share: Cell


@dataclass(frozen=True)
class Composition:
    """How many organismes are in one of two waves only: `joined` in the current one, `left` in the one `before`."""

    before: str
    joined: Cell
    left: Cell
    share_left: Cell


@dataclass(frozen=True)
class Coverage:
    """One organisme of the wave: what became of its delivery."""

    code: str
    nom: str
    famille: str
    statut: str
    motif: str
    interviews: Cell
    stock: Cell
    share: Cell

    @property
    def included(self) -> bool:
        """Whether its answers are in the regional figures."""
        return self.statut in INCLUDED_STATUSES


@dataclass(frozen=True)
class Segment:
    """The global question for one value of an axis."""

    libelle: str
    value: Cell
    low: Cell
    high: Cell
    rate: Cell
    base: Cell
    code: str = ""
    # its interval is only indicative
    fragile: bool = False


@dataclass(frozen=True)
class Axis:
    """An axis and its values."""

    code: str
    libelle: str
    millesime: str
    segments: tuple[Segment, ...]


def scope(edition: Edition, programme: ProgrammeConfig) -> Scope:
    """The waves up to the current one (three at most), the region, the printed reference."""
    codes = [str(row["vague"]) for row in printed_waves(edition)]
    current = programme.vague_courante
    codes = codes[: codes.index(current) + 1] if current in codes else [*codes, current]
    region = edition.rows("fct_satisfaction", perimetre_type="region", vague=current, **ENSEMBLE)
    perimetre = {"perimetre_type": "region"}
    if region:
        perimetre["perimetre"] = str(region[0]["perimetre"])
    reference = programme.rapport.reference_imprimee or ""
    return Scope(tuple(codes[-3:]), perimetre, reference, programme.seuils.base_fragile)


def last_edition(edition: Edition) -> Row:
    """The edition that the file is."""
    rows = sorted(edition.rows("meta_edition"), key=lambda row: str(row.get("publiee_le")))
    return _complete(rows[-1] if rows else {}, "edition", "publiee_le", "revision")


def profile(edition: Edition, frame: Scope) -> Profile:
    """Dates, mode, interviews, questions, organismes, stock."""
    wave = {"vague": frame.current}
    vague = _complete(next(iter(edition.rows("dim_vague", **wave)), {}), *WAVE)
    asked = {"premiere_vague <=": frame.current, "derniere_vague >=": frame.current, "nature <>": INDEX}
    return Profile(
        vague=vague,
        interviews=edition.cell("obs_couverture", {**wave, **INCLUDED}, "sum(nb_entretiens)"),
        questions=edition.cell("dim_question", asked, "count(*)"),
        organismes=edition.cell("obs_couverture", {**wave, **INCLUDED}, "count(*)"),
        expected=edition.cell("obs_couverture", {**wave, "statut in": "inclus|reserve|rejete|attendu"}, "count(*)"),
        stock=edition.cell("obs_couverture", {**wave, **INCLUDED}, "sum(parc)"),
        share=edition.cell("obs_couverture", {**wave, **INCLUDED}, SHARE_OF_STOCK),
    )


def without_interviews(edition: Edition, frame: Scope) -> bool:
    """Whether the wave has published scores and nobody's answers: reports then print the scores, and no question."""
    regional = {"vague": frame.current, "perimetre_type": "region"}
    return bool(edition.rows("fct_score", **regional)) and not edition.rows("fct_satisfaction", **regional, **ENSEMBLE)


def compositions(edition: Edition, frame: Scope) -> list[Composition]:
    """What the current wave has not in common with those it is compared with: the one before, and the first printed.

    A wave of the same organismes is not among them.
    """
    compared = dict.fromkeys((frame.previous, frame.vagues[0])) if frame.previous else {}
    found = [_composition(edition, frame.current, before) for before in compared if before]
    return [composition for composition in found if composition.joined.valeur or composition.left.valeur]


def _composition(edition: Edition, current: str, earlier: str) -> Composition:

    def included(wave: str) -> set[str]:
        return {
            str(row["organisme_code"])
            for row in edition.rows("obs_couverture", vague=wave)
            if row["statut"] in INCLUDED_STATUSES
        }

    now, before = included(current), included(earlier)
    joined = {"vague": current, "organisme_code in": "|".join(sorted(now - before))}
    left = {"vague": earlier, "organisme_code in": "|".join(sorted(before - now))}
    return Composition(
        before=earlier,
        joined=edition.cell("obs_couverture", joined, "count(*)"),
        left=edition.cell("obs_couverture", left, "count(*)"),
        share_left=edition.cell("obs_couverture", left, SHARE_OF_STOCK),
    )


def sampling(edition: Edition, frame: Scope, programme: ProgrammeConfig, f: Formats) -> tuple[str, str]:
    """Says whether answers are weighted, and what intervals know of the sampling plan."""
    rows = edition.rows("fct_satisfaction", vague=frame.current, statut="V", **frame.perimetre, **ENSEMBLE)
    weights, plan = told(rows, programme.estimation.population_finie, f.words)
    return f.typography(weights), f.typography(plan)


def coverage(edition: Edition, frame: Scope) -> list[Coverage]:
    """Every organisme of the wave, the included ones first, the largest stock first."""
    wave = next(iter(edition.rows("dim_vague", vague=frame.current)), {})
    names = _names(edition.rows("dim_organisme"), wave)
    order = list(formats.COVERAGE)
    lines = []
    for row in edition.rows("obs_couverture", vague=frame.current):
        code = str(row["organisme_code"])
        key = {"vague": frame.current, "organisme_code": code}
        about = names.get(code, {})

        def cell(mesure: str, key: dict[str, str] = key, row: Row = row) -> Cell:
            return Cell("obs_couverture", key, mesure, row.get(mesure), "V" if row.get(mesure) is not None else "")

        lines.append(
            Coverage(
                code=code,
                nom=str(row.get("nom") or about.get("nom") or code),
                famille=str(about.get("famille_libelle") or about.get("famille") or ""),
                statut=str(row["statut"]),
                motif=str(row.get("motif") or ""),
                interviews=cell("nb_entretiens"),
                stock=cell("parc"),
                share=cell("part_parc"),
            )
        )
    rank = {code: number for number, code in enumerate(order)}
    lines.sort(key=lambda line: (not line.included, rank.get(line.statut, 9), -(line.stock.valeur or 0), line.nom))
    return lines


def axes(edition: Edition, frame: Scope, overall: Indicator | None) -> list[Axis]:
    """The global question by segment, one group per axis."""
    if overall is None:
        return []
    found = {
        (row["axe"], row["segment"]): row
        for row in edition.rows("fct_satisfaction", vague=frame.current, question_code=overall.code, **frame.perimetre)
    }
    groups: dict[str, list[Row]] = {}
    for row in sorted(edition.rows("dim_segment"), key=lambda row: (row.get("axe_ordre") or 0, row.get("ordre") or 0)):
        if row["axe"] != ENSEMBLE["axe"] and (row["axe"], row["segment"]) in found:
            groups.setdefault(str(row["axe"]), []).append(row)
    labels = {row["axe"]: row for row in edition.rows("dim_axe")}
    return [
        Axis(
            code=axe,
            libelle=str(rows[0].get("axe_libelle") or labels.get(axe, {}).get("libelle") or axe.replace("_", " ")),
            millesime=str(rows[0].get("millesime") or labels.get(axe, {}).get("millesime") or ""),
            segments=tuple(_segment(frame, overall, row, found[row["axe"], row["segment"]]) for row in rows),
        )
        for axe, rows in groups.items()
    ]


def _segment(frame: Scope, overall: Indicator, segment: Row, row: Row) -> Segment:
    key = frame.key(overall.code) | {"axe": str(segment["axe"]), "segment": str(segment["segment"])}
    cell = reader("fct_satisfaction", key, row)
    measure = "note_imprimee" if overall.kind == "note" else "taux_imprime"
    return Segment(
        code=str(segment["segment"]),
        libelle=str(segment["libelle"]),
        value=cell(measure),
        low=cell(f"{measure}_ic_bas"),
        high=cell(f"{measure}_ic_haut"),
        rate=cell("taux_imprime"),
        base=cell("base_brute"),
        fragile=only_indicative(row, frame.fragile),
    )


def sources(edition: Edition, frame: Scope) -> list[Row]:
    """Each source of national references once per unit and year, with how many values it gives."""
    groups: dict[tuple[Any, ...], Row] = {}
    codes, printed = {str(row["vague"]) for row in printed_waves(edition)}, of_printed_waves(edition)
    for row in edition.rows("fct_reference_nationale"):
        if printed and str(row["vague"]) not in codes:
            continue
        identity = (row["source"], row.get("unite"), row.get("millesime"))
        groups.setdefault(
            identity,
            _complete(row, "libelle_source", "url") | {"imprimee": row["source"] == frame.reference},
        )
    for (source, unit, year), group in groups.items():
        key = {"source": str(source), "unite": str(unit), "millesime": str(year), **printed}
        known = {name: value for name, value in key.items() if value != "None"}
        group["valeurs"] = edition.cell("fct_reference_nationale", known, "count(*)")
    return sorted(groups.values(), key=lambda row: (not row["imprimee"], str(row["source"]), str(row["millesime"])))


def _complete(row: Row, *names: str) -> Row:
    """A row that has at least these columns: templates refuse undefined names."""
    return dict.fromkeys(names) | row


def printed_source(f: Formats, edition: Edition, frame: Scope, assumed: int) -> str:
    """What tables say of the source that they print beside the figures; nothing without one.

    Args:
        f: how it is written.
        edition: the published file.
        frame: the slice that is printed.
        assumed: how many answers a source that states no precision is taken to have; 0 where it gives no verdict.
    """
    rows = edition.rows("fct_reference_nationale", source=frame.reference) if frame.reference else []
    if not rows:
        return ""
    name = str(rows[0].get("libelle_source") or frame.reference)
    current = [row for row in rows if str(row["vague"]) == frame.current]
    if all(row.get("erreur_type") is not None or row.get("base_effectif") is not None for row in current):
        return f.plain("source_reference", source=name)
    if not assumed:
        return f.plain("source_sans_precision", source=name)
    return f.plain("source_supposee", source=name, n=f.integer(assumed))


def comparisons(edition: Edition, frame: Scope) -> list[Row]:
    """The region against the published sources that the tables do not print, latest wave first."""
    labels = {row["question_code"]: row for row in edition.rows("dim_question")}
    titles = {
        row["source"]: row.get("libelle_source") or row["source"] for row in edition.rows("fct_reference_nationale")
    }
    lines = []
    for row in edition.rows("fct_ecart_reference", **frame.perimetre):
        if row["source"] == frame.reference or str(row["vague"]) not in frame.vagues:
            continue
        columns = ("vague", "perimetre_type", "perimetre", "question_code", "source", "unite", "millesime")
        compared = own_reader("fct_ecart_reference", row, *columns)
        question = labels.get(row["question_code"], {})
        lines.append(
            {
                "libelle": str(question.get("libelle") or row["question_code"]),
                "ancre": formats.anchor(row["question_code"]),
                "ordre": (str(question.get("theme_code")), question.get("ordre") or 0),
                "source": titles.get(row["source"], row["source"]),
                "vague": str(row["vague"]),
                "note": row.get("unite") == "note_10",
                **{name: compared(name) for name in COMPARED},
            }
        )
    lines.sort(key=lambda line: (-frame.vagues.index(line["vague"]), line["ordre"], str(line["source"])))
    return lines


def _names(organismes: list[Row], wave: Row) -> dict[str, Row]:
    """The name each organisme bore during the wave: the last one valid before its end."""
    end = wave.get("terrain_fin")
    names: dict[str, Row] = {}
    for row in sorted(organismes, key=lambda row: str(row.get("valide_de"))):
        code = str(row["organisme_code"])
        if code not in names or end is None or row.get("valide_de") is None or row["valide_de"] <= end:
            names[code] = row
    return names
