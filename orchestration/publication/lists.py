"""The lists of decisions that the current edition was made with: one that is gone is a loss, no decision taken back.

Without `retraits.csv`, what a person withdrew would count again. A line that was edited or deleted is a change like
another; a list that is no longer there is put back from a backup, or given up with a reason, as lost interviews are.
"""

from __future__ import annotations

from contextlib import suppress

from orchestration.errors import PublicationRefused, putting_back
from orchestration.extracts.decision_lists import LISTS
from orchestration.extracts.decisions import begin
from orchestration.files import file_sha256
from orchestration.publication.editions import Editions
from orchestration.publication.losses import Loss, accept
from orchestration.publication.lost import hold_landing, landing_lost
from orchestration.settings import Settings


def vanished(settings: Settings) -> list[str]:
    """Returns the lists that the current edition was made with and that are gone, by their place in the programme.

    Where all of `landing/` is gone, or the edition's manifest is damaged, that is told instead.
    """
    editions, landing = Editions(settings.published), settings.root / "landing"
    name = editions.current()
    if name is None or landing_lost(settings):
        return []
    with suppress(PublicationRefused, KeyError):
        entries = editions.manifest(name)["entrees"]
        return [f"landing/{one}" for one in LISTS if f"landing/{one}" in entries and not (landing / one).is_file()]
    return []


def contracts_gone(settings: Settings) -> list[str]:
    """Returns the contracts that the current edition was made with and that are gone, by their place in the programme.

    One that has another name now is not; one that was renamed and changed is, until the next edition is made.
    """
    editions = Editions(settings.published)
    with suppress(PublicationRefused, KeyError):
        if (name := editions.current()) is not None:
            entries = editions.manifest(name)["entrees"]
            there = {file_sha256(path) for path in (settings.root / "contracts").glob("*.yaml") if path.is_file()}
            told = [one for one in entries if one.startswith("contracts/") and not (settings.root / one).is_file()]
            return sorted(one for one in told if entries[one] not in there)
    return []


def hold_lists(settings: Settings, agreed: str | None = None) -> None:
    """Refuses to go on without the decisions that the current edition was made with; the caller holds the programme.

    Args:
        settings: the programme's folders.
        agreed: why they may be lost; the lists are then begun anew, and the reason is kept among accepted losses.

    Raises:
        PublicationRefused: a list is gone, and nobody agreed to lose it; or all of `landing/` is.
    """
    hold_landing(settings)
    gone = vanished(settings)
    if not gone:
        return
    edition = str(Editions(settings.published).current())
    if not agreed:
        back = ", ".join(map(putting_back, gone))
        raise PublicationRefused(
            f"{', '.join(gone)} : de ces décisions l'édition {edition} est faite, et le fichier n'est plus là ; ce qui"
            f" fut retiré ou exclu compterait à nouveau. Le reprendre d'une sauvegarde ({back}), ou, si ces décisions"
            " ne valent plus, y renoncer, motif à l'appui, par « observatoire run --accepter-les-pertes MOTIF »."
        )
    landing = settings.root / "landing"
    accept(landing, edition, [Loss("", "", 0, 0, "")], f"{', '.join(gone)} : {agreed}")
    for name in LISTS:
        if f"landing/{name}" in gone:
            begin(landing, name)
