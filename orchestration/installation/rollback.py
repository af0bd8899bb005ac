"""Leads readers back to an edition and to what is printed of it: all that can fail is tried before anything moves.

What is missing is printed first. Then only the list of editions set aside and a few links are written; where that is
interrupted all the same, the same command ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from orchestration.errors import PublicationRefused
from orchestration.files import try_writing
from orchestration.machine import machine_sentence
from orchestration.operation.locks import lock
from orchestration.programme import Programme
from orchestration.publication.editions import Editions
from orchestration.publication.going_back import Choice, earlier, go_back, named
from orchestration.publication.owner import hold_alone
from orchestration.reporting.printed import current_links, is_whole, leaflets_folder, printed, show
from orchestration.settings import Settings


@dataclass(frozen=True)
class Return:
    """What a rollback did.

    Attributes:
        choice: the edition that readers see now, and why no nearer one.
        before: the edition that they saw; None where they saw none.
        aside: whether that one was set aside; not where nothing in it says any more what it was made from.
    """

    choice: Choice
    before: str | None
    aside: bool


def roll_back(programme: Programme, edition: str | None, reason: str) -> Return:
    """Puts an edition, and what is printed of it, back in the place of the current one, which is set aside.

    Args:
        programme: the programme.
        edition: the edition to come back to; None for the last one before that has other figures.
        reason: why the current one is left; may be blank.

    Raises:
        PublicationRefused: there is no such edition, it is damaged, a run works, or something cannot be written;
            readers see what they saw.
    """
    settings = programme.settings
    editions, reports = Editions(settings.published), settings.reports
    with lock(settings):
        editions.hold_links(current_links(settings))
        hold_alone(settings)
        editions.hold_list()
        choice = named(editions, edition) if edition is not None else earlier(editions, printed(settings))
        _hold_writable(settings, choice.edition)
        if not is_whole(editions, choice.edition, reports):
            from orchestration.reporting.printing import print_everything

            print_everything(editions, choice.edition, programme.config, reports, programme.root)
        try:
            before, aside = go_back(editions, choice, reason)
            show(editions, choice.edition, reports)
        except OSError as error:
            said = machine_sentence(error, settings.published)
            raise PublicationRefused(
                f"{said} Le retour est commencé, et des lecteurs sont peut-être déjà revenus : une fois la cause ôtée,"
                f" « observatoire rollback {choice.edition} » le finit."
            ) from None
    return Return(choice, before, aside)


def _hold_writable(settings: Settings, edition: str) -> None:
    """Raises a PublicationRefused where a rollback could not write all that it has to."""
    editions = Editions(settings.published)
    for folder in (settings.published, settings.reports, leaflets_folder(editions)):
        if folder.exists() and not folder.is_dir():
            raise PublicationRefused(f"{folder} n'est pas un dossier ; l'ôter, puis relancer. Rien n'a changé.")
        _try(partial(try_writing, folder), folder)
    if edition not in editions.seen():
        _try(editions.try_list, settings.published)


def _try(writing: Callable[[], None], place: Path) -> None:
    try:
        writing()
    except OSError as error:
        raise PublicationRefused(f"{machine_sentence(error, place)} Rien n'a changé.") from None
