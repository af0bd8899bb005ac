"""What is still missing from a wave that was opened from the one before: each point names its file and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from orchestration.authoring.next_wave import UNCONFIRMED, carried, valid_codes
from orchestration.extracts.contracts import Broken, load_contracts, read_contracts
from orchestration.extracts.planning import counts_institutes
from orchestration.programme import Programme
from orchestration.programme.texts import capped, counted
from orchestration.programme.values import FIRST_LINE

_SHOWN = 30
# physical line of a CSV's first row: the header stands above it

# tables whose lines of one wave nobody can work out from another one's
_DATED = {
    "marges": "marges connues",
    "recouvrements": "personnes interrogées à deux vagues",
    "references_nationales": "références nationales",
    "baremes_usages": "barèmes propres à une vague",
}
# what no file tells: said once the wave is opened, for a person to think of
REMINDERS = (
    "organismes nouveaux, partis, fusionnés ou renommés : organismes.csv, filiations.csv, participations.csv",
    "questions ajoutées, ôtées ou dites autrement : questions.csv, et « equivalence » dans questions_vagues.csv"
    " (proche, rupture ou nouveau)",
    "institut et mode de collecte de chaque organisme : participations.csv",
)


def still_missing(programme: Programme, wave: str, last: str) -> list[str]:
    """Returns what a wave lacks beside the one before it, one sentence each; none when it is ready for its deliveries.

    Args:
        programme: the programme, the wave opened in it.
        wave: the wave.
        last: the wave before.
    """
    return [
        *_dates(programme, wave),
        *_current(programme, wave),
        *_participations(programme, wave, last),
        *_questions(programme, wave),
        *_contracts(programme, wave),
        *_plan(programme, wave, last),
        *_dated(programme, wave, last),
        *_landing(programme, wave),
    ]


def _dates(programme: Programme, wave: str) -> Iterator[str]:
    for line, row in enumerate(programme.rows("vagues"), start=FIRST_LINE):
        if row["vague"] == wave and UNCONFIRMED in (row["source"] or ""):
            yield (
                f"vagues.csv, ligne {line} : terrain du {row['terrain_debut']} au {row['terrain_fin']}, proposé ;"
                " mettre les vraies dates, puis vider « source » ou y dire d'où elles viennent."
            )


def _current(programme: Programme, wave: str) -> Iterator[str]:
    if (now := programme.config.vague_courante) != wave:
        yield f"programme.yaml, vague_courante : « {now} » ; y mettre « {wave} »."


def _participations(programme: Programme, wave: str, last: str) -> Iterator[str]:
    told = {str(r["organisme_code"]) for r in programme.rows("participations") if r["vague"] == wave}
    if not told:
        yield f"participations.csv : aucune ligne pour {wave} ; y écrire une ligne par organisme."
        return
    start = programme.waves[wave].start
    valid = valid_codes(programme, start)
    _, moves = carried(programme, last, wave, start)
    for move in moves:
        if move.code in told:
            heirs = f", et ajouter {', '.join(move.successors)}" if set(move.successors) - told else ""
            yield (
                f"participations.csv : {move.code} est dit en {wave} et n'est plus valide le {start} ; ôter sa"
                f" ligne{heirs}."
            )
        elif left := sorted(set(move.successors) - told):
            yield f"participations.csv : {move.code} a pour successeur {', '.join(left)} ; l'ajouter en {wave}."
    without = {str(r["organisme_code"]) for r in programme.rows("organismes") if r["sans_repondant"] == "oui"}
    heirs_due = {heir for move in moves for heir in move.successors}
    if new := sorted(valid - told - without - heirs_due):
        yield (
            f"participations.csv : sans ligne en {wave}, et valides le {start} : {capped(new, most=_SHOWN)} ; les y"
            " écrire, « attendu » ou « non_concerne »."
        )


def _questions(programme: Programme, wave: str) -> Iterator[str]:
    if not any(r["vague"] == wave for r in programme.rows("questions_vagues")):
        yield f"questions_vagues.csv : aucune question en {wave} ; y écrire celles qui sont posées."


def _contracts(programme: Programme, wave: str) -> Iterator[str]:
    confirmed = {c.institute for c in load_contracts(programme).sound if c.wave == wave}
    drafts: dict[str, list[str]] = {}
    for path in sorted((programme.root / "contracts").glob("*.yaml")):
        read = read_contracts(path, programme)
        if isinstance(read, Broken):
            if wave in read.waves:
                yield f"contracts/{path.name} : fautif ; {read.faults[0]}"
            continue
        for own in (one for one in read if one.wave == wave and not one.confirmed):
            points = counted(len(own.body.a_decider), "point")
            drafts.setdefault(own.institute, []).append(path.name)
            yield (
                f"contracts/{path.name} : brouillon, {points} à décider ; le tenir à l'extrait, puis dire"
                " « statut: confirme »."
            )
    waited = {r["institut"] for r in _awaited(programme, wave) if r["institut"]}
    for institute in sorted(map(str, waited - confirmed - set(drafts))):
        yield f"contracts/ : aucun contrat de {institute} pour {wave} ; « observatoire contract draft » en propose un."


def _plan(programme: Programme, wave: str, last: str) -> Iterator[str]:
    """An organisme without strata has every row rejected, unless its sender delivers counts with their population."""
    counted_only = counts_institutes(load_contracts(programme), wave) | counts_institutes(
        load_contracts(programme), last
    )
    planned = programme.planned(wave)
    left = [str(r["organisme_code"]) for r in _awaited(programme, wave) if r["institut"] not in counted_only]
    if bare := [code for code in left if code not in planned]:
        yield (
            f"plan_sondage.csv : sans strate en {wave} : {capped(bare, most=_SHOWN)} ; y écrire strates, population"
            f" (le parc de {wave}) et entretiens visés."
        )


def _dated(programme: Programme, wave: str, last: str) -> Iterator[str]:
    for table, noun in _DATED.items():
        rows = programme.rows(table)
        before = sum(r["vague"] == last for r in rows)
        if before and not any(r["vague"] == wave for r in rows):
            yield (
                f"{table}.csv : {counted(before, 'ligne')} en {last}, aucune en {wave} ({noun}) ; les dire, ou"
                " s'en passer."
            )


def _landing(programme: Programme, wave: str) -> Iterator[str]:
    folder = programme.root / "landing" / wave
    if not folder.is_dir():
        yield f"landing/{wave}/ : dossier absent ; le faire, pour les livraisons."
    elif not any(folder.iterdir()):
        yield f"landing/{wave}/ : aucune livraison ; y déposer les extraits."


def _awaited(programme: Programme, wave: str) -> list[dict[str, str | None]]:
    return [r for r in programme.rows("participations") if r["vague"] == wave and r["statut"] == "attendu"]
