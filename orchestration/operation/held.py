"""What every run holds the programme to before it reads or publishes anything, whoever submits it."""

from __future__ import annotations

from orchestration.publication.editions import Editions
from orchestration.publication.lists import hold_lists
from orchestration.publication.lost import hold_not_lost
from orchestration.publication.owner import hold_alone, mark_again
from orchestration.reporting.printed import current_links
from orchestration.settings import Settings


def hold_whole(settings: Settings, agreed: str | None) -> None:
    """Holds that readers are led by links, that the folder is this installation's own, and that nothing is lost.

    Where all that holds, a mark of the installation that was lost is written anew.

    Args:
        settings: the programme's folders.
        agreed: why interviews or decisions may be lost; None when nobody agreed to lose any.

    Raises:
        PublicationRefused: one of them does not hold; readers see what they saw.
    """
    Editions(settings.published).hold_links(current_links(settings))
    hold_alone(settings)
    hold_not_lost(settings)
    hold_lists(settings, agreed)
    mark_again(settings)
