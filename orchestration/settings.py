"""Where the running project finds its parts: programme folder, dbt project, dbt itself, produced folders."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from orchestration.children import bound
from orchestration.errors import ObservatoireError

PROJECT = Path(__file__).resolve().parents[1]
DATA_VARIABLE = "OBSERVATOIRE_DATA"
DBT_VARIABLE = "OBSERVATOIRE_DBT"
POSTGRES_VARIABLE = "OBSERVATOIRE_POSTGRES"
# the file that makes a folder a programme
PROGRAMME_FILE = "programme.yaml"
# what `restore` works in, inside the programme folder; there is none once a restoration is over
UNDERWAY = ".restauration"
# in a programme folder while a wave is being opened: which files are ready beside their place
OPENING = ".vague-ouverte.json"


def default_root() -> Path:
    """Returns the programme folder the environment names, or the one shipped with the project."""
    named = os.environ.get(DATA_VARIABLE)
    return Path(named) if named else PROJECT / "data"


def in_production() -> bool:
    """Returns whether Dagster keeps its journals in PostgreSQL: there, and only there, it works unattended."""
    return bool(os.environ.get(POSTGRES_VARIABLE))


@dataclass(frozen=True)
class Settings:
    """Paths of one programme on one machine."""

    root: Path

    @classmethod
    def from_environment(cls) -> Settings:
        """Returns the settings of the programme the environment names."""
        return cls(default_root().resolve())

    @property
    def dbt_project(self) -> Path:
        """The dbt project."""
        return PROJECT / "dbt_project"

    @property
    def warehouse(self) -> Path:
        """The file dbt writes; no reader opens it."""
        return self.root / "warehouse" / "observatoire.duckdb"

    @property
    def candidate(self) -> Path:
        """The publication candidate, made anew for each build."""
        return self.root / "warehouse" / "candidat.duckdb"

    @property
    def published(self) -> Path:
        """The folder readers are pointed at."""
        return self.root / "published"

    @property
    def reports(self) -> Path:
        """The folder of reports, one folder per edition."""
        return self.root / "reports"

    @property
    def dbt_target(self) -> Path:
        """Where dbt leaves its artefacts."""
        return self.root / "warehouse" / "dbt"

    @property
    def checks(self) -> Path:
        """Where the documentation of the plausibility checks is built, every value in it."""
        return self.root / "warehouse" / "controles"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage for this programme; it can be deleted."""
        return self.root / ".dagster"

    @property
    def written(self) -> list[Path]:
        """The folders that a run writes to, each perhaps on a disk of its own."""
        home = Path(self.environment()["DAGSTER_HOME"])
        return [self.root, self.warehouse.parent, self.published, self.reports, home]

    @cached_property
    def dbt_executable(self) -> str:
        """The dbt of the project's own environment, the one OBSERVATOIRE_DBT names, or the one on the PATH.

        Raises:
            ObservatoireError: dbt is nowhere to be found.
        """
        named = os.environ.get(DBT_VARIABLE)
        beside = [PROJECT / ".venv-dbt" / "bin" / "dbt", Path(sys.executable).with_name("dbt")]
        for place in [Path(named)] if named else beside:
            if place.is_file():
                return str(place)
        found = shutil.which("dbt")
        if found is None:
            raise ObservatoireError(
                f"dbt est introuvable ; « make run » l'installe, {DBT_VARIABLE} désigne un exécutable qui l'est déjà."
            )
        return found

    def environment(self) -> dict[str, str]:
        """Returns the variables dbt and Dagster read."""
        return {
            DATA_VARIABLE: str(self.root),
            "OBSERVATOIRE_SEEDS": os.path.relpath(self.root / "reference", self.dbt_project),
            "DBT_TARGET_PATH": str(self.dbt_target),
            "DBT_LOG_PATH": str(self.dbt_target),
            # a line for each statement costs a fifth of dbt's time; who looks for a fault in dbt asks for them
            "DBT_LOG_LEVEL_FILE": os.environ.get("DBT_LOG_LEVEL_FILE", "info"),
            "DAGSTER_HOME": os.environ.get("DAGSTER_HOME") or str(self.dagster_home),
            # dbt runs models side by side already; more threads within one only wait for each other
            "OPENBLAS_NUM_THREADS": "1",
        }

    def prepare(self) -> None:
        """Makes the produced folders, and gives Dagster its home with a versioned dagster.yaml, production's or not."""
        for folder in (self.warehouse.parent, self.published, self.reports, self.dbt_target, self.dagster_home):
            folder.mkdir(parents=True, exist_ok=True)
        configuration = self.dagster_home / "dagster.yaml"
        shipped = PROJECT / "deploy" / "dagster.yaml" if in_production() else PROJECT / "dagster.yaml"
        if not configuration.is_symlink() or configuration.readlink() != shipped:
            # services start together: none may find the file gone, nor stumble over another's
            made = configuration.with_name(f".dagster.yaml.{os.getpid()}")
            made.unlink(missing_ok=True)
            made.symlink_to(shipped)
            made.replace(configuration)


def dbt_fingerprint(settings: Settings) -> str:
    """Returns the SHA-256 of the dbt project's files: what a manifest was made from."""
    digest = hashlib.sha256(str(settings.dbt_project).encode())
    # what running the project leaves in it
    skipped = {"target", "logs", "dbt_packages", "__pycache__"}
    files = (
        p
        for p in settings.dbt_project.rglob("*")
        if p.is_file() and not skipped & set(p.relative_to(settings.dbt_project).parts)
    )
    for path in sorted(files):
        digest.update(str(path.relative_to(settings.dbt_project)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def ensure_manifest(settings: Settings) -> Path:
    """Returns dbt's manifest for this programme, parsing the project when its files have changed since.

    Services that start together ask at the same time: one parses, the others wait for it. Otherwise one would read what
    another's dbt has half written, and Dagster never loads again a code location that it failed to load.

    Raises:
        ObservatoireError: dbt cannot parse the project.
    """
    manifest = settings.dbt_target / "manifest.json"
    stamp = settings.dbt_target / "manifest.empreinte"
    with _parsing(settings):
        fingerprint = dbt_fingerprint(settings)
        if manifest.is_file() and stamp.is_file() and stamp.read_text("utf-8") == _stamp(fingerprint, manifest):
            return manifest
        settings.prepare()
        project = str(settings.dbt_project)
        command = [settings.dbt_executable, "parse", "--quiet", "--project-dir", project, "--profiles-dir", project]
        environment = {**os.environ, **settings.environment()}
        done = subprocess.run(bound(command), env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0 or not manifest.is_file():
            if not os.access(_SHARED_MEMORY, os.W_OK):
                raise ObservatoireError(
                    f"dbt ne démarre pas : {_SHARED_MEMORY} n'est pas inscriptible à ce compte ; le lui ouvrir"
                    f" (chmod 1777 {_SHARED_MEMORY}), puis relancer."
                )
            lines = (done.stdout + done.stderr).strip().splitlines()
            # of a traceback, its last line is what happened
            said = " ".join(" ".join(lines[-1:] if "Traceback" in done.stderr else lines).split())[-600:]
            raise ObservatoireError(lacking_module(said) or f"dbt ne lit pas le projet : {said}")
        stamp.write_text(_stamp(fingerprint, manifest), encoding="utf-8")
    return manifest


def lacking_module(said: str) -> str | None:
    """Returns that a module is not in the environment, as a sentence with the remedy; None where nothing says so."""
    if (found := re.search(r"No module named '?([\w.]+)", said)) is None:
        return None
    return (
        f"Il manque un module à l'environnement de Python ({found[1]}) : l'effacer et le refaire (dans {PROJECT},"
        " « rm -rf .venv .venv-dbt && scripts/bootstrap.sh run »), puis relancer."
    )


def parse_meanwhile(settings: Settings) -> None:
    """Starts making the manifest while something else is done; `ensure_manifest` waits for it and says what fails."""

    def parse() -> None:
        with contextlib.suppress(ObservatoireError, OSError):
            ensure_manifest(settings)

    threading.Thread(target=parse, daemon=True).start()


_PARSING = threading.Lock()
# where processes of one machine share memory; dbt asks for some as it starts
_SHARED_MEMORY = "/dev/shm"


@contextlib.contextmanager
def _parsing(settings: Settings) -> Iterator[None]:
    """Waits until nobody else, thread or process, parses the project for this programme."""
    settings.dbt_target.mkdir(parents=True, exist_ok=True)
    with _PARSING, (settings.dbt_target / "manifest.verrou").open("w") as file:
        # the system lets go of it when the process ends, however it ends
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _stamp(fingerprint: str, manifest: Path) -> str:
    # the manifest's own bytes too: a crash may have left half of them
    return f"{fingerprint} {hashlib.sha256(manifest.read_bytes()).hexdigest()}"
