"""What the command line says of a run, of the state of a programme, of two editions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Table

from orchestration.extracts.attempts import REMEDY, failed
from orchestration.extracts.gates import fate
from orchestration.extracts.inventory import Inventory, take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import ACCEPTED, REFUSED, RESERVED, WITHDRAWN, Record
from orchestration.operation.locks import holder
from orchestration.operation.outcomes import RunState, last_run, moment
from orchestration.programme import Programme
from orchestration.programme.texts import number, percent
from orchestration.publication.changes import changes, release_note
from orchestration.publication.currency import nothing_to_publish
from orchestration.publication.editions import CHECKS, DATABASE, ENTRANCE, Editions
from orchestration.publication.naming import SCHEMA
from orchestration.reporting.printed import LEAFLETS, LETTER
from orchestration.runs import Outcome, is_printed
from orchestration.settings import Settings

_WORDS = {
    ACCEPTED: "[green]acceptée[/]",
    RESERVED: "[yellow]avec réserve[/]",
    REFUSED: "[red]refusée[/]",
    WITHDRAWN: "[yellow]retirée[/]",
}
# what participations.csv and the coverage say of an organisme whose delivery is waited for
_EXPECTED = "attendu"
# a terminal narrower than this has no room for the contract's name
_WIDE = 100


def print_summary(out: Console, programme: Programme, settings: Settings, outcome: Outcome) -> None:
    """Prints what a run did: waves, organismes, interviews, rejects, and where to look."""
    out.print(f"\n[bold]{programme.config.nom}[/]")
    if programme.config.demonstration:
        out.print("[yellow]Données de démonstration : organismes, instituts et résultats sont fictifs.[/]")
    state = f"publiée, {outcome.read} livraisons lues." if outcome.new else escape(str(outcome.unchanged))
    out.print(f"Édition [bold]{outcome.edition}[/] : {state[0].lower()}{state[1:]}", soft_wrap=True)
    table = _table("Vague", "Livraisons", "Organismes", "Entretiens", "Lues", "Rejetées", "Remplacées")
    for wave in programme.waves:
        records = [r for r in outcome.inventory.records if r.vague == wave]
        kept = [lot for (w, _), (_, lot) in outcome.inventory.election.elected.items() if w == wave]
        superseded = sum(outcome.inventory.superseded(r) for r in records)
        # what a refused lot accepted counts for nothing
        rejected = sum(r.lignes_lues for r in records) - sum(lot.lignes_acceptees for lot in kept) - superseded
        counts = (len(records), len(kept), sum(lot.interviews for lot in kept), sum(r.lignes_lues for r in records))
        table.add_row(wave, *(number(n) for n in (*counts, rejected, superseded)))
    out.print(table)
    _print_missing(out, programme, outcome.inventory)
    _print_warnings(out, settings)
    lake = Lake(programme.root)
    for label, path in (
        ("Base", settings.published / ENTRANCE),
        ("Rapport", settings.reports / "courant" / "index.html"),
        ("Lettre", settings.reports / "courant" / LETTER),
        ("Organismes", settings.published / "organismes"),
        ("Livrets", settings.published / LEAFLETS / "courant"),
        ("Rejets", lake.root / "quarantine"),
    ):
        out.print(f"{label:<11} {escape(str(path))}", soft_wrap=True)


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column(first, overflow="fold")
    for title in others:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _print_missing(
    out: Console, programme: Programme, inventory: Inventory, told: Mapping[str, str] | None = None
) -> None:
    """Prints what an operator has to do something about: missing, refused, held back, out of place.

    Args:
        out: where to.
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
    for title, organismes, state in (
        (f"Attendus en {wave} et non reçus", absent - refused, _EXPECTED),
        (f"Attendus en {wave}, reçus et refusés", absent & refused, REFUSED),
    ):
        _list(out, title, organismes - {code for code, said in (told or {}).items() if said == state})
    for delivery in inventory.stale:
        if reason := failed(delivery, programme):
            said = f"{delivery.wave}/{delivery.name} : {reason} ; {REMEDY}"
            out.print(f"[red]Non lue[/] : {escape(said)}.", soft_wrap=True)
    for record in inventory.records:
        if record.sha256 in inventory.withdrawn:
            continue
        if record.statut == REFUSED:
            out.print(f"[red]Refusée[/] : {escape(record.motif)}", soft_wrap=True)
        else:
            _print_fates(out, record, inventory)
        for lot in record.lots:
            key = record.livraison, lot.organisme_code or ""
            for notes, word in ((inventory.election.held, "Non retenue"), (inventory.election.uncertain, "À vérifier")):
                if key in notes:
                    said = f"{record.fichier}, {lot.organisme_code} : {notes[key]}"
                    out.print(f"[yellow]{word}[/] : {escape(said)}.", soft_wrap=True)
    if inventory.stray:
        said = ", ".join(inventory.stray[:10]) + (", …" if len(inventory.stray) > 10 else "")
        out.print(
            f"[yellow]Hors de tout dossier de vague[/], donc non lus : {escape(said)} ;"
            " les déposer dans landing/<vague>/.",
            soft_wrap=True,
        )


def _list(out: Console, title: str, organismes: Iterable[str]) -> None:
    if found := sorted(organismes):
        out.print(f"[yellow]{title} : {escape(', '.join(found))}.[/]", soft_wrap=True)


def _print_fates(out: Console, record: Record, inventory: Inventory) -> None:
    for lot in record.lots:
        status, reason = fate(record, lot, inventory)
        if status == ACCEPTED:
            continue
        word = "[red]Refusé[/]" if status == REFUSED else "[yellow]Réserve[/]"
        said = f"{record.fichier}, {lot.organisme_code or 'organisme inconnu'} : {reason}"
        out.print(f"{word} : {escape(said)}", soft_wrap=True)


def _status(record: Record, inventory: Inventory) -> str:
    """Returns the status of a delivery once every gate has spoken on each of its lots."""
    if record.sha256 in inventory.withdrawn:
        return WITHDRAWN
    fates = {fate(record, lot, inventory)[0] for lot in record.lots}
    if record.statut == REFUSED or fates <= {REFUSED}:
        return REFUSED
    return ACCEPTED if fates == {ACCEPTED} else RESERVED


def _print_warnings(out: Console, settings: Settings) -> None:
    """Prints the expectations that the published edition does not meet, and is published with."""
    editions = Editions(settings.published)
    path = editions.folder(str(editions.current())) / CHECKS / "candidat.json"
    if path.is_file():
        for check in json.loads(path.read_text(encoding="utf-8")):
            if not check["tenue"]:
                said = f"{check['suite']} : {check['raison']} ({check['cas']} cas)"
                out.print(f"[yellow]À relire[/] : {escape(said)}", soft_wrap=True)


def print_status(out: Console, programme: Programme, settings: Settings) -> None:
    """Prints each delivery with its outcome, what is waiting, who is missing, and the edition in place."""
    inventory = take_inventory(programme)
    editions = Editions(settings.published)
    current = editions.current()
    out.print(f"Édition courante : [bold]{current or 'aucune'}[/]")
    for line in told_of_last_run(programme, inventory, settings):
        out.print(line, soft_wrap=True)
    told = _print_coverage(out, programme, editions.folder(current) / DATABASE) if current is not None else {}
    wide = out.width >= _WIDE
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("Livraison", overflow="fold", min_width=12)
    if wide:
        table.add_column("Contrat", overflow="fold")
    table.add_column("Statut", no_wrap=True)
    for title in ("Lues", "Acceptées", "Rejetées", "En vigueur"):
        table.add_column(title, justify="right", no_wrap=True)
    for record in inventory.records:
        kept = sum(inventory.election.retains(record, lot) for lot in record.lots)
        status = _status(record, inventory)
        cells = [escape(record.fichier), record.contrat or "—", _WORDS[status]]
        cells += [number(n) for n in (record.lignes_lues, record.lignes_acceptees, record.lignes_rejetees)]
        table.add_row(*_without_contract(cells, wide), f"{kept}/{len(record.lots)}")
    for word, waiting in (("déjà reçue", inventory.repeated), ("à lire", inventory.stale)):
        for delivery in waiting:
            name = delivery.contract.name if delivery.contract and word == "à lire" else "—"
            cells = [escape(f"{delivery.wave}/{delivery.name}"), name, word]
            table.add_row(*_without_contract(cells, wide))
    out.print(table)
    _print_missing(out, programme, inventory, told)


def told_of_last_run(programme: Programme, inventory: Inventory, settings: Settings) -> Iterator[str]:
    """Yields why the last run published nothing, or that one is under way; nothing once that is settled."""
    last = last_run(settings)
    if last is None or last.etat == RunState.PUBLISHED:
        return
    begun, working = moment(last.debut), holder(settings)
    if last.etat == RunState.RUNNING and working is not None:
        yield f"Une exécution est en cours depuis le {begun} (processus {working})."
        return
    if nothing_to_publish(programme, inventory, settings) and is_printed(settings):
        return  # what was at fault is gone: the edition is made from what lies there
    if last.etat == RunState.REFUSED:
        yield f"[red]Dernière exécution[/] ({begun}) : {escape(last.phrase)}"
    else:
        yield (
            f"[red]Dernière exécution[/] ({begun}) : arrêtée avant d'avoir fini, rien n'a été publié ;"
            " « observatoire run » reprend."
        )
    if last.alerte:
        yield escape(last.alerte)


def _print_coverage(out: Console, programme: Programme, database: Path) -> dict[str, str]:
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
        out.print(f"[red]Édition illisible[/] : {escape(str(error).splitlines()[0])}", soft_wrap=True)
        return {}
    covered = sum(share or 0 for _, state, _, share in rows if state in ("inclus", "reserve"))
    out.print(f"Couverture de cette édition en {wave} : {percent(covered)} du parc attendu.")
    missing = {code: state for code, state, *_ in rows if state in (_EXPECTED, REFUSED)}
    for code, _, reason, share in rows:
        if code in missing:
            stock = f" ({percent(share)} du parc)" if share else ""
            out.print(f"[yellow]Manque {code}[/]{stock} : {escape(reason)}", soft_wrap=True)
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
