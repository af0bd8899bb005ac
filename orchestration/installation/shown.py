"""Whether readers find what was published and printed for them, whole, and nothing that somebody else put there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from orchestration.accounts import is_protected
from orchestration.errors import ObservatoireError
from orchestration.files import file_sha256
from orchestration.ignored import is_ignored
from orchestration.installation.findings import Finding, Health, refused, some, taking_back
from orchestration.installation.remedies import edition_taken_back, for_current, shown_nothing
from orchestration.installation.rights import shut
from orchestration.machine import machine_refusal
from orchestration.operation.locks import holder
from orchestration.publication.aside import ASIDE, unwanted
from orchestration.publication.editions import Editions
from orchestration.publication.lost import LEAFLETS, RENOUNCED, lost, renounced
from orchestration.publication.numbers import NAME
from orchestration.publication.owner import MARK
from orchestration.publication.whole import INTERVIEWS, DamagedEdition
from orchestration.reporting.printed import (
    CURRENT,
    added,
    altered,
    current_links,
    is_printed,
    is_whole,
    leaflets_folder,
)
from orchestration.settings import Settings
from orchestration.words import Words


def links(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields whether readers are led to one whole edition, and to what is printed of it."""
    editions = Editions(settings.published)
    try:
        editions.hold_links(current_links(settings))
    except ObservatoireError as error:
        yield refused("liens", Health.FAULT, str(error), words)
        return
    if editions.current() is None:
        yield shown_nothing(settings, words)
    elif stray := editions.stray_entrances():
        path, target = next(iter(stray.items()))
        said = words.say("sante_entree", lien=path, cible=target)
        yield Finding("liens", Health.FAULT, said, f"ln -sfn {target} {path}")
    elif not is_printed(settings):
        # a link that leads nowhere is a report that readers had; without a link there is none yet
        gone = any(link.is_symlink() and not link.exists() for link in current_links(settings))
        state = Health.FAULT if gone else Health.WATCH
        yield Finding("liens", state, words.say("sante_non_imprimee"), words.say("sante_relancer"))
    else:
        yield Finding("liens", Health.SOUND, words.say("sante_liens"))


def editions(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields which editions are no longer what was published, or gone, and whether those set aside are known."""
    store = Editions(settings.published)
    found = list(_closed(store, words))
    if not any(finding.etat == Health.FAULT for finding in found):
        found += _kept(settings, words)
    yield from found
    if not found:
        said = words.say("sante_editions", n=len(store.names()), edition=store.current() or words.say("aucune_edition"))
        yield Finding("editions", Health.SOUND, said)


def _closed(store: Editions, words: Words) -> Iterator[Finding]:
    """Yields which folders of the store cannot be opened: without its rights, an edition looks like an empty folder."""
    current = store.link.readlink().name if store.link.is_symlink() else None
    for folder in store.closed():
        said = words.say("sante_edition_fermee", dossier=folder)
        state = Health.FAULT if folder.name == current else Health.WATCH
        yield Finding("editions", state, said, words.say("sante_edition_fermee_faire", dossier=folder))


def _kept(settings: Settings, words: Words) -> Iterator[Finding]:
    store, current = Editions(settings.published), Editions(settings.published).current()
    yield from _damaged(settings, store, current, words)
    yield from _lists(settings, words)
    closed = store.closed()
    for folder in (folder for folder in store.incomplete() if folder not in closed):
        said = words.say("sante_incomplete", dossier=folder)
        remedy = "sante_ancienne_faire" if NAME.match(folder.name) else "sante_incomplete_faire"
        back = edition_taken_back(words, folder.name)
        yield Finding("editions", Health.WATCH, said, words.say(remedy, dossier=folder, commande=back))
    # a run deletes leaflets last; until then it says that not all is printed
    for name in lost(settings) if is_printed(settings) else ():
        said = words.say("sante_edition_otee", edition=name, dossier=store.store)
        back = edition_taken_back(words, name)
        remedy = words.say("sante_edition_otee_faire", rapport=settings.reports / name, commande=back)
        yield Finding("editions", Health.WATCH, said, remedy)


def _damaged(settings: Settings, store: Editions, current: str | None, words: Words) -> Iterator[Finding]:
    for name in store.names():
        try:
            store.check_all(name)
        except ObservatoireError as error:
            said, remedy = (error.found, error.remedy) if isinstance(error, DamagedEdition) else (str(error), "")
            if not remedy and len(files := _altered(store, name)) > 1:
                said = words.say("sante_edition_abimee", dossier=store.folder(name), fichiers=some(files), n=len(files))
            if not remedy and name == current:
                remedy = for_current(settings, words)
            elif not remedy:
                back = edition_taken_back(words, name)
                remedy = words.say("sante_ancienne_faire", dossier=store.folder(name), commande=back)
            yield Finding("editions", Health.FAULT if name == current else Health.WATCH, said, remedy)


def _altered(store: Editions, name: str) -> list[str]:
    """Returns the files of an edition that are gone, other than what was published, or of no edition; a link is one."""
    folder = store.folder(name)
    try:
        said: dict[str, str] = store.manifest(name)["fichiers"]
    except ObservatoireError:
        return []
    paths = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    there = {path.relative_to(folder).as_posix(): path for path in paths if path != folder / "manifeste.json"}
    there = {file: path for file, path in there.items() if not any(map(is_ignored, Path(file).parts))}
    links = {file for file, path in there.items() if path.is_symlink()}
    found = {file for file, path in there.items() if file in links or file_sha256(path) != said.get(file)}
    for file in set(said) - set(there):
        above = set(map(str, Path(file).parents))
        # exported answers may be deleted before their edition; what is behind a link is told with it
        deleted = file.startswith(f"{INTERVIEWS}/") and not (folder / INTERVIEWS).exists()
        found |= {file} if not above & links and not deleted else set()
    return sorted(found)


def _lists(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields whether the lists beside the editions can be read: what readers saw, what was set aside or given up."""
    for reads in (
        Editions(settings.published).hold_list,
        lambda: unwanted(settings.published),
        lambda: renounced(settings),
    ):
        try:
            reads()
        except ObservatoireError as error:
            yield refused("editions", Health.FAULT, str(error), words)
        except PermissionError as error:
            # one that is closed to this account keeps none of the others from being looked at
            yield refused("editions", Health.FAULT, machine_refusal(error) or str(error), words)
    with suppress(ObservatoireError, OSError):
        yield from _half_rolled_back(settings, words)
    yield from _protected(settings, words)


def _protected(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields what an attribute keeps from being replaced or taken away, of the lists, editions and prints."""
    store = Editions(settings.published)
    folders = (settings.published, store.store, leaflets_folder(store), settings.reports)
    for path in (path for folder in folders for path in (folder, *sorted(folder.glob("*")))):
        if is_protected(path):
            said = words.say("sante_protege", chemin=path)
            yield Finding(
                "editions", Health.FAULT, said, words.say("sante_protege_faire", commande=f"chattr -R -i -a {path}")
            )


def _half_rolled_back(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields whether a rollback stopped before readers were led back, and whether what it set aside is known."""
    store = Editions(settings.published)
    current, there = store.current(), set(store.names())
    seen, aside = [name for name in store.seen() if name in there], settings.published / ASIDE
    if current is not None and current in unwanted(settings.published):
        said = words.say("sante_retour_interrompu", edition=current, fichier=aside)
        yield Finding("editions", Health.FAULT, said, words.say("sante_retour_interrompu_faire", edition=current))
    # A publication leads readers to the edition that is last in the list; only a rollback leads them to another.
    # One that is in no list yet was published by a run that died there: the next run lists it.
    # One with the figures of the current edition is not left to be published again: there is nothing to set aside.
    elif (
        current in seen
        and seen[-1] not in {current, *unwanted(settings.published)}
        and store.figures(seen[-1]) != store.figures(current)
    ):
        said = words.say("sante_ecartees_otees", fichier=aside, edition=seen[-1])
        back = taking_back(words, settings.published.name, ASIDE)
        remedy = words.say("sante_ecartees_otees_faire", edition=seen[-1], ancienne=current, commande=back)
        yield Finding("editions", Health.FAULT, said, remedy)


def printed(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields which prints of the editions that are kept are no longer what was printed, or hold something else."""
    store, found = Editions(settings.published), list[Finding]()
    current = store.current()
    for seal, changed in altered(settings).items():
        # Printing again would only give the damaged bytes a new seal: what mends the edition is told with it.
        of_edition = _damaged_inodes(store, seal.parent.name)
        files = [name for name in changed if _inode(seal.parent / name) not in of_edition]
        if not files:
            continue
        said = words.say("sante_imprimes_changes", dossier=seal.parent, fichiers=some(files), n=len(files))
        state = Health.FAULT if seal.parent.name == current else Health.WATCH
        remedy = "sante_imprimes_faire" if state == Health.FAULT else "sante_imprimes_anciens_faire"
        found.append(Finding("imprimes", state, said, words.say(remedy, sceau=seal)))
    # a run that prints puts files there before it seals them
    if strange := added(settings) if holder(settings) is None else []:
        files = [path.relative_to(settings.root).as_posix() for path in strange]
        said = words.say("sante_imprimes_ajoutes", fichiers=some(files), n=len(files))
        state = Health.FAULT if any(current in path.parts for path in strange) else Health.WATCH
        found.append(Finding("imprimes", state, said, words.say("sante_intrus_faire")))
    yield from found
    # of what is not printed in full the links tell, and the next run prints it
    if not found and current is not None and is_printed(settings):
        bare = [name for name in store.names() if not is_whole(store, name, settings.reports)]
        said = words.say("sante_imprimes_sans", editions=", ".join(bare)) if bare else words.say("sante_imprimes")
        yield Finding("imprimes", Health.SOUND, said)


def _damaged_inodes(store: Editions, edition: str) -> set[tuple[int, int] | None]:
    """Returns which files of an edition are damaged, by what tells a file whatever its name; prints share some."""
    folder = store.folder(edition)
    return {_inode(folder / name) for name in _altered(store, edition)} - {None}


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def readers(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields whether readers may read all that they are given, and whether their folders hold anything else."""
    closed, strange = shut(settings), strangers(settings)
    if closed:
        said = words.say("sante_fermes", chemins=some(list(map(str, closed))), n=len(closed))
        remedy = words.say("sante_fermes_faire", publie=settings.published, rapports=settings.reports)
        yield Finding("lecteurs", Health.FAULT, said, remedy)
    if strange:
        files = [path.relative_to(settings.root).as_posix() for path in strange]
        said = words.say("sante_intrus", fichiers=some(files), n=len(files))
        yield Finding("lecteurs", Health.WATCH, said, words.say("sante_intrus_faire"))
    if not closed and not strange:
        yield Finding("lecteurs", Health.SOUND, words.say("sante_lecteurs"))


def strangers(settings: Settings) -> list[Path]:
    """Returns what lies in the readers' folders and no run puts there, but for what desktop and file systems leave.

    What is inside an edition, or a print, is held by that edition's manifest or that print's seal.
    """
    store = Editions(settings.published)
    found = [
        path for path in _listed(store.root) if path.name not in {*store.own_names(), ASIDE, RENOUNCED, LEAFLETS, MARK}
    ]
    found += [path for path in _listed(store.store) if not path.is_dir()]
    for folder in (settings.reports, leaflets_folder(store)):
        named = (path for path in _listed(folder) if path.name != CURRENT)
        found += [path for path in named if path.is_symlink() or not path.is_dir() or not NAME.match(path.name)]
    return found


def _listed(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.name != "lost+found" and not is_ignored(path.name))
