"""Whether the folders of an installation are folders, can be written to by who runs, and are closed to others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from orchestration.accounts import is_protected, may_write, owner, running
from orchestration.files import special_files
from orchestration.folder import engulfed, unmounted
from orchestration.installation.findings import Finding, Health, refused, some, taking_back
from orchestration.installation.restore import interrupted
from orchestration.installation.rights import (
    exports_open,
    foreign,
    open_to_all,
    replaced,
    unwritable,
    writable_by_all,
)
from orchestration.operation.underway import is_over, left
from orchestration.publication.lost import landing_lost
from orchestration.settings import PROGRAMME_FILE, UNDERWAY, Settings, in_production
from orchestration.words import Words


def specials(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields the pipes, sockets and devices among the files that commands read: reading one would never end."""
    found = [path.relative_to(settings.root).as_posix() for path in special_files(settings.root)]
    if found:
        said = words.say("sante_speciaux", fichiers=some(found), n=len(found))
        yield Finding("dossiers", Health.FAULT, said, words.say("sante_speciaux_faire"))


def half_restored(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields that a restoration was interrupted while it put things in place: what is not there yet is no damage."""
    if (begun := interrupted(settings.root)) is not None:
        said = words.say("sante_restauration_arretee", dossier=settings.root / UNDERWAY)
        remedy = words.say("sante_restauration_achever", fichier=begun.get("source", ""))
        yield Finding("dossiers", Health.FAULT, said, remedy)


def lost_links(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields the links to folders of another disk that is not mounted: nothing else can be told until it is."""
    for path in unmounted(settings.root):
        said = words.say("sante_lien_perdu", lien=path, cible=path.readlink())
        yield Finding("dossiers", Health.FAULT, said, words.say("sante_lien_perdu_faire"))


def lost_landing(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields that all of `landing/` is gone: what would be told of each delivery has one remedy."""
    # where its folders are closed, those who look at rights tell
    with suppress(PermissionError):
        if landing_lost(settings):
            said = words.say("sante_landing_perdu", dossier=settings.root / "landing")
            remedy = words.say("sante_landing_perdu_faire", commande=taking_back(words, "landing"))
            yield Finding("dossiers", Health.FAULT, said, remedy)


def folders(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields what keeps the account that runs from working there, and what others may do there."""
    found = [*_broken(settings, words), *_not_ours(settings, words), *_open(settings, words)]
    yield from found
    if not found:
        yield Finding("dossiers", Health.SOUND, words.say("sante_dossiers"))


def _broken(settings: Settings, words: Words) -> Iterator[Finding]:
    for folder in left(settings.root):
        said = words.say("sante_restauration", dossier=folder)
        if is_over(settings.root):
            remedy = words.say("sante_restauration_faire", commande=f"chattr -R -i -a {folder}")
            yield Finding("dossiers", Health.WATCH, said, remedy)
        else:
            remedy = words.say("sante_restauration_reprendre", fichier=settings.root / PROGRAMME_FILE)
            yield Finding("dossiers", Health.FAULT, said, remedy)
    for said in engulfed(settings.root):
        yield refused("dossiers", Health.FAULT, said, words)
    for path, made_again in replaced(settings):
        name = "sante_pas_dossier_faire" if made_again else "sante_pas_dossier_reprendre"
        remedy = words.say(name, commande=taking_back(words, path.name))
        yield Finding("dossiers", Health.FAULT, words.say("sante_pas_dossier", chemin=path), remedy)


def _not_ours(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields the first reason why a run could not write there: the disk, the account of the command, that of a file."""
    whose = owner(settings.root) or ""
    if locked := unwritable(settings):
        said = words.say("sante_lecture_seule", dossiers=some(list(map(str, locked))))
        yield Finding("dossiers", Health.FAULT, said, words.say("sante_lecture_seule_faire", dossier=locked[0]))
    elif running() != whose and not may_write(settings.root):
        said = words.say("sante_compte", compte=running(), dossier=settings.root, proprietaire=whose)
        yield Finding("dossiers", Health.FAULT, said, words.say("sante_compte_faire", proprietaire=whose))
    elif (strange := foreign(settings)) is not None:
        remedy = words.say("sante_droits_faire", dossier=settings.root)
        if is_protected(strange):
            remedy = words.say("sante_protege_faire", commande=f"chattr -R -i -a {strange}")
        said = words.say("sante_droits", chemin=strange)
        yield Finding("dossiers", Health.FAULT, said, remedy)


def _open(settings: Settings, words: Words) -> Iterator[Finding]:
    readable = open_to_all(settings) if in_production() else []
    for name, remedy, state, paths in (
        ("sante_inscriptibles", "sante_inscriptibles_faire", Health.FAULT, writable_by_all(settings)),
        ("sante_export_ouvert", "sante_export_ouvert_faire", Health.FAULT, exports_open(settings)),
        ("sante_ouverts", "sante_ouverts_faire", Health.WATCH, readable),
    ):
        if paths:
            said = words.say(name, chemins=some(list(map(str, paths))), n=len(paths))
            yield Finding("dossiers", state, said, words.say(remedy, dossier=paths[0]))
