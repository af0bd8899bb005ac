"""Whether what an edition was made from is still there as it was: deliveries by their hash, the lake by its footers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import polars as pl

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries as present_in
from orchestration.extracts.inventory import Inventory, take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.receptions import receptions
from orchestration.extracts.records import read_record
from orchestration.files import file_sha256
from orchestration.installation.findings import Finding, Health, some, taking_back
from orchestration.programme import Programme, load_programme
from orchestration.publication.aside import unwanted
from orchestration.publication.editions import Editions
from orchestration.settings import Settings
from orchestration.words import Words

# The sensor looks each minute, and registers what it sees: after an hour, nobody looks.
_UNSEEN_SECONDS = 3600
_LANDING = "landing/"
_DAY = 86_400


def lake(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields whether what was made of the deliveries can be read, and is all there: answers, records, rejects."""
    programme = load_programme(settings.root)
    inventory = take_inventory(programme, looking=True, registering=False)
    found = list(
        _told(
            "lac",
            words,
            ("sante_lac_abime", "sante_lac_faire", lambda: unread_parquet(settings)),
            ("sante_lac_ote", "sante_lac_ote_faire", lambda: uninstalled(settings)),
            ("sante_registre_ote", "sante_registre_faire", lambda: unrecorded(programme, inventory)),
            ("sante_rejets_otes", "sante_rejets_faire", lambda: rejects_gone(programme, inventory)),
        )
    )
    yield from found or [Finding("lac", Health.SOUND, words.say("sante_lac"))]


def deliveries(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields whether deliveries are as they came, all seen, and nothing else lies among them."""
    programme = load_programme(settings.root)
    # after a rollback, the edition is that of other deliveries, and a run publishes nothing by itself
    meant = "sante_livraisons_ecartee_faire" if unwanted(settings.published) else "sante_livraisons_faire"
    found = list(
        _told(
            "livraisons",
            words,
            ("sante_livraisons_changees", meant, lambda: changed_inputs(programme)),
            ("sante_livraisons_fermees", "sante_livraisons_fermees_faire", lambda: closed(programme)),
            ("sante_non_vues", "sante_non_vues_faire", lambda: unseen(programme)),
            ("sante_irreguliers", "sante_irreguliers_faire", lambda: irregular(programme)),
            ("sante_hors_vague", "sante_hors_vague_faire", lambda: of_no_wave(programme)),
        )
    )
    yield from found or [Finding("livraisons", Health.SOUND, words.say("sante_livraisons"))]


def _told(check: str, words: Words, *looks: tuple[str, str, Callable[[], list[str]]]) -> Iterator[Finding]:
    """Yields what is to watch: the sentence that names files, the one that says what to do, and how they are found."""
    for name, remedy, look in looks:
        if files := look():
            said = words.say(name, fichiers=some(files), n=len(files))
            back = taking_back(words, "landing", files[0])
            yield Finding(check, Health.WATCH, said, words.say(remedy, commande=back))


def unread_parquet(settings: Settings) -> list[str]:
    """Returns the Parquet files of the lake whose footer cannot be read; the next run reads their delivery again."""
    found = []
    for path in sorted((settings.root / "lake").rglob("*.parquet")):
        try:
            pl.read_parquet_schema(path)
        except FileNotFoundError:
            continue  # a run has just replaced it
        except (OSError, pl.exceptions.PolarsError):
            found.append(path.relative_to(settings.root).as_posix())
    return found


def uninstalled(settings: Settings) -> list[str]:
    """Returns the answers and counts in force that are gone from where dbt reads them.

    Which are in force is told by the table that dbt reads beside them, which is written once they stand there. After a
    restoration neither is there before the next publication.
    """
    lake = Lake(settings.root)
    try:
        told = pl.read_parquet(lake.table("lots"), columns=["fichier"])["fichier"].to_list()
    except (OSError, pl.exceptions.PolarsError):
        return []
    return sorted(name for name in told if not (lake.root / name).is_file())


def out_of_order(programme: Programme) -> list[str]:
    """Returns the deliveries whose time of reception is no longer in the register, or is not that of their reading."""
    lake, found = Lake(programme.root), []
    known = receptions(lake.landing, [])
    for delivery in present_in(programme, load_contracts(programme), looking=True, registering=False):
        record = read_record(lake.record(delivery.id))
        times = [known.get((delivery.wave, sha256)) for _, sha256 in delivery.contents]
        told = [time.isoformat(timespec="microseconds") for time in times if time is not None]
        if record is not None and (len(told) < len(times) or record.recue_le != max(told)):
            found.append(delivery.place)
    return sorted(found)


def unrecorded(programme: Programme, inventory: Inventory) -> list[str]:
    """Returns the deliveries of the current edition whose record is gone or damaged: the next run reads them again.

    After a restoration there is no record of any before the next run, and no table of those in force either.
    """
    lake = Lake(programme.root)
    if not lake.table("lots").is_file():
        return []
    published = set(_made_from(programme).values())
    return sorted(
        delivery.place
        for delivery in inventory.stale
        if published.issuperset(sha256 for _, sha256 in delivery.contents)
        and delivery.refusal is None
        and read_record(lake.record(delivery.id)) is None
        and not (lake.failures / f"{delivery.id}.json").exists()
    )


def rejects_gone(programme: Programme, inventory: Inventory) -> list[str]:
    """Returns the deliveries whose rejects are counted, and are no longer in quarantine.

    A purge deletes them after their time. The record was written together with them, so its own time says how old
    they would be.
    """
    lake = Lake(programme.root)
    limit = time.time() - (programme.thresholds.quarantaine_jours - 1) * _DAY
    return sorted(
        record.fichier
        for record in inventory.records
        if record.lignes_rejetees
        and not (lake.quarantine(record.livraison) / "rejets.csv").is_file()
        and lake.record(record.livraison).stat().st_mtime > limit
    )


def of_no_wave(programme: Programme) -> list[str]:
    """Returns the deliveries whose folder is of no wave of the programme: a run refuses them."""
    present = present_in(programme, load_contracts(programme), looking=True, registering=False)
    return sorted({d.place for d in present if d.wave not in programme.waves})


def irregular(programme: Programme) -> list[str]:
    """Returns what lies among the deliveries and is no ordinary file: links, folders, pipes. None is ever opened."""
    present = present_in(programme, load_contracts(programme), looking=True, registering=False)
    return sorted({d.place for d in present if d.irregular})


def changed_inputs(programme: Programme) -> list[str]:
    """Returns the deliveries that the current edition was made from and that are gone, or other bytes now.

    A delivery that was replaced by another of the same name is among them until a run has read the new one.
    """
    landing = Lake(programme.root).landing
    # A name that cannot be shown as it is was written otherwise in the manifest; its hash is found all the same.
    there = set()
    for path in landing.glob("*/*"):
        # what this account cannot read is told as a delivery that nobody can
        with suppress(PermissionError):
            there |= {file_sha256(path)} if path.is_file() else set()
    changed = {name for name, sha256 in _made_from(programme).items() if "/" in name and sha256 not in there}
    return sorted(changed.difference(closed(programme)))


def closed(programme: Programme) -> list[str]:
    """Returns the deliveries that this account cannot read: nobody knows whether they are as they came."""
    landing = Lake(programme.root).landing
    found = (path for path in landing.glob("*/*") if path.is_file() and not os.access(path, os.R_OK))
    return sorted(path.relative_to(landing).as_posix() for path in found)


def gone(programme: Programme) -> list[str]:
    """Returns the deliveries that the current edition was made from and that are gone, with nothing in their place."""
    landing = Lake(programme.root).landing
    return [name for name in changed_inputs(programme) if not (landing / name).exists()]


def _made_from(programme: Programme) -> dict[str, str]:
    """Returns the files of `landing/` that the current edition was made from, and the SHA-256 of each."""
    editions = Editions(programme.settings.published)
    edition = editions.current()
    if edition is None:
        return {}
    entries: dict[str, str] = editions.manifest(edition)["entrees"]
    return {name.removeprefix(_LANDING): sha256 for name, sha256 in entries.items() if name.startswith(_LANDING)}


def unseen(programme: Programme) -> list[str]:
    """Returns the deliveries that have lain there for long and that neither sensor nor run has registered."""
    landing = Lake(programme.root).landing
    present = present_in(programme, load_contracts(programme), looking=True, registering=False)
    known = {sha256 for _, sha256 in receptions(landing, [])}
    found = {
        f"{delivery.wave}/{path.name}"
        for delivery in present
        for path, sha256 in delivery.contents
        if sha256 not in known and time.time() - path.lstat().st_ctime > _UNSEEN_SECONDS
    }
    return sorted(found)
