"""The quality report of an edition, `qualite.html`: what its figures are worth.

Its chapters are those of quality reports in European statistics (ESQRS), in their order. Every figure is a `Cell`,
counted or summed up by the published file itself. What the regional page says at length (each organisme's delivery, the
questions that are not compared, the sources) is counted here, and the report leads there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from markupsafe import Markup

from orchestration.files import write_text
from orchestration.programme.config import ProgrammeConfig
from orchestration.reporting import formats, notices, study
from orchestration.reporting.cells import Cell, Edition, Row
from orchestration.reporting.formats import Formats
from orchestration.reporting.identity import style
from orchestration.reporting.indicators import ENSEMBLE, INDEX, Scope
from orchestration.reporting.pages import environment, styles
from orchestration.reporting.waves import of_printed_waves, printed_waves
from orchestration.sql import literal

PAGE = "qualite.html"
SPREAD = ("min", "median", "max")
INTERVALS = {
    "demi_intervalle_note": ("precision", "(note_imprimee_ic_haut - note_imprimee_ic_bas) / 2"),
    "demi_intervalle_taux": ("precision_taux", "(taux_imprime_ic_haut - taux_imprime_ic_bas) / 2"),
}
# how exact the figures are: how each measure is written, and the expression that gives it
PRECISION = INTERVALS | {
    "bases": ("entier", "base_brute"),
    "bases_efficaces": ("entier", "base_efficace"),
    "degres_liberte": ("entier", "ddl"),
    "effets_plan": ("borne", "coalesce(note_effet_plan, taux_effet_plan)"),
}
COMPARED = "verdict not in ('nouveau', 'non comparable')"


@dataclass(frozen=True)
class Fact:
    """A figure of the report: `name` is that of its text, `kind` how it is written."""

    name: str
    kind: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Counter:
    """Makes facts of one table, under one key."""

    edition: Edition
    table: str
    key: Mapping[str, str]

    def __call__(self, name: str, measure: str, kind: str = "entier", **more: str) -> Fact:
        """One figure: what the published file answers to an expression."""
        return Fact(name, kind, (self.edition.cell(self.table, {**self.key, **more}, measure),))


def write_quality(
    edition: Edition, frame: Scope, programme: ProgrammeConfig, f: Formats, letter: str | None, out: Path
) -> Path:
    """Writes `out/qualite.html`; returns it.

    Args:
        edition: the published file.
        frame: the slice that the report prints.
        programme: what programme.yaml says.
        f: the language.
        letter: the letter's file name beside the page; None where none is printed.
        out: folder of the report.
    """
    public = not programme.secret.organismes_secrets
    wave = {"vague": frame.current}
    region = {**wave, **frame.perimetre}
    facts = {
        "precision": precision(edition, region),
        "hors_echantillon": non_sampling(edition, frame),
        "delai": _known(delay(edition, frame)),
        "comparees": _known(compared(edition, frame)),
        "autres_sources": _known(cross_domain(edition)),
        "charge": _known(burden(edition, frame)),
        "protection": [] if public else _known(protection(edition)),
    }
    context = facts | {
        "cadre": frame,
        "programme": programme,
        "edition": study.last_edition(edition),
        "tirage": study.sampling(edition, frame, programme, f),
        "nom": programme.nom or programme.rapport.titre or "",
        "demonstration": programme.demonstration,
        "organismes_publics": public,
        "lettre": letter,
        "themes": themes(edition, frame),
        "lieux": places(edition, region, wave, facts["precision"], f.plain("indicatifs_retenus")),
        "vagues": waves(edition, frame),
        "regles": rules(edition),
        "masquees": notices.masked(edition, frame),
        "styles": Markup(styles() + style(programme.rapport.couleurs)),
    }
    page = out / PAGE
    write_text(environment(f).get_template("qualite.html.j2").render(context), page)
    return page


def _known(facts: Iterable[Fact]) -> list[Fact]:
    """Those that have a figure; what no sender gives is not said."""
    return [fact for fact in facts if any(cell.valeur is not None for cell in fact.cells)]


def themes(edition: Edition, frame: Scope) -> list[tuple[str, Cell, Cell]]:
    """Each theme: how many questions were asked, and how many of them have a published figure."""
    found = []
    for row in sorted(edition.rows("dim_theme"), key=lambda row: (row.get("ordre") or 0, str(row["theme_code"]))):
        key = {"vague": frame.current, "theme_code": str(row["theme_code"])}
        asked, shown = (
            edition.cell("obs_indicateur", {**key, **more}, "count(*)")
            for more in ({"statut <>": "Z"}, {"statut": "V"})
        )
        found.append((str(row["libelle"]), asked, shown))
    return found


def precision(edition: Edition, region: Mapping[str, str]) -> list[Fact]:
    """The least, the middle and the greatest of each measure of precision, over the questions put to everybody."""
    key = {**region, **ENSEMBLE, "statut": "V"}
    return _known(
        Fact(
            name,
            kind,
            tuple(edition.cell("fct_satisfaction", key, f"{summary}({measure})") for summary in SPREAD),
        )
        for name, (kind, measure) in PRECISION.items()
    )


def places(
    edition: Edition, region: Mapping[str, str], wave: Mapping[str, str], known: Iterable[Fact], withheld: str
) -> list[tuple[str, list[tuple[str, Cell]]]]:
    """The region, its profiles and the other perimeters: what is published of each, and how exact it is.

    Args:
        edition: the published file.
        region: the key of the region's figures.
        wave: the key of all figures of the wave.
        known: the measures of precision of the region: its first one is shown.
        withheld: why it cannot be told how many intervals are only indicative, where it cannot.
    """
    first = next(iter(known), Fact("bases", "entier", ()))
    untold = "count(*) filter (where statut = 'V' and intervalle_indicatif is null)"
    weak = f"case when {untold} = 0 then count(*) filter (where statut = 'V' and intervalle_indicatif) end"
    measures = {
        "count(*) filter (where statut <> 'Z')": "entier",
        "count(*) filter (where statut = 'V')": "entier",
        f"median({PRECISION[first.name][1]})": first.kind,
        weak: "entier",
        "count(*) filter (where statut = 'V' and strates_reunies)": "entier",
    }
    keys = {
        "region": {**region, **ENSEMBLE},
        "profils": {**region, "axe <>": ENSEMBLE["axe"]},
        "autres": {**wave, "perimetre_type <>": region["perimetre_type"]},
    }
    found = {
        name: [
            (kind, replace(cell, motif=withheld) if measure == weak and not cell.shown else cell)
            for measure, kind in measures.items()
            for cell in [edition.cell("fct_satisfaction", key, measure)]
        ]
        for name, key in keys.items()
    }
    return [(name, cells) for name, cells in found.items() if cells[0][1].valeur]


def non_sampling(edition: Edition, frame: Scope) -> list[Fact]:
    """What became of deliveries, interviews, rows and questions before any figure was made of them."""
    wave = {"vague": frame.current}
    organismes = Counter(edition, "obs_couverture", wave)
    included = Counter(edition, "obs_couverture", {**wave, **study.INCLUDED})
    found = Counter(edition, "obs_qualite", {**wave, "tenue": "false"})
    fieldwork = Counter(edition, "dim_vague", wave)
    answered = f"base_brute / {_interviews(frame)}"
    everyone = {**wave, **frame.perimetre, **ENSEMBLE, "statut": "V"}
    asked_of_all = (
        f"{answered}) filter (where question_code in (select question_code from dim_question"
        f" where filtre is null and nature <> '{INDEX}')"
    )
    return _known(
        [
            organismes("organismes_attendus", "count(*)", **{"statut <>": "non_concerne"}),
            included("organismes_dans_les_chiffres", "count(*)"),
            organismes("livraisons_refusees", "count(*)", statut="rejete"),
            organismes("livraisons_non_recues", "count(*)", statut="attendu"),
            included("part_du_parc_attendu", study.SHARE_OF_STOCK, "taux_fin"),
            organismes("entretiens_vises", "sum(entretiens_vises)", **{"statut <>": "non_concerne"}),
            included("entretiens_realises", "sum(nb_entretiens)"),
            fieldwork("personnes_appelees", "max(appeles)"),
            fieldwork("entretiens_des_appeles", "max(entretiens_des_appeles)"),
            fieldwork("taux_reponse", "max(entretiens_des_appeles / appeles)", "taux_fin"),
            fieldwork("taux_joints", "max(joints / appeles)", "taux_fin"),
            fieldwork("taux_refus", "max(refus / joints)", "taux_fin"),
            included("lignes_ecartees", "sum(lignes_rejetees)"),
            found("strates_sans_entretien", "count(*)", regle="strates_vides"),
            found("questions_ecartees", "count(*)", regle="question_exclue"),
            *(
                Counter(edition, "fct_satisfaction", everyone)(name, f"{summary}({asked_of_all})", "taux")
                for name, summary in (("reponse_moindre", "min"), ("reponse_mediane", "median"))
            ),
        ]
    )


def delay(edition: Edition, frame: Scope) -> list[Fact]:
    """How long after the end of fieldwork the edition came out, in days."""
    ended = f"(select terrain_fin from dim_vague where vague = {literal(frame.current)})"
    return [Counter(edition, "meta_edition", {})("jours_de_delai", f"max(date_diff('day', {ended}, publiee_le::date))")]


def waves(edition: Edition, frame: Scope) -> list[tuple[Row, Cell, Cell]]:
    """The printed waves, each with its organismes and its interviews."""
    rows = {str(row["vague"]): row for row in edition.rows("dim_vague")}
    return [
        (
            dict.fromkeys(study.WAVE) | rows[wave],
            edition.cell("obs_couverture", {"vague": wave, **study.INCLUDED}, "count(*)"),
            edition.cell("obs_couverture", {"vague": wave, **study.INCLUDED}, "sum(nb_entretiens)"),
        )
        for wave in frame.vagues
        if wave in rows
    ]


def compared(edition: Edition, frame: Scope) -> list[Fact]:
    """How many questions are compared with the wave before, and what changed on the way; nothing in a first wave."""
    if not frame.previous:
        return []
    printed = Counter(edition, "obs_indicateur", {"vague": frame.current, "statut <>": "Z"})
    here = {"vague": frame.current, **frame.perimetre, **ENSEMBLE}
    changes = Counter(edition, "fct_evolution", {**here, "vague_precedente": frame.previous})
    scales = Counter(edition, "fct_sensibilite", here)
    # of one scoring alone, that no other changes a verdict says nothing
    several = "case when (select count(distinct (bareme, bareme_version)) from fct_sensibilite) > 1 then"
    return [
        printed("questions_comparees", f"count(*) filter (where {COMPARED})"),
        printed("questions_nouvelles", "count(*)", verdict="nouveau"),
        printed("questions_incomparables", "count(*)", verdict="non comparable"),
        printed("questions_sans_verdict", "count(*) filter (where verdict is null)"),
        printed("questions_longues", "count(*) filter (where tendance_vagues >= 3)"),
        changes(
            "institut_change", f"count(*) filter (where not meme_institut and {COMPARED})", methode="publie", statut="V"
        ),
        changes("panel_publie", "count(*)", methode="panel_constant", statut="V"),
        changes("pro_forma_publie", "count(*)", methode="pro_forma", statut="V"),
        scales("verdicts_de_bareme", f"{several} count(*) filter (where change_verdict) end"),
        printed("references_de_bareme", f"{several} count(*) filter (where verdict_reference_sensible_bareme) end"),
    ]


def cross_domain(edition: Edition) -> list[Fact]:
    """How many values other sources give, and how far they can be compared."""
    values = Counter(edition, "fct_reference_nationale", of_printed_waves(edition))
    found = [
        values("references_valeurs", "count(*)"),
        values("references_comparables", "count(*) filter (where est_comparable)"),
        values(
            "references_precises",
            "count(*) filter (where est_comparable and (base_effectif is not null or erreur_type is not null))",
        ),
    ]
    return found if found[0].cells[0].valeur else []


def burden(edition: Edition, frame: Scope) -> list[Fact]:
    """What answering cost people, as far as answers tell."""
    key = {"vague": frame.current, **frame.perimetre, **ENSEMBLE, "statut": "V"}
    return [
        Counter(edition, "fct_satisfaction", key)(
            "reponses_par_entretien", f"sum(base_brute) / {_interviews(frame)}", "note"
        )
    ]


def protection(edition: Edition) -> list[Fact]:
    """How closely published figures may tell a secret one; nothing where the edition protects none."""
    held, protected = Counter(edition, "meta_edition", {}), "filter (where protection > 0)"
    return [
        held("protection_amplitude", f"max(protection) {protected}", "taux"),
        held("protection_plancher", f"max(plancher) {protected}"),
        held("protection_plein_chiffre", f"max(organismes_plein_chiffre) {protected}"),
    ]


def _interviews(frame: Scope) -> str:
    """The SQL of how many interviews the figures of the wave rest on."""
    included = ", ".join(map(literal, study.INCLUDED["statut in"].split("|")))
    which = f"vague = {literal(frame.current)} and statut in ({included})"
    return f"(select sum(nb_entretiens) from obs_couverture where {which})"


def rules(edition: Edition) -> list[Row]:
    """Rules that caught something. Their examples stay in the warehouse: they may quote answers."""
    codes, printed = {str(row["vague"]) for row in printed_waves(edition)}, of_printed_waves(edition)
    broken = {
        (row["gravite"], row["regle"]): row["libelle"]
        for row in edition.rows("obs_qualite")
        if not row["tenue"] and (not printed or str(row["vague"]) in codes)
    }
    lines = []
    for (severity, rule), label in broken.items():
        told = {"regle": str(rule), "gravite": str(severity)}
        key = told | printed
        lines.append(
            {
                **told,
                "libelle": label,
                "lignes": edition.cell("obs_qualite", key, "sum(nb_lignes)"),
                "controles": edition.cell("obs_qualite", key, "count(*) filter (where not tenue)"),
            }
        )
    order = formats.SEVERITIES
    lines.sort(key=lambda row: (order.index(row["gravite"]) if row["gravite"] in order else 9, str(row["regle"])))
    return lines
