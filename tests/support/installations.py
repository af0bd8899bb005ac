"""A published programme with two editions, as a backup finds it, and all that a tree of files is."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import tarfile
from pathlib import Path

import dagster as dg
import duckdb

from orchestration.files import file_sha256, write_json
from orchestration.installation.backup import LastBackup, note_backup
from orchestration.operation.outcomes import now
from orchestration.publication.editions import DATABASE, Editions
from orchestration.reporting.printed import LETTER, LIST, PAGE, leaflets_folder, point, seal, show
from orchestration.settings import Settings
from tests.support.demo import next_edition, observatoire
from tests.support.small import published

# what a backup leaves out, and what opening a journal leaves beside it
_MADE_AGAIN = ("lake", "quarantine", "warehouse")
_LEFT = ("-wal", "-shm", "dagster.yaml", "terminal.yaml")


def two_editions(root: Path) -> Path:
    """The small programme, published; a second edition, whose number is the higher one, is current."""
    published(root)
    editions = Editions(root / "published")
    before, after = next_edition(editions)
    manifest = editions.manifest(after)
    manifest["edition"], manifest["empreinte"] = after, "0" * 64
    with duckdb.connect(str(editions.folder(after) / DATABASE)) as connection:
        connection.execute("update observatoire.meta_edition set empreinte = ?", ["0" * 64])
    manifest["fichiers"][DATABASE] = file_sha256(editions.folder(after) / DATABASE)
    write_json(manifest, editions.folder(after) / "manifeste.json")
    for folder in (root / "reports", leaflets_folder(editions)):
        shutil.copytree(folder / before, folder / after)
    apports = root / "lake" / "apports"
    shutil.copyfile(apports / f"{before}.json", apports / f"{after}.json")
    editions.switch(after)
    show(editions, after, root / "reports")
    return root


def sound(root: Path) -> Path:
    """The same, of which a backup was made: `doctor` has nothing to say of it."""
    two_editions(root)
    note_backup(Settings(root), LastBackup(now(), "ailleurs/observatoire.tar"))
    return root


def flip(path: Path) -> None:
    """Changes one bit in the middle of a file, as a worn disk does."""
    path.chmod(0o644)
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)


def save_into(root: Path, folder: Path, code: int = 0) -> Path:
    """Backs a programme up into a folder, made if need be, and returns the file; `code` is what the command ends with."""
    folder.mkdir(exist_ok=True)
    done = observatoire(root, "backup", str(folder))
    assert done.returncode == code, (done.stdout, done.stderr)
    return max(folder.glob("*.tar"))


def restore_into(file: Path, root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Restores a backup as a programme, and returns how the command ended."""
    return observatoire(root.parent, "restore", str(file), "--data", str(root), *options)


def print_by_hand(settings: Settings, edition: str) -> None:
    """Puts in place what stands for the page, the letter and no leaflet of an edition, sealed and linked."""
    report, leaflets = settings.reports / edition, leaflets_folder(Editions(settings.published)) / edition
    write_json([], leaflets / LIST)
    for path in (report / PAGE, report / LETTER):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    seal(report, LETTER)
    for folder in (report, leaflets):
        seal(folder)
        point(folder.parent, edition)


def tree(root: Path) -> dict[str, tuple[object, ...]]:
    """What stands in a folder, but for what is made again: kind, permissions, bytes, what a link says, time of a file."""
    found: dict[str, tuple[object, ...]] = {}
    for at, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(at) / name
            place, status = path.relative_to(root), path.lstat()
            apart = place.parts[0] in _MADE_AGAIN and place.parts[:2] != ("lake", "apports")
            if apart or (place.parts[0] == ".dagster" and name.endswith(_LEFT)) or place == Path("lake"):
                continue
            mode = stat.S_IMODE(status.st_mode)
            if path.is_symlink():
                found[str(place)] = "lien", os.readlink(path)  # noqa: PTH115
            elif path.is_dir():
                found[str(place)] = "dossier", mode
            elif path.suffix == ".db":
                found[str(place)] = "journal", mode
            else:
                found[str(place)] = "fichier", mode, file_sha256(path), status.st_mtime_ns
    return found


def runs(root: Path) -> set[tuple[str, str]]:
    """Dagster's runs and how they ended, as its own storage tells them."""
    with dg.DagsterInstance.from_config(str(root / ".dagster")) as instance:
        return {(run.run_id, run.status.value) for run in instance.get_runs()}


def repacked(file: Path, target: Path, more: str = "", *, link: str = "", follow: bool = False, **said: object) -> None:
    """Writes a backup anew: with a member more, a file or a link, a list that says something else, or as a tool that follows links."""
    with tarfile.open(file) as old, tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as new:
        body = json.loads(old.extractfile("manifeste.json").read())  # type: ignore[union-attr]
        for info in old:
            content: io.BufferedIOBase | None = old.extractfile(info) if info.isreg() else None  # type: ignore[assignment]
            if follow and info.issym():
                info.type, info.linkname = tarfile.DIRTYPE, ""
            if info.name == "manifeste.json" and more:
                added, entry = tarfile.TarInfo(more), {"nom": more, "mode": 0o600}
                if link:
                    added.type, added.linkname = tarfile.SYMTYPE, link
                    entry |= {"genre": "lien", "cible": link}
                else:
                    added.size = 1
                    entry |= {"genre": "fichier", "octets": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
                body["entrees"].append(entry)
                new.addfile(added, io.BytesIO(b"x"))
            told = json.dumps({**body, **said}).encode()
            if info.name == "manifeste.json":
                info.size, content = len(told), io.BytesIO(told)
            if info.name == "manifeste.sha256":
                content = io.BytesIO(hashlib.sha256(told).hexdigest().encode())
            new.addfile(info, content)
