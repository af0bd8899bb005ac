"""What the command line says of a run, of the state of a programme, of two editions."""

from __future__ import annotations

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.extracts.inventory import Inventory, take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import ACCEPTED, REFUSED
from orchestration.programme import Programme
from orchestration.publication.editions import DATABASE, ENTRANCE, Editions
from orchestration.publication.organismes import SCHEMA
from orchestration.runs import Outcome
from orchestration.settings import Settings

_COLOURS = {ACCEPTED: "green", REFUSED: "red"}


def number(value: int) -> str:
    """Returns a whole number the French way, thousands apart."""
    return f"{value:,}".replace(",", "\u202f")


def print_summary(out: Console, programme: Programme, settings: Settings, outcome: Outcome) -> None:
    """Prints what a run did: waves, organismes, interviews, rejects, and where to look."""
    out.print(f"\n[bold]{programme.config['nom']}[/]")
    if programme.config["demonstration"]:
        out.print("[yellow]Données de démonstration : organismes, instituts et résultats sont fictifs.[/]")
    state = f"publiée, {outcome.read} livraisons lues" if outcome.new else "rien de nouveau, elle n'a pas changé"
    out.print(f"Édition [bold]{outcome.edition}[/] : {state}.")
    table = Table(
        "Vague",
        "Livraisons",
        "Organismes",
        "Entretiens",
        "Lues",
        "Rejetées",
        box=None,
        header_style="dim",
        pad_edge=False,
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for wave in programme.waves:
        records = [r for r in outcome.inventory.records if r.vague == wave]
        kept = [lot for (w, _), (_, lot) in outcome.inventory.election.elected.items() if w == wave]
        read, rejected = sum(r.lignes_lues for r in records), sum(r.lignes_rejetees for r in records)
        table.add_row(
            wave,
            *(number(n) for n in (len(records), len(kept), sum(lot.interviews for lot in kept), read, rejected)),
        )
    out.print(table)
    _print_missing(out, programme, outcome.inventory)
    lake = Lake(programme.root)
    for label, path in (
        ("Base", settings.published / ENTRANCE),
        ("Rapport", settings.reports / "courant" / "index.html"),
        ("Organismes", settings.published / "organismes"),
        ("Rejets", lake.root / "quarantine"),
    ):
        out.print(f"{label:<11} {path}", soft_wrap=True)


def _print_missing(out: Console, programme: Programme, inventory: Inventory) -> None:
    wave = str(programme.config["vague_courante"])
    expected = {
        str(r["organisme_code"])
        for r in programme.rows("participations")
        if r["vague"] == wave and r["statut"] == "attendu"
    }
    missing = sorted(expected - {o for w, o in inventory.election.elected if w == wave})
    if missing:
        out.print(f"[yellow]Attendus en {wave} et non reçus : {', '.join(missing)}.[/]")
    for record in inventory.records:
        if record.statut == REFUSED:
            out.print(f"[red]Refusée[/] : {escape(record.motif)}", soft_wrap=True)


def print_status(out: Console, programme: Programme, settings: Settings) -> None:
    """Prints each delivery with its outcome, what is waiting, who is missing, and the edition in place."""
    inventory = take_inventory(programme)
    current = Editions(settings.published).current()
    out.print(f"Édition courante : [bold]{current or 'aucune'}[/]")
    table = Table(
        "Livraison",
        "Contrat",
        "Statut",
        "Lues",
        "Acceptées",
        "Rejetées",
        "En vigueur",
        box=None,
        header_style="dim",
        pad_edge=False,
    )
    for record in inventory.records:
        kept = sum(inventory.election.retains(record, lot) for lot in record.lots)
        colour = _COLOURS.get(record.statut, "yellow")
        table.add_row(
            escape(record.fichier), record.contrat or "—", f"[{colour}]{record.statut}[/]", number(record.lignes_lues),
            number(record.lignes_acceptees), number(record.lignes_rejetees), f"{kept}/{len(record.lots)}",
        )  # fmt: skip
    for delivery in inventory.repeated:
        table.add_row(escape(f"{delivery.wave}/{delivery.name}"), "—", "déjà reçue", "", "", "", "")
    for delivery in inventory.stale:
        table.add_row(
            escape(f"{delivery.wave}/{delivery.name}"),
            delivery.contract.name if delivery.contract else "—",
            "à lire",
            "",
            "",
            "",
            "",
        )
    out.print(table)
    _print_missing(out, programme, inventory)


def print_diff(out: Console, settings: Settings, old: str, new: str) -> None:
    """Prints the tables whose size changed and the indicators whose note moved between two editions."""
    editions = Editions(settings.published)
    before, after = editions.manifest(old), editions.manifest(new)
    for table in sorted(set(before["tables"]) | set(after["tables"])):
        a, b = before["tables"].get(table, 0), after["tables"].get(table, 0)
        if a != b:
            out.print(f"{table} : {number(a)} → {number(b)} lignes")
    with duckdb.connect() as session:
        for alias, edition in (("ancienne", old), ("nouvelle", new)):
            path = str(editions.folder(edition) / DATABASE).replace("'", "''")
            session.execute(f"attach '{path}' as {alias} (read_only)")
        moved = session.execute(
            f"""
            select question_code, vague, a.note_moyenne, n.note_moyenne
            from ancienne.{SCHEMA}.obs_indicateur as a
            full join nouvelle.{SCHEMA}.obs_indicateur as n using (question_code, vague)
            where a.note_moyenne is distinct from n.note_moyenne
            order by vague, question_code
            """
        ).fetchall()
    for question, wave, a, b in moved:
        out.print(f"{question} {wave} : {_note(a)} → {_note(b)}")
    out.print(f"{len(moved)} indicateurs changent de {old} à {new}.")


def _note(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}".replace(".", ",")
