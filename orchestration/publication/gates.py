"""What a candidate must pass before it is published: coverage, names, losses, differences, rollbacks.

Plausibility is Great Expectations'; keys, relations and reconciliation are dbt's; shape and domains were pandera's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.decisions import withdrawn
from orchestration.extracts.deliveries import deliveries as present_in
from orchestration.extracts.lake import Lake
from orchestration.programme import Programme
from orchestration.programme.texts import capped, percent
from orchestration.publication.aside import set_aside
from orchestration.publication.currency import ANYWAY
from orchestration.publication.differencing import Isolated, changed_in, isolated, other_rules
from orchestration.publication.editions import DATABASE, Editions
from orchestration.publication.losses import accepted_losses, losses, standings, unexplained
from orchestration.publication.memory import remembered, rules, with_memory
from orchestration.publication.naming import SCHEMA, Spellings, declarations, mentions, no_tables
from orchestration.settings import Settings
from orchestration.sql import literal

# how many things a gate lists before it only counts the rest
_TOLD = 5


@dataclass(frozen=True)
class GateResult:
    """The outcome of one gate.

    Attributes:
        passed: whether the candidate may be published, as far as this gate goes.
        sentence: what was found, in French, for the run page, the command line and the alert.
        figures: the numbers behind it.
        refuses: whether a candidate that does not pass is refused, or published with this said.
        waived_by: tag of a run that publishes it all the same.
    """

    passed: bool
    sentence: str
    figures: dict[str, Any]
    refuses: bool = True
    waived_by: str | None = None


def coverage(programme: Programme) -> GateResult:
    """Compares the consolidated share of the expected stock with the programme's minimum, in its current wave."""
    wave = programme.config.vague_courante
    least = programme.thresholds.couverture_minimum
    with duckdb.connect(str(programme.settings.candidate), read_only=True) as connection:
        rows = connection.execute(
            f"select organisme_code, statut, part_parc, parc is not null from {SCHEMA}.obs_couverture"
            " where vague = ? and statut <> 'non_concerne'",
            [wave],
        ).fetchall()
    included = [share for _, status, share, _ in rows if status in ("inclus", "reserve")]
    covered = sum(included)
    missing = sorted(code for code, status, *_ in rows if status in ("attendu", "rejete"))
    sentence = f"Vague {wave} : {percent(covered)} du parc attendu consolidé, minimum {percent(least)}."
    if unknown := sum(not known for *_, known in rows):
        sentence += (
            f" {len(included)} organismes sur {len(rows)} attendus ; {unknown} sans parc connu à cette vague comptent"
            " pour celui de la précédente, à défaut pour un organisme moyen."
        )
    if missing:
        sentence += f" Manquent : {capped(missing)}."
    return GateResult(
        covered >= least, sentence, {"part_parc": covered, "minimum": least, "manquants": ", ".join(missing)}
    )


def anonymous(settings: Settings) -> GateResult:
    """Looks for organismes in the candidate and its catalogue: only a column declared for it may name one.

    All else must be declared too, so a view or a macro is refused whatever it says.

    A table may be published by a new model, or by none that is left: the file itself is read, not the project.
    """
    with duckdb.connect() as session:
        session.execute(f"attach {literal(settings.warehouse)} as entrepot (read_only)")
        session.execute(f"attach {literal(settings.candidate)} as candidat (read_only)")
        declared = declarations(session, "entrepot")
        found = list(no_tables(session, "candidat"))
        for schema, table, column in session.execute(
            "select schema_name, table_name, column_name from duckdb_columns()"
            " where database_name = 'candidat' and not internal order by all"
        ).fetchall():
            if schema != SCHEMA:
                found.append(f"{schema}.{table}.{column} n'est pas dans le schéma {SCHEMA}")
            elif column not in declared.columns.get(table, ()):
                found.append(f"{table}.{column} n'est déclarée par aucun mart")
            # A hash or a rank hides a code from whoever reads texts; whose row it is stands here.
            elif column == "perimetre_type" and _has_organismes(session, table):
                found.append(f"{table} a des lignes d'organismes")
        found += mentions(session, "candidat", Spellings(session, "candidat", declared), declared.naming)
    if not found:
        return GateResult(True, "Aucune colonne ne désigne d'organisme sans être déclarée pour cela.", {"colonnes": 0})
    sentence = (
        f"Le fichier à publier montrerait des organismes, ou ce que rien ne déclare : {capped(found, joint=' ; ')}."
        " L'ôter ; ou, si c'est une colonne qui doit en nommer, la déclarer dans le YAML de son mart :"
        " config: {meta: {organismes: oui}}."
    )
    return GateResult(False, sentence, {"colonnes": len(found)})


def _has_organismes(session: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Returns whether a table of the candidate has rows about one organisme."""
    [(number,)] = session.execute(
        f"select count(*) from candidat.{SCHEMA}.\"{table}\" where perimetre_type = 'organisme'"
    ).fetchall()
    return bool(number)


def kept(programme: Programme) -> GateResult:
    """Compares the candidate with the current edition, wave by wave and organisme by organisme: nothing may be lost.

    A delivery overwritten by a shorter one, or a wave's folder removed, would otherwise change figures unseen.
    """
    editions, lake = Editions(programme.settings.published), Lake(programme.root)
    name = editions.current()
    if name is None:
        return GateResult(True, "Première édition : rien à perdre.", {"pertes": 0})
    try:
        before = standings(editions.folder(name) / DATABASE)
    except duckdb.Error:
        return GateResult(True, f"L'édition {name} est illisible : pertes non contrôlées.", {"pertes": 0})
    found = losses(before, standings(programme.settings.candidate), programme.thresholds.perte_edition_maximum)
    left = unexplained(found, withdrawn(lake), accepted_losses(lake.landing, name))
    if not left:
        said = f", {len(found)} retirées ou acceptées" if found else ""
        return GateResult(True, f"Rien de l'édition {name} n'est perdu{said}.", {"pertes": len(found)})
    listed = " ; ".join(map(str, left[:_TOLD])) + (f" ; et d'autres ({len(left) - _TOLD})" if len(left) > _TOLD else "")
    # what is no longer in landing/ cannot be withdrawn any more, nor can what took its place stand for it
    there = {d.id for d in present_in(programme, load_contracts(programme), looking=True, registering=False)}
    back = " ou retirer la livraison par « observatoire withdraw »," if there & {loss.delivery for loss in left} else ""
    sentence = (
        f"Des entretiens de l'édition {name} manquent ({listed}) : remettre les fichiers dans landing/,{back} ou"
        " accepter ces pertes, motif à l'appui, par « observatoire run --accepter-les-pertes MOTIF »."
    )
    return GateResult(False, sentence, {"pertes": len(left)})


def unisolating(programme: Programme) -> GateResult:
    """Compares the candidate with every edition that can still be read: no difference may be a few organismes' results.

    Cells of one edition are guarded by the warehouse; this guards what two of them say together.
    """
    if not programme.config.secret.organismes_secrets:
        return GateResult(True, "Les chiffres des organismes sont publics : rien n'est à protéger.", {"isoles": 0})
    editions, lake, thresholds = Editions(programme.settings.published), Lake(programme.root), programme.thresholds
    after, current_rules = (
        with_memory(standings(programme.settings.candidate), programme.settings.warehouse),
        rules(programme),
    )
    held: list[str] = []
    unread: list[str] = []
    found: dict[Isolated, str] = {}
    altered: dict[str, str] = {}
    for name in editions.names():
        try:
            before, former_rules = remembered(lake, name, standings(editions.folder(name) / DATABASE))
        except duckdb.Error:
            unread.append(name)
            continue
        held.append(name)
        cases = isolated(
            before,
            after,
            thresholds.organismes_minimum,
            thresholds.dominance_maximum,
            thresholds.base_minimale,
            changed_in(lake),
        )
        found |= dict.fromkeys(cases, name)
        altered |= dict.fromkeys(other_rules(before, after, former_rules, current_rules), name)
    said = f" {', '.join(unread)} : illisible, différence non contrôlée." if unread else ""
    figures = {"isoles": sum(len(case.organismes) for case in found), "regles": len(altered)}
    if not held:
        return GateResult(True, said.strip() or "Première édition : rien à en soustraire.", figures)
    if not found and not altered:
        sentence = f"La différence avec les éditions gardées ({', '.join(held)}) n'isole ni organisme ni réponse."
        return GateResult(True, sentence + said, figures)
    refused = programme.config.secret.editions_successives == "refuser"
    return GateResult(False, " ".join(_isolating(found, altered)) + said, figures, refuses=refused)


def _isolating(found: Mapping[Isolated, str], altered: Mapping[str, str]) -> Iterator[str]:
    """Yields a sentence on what changed too little since an edition, and one on the rules that changed."""
    agreed = "mettre editions_successives à « signaler » dans programme.yaml si les organismes en sont d'accord."
    if found:
        yield (
            f"Trop peu d'organismes, ou de réponses, ont changé depuis une édition encore lisible ({_listed(found)}) :"
            f" la différence des deux donne leurs résultats. Attendre d'autres livraisons, ou {agreed}"
        )
    if altered:
        yield (
            "Des règles ne sont plus celles d'une édition encore lisible, qui contient les mêmes réponses"
            f" ({_listed(altered)}) : deux arrondis, deux masques ou deux barèmes situent un chiffre mieux qu'un seul."
            " Les remettre, ou effacer cette édition de published/editions si personne ne l'a gardée, puis"
            f" « observatoire renounce --motif … », ou {agreed}"
        )


def _listed(cases: Mapping[Any, str]) -> str:
    """Says the first few things found, each with the edition it was found in."""
    told = [f"{case} depuis l'édition {name}" for case, name in cases.items()]
    return " ; ".join(told[:_TOLD]) + (f" ; et d'autres ({len(told) - _TOLD})" if len(told) > _TOLD else "")


def wanted(settings: Settings) -> GateResult:
    """Looks whether the candidate is made of what a rollback set aside; a lake made anew shows it only now."""
    with duckdb.connect(str(settings.candidate), read_only=True) as connection:
        [(made_of,)] = connection.execute(f"select empreinte from {SCHEMA}.meta_edition").fetchall()
    said = set_aside(settings.published, made_of)
    sentence, figures = said or "Rien de ce qui est entré n'a été écarté.", {"ecartee": said is not None}
    return GateResult(said is None, sentence, figures, waived_by=ANYWAY)


# the check on the page of a run → the gate behind it
GATES: dict[str, Callable[[Programme], GateResult]] = {
    "couverture_minimum": coverage,
    "aucun_organisme_nomme": lambda programme: anonymous(programme.settings),
    "rien_de_perdu": kept,
    "rien_d_isole": unisolating,
    "pas_ecartee": lambda programme: wanted(programme.settings),
}
