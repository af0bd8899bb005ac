"""What `observatoire status` says around the deliveries: the key, why they are read again, what is kept, the room."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from orchestration.extracts.decisions import withdrawn
from orchestration.extracts.inventory import Inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.pseudonyms import key_fault
from orchestration.extracts.rereading import why_again
from orchestration.installation.backup import last_backup
from orchestration.operation.beat import beat_fault
from orchestration.operation.outcomes import moment
from orchestration.operation.room import Room
from orchestration.programme import Programme
from orchestration.programme.texts import capped
from orchestration.publication.editions import Editions
from orchestration.words import Words


def print_key(out: Console) -> None:
    """Prints why the next run could make no pseudonym; nothing where it can."""
    if (fault := key_fault()) is not None:
        out.print(f"[red]{escape(fault)}[/]", soft_wrap=True)


def print_rereading(out: Console, words: Words, programme: Programme, inventory: Inventory) -> None:
    """Prints, once for each reason, why deliveries that were read already wait to be read again."""
    for reason, n in sorted(why_again(programme, inventory).items()):
        out.print(f"[yellow]{escape(words.say(f'a_relire_{reason}', n=words.number(n)))}[/]", soft_wrap=True)


def idle_withdrawals(programme: Programme, inventory: Inventory) -> list[str]:
    """Returns the withdrawals that withdraw nothing: no delivery that is there has their bytes, under any name."""
    there = {delivery.sha256 for delivery in inventory.deliveries}
    decided = withdrawn(Lake(programme.root))
    return sorted(name for sha256, names in decided.items() if sha256 not in there for name in names)


def print_idle(out: Console, words: Words, programme: Programme, inventory: Inventory) -> None:
    """Prints the withdrawals that withdraw nothing: the delivery is gone or replaced since, or the digest is wrong."""
    if names := idle_withdrawals(programme, inventory):
        said = words.say("retraits_sans_livraison", fichiers=capped(names), n=words.number(len(names)))
        out.print(escape(said), soft_wrap=True)


def print_room(out: Console, words: Words, programme: Programme, left: Room, surplus: int) -> None:
    """Prints what is kept and for how long, the last backup, and the room that is left.

    Args:
        out: where to.
        words: the programme's.
        programme: the programme.
        left: the disk with the least room.
        surplus: how many files and folders a purge would delete.
    """
    settings, limits = programme.settings, programme.thresholds
    if (fault := beat_fault(settings)) is not None:
        out.print(f"[yellow]{escape(fault)}[/]", soft_wrap=True)
    kept, days = len(Editions(settings.published).names()), limits.quarantaine_jours
    said = words.say("retention", n=kept, conservees=limits.editions_conservees, jours=days, purger=surplus)
    out.print(escape(said), soft_wrap=True)
    saved = last_backup(settings)
    if saved is not None:
        line = words.say("sante_sauvegarde", debut=moment(saved.le), fichier=saved.fichier)
        if saved.laisses:
            line = words.say("sante_sauvegarde_partielle", sauvegarde=line, n=saved.laisses)
        out.print(escape(_capitalised(line)), soft_wrap=True)
    free, need = words.number(left.libre >> 20), words.number(left.besoin >> 20)
    colour = "red" if left.short else "yellow" if left.tight else "default"
    line = words.say("sante_disque", dossier=left.dossier, libre=free, besoin=need)
    out.print(f"[{colour}]{escape(_capitalised(line))}[/]", soft_wrap=True)


def _capitalised(text: str) -> str:
    """Returns a text that follows a colon elsewhere as the beginning of a line."""
    return text[:1].upper() + text[1:]
