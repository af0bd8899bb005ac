"""What to do about an edition that is damaged or gone: a remedy is told only where it works as things stand."""

from __future__ import annotations

from orchestration.errors import ObservatoireError
from orchestration.extracts.inventory import take_inventory
from orchestration.installation.findings import Finding, Health, taking_back
from orchestration.programme import load_programme
from orchestration.publication.aside import set_aside
from orchestration.publication.editions import DATABASE, Editions
from orchestration.publication.going_back import whole_and_wanted
from orchestration.publication.inputs import fingerprint
from orchestration.publication.lost import lost, told
from orchestration.publication.numbers import NAME
from orchestration.reporting.printed import printed
from orchestration.settings import Settings
from orchestration.words import Words


def shown_nothing(settings: Settings, words: Words) -> Finding:
    """Returns why readers are led to no edition, and what leads them to one."""
    editions, gone = Editions(settings.published), lost(settings)
    if not gone and not editions.names() and not editions.incomplete():
        return Finding("liens", Health.WATCH, words.say("sante_sans_edition"), words.say("sante_relancer"))
    back = whole_and_wanted(editions, printed(settings))
    if gone:
        said = words.say("sante_perdues", dossier=editions.store, editions=told(gone), n=len(gone))
        # what a rollback set aside, a run publishes only where a person says so
        again = "sante_perdues_ecartees" if _wanted(settings) is False else "sante_perdues_faire"
        name = again if back is None else "sante_perdues_revenir"
        restored = edition_taken_back(words, gone[0]) if len(gone) == 1 else taking_back(words)
        return Finding("liens", Health.FAULT, said, words.say(name, edition=back, commande=restored))
    if (editions.link / DATABASE).is_file():
        said = words.say("sante_sans_manifeste", lien=editions.link)
        remedy = _made_again(settings, words) if back is None else _led_back(editions, back, words)
        return Finding("liens", Health.FAULT, said, remedy)
    said = words.say("sante_sans_lien", lien=editions.link)
    if back is None:
        return Finding("liens", Health.FAULT, said, _made_again(settings, words))
    return Finding("liens", Health.FAULT, said, words.say("sante_sans_lien_faire", edition=back))


def for_current(settings: Settings, words: Words) -> str:
    """Returns what to do where the current edition is damaged."""
    editions = Editions(settings.published)
    back = whole_and_wanted(editions, printed(settings))
    if back is None or _wanted(settings):
        return _made_again(settings, words)
    return _led_back(editions, back, words)


def edition_taken_back(words: Words, edition: str) -> str:
    """Returns the command that puts an edition of a backup back, as remedies quote it."""
    return taking_back(words, "published", "editions", edition)


def _led_back(editions: Editions, back: str, words: Words) -> str:
    return words.say("sante_edition_revenir", edition=back, commande=_current_taken_back(editions, words))


def _made_again(settings: Settings, words: Words) -> str:
    back, wanted = _current_taken_back(Editions(settings.published), words), _wanted(settings)
    if wanted is None:
        return words.say("sante_edition_sauvegarde", commande=back)
    return words.say("sante_edition_faire" if wanted else "sante_edition_ecartee", commande=back)


def _current_taken_back(editions: Editions, words: Words) -> str:
    """Returns the command that puts back the edition that readers are led to; all of a backup where no link says."""
    led_to = editions.link.readlink().name if editions.link.is_symlink() else ""
    return edition_taken_back(words, led_to) if NAME.match(led_to) else taking_back(words)


def _wanted(settings: Settings) -> bool | None:
    """Returns whether the next run would publish what the inputs make; None where the programme cannot be read."""
    try:
        programme = load_programme(settings.root)
        inventory = take_inventory(programme, looking=True, registering=False)
        return set_aside(settings.published, fingerprint(programme, inventory)) is None
    except (ObservatoireError, OSError, ValueError, KeyError):
        return None
