"""A new institute's extract becomes answers with the draft and the guide alone: what `docs/contrats.md` says is what happens."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.ingest import ingest
from orchestration.programme import load_programme
from tests.support.demo import delivered
from tests.support.newcomer import NAME, write_extract

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/contrats.md").read_text(encoding="utf-8")
TRIAL = GUIDE.split("## Essayer avant d'envoyer", 1)[1].split("\n## ", 1)[0]
SECTION = GUIDE.split("## Accueillir un nouvel institut", 1)[1].split("\n## ", 1)[0]
# the answers of another organisme, as the institute of the guide would have collected them
SOURCE, FILE = "EGLANTINE", "altair_eglantine.csv"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    monkeypatch.setenv("OBSERVATOIRE_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("reference", "demo", "contracts"):
        shutil.copytree(ROOT / "data" / name, tmp_path / name, ignore=shutil.ignore_patterns("verite"))
    shutil.copy(ROOT / "data/programme.yaml", tmp_path)
    shutil.copytree(delivered(), tmp_path / "landing")
    programme = load_programme(tmp_path)
    [known] = [d for d in deliveries(programme, load_contracts(programme)) if d.path.name == FILE]
    answers = pl.read_parquet(tmp_path / str(ingest(known, programme).lots[0].fichier))
    # in an order that no key of pseudonyms decides
    answers = answers.sort([c for c, kind in answers.schema.items() if c != "entretien" and kind != pl.List(pl.String)])
    plan = {str(r["strate"]): int(r["entretiens_vises"] or 0) for r in programme.rows("plan_sondage") if (r["vague"], r["organisme_code"]) == ("2022", "TILLEUL")}  # fmt: skip
    write_extract(tmp_path / "landing/2022" / NAME, answers, programme, plan)
    return tmp_path


def _observatoire(*arguments: str, columns: str = "") -> str:
    """Runs the command line as the guide does; returns what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **({"COLUMNS": columns} if columns else {})},
    )
    return done.stdout + done.stderr


def _blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", SECTION, re.DOTALL)


def test_the_guide_and_the_draft_are_enough(root: Path) -> None:
    with (root / "reference/instituts.csv").open("a", encoding="utf-8") as file:
        file.write(_blocks("csv")[0])
    participations = root / "reference/participations.csv"
    participations.write_text(participations.read_text(encoding="utf-8").replace("TILLEUL,attendu,EQUINOXE", "TILLEUL,attendu,HUYGENS"), encoding="utf-8")  # fmt: skip
    drafted = _observatoire("contract", "draft", f"landing/2022/{NAME}", "-o", "huygens-2022.yaml")
    path = root / "huygens-2022.yaml"
    text = path.read_text(encoding="utf-8")
    # what the guide shows of the draft is what the draft says
    for line in re.findall(r"^À décider : .*$", SECTION, re.MULTILINE):
        assert line.removeprefix("À décider : ") in text, line
    assert " ".join(re.search(r"\d+ colonnes rattachées sur \d+", SECTION).group().split()) in drafted  # type: ignore[union-attr]
    for told in re.findall(r"^│ .*│$", SECTION, re.MULTILINE):
        assert told in drafted, told
    # what the guide tells to write, line by line
    for line in _blocks("yaml")[0].splitlines():
        key = line.split(":", 1)[0]
        text, replaced = re.subn(rf"^(?:#\? |  #\? )?{re.escape(key.strip())}:.*$|^{re.escape(key)}:.*$", line.replace("\\", r"\\"), text, count=1, flags=re.MULTILINE)  # fmt: skip
        assert replaced == 1, line
    path.write_text(text, encoding="utf-8")
    told = _observatoire("contract", "check", "huygens-2022.yaml")
    commands = "\n".join(_blocks("console"))
    [scripts] = re.findall(r"sed -i (.*) huygens-2022\.yaml", commands)
    subprocess.run(["sed", "-i", *shlex.split(scripts), str(path)], check=True)
    [checked] = re.findall(r"^huygens-2022.yaml : en règle.*$", commands, re.MULTILINE)
    assert checked in told
    # what the guide shows of a trial is what a trial says
    [asked] = re.findall(r"^\$ observatoire (essai .*)$", TRIAL, re.MULTILINE)
    shown = TRIAL.split(asked, 1)[1].split("```", 1)[0]
    tried = _observatoire(*shlex.split(asked), columns="100")
    assert [line.rstrip() for line in tried.splitlines()] == [line.rstrip() for line in shown.strip().splitlines()]
    path.rename(root / "contracts/huygens-2022.yaml")
    assert "17 contrats en règle" in _observatoire("check")

    programme = load_programme(root)
    [delivery] = [d for d in deliveries(programme, load_contracts(programme)) if d.path.name == NAME]
    record = ingest(delivery, programme)
    [lot] = record.lots
    assert (lot.organisme_code, lot.lignes_lues) == ("TILLEUL", 640)
    # three mentions cut what a fourth channel filtered: the guide says how many
    assert f"{lot.lignes_lues} lignes lues, {lot.lignes_acceptees} acceptées, {lot.lignes_rejetees} rejetées" in SECTION
    kinds = {q.exemple.split(" : ")[1].split(",")[0] for q in record.qualite if q.regle == "donnee_personnelle"}
    assert kinds == {"nom", "telephone"}
