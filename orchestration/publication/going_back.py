"""Which edition a rollback comes back to, and what it writes down: the edition that is left is set aside."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from orchestration.errors import PublicationRefused, putting_back
from orchestration.publication.agreement import made_of
from orchestration.publication.aside import put_aside, unwanted, why_aside
from orchestration.publication.editions import DATABASE, Editions
from orchestration.publication.whole import DamagedEdition


@dataclass(frozen=True)
class Choice:
    """The edition to come back to.

    Attributes:
        edition: its name; it is whole.
        passed: the nearer ones that were not taken, each with the reason.
    """

    edition: str
    passed: tuple[str, ...] = ()


def named(editions: Editions, edition: str) -> Choice:
    """Returns the edition that a person named; raises a PublicationRefused where it is not there, or not whole."""
    try:
        editions.check_all(edition)
    except DamagedEdition as error:
        place = editions.folder(edition).relative_to(editions.root.parent)
        remedy = f"reprendre l'édition d'une sauvegarde ({putting_back(place.as_posix())}), ou revenir à une autre"
        raise DamagedEdition(error.found, error.remedy or remedy) from None
    return Choice(edition)


def earlier(editions: Editions, printed: Collection[str] = ()) -> Choice:
    """Returns the last edition before the current one that is whole, with other figures where there is one.

    What was set aside is come back to only where it is named. Where readers see no edition, it is one that the links of
    what is printed still lead to, or else the last one.

    Args:
        editions: the published folder.
        printed: the editions that the links of what is printed lead to.

    Raises:
        PublicationRefused: there is none; the sentence says why each that is there cannot be taken.
    """
    current, aside = editions.current(), why_aside(editions.root)
    if current is not None and current not in aside and aside.keys() & set(printed):
        # A rollback was interrupted: readers see its edition, and the prints of the one that it left.
        return Choice(current)
    before, after = _around(editions, printed)
    passed = [f"{path} ne se lit pas, faute de droits" for path in editions.closed()]
    for name in before:
        if name in aside:
            passed.append(f"{name} a été {aside[name]}")
        elif (damage := _damage(editions, name)) is not None:
            passed.append(f"{name} est abîmée ({damage})")
        else:
            return Choice(name, tuple(passed))
    said = f"ne peut être remise en place : {' ; '.join(passed)}" if passed else "n'est gardée"
    left = next((n for n in _last_resorts(before, after, aside) if _damage(editions, n) is None), None)
    if left is None:
        raise PublicationRefused(f"Aucune édition antérieure {said} ; restaurer une sauvegarde.")
    why = f"qui a été {aside[left]}" if left in aside else "plus récente"
    raise PublicationRefused(
        f"Aucune édition antérieure {said} ; restaurer une sauvegarde, ou remettre {left}, {why}, en la nommant :"
        f" « observatoire rollback {left} »."
    )


def whole_and_wanted(editions: Editions, printed: Collection[str] = ()) -> str | None:
    """Returns the edition to lead readers to where the current one is damaged or gone; None where none is whole.

    It is the nearest before it, or else after it, that nobody set aside.
    """
    aside = unwanted(editions.root)
    candidates = [name for names in _around(editions, printed) for name in names if name not in aside]
    return next((name for name in candidates if _damage(editions, name) is None), None)


def _around(editions: Editions, printed: Collection[str]) -> tuple[list[str], list[str]]:
    """Returns the editions before the current one, the one to come back to first at the head, and those after it."""
    nearest, current = editions.names()[::-1], editions.current()
    if current is None:
        return sorted(nearest, key=lambda name: name not in printed), []
    place, figures = nearest.index(current), editions.figures(current)
    before = sorted(nearest[place + 1 :], key=lambda name: editions.figures(name) == figures)
    return before, nearest[:place][::-1]


def _last_resorts(before: list[str], after: list[str], aside: Collection[str]) -> list[str]:
    return sorted([*after, *(name for name in before if name in aside)], key=lambda name: name in aside)


def _damage(editions: Editions, name: str) -> str | None:
    """Returns what is wrong with an edition; None where it is whole."""
    try:
        editions.check_all(name)
    except DamagedEdition as error:
        return error.found
    except PublicationRefused as error:
        return str(error)
    return None


def go_back(editions: Editions, choice: Choice, reason: str) -> tuple[str | None, bool]:
    """Sets the current edition aside and leads readers to another.

    Args:
        editions: the published folder.
        choice: the edition to come back to.
        reason: why the current one is left; may be blank.

    Returns:
        the edition that was current, and whether what it was made from could be set aside: not where nothing in it
        says that any more.
    """
    before, wanted = editions.current(), str(editions.manifest(choice.edition)["empreinte"])
    left = before if before != choice.edition else None
    left_of = _made_of(editions, left) if left is not None else None
    # written first: an interruption between the two leaves readers where they were, and the next run publishes nothing
    put_aside(editions.root, left, left_of, wanted, reason)
    editions.switch(choice.edition)
    return before, left is None or left_of is not None


def _made_of(editions: Editions, edition: str) -> str | None:
    """Returns the fingerprint of what an edition was made from; None where no file of it says so any more."""
    if (told := made_of(editions.folder(edition), DATABASE)) is not None:
        return told
    try:
        return str(editions.manifest(edition)["empreinte"])
    except PublicationRefused:
        return None
