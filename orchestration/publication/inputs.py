"""All that an edition is made from, written down and fingerprinted before dbt runs."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from orchestration.extracts.control_tables import write_control_tables
from orchestration.extracts.decision_lists import EXCLUSIONS, LOSSES, WITHDRAWALS
from orchestration.extracts.differences import write_differences
from orchestration.extracts.election import install
from orchestration.extracts.inventory import Inventory
from orchestration.extracts.lake import Lake, write_parquet
from orchestration.files import file_sha256
from orchestration.programme import Programme
from orchestration.programme.pictures import report_pictures
from orchestration.programme.stories import FOLDER as STORIES
from orchestration.publication.editions import FIGURES, Editions
from orchestration.publication.lost import traces
from orchestration.settings import PROJECT, dbt_fingerprint

# the revision of a project that is no git checkout
UNKNOWN = "inconnue"

# what of a lot says how it was read and what became of it, and nothing of its figures
_FATE = ("fichier", "statut", "motif", "non_proposees")


@dataclass(frozen=True)
class Inputs:
    """The edition being prepared and the fingerprint of what goes into it."""

    edition: str
    fingerprint: str
    revision: str


def fingerprint(programme: Programme, inventory: Inventory) -> str:
    """Returns what tells everything the published tables depend on: 64 hexadecimal digits.

    The first half tells what figures are made from: answers in force, reference files, programme.yaml, dbt project and
    code. The second tells the rest, which is published too: what became of every delivery, and why. So two editions can
    be told to have the same figures. How a delivery was read is no part of either: read again by other code, the same
    answers with the same fate make no other edition.
    """
    return _figures(programme, inventory)[:FIGURES] + _fates(inventory)[:FIGURES]


def _figures(programme: Programme, inventory: Inventory) -> str:
    digest = hashlib.sha256(dbt_fingerprint(programme.settings).encode())
    in_force = (*sorted(inventory.election.elected.items()), *sorted(inventory.election.scores.items()))
    for (wave, organisme), (record, lot) in in_force:
        told = {name: value for name, value in asdict(lot).items() if name not in _FATE}
        digest.update(f"{wave}|{organisme}|{record.institut}|{json.dumps(told, sort_keys=True)}\n".encode())
    digest.update(json.dumps([[*key, reason] for key, reason in sorted(inventory.excluded.items())]).encode())
    files = [programme.root / "programme.yaml", *sorted((programme.root / "reference").glob("*.csv"))]
    files += sorted(
        p
        for folder in ("plausibility", "publication", "reporting")
        for p in (PROJECT / "orchestration" / folder).rglob("*")
        if "__pycache__" not in p.parts
    )
    files += sorted((PROJECT / "expectations").glob("*"))
    files += sorted({*(programme.root / STORIES).glob("*/*"), *report_pictures(programme)})
    for path in files:
        if path.is_file():
            # where it lies counts too: a story of another folder is printed at another place
            top = programme.root if path.is_relative_to(programme.root) else PROJECT
            digest.update(path.relative_to(top).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _fates(inventory: Inventory) -> str:
    digest = hashlib.sha256()
    in_force = (*sorted(inventory.election.elected.items()), *sorted(inventory.election.scores.items()))
    for (wave, organisme), (record, _) in in_force:
        digest.update(f"{wave}|{organisme}|{record.livraison}\n".encode())
    for record in sorted(inventory.records, key=lambda r: r.livraison):
        told = {name: value for name, value in record.as_json().items() if name != "empreinte_extraction"}
        digest.update(json.dumps(told, sort_keys=True).encode())
    digest.update(json.dumps(dict(inventory.withdrawn), sort_keys=True).encode())
    for key, candidate in sorted(inventory.election.candidates.items()):
        digest.update(f"{key}|{candidate.suites}\n".encode())
    return digest.hexdigest()


def prepare_inputs(programme: Programme, inventory: Inventory) -> Inputs:
    """Installs the answers in force, writes the control tables and the row that identifies the edition to come."""
    lake = Lake(programme.root)
    install(inventory.election, lake)
    write_control_tables(inventory, write_differences(inventory.election, lake, programme), programme)
    final = {r["vague"] for r in programme.rows("vagues") if r["etat"] == "definitive"}
    wave = programme.config.vague_courante
    edition = Editions(programme.settings.published).next_number(
        wave, final=wave in final, taken=traces(programme.settings)
    )
    inputs = Inputs(edition, fingerprint(programme, inventory), revision())
    files = {d.id: d.sources for d in inventory.deliveries}
    sources = {
        f"landing/{name}": sha256
        for record in inventory.records
        for name, sha256 in files.get(record.livraison, {record.fichier: record.sha256}).items()
    }
    told = {*declared(programme.root), *report_pictures(programme)}
    sources |= {path.relative_to(programme.root).as_posix(): file_sha256(path) for path in sorted(told)}
    row = {
        "edition": inputs.edition,
        "publiee_le": dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0),
        "revision": inputs.revision,
        "empreinte": inputs.fingerprint,
        "entrees": json.dumps(
            [{"fichier": name, "sha256": sha256} for name, sha256 in sorted(sources.items())], ensure_ascii=False
        ),
    }
    write_parquet(pl.DataFrame([row], schema_overrides={"publiee_le": pl.Datetime("us")}), lake.table("edition"))
    return inputs


def declared(root: Path) -> list[Path]:
    """Returns the files that say what a programme is and what was decided in it: all its inputs but the deliveries."""
    patterns = ("programme.yaml", "reference/*.csv", "contracts/*.yaml", f"{STORIES}/*/*", f"landing/{WITHDRAWALS}",
                f"landing/{EXCLUSIONS}", f"landing/{LOSSES}")  # fmt: skip
    return sorted(path for pattern in patterns for path in root.glob(pattern) if path.is_file())


def revision() -> str:
    """Returns the project's git revision, marked `+` when files differ from it, or `inconnue` outside a checkout."""

    def git(*args: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "-C", str(PROJECT), *args], capture_output=True, text=True, check=True, timeout=10
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip()

    head = git("rev-parse", "--short=12", "HEAD")
    if head is None or not (Path(PROJECT) / ".git").exists():
        return UNKNOWN
    # where git does not answer, nobody knows that nothing differs
    return head if git("status", "--porcelain", "--untracked-files=no") == "" else f"{head}+"
