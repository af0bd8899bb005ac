"""Production: Dagster's journals in a real PostgreSQL, its daemon at work, the units that systemd starts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from tests.support.demo import REPOSITORY
from tests.support.production import daemon
from tests.support.small import small_programme

UNITS = sorted((REPOSITORY / "deploy" / "systemd").glob("*.service"))
# the sensor looks each minute, and a run follows: far more than a busy machine takes
PATIENCE_SECONDS = 1200


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_are_well_formed(unit: Path, tmp_path: Path) -> None:
    for path in (*UNITS, *unit.parent.glob("*.d/*.conf")):
        here = tmp_path / path.relative_to(unit.parent)
        here.parent.mkdir(exist_ok=True)
        text = path.read_text(encoding="utf-8").replace("/opt/observatoire", str(REPOSITORY))
        here.write_text(text, encoding="utf-8")
    verify = ["systemd-analyze", "verify", tmp_path / unit.name]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_no_unit_may_do_more_than_it_needs(unit: Path) -> None:
    """Without a machine to start them on: systemd's own score of what is left to take from a service, out of a hundred."""
    score = ["systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=15", unit]
    done = subprocess.run(score, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-200:]


def test_the_environment_means_the_same_to_a_shell_systemd_and_a_container(tmp_path: Path) -> None:
    """Every line of the example, those that are comments too: a container takes what stands after the equal sign as it is."""
    text = (REPOSITORY / "deploy" / "observatoire.env.example").read_text(encoding="utf-8")
    said = dict(re.findall(r"^#?(OBSERVATOIRE_\w+|DAGSTER_HOME)=(.*)$", text, re.MULTILINE))
    assert len(said) > 10
    path = tmp_path / "observatoire.env"
    path.write_text("".join(f"{name}={value}\n" for name, value in said.items()), encoding="utf-8")
    script = f"set -a; . {path}; env"
    seen = subprocess.run(
        ["sh", "-euc", script], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
    )
    given = dict(line.split("=", 1) for line in seen.stdout.splitlines() if "=" in line)
    assert {name: given.get(name) for name in said} == said


def _command(tmp_path: Path, environment: bytes | None) -> subprocess.CompletedProcess[str]:
    """Runs the services' command on an environment file, as its account; it prints three variables and its arguments."""
    env, inside = tmp_path / "observatoire.env", tmp_path / ".venv/bin/observatoire"
    if environment is not None:
        env.write_bytes(environment)
    inside.parent.mkdir(parents=True)
    inside.write_text(
        '#!/bin/sh\nprintf "%s|%s|%s|%s" "$OBSERVATOIRE_ESSAI" "$OBSERVATOIRE_FIN" "$OBSERVATOIRE_DATA" "$*"\n', "utf-8"
    )
    inside.chmod(0o755)
    text = (REPOSITORY / "deploy" / "observatoire").read_text(encoding="utf-8")
    text = text.replace("/etc/observatoire/observatoire.env", str(env)).replace("/opt/observatoire", str(tmp_path))
    account = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    script = tmp_path / "observatoire"
    script.write_text(text.replace("= observatoire ]", f"= {account} ]"), encoding="utf-8")
    # what the shell of a person has is not what the services have
    shell = {**os.environ, "OBSERVATOIRE_DATA": "/d'un/autre"}
    return subprocess.run(["sh", script, "status", "deux mots"], capture_output=True, text=True, env=shell, check=False)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("http://moniteur/push/abc?status=up&msg=OK&ping=", None),
        ("postgresql+psycopg2://o:pa$$w`d`@h/o", None),
        ("smtp://o:p;w d@h:587 # tout", None),
        ('au mi"lieu', None),
        ('"entre guillemets, d\'ici"', "entre guillemets, d'ici"),
        ("'entre apostrophes, \"et\" \\'", 'entre apostrophes, "et" \\'),
        ("", None),
        (" \tdes blancs autour  ", "des blancs autour"),
        ("d'un tableur\r", "d'un tableur"),
        ('"gardés " \r', "gardés "),
    ],
)
def test_the_services_command_reads_its_environment_as_systemd_does(
    written: str, meant: str | None, tmp_path: Path
) -> None:
    """What a shell would run or replace is taken as it is written; blanks at the borders are no part of a value."""
    text = f"# un commentaire & rien\n\n  ; un autre\n  OBSERVATOIRE_DATA=/p\nOBSERVATOIRE_ESSAI={written}\nOBSERVATOIRE_FIN=1"
    done = _command(tmp_path, text.encode())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{written if meant is None else meant}|1|/p|status deux mots"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (None, " : absent, ou illisible au compte"),
        (b"", " : OBSERVATOIRE_DATA n'y est pas"),
        (b"OBSERVATOIRE_CLE=secret\n", " : OBSERVATOIRE_DATA n'y est pas"),
        (b"OBSERVATOIRE_DATA=/p\nOBSERVATOIRE_DATA=\n", " : OBSERVATOIRE_DATA n'y est pas"),
        (b"\xef\xbb\xbfOBSERVATOIRE_DATA=/p\n", ", ligne 1 : "),
        (b"\nexport OBSERVATOIRE_DATA=/p\n", ", ligne 2 : "),
        (b"OBSERVATOIRE_DATA =/p\n", ", ligne 1 : "),
        (b"OBSERVATOIRE_DATA=/p\nOBSERVATOIRE_CL\xc3\x89=secret", ", ligne 2 : "),
        (b"OBSERVATOIRE_DATA=/p\nune ligne", ", ligne 2 : "),
        (b'OBSERVATOIRE_DATA=/p\nOBSERVATOIRE_CLE="secret" # tout', ", ligne 2, OBSERVATOIRE_CLE : "),
        (b'OBSERVATOIRE_DATA=/p\nOBSERVATOIRE_CLE="sec"ret"', ", ligne 2, OBSERVATOIRE_CLE : "),
        (b'OBSERVATOIRE_DATA=/p\nOBSERVATOIRE_CLE="secret', ", ligne 2, OBSERVATOIRE_CLE : "),
        (b"OBSERVATOIRE_DATA=/p\nOBSERVATOIRE_CLE=sec\\ret", ", ligne 2, OBSERVATOIRE_CLE : "),
    ],
)
def test_the_services_command_takes_no_other_programme_where_its_environment_is_in_doubt(
    body: bytes | None, said: str, tmp_path: Path
) -> None:
    done = _command(tmp_path, body)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1 and "secret" not in done.stderr
    assert done.stderr.startswith(f"Refusé : {tmp_path / 'observatoire.env'}{said}"), done.stderr


@pytest.mark.slow
def test_a_delivery_is_published_by_the_daemon(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody runs anything: deliveries lie in landing/, the sensor has them read, consolidated and published."""
    root = small_programme(tmp_path / "programme")
    for path in root.glob("landing/*/*"):
        os.utime(path, (time.time() - 3600,) * 2)
    published, page = root / "published" / "observatoire.duckdb", root / "reports" / "courant" / "index.html"
    monkeypatch.setenv("OBSERVATOIRE_POSTGRES", postgres)
    with daemon(root, postgres, tmp_path / "journal") as process:
        deadline = time.monotonic() + PATIENCE_SECONDS
        with dg.DagsterInstance.from_config(str(root / ".dagster")) as instance:
            while "consolidation" not in _succeeded(instance):
                said = (tmp_path / "journal").read_text(encoding="utf-8")
                assert process.poll() is None and time.monotonic() < deadline, said[-9000:]
                time.sleep(1)
    assert page.exists()
    with duckdb.connect(str(published), read_only=True) as connection:
        [(interviews,)] = connection.execute("select nb_entretiens from observatoire.meta_edition").fetchall()
    assert interviews == 2 * 3 * 12
    assert not list((root / ".dagster").rglob("*.db")), "journals were kept beside PostgreSQL"


def _succeeded(instance: dg.DagsterInstance) -> set[str]:
    return {run.job_name for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS]))}
