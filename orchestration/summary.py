"""What the command line says of a run, of the state of a programme, of two editions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Table

from orchestration.extracts.gates import fate
from orchestration.extracts.ingest import REMEDY, failed
from orchestration.extracts.inventory import Inventory, take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import ACCEPTED, REFUSED, RESERVED, WITHDRAWN, Record
from orchestration.operation.locks import holder
from orchestration.operation.outcomes import RunState, last_run, moment
from orchestration.programme import Programme
from orchestration.programme.vocabulary import words_of
from orchestration.publication.changes import changes, release_note
from orchestration.publication.currency import nothing_to_publish
from orchestration.publication.editions import CHECKS, DATABASE, ENTRANCE, Editions
from orchestration.publication.naming import SCHEMA
from orchestration.reporting.printed import LEAFLETS, LETTER, is_printed
from orchestration.runs import Outcome
from orchestration.settings import Settings
from orchestration.words import Words

# the colour of a delivery's status, and the name of its word
_STATES = {
    ACCEPTED: ("green", "acceptee"),
    RESERVED: ("yellow", "avec_reserve"),
    REFUSED: ("red", "refusee"),
    WITHDRAWN: ("yellow", "retiree"),
}
# what participations.csv and the coverage say of an organisme whose delivery is waited for
_EXPECTED = "attendu"
# a terminal narrower than this has no room for the contract's name
_WIDE = 100


def print_summary(out: Console, programme: Programme, outcome: Outcome) -> None:
    """Prints what a run did: waves, organismes, interviews, rejects, and where to look."""
    words, settings = words_of(programme.config), programme.settings
    out.print(f"\n[bold]{programme.config.nom}[/]")
    if programme.config.demonstration:
        out.print(f"[yellow]{escape(words.say('donnees_fictives'))}[/]")
    state = words.say("edition_publiee", n=outcome.read) if outcome.new else escape(str(outcome.unchanged))
    edition = f"[bold]{outcome.edition}[/]"
    out.print(words.say("edition_etat", edition=edition, etat=f"{state[0].lower()}{state[1:]}"), soft_wrap=True)
    table = _table(
        *(words.said[name] for name in ("vague", "livraisons", "organismes", "entretiens")),
        *(words.said[name] for name in ("lues", "rejetees", "remplacees")),
    )
    for wave in programme.waves:
        records = [r for r in outcome.inventory.records if r.vague == wave]
        kept = [lot for (w, _), (_, lot) in outcome.inventory.election.elected.items() if w == wave]
        superseded = sum(outcome.inventory.superseded(r) for r in records)
        # what a refused lot accepted counts for nothing
        rejected = sum(r.lignes_lues for r in records) - sum(lot.lignes_acceptees for lot in kept) - superseded
        counts = (len(records), len(kept), sum(lot.interviews for lot in kept), sum(r.lignes_lues for r in records))
        table.add_row(wave, *(words.number(n) for n in (*counts, rejected, superseded)))
    out.print(table)
    _print_missing(out, words, programme, outcome.inventory)
    _print_warnings(out, words, settings)
    lake = Lake(programme.root)
    for name, path in (
        ("base_publiee", settings.published / ENTRANCE),
        ("rapport", settings.reports / "courant" / "index.html"),
        ("lettre", settings.reports / "courant" / LETTER),
        ("organismes", settings.published / "organismes"),
        ("livrets", settings.published / LEAFLETS / "courant"),
        ("rejets", lake.root / "quarantine"),
    ):
        out.print(f"{words.said[name]:<11} {escape(str(path))}", soft_wrap=True)


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column(first, overflow="fold")
    for title in others:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _print_missing(
    out: Console, words: Words, programme: Programme, inventory: Inventory, told: Mapping[str, str] | None = None
) -> None:
    """Prints what an operator has to do something about: missing, refused, held back, out of place.

    Args:
        out: where to.
        words: the programme's.
        programme: whose organismes are expected.
        inventory: what was delivered.
        told: organismes that were said to be missing, and their status: those that still are, are not said again.
    """
    wave = programme.config.vague_courante
    expected = {
        str(r["organisme_code"])
        for r in programme.rows("participations")
        if r["vague"] == wave and r["statut"] == _EXPECTED
    }
    absent = expected - {o for w, o in inventory.election.elected if w == wave}
    refused = {lot.organisme_code or "" for r in inventory.records if r.vague == wave for lot in r.lots}
    for name, organismes, state in (
        ("attendus_non_recus", absent - refused, _EXPECTED),
        ("attendus_refuses", absent & refused, REFUSED),
    ):
        if found := sorted(organismes - {code for code, said in (told or {}).items() if said == state}):
            said = words.say(name, vague=wave, organismes=", ".join(found))
            out.print(f"[yellow]{escape(said)}[/]", soft_wrap=True)
    for delivery in inventory.stale:
        if reason := failed(delivery, programme):
            said = words.say("deux_points", nom=delivery.place, valeur=f"{reason} ; {REMEDY}")
            _tell(out, words, "red", "livraison_non_lue", f"{said}.")
    for record in inventory.records:
        if record.sha256 in inventory.withdrawn:
            continue
        if record.statut == REFUSED:
            _tell(out, words, "red", "livraison_refusee", record.motif)
        else:
            _print_fates(out, words, record, inventory)
        for lot in record.lots:
            key = record.livraison, lot.organisme_code or ""
            for notes, name in (
                (inventory.election.held, "lot_non_retenu"),
                (inventory.election.uncertain, "lot_a_verifier"),
            ):
                if key in notes:
                    lot_name = f"{record.fichier}, {lot.organisme_code}"
                    said = words.say("deux_points", nom=lot_name, valeur=notes[key])
                    _tell(out, words, "yellow", name, f"{said}.")
    if inventory.stray:
        said = ", ".join(inventory.stray[:10]) + (", …" if len(inventory.stray) > 10 else "")
        remedy = words.say("hors_dossier_remede", fichiers=said)
        out.print(f"[yellow]{escape(words.say('hors_dossier'))}[/]{escape(remedy)}", soft_wrap=True)


def _tell(out: Console, words: Words, colour: str, name: str, said: str) -> None:
    """Prints a word in colour, and after it what it is said of."""
    word = f"[{colour}]{escape(words.said[name])}[/]"
    out.print(words.say("deux_points", nom=word, valeur=escape(said)), soft_wrap=True)


def _print_fates(out: Console, words: Words, record: Record, inventory: Inventory) -> None:
    for lot in record.lots:
        status, reason = fate(record, lot, inventory)
        if status == ACCEPTED:
            continue
        organisme = lot.organisme_code or words.say("organisme_inconnu")
        said = words.say("deux_points", nom=f"{record.fichier}, {organisme}", valeur=reason)
        colour, name = ("red", "lot_refuse") if status == REFUSED else ("yellow", "lot_reserve")
        _tell(out, words, colour, name, said)


def _status(record: Record, inventory: Inventory) -> str:
    """Returns the status of a delivery once every gate has spoken on each of its lots."""
    if record.sha256 in inventory.withdrawn:
        return WITHDRAWN
    fates = {fate(record, lot, inventory)[0] for lot in record.lots}
    if record.statut == REFUSED or fates <= {REFUSED}:
        return REFUSED
    return ACCEPTED if fates == {ACCEPTED} else RESERVED


def _print_warnings(out: Console, words: Words, settings: Settings) -> None:
    """Prints the expectations that the published edition does not meet, and is published with."""
    editions = Editions(settings.published)
    path = editions.folder(str(editions.current())) / CHECKS / "candidat.json"
    if path.is_file():
        for check in json.loads(path.read_text(encoding="utf-8")):
            if not check["tenue"]:
                said = words.say("attente_dite", suite=check["suite"], raison=check["raison"], n=check["cas"])
                _tell(out, words, "yellow", "attente_a_relire", said)


def print_status(out: Console, programme: Programme) -> None:
    """Prints each delivery with its outcome, what is waiting, who is missing, and the edition in place."""
    words = words_of(programme.config)
    inventory = take_inventory(programme, looking=True)
    editions = Editions(programme.settings.published)
    current = editions.current()
    out.print(words.say("edition_courante", edition=f"[bold]{current or words.say('aucune_edition')}[/]"))
    for line in told_of_last_run(programme, inventory):
        out.print(line, soft_wrap=True)
    told = _print_coverage(out, words, programme, editions.folder(current) / DATABASE) if current is not None else {}
    wide = out.width >= _WIDE
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column(words.say("livraison"), overflow="fold", min_width=12)
    if wide:
        table.add_column(words.say("contrat"), overflow="fold")
    table.add_column(words.say("statut"), no_wrap=True)
    for name in ("lues", "acceptees", "rejetees", "en_vigueur"):
        table.add_column(words.said[name], justify="right", no_wrap=True)
    for record in inventory.records:
        kept = sum(inventory.election.retains(record, lot) for lot in record.lots)
        colour, state = _STATES[_status(record, inventory)]
        cells = [escape(record.fichier), record.contrat or "—", f"[{colour}]{escape(words.said[state])}[/]"]
        cells += [words.number(n) for n in (record.lignes_lues, record.lignes_acceptees, record.lignes_rejetees)]
        table.add_row(*_without_contract(cells, wide), f"{kept}/{len(record.lots)}")
    for state, waiting in (("deja_recue", inventory.repeated), ("a_lire", inventory.stale)):
        for delivery in waiting:
            contract = delivery.contract.name if delivery.contract and state == "a_lire" else "—"
            cells = [escape(delivery.place), contract, escape(words.said[state])]
            table.add_row(*_without_contract(cells, wide))
    out.print(table)
    _print_missing(out, words, programme, inventory, told)


def told_of_last_run(programme: Programme, inventory: Inventory) -> Iterator[str]:
    """Yields why the last run published nothing, or that one is under way; nothing once that is settled."""
    settings = programme.settings
    last = last_run(settings)
    if last is None or last.etat == RunState.PUBLISHED:
        return
    words = words_of(programme.config)
    begun, working = moment(last.debut), holder(settings)
    if last.etat == RunState.RUNNING and working is not None:
        yield escape(words.say("execution_en_cours", debut=begun, processus=working))
        return
    if nothing_to_publish(programme, inventory) and is_printed(settings):
        return  # what was at fault is gone: the edition is made from what lies there
    what = f"[red]{escape(words.say('derniere_execution'))}[/] ({begun})"
    became = last.phrase if last.etat == RunState.REFUSED else words.say("execution_arretee")
    yield words.say("deux_points", nom=what, valeur=escape(became))
    if last.alerte:
        yield escape(last.alerte)


def _print_coverage(out: Console, words: Words, programme: Programme, database: Path) -> dict[str, str]:
    """Prints which share of the expected stock the edition covers in the current wave; who is missing, and why.

    Returns:
        the status of each organisme it said to be missing.
    """
    wave = programme.config.vague_courante
    try:
        with duckdb.connect(str(database), read_only=True) as edition:
            rows = edition.execute(
                f"select organisme_code, statut, motif, part_parc from {SCHEMA}.obs_couverture where vague = ?"
                " and statut <> 'non_concerne' order by organisme_code",
                [wave],
            ).fetchall()
    except duckdb.Error as error:
        _tell(out, words, "red", "edition_illisible", str(error).splitlines()[0])
        return {}
    covered = sum(share or 0 for _, state, _, share in rows if state in ("inclus", "reserve"))
    out.print(escape(words.say("couverture_edition", vague=wave, part=words.percent(covered))))
    missing = {code: state for code, state, *_ in rows if state in (_EXPECTED, REFUSED)}
    for code, _, reason, share in rows:
        if code in missing:
            stock = f" ({escape(words.say('part_du_parc', part=words.percent(share)))})" if share else ""
            missed = f"[yellow]{escape(words.say('organisme_manque', organisme=code))}[/]{stock}"
            out.print(words.say("deux_points", nom=missed, valeur=escape(reason)), soft_wrap=True)
    return missing


def _without_contract(cells: list[str], wide: bool) -> list[str]:
    return cells if wide else [cells[0], *cells[2:]]


def print_diff(out: Console, settings: Settings, old: str, new: str) -> None:
    """Prints what changes from one edition to another, and why."""
    editions = Editions(settings.published)
    for edition in (old, new):
        editions.check(edition)
    found = changes(editions.folder(old) / DATABASE, editions.folder(new) / DATABASE, Lake(settings.root))
    out.print(Markdown(release_note(found)))
