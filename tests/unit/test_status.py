"""What `status` and the summary print: legible in a narrow terminal, one line per delivery in a pipe."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from rich.console import Console

from orchestration.extracts.decisions import withdraw
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake
from orchestration.files import write_json
from orchestration.operation.outcomes import LastRun, RunState, now
from orchestration.plausibility.deliveries import judge_lots
from orchestration.programme import Programme, load_programme
from orchestration.publication.aside import put_aside
from orchestration.publication.editions import DATABASE, Editions
from orchestration.publication.inputs import fingerprint
from orchestration.runs import Outcome
from orchestration.status import as_json, print_status, state_of
from orchestration.summary import print_summary
from tests.support.demo import observatoire
from tests.support.ingestion import ingest_all
from tests.support.mini import mini_programme, row, write_csv

ANY_PLAN = {"strates_vides_maximum": 1.0, "strates_vides_plafond": 1.0, "plan_plancher": 0.0, "plan_minimum": 0.0}
LONG = "extrait de l'institut, troisième envoi corrigé après la remarque du 3 janvier.csv"


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programme]:
    """One delivery replaced, one held back, one refused, one withdrawn, one repeated, one unread, one out of place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
        yield _filled(tmp_path_factory.mktemp("etat"))


def _filled(tmp_path: Path) -> Programme:
    landing = tmp_path / "landing/V2"

    def deliver(name: str, rows: list[dict[str, str]]) -> None:
        path = write_csv(landing / name, rows)
        time = 1_700_000_000 + len(list(landing.iterdir()))
        os.utime(path, (time, time))

    rows = [row(str(i)) for i in range(20)]
    deliver("a.csv", rows)
    deliver(LONG, [*rows, row("20", Q1="4")])
    deliver("courte.csv", rows[:9])
    deliver("o2.csv", [row(str(i), ORG="O2") for i in range(3)])
    deliver("vide.csv", [])
    deliver("encore.csv", rows)
    records = ingest_all(tmp_path)
    [taken_back] = [r for r in records if r.fichier == "V2/o2.csv"]
    withdraw(Lake(tmp_path), taken_back.sha256, taken_back.fichier, "essai")
    judge_lots(mini_programme(tmp_path, plausibility=ANY_PLAN))
    deliver("nouvelle.csv", [row("1", ORG="O3")])
    (tmp_path / "landing/égaré.csv").write_text("x")
    return mini_programme(tmp_path, plausibility=ANY_PLAN)


def _status(programme: Programme, width: int) -> list[str]:
    text = io.StringIO()
    print_status(Console(file=text, width=width, highlight=False), state_of(programme))
    return [line.rstrip() for line in text.getvalue().splitlines()]


@pytest.mark.parametrize("width", [30, 40, 71, 80, 120, 1000])
def test_each_delivery_is_named_with_its_state(programme: Programme, width: int) -> None:
    lines = _status(programme, width)
    table = lines[1 : 1 + next(i for i, line in enumerate(lines[1:]) if line.startswith("Attendus"))]
    assert max(map(len, table)) <= width
    found = {line.split("  ")[0]: line for line in table}
    for name, state in (
        ("V2/a.csv", "acceptée"), ("V2/courte.csv", "acceptée"), ("V2/o2.csv", "retirée"), ("V2/vide.csv", "refusée"),
        ("V2/encore.csv", "déjà reçue"), ("V2/nouvelle.csv", "à lire"),
    ):  # fmt: skip
        assert f" {state}" in found[name], table
    # a long name is folded, never cut
    first = table[0].index("Contrat" if width >= 100 else "Statut")
    assert LONG.replace(" ", "") in "".join(line[:first] for line in table).replace(" ", "")
    assert ("i-v2" in found["V2/a.csv"]) == (width >= 100)
    # the numbers give way before a name is cut
    assert found["V2/a.csv"].endswith("0/1" if width >= 72 else "acceptée")


def test_what_calls_for_a_person_is_said(programme: Programme) -> None:
    said = "\n".join(_status(programme, 80))
    assert "Attendus en V2, absents de ce qui est lu : O3 ; fichiers à lire : 1." in said
    assert "Attendus en V2, et dont la livraison est retirée : O2." in said and "refusés : O2" not in said
    assert "Refusée : vide.csv : aucune ligne sous l'en-tête" in said
    assert "Non retenue : V2/courte.csv, O1 : 9 entretiens contre 21 en vigueur" in said
    assert "Hors de tout dossier de vague, donc non lus : égaré.csv" in said


def test_rows_read_are_interviews_rejects_and_replaced(programme: Programme) -> None:
    text = io.StringIO()
    outcome = Outcome("V2-0.0", True, 5, take_inventory(programme), None)
    print_summary(Console(file=text, width=80), programme, outcome)
    [line] = [line for line in text.getvalue().splitlines() if line.startswith("V2 ")]
    deliveries, organismes, interviews, read, rejected, replaced = map(int, line.split()[1:])
    assert (deliveries, organismes, interviews) == (5, 1, 21)
    assert read == interviews + rejected + replaced == 20 + 21 + 9 + 3
    assert replaced == 20 + 9 + 3


@pytest.mark.parametrize("width", [30, 40, 60])
def test_a_narrow_terminal_has_the_numbers_of_a_run_that_matter_whole(programme: Programme, width: int) -> None:
    text = io.StringIO()
    print_summary(
        Console(file=text, width=width), programme, Outcome("V2-0.0", True, 5, take_inventory(programme), None)
    )
    lines = text.getvalue().splitlines()
    [line] = [line for line in lines if line.startswith("V2 ")]
    assert line.split()[1:] == ["1", "21"]
    assert lines[lines.index(line) - 2].split() == ["Vague", "Organismes", "Entretiens"]


def test_the_end_of_a_run_tells_some_of_each_kind_and_counts_the_others(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.summary._TOLD", 0)
    text = io.StringIO()
    outcome = Outcome("V2-0.0", True, 5, take_inventory(programme), None)
    print_summary(Console(file=text, width=120), programme, outcome)
    said = text.getvalue()
    assert "Refusée : " not in said and "Non retenue : " not in said
    assert re.search(r"^et d'autres \(\d+\) : « observatoire status » les dit\.$", said, re.MULTILINE), said


def test_in_a_pipe_a_line_is_a_line(programme: Programme) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"} | {"OBSERVATOIRE_DATA": str(programme.root)}
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "status"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 3, done.stderr
    [line] = [line for line in done.stdout.splitlines() if line.startswith(f"V2/{LONG} ")]
    assert line.rstrip().endswith("1/1")


def test_a_terminal_shows_what_asks_for_somebody_and_counts_the_rest(tmp_path: Path) -> None:
    """Six hundred organismes: what is to be done is not lost among what is not."""
    for number in range(600):
        same = number if number % 20 == 7 else 0
        write_csv(tmp_path / f"landing/V2/{number:03}.csv", [row(str(same))])
    programme = mini_programme(tmp_path)
    text = io.StringIO()
    print_status(Console(file=text, width=120, force_terminal=True, color_system=None), state_of(programme))
    lines = text.getvalue().splitlines()
    assert len(lines) < 70
    # one of those that hold the same bytes, and thirty others
    assert sum(" à lire" in line for line in lines if line.startswith("V2/")) == 31
    assert any(line.startswith("Livraisons non montrées ici : 560 (déjà reçue : 560).") for line in lines), lines[-20:]
    assert sum(line.startswith("V2/") for line in _status(programme, 120)) == 600


def test_before_the_first_run_no_file_is_said_not_to_have_come(tmp_path: Path) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1")])
    said = "\n".join(_status(mini_programme(tmp_path), 120))
    assert "non reçus" not in said
    assert "Attendus en V2, absents de ce qui est lu : O1, O2, O3 ; fichiers à lire : 1." in said
    (tmp_path / "landing/V2/a.csv").unlink()
    assert "Attendus en V2 et non reçus : O1, O2, O3." in "\n".join(_status(mini_programme(tmp_path), 120))


def test_a_refusal_names_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    write_csv(tmp_path / "landing/V2/aubepine_v2.csv", [row("1", ORG="inconnu")])
    ingest_all(tmp_path)
    said = "\n".join(_status(mini_programme(tmp_path), 120))
    assert "Refusée : organisme « inconnu » inconnu du programme (aubepine_v2.csv, colonne ORG, 1 ligne)" in said


def test_another_program_reads_the_state_as_json(programme: Programme) -> None:
    done = observatoire(programme.root, "status", "--json")
    found = json.loads(done.stdout)
    # a delivery is refused, and a file lies outside of every wave's folder
    assert (done.returncode, found["code"], found["sain"]) == (3, 3, True)
    assert (found["edition"], found["derniere_execution"], found["sauvegarde"]) == (None, None, None)
    assert found["disque"]["suffit"] and found["disque"]["libre"] > found["disque"]["besoin"]
    retention = {"editions": 0, "editions_conservees": 3, "quarantaine_jours": 90, "a_purger": 0}
    assert found["retention"] == retention
    states = {d["fichier"]: (d["statut"], d["lues"], d["en_vigueur"]) for d in found["livraisons"]}
    assert states == {
        "V2/a.csv": ("accepte", 20, 0), f"V2/{LONG}": ("accepte", 21, 1), "V2/courte.csv": ("accepte", 9, 0),
        "V2/o2.csv": ("retiree", 3, 0), "V2/vide.csv": ("rejete", 0, 0), "V2/encore.csv": ("deja_recue", None, None),
        "V2/nouvelle.csv": ("a_lire", None, None),
    }  # fmt: skip
    reasons = {d["fichier"]: d["motif"] for d in found["livraisons"] if d["motif"]}
    assert reasons.keys() == {"V2/o2.csv", "V2/vide.csv"} and reasons["V2/o2.csv"] == "essai"
    assert found["hors_dossier"] == ["égaré.csv"]


def test_what_other_thresholds_may_judge_otherwise_is_said_to_be_judged_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    state = as_json(state_of(_filled(tmp_path)))
    assert state["a_relire"] == {} and "a_juger" not in {d["statut"] for d in state["livraisons"]}
    other = mini_programme(tmp_path, plausibility=ANY_PLAN | {"plan_plancher": 0.9})
    state = as_json(state_of(other))
    assert state["a_relire"] == {"jugement": 3}
    assert {d["fichier"] for d in state["livraisons"] if d["statut"] == "a_juger"} == {
        "V2/a.csv", f"V2/{LONG}", "V2/courte.csv",
    }  # fmt: skip
    assert "Lues, et à juger (3)" in "\n".join(_status(other, 1000))
    judge_lots(other)
    judged = {d["fichier"]: d["statut"] for d in as_json(state_of(other))["livraisons"]}
    assert judged["V2/courte.csv"] == "rejete"


def test_what_a_rollback_withholds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    programme = _filled(tmp_path)
    assert as_json(state_of(programme))["publication_retenue"] is None
    made_of = fingerprint(programme, take_inventory(programme, looking=True))
    put_aside(programme.settings.published, "V2-0.1", made_of, "", "barème à revoir")
    told = as_json(state_of(programme))["publication_retenue"]
    assert told.startswith("L'édition V2-0.1, dont les livraisons donnent encore") and "run --publier" in told
    assert told in " ".join(_status(programme, 1000))


def test_what_the_lake_lost_is_no_other_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    programme = _filled(tmp_path)
    assert as_json(state_of(programme))["a_relire"] == {}
    kept = sorted((tmp_path / "lake/versions").iterdir())
    shutil.rmtree(kept[0])
    assert as_json(state_of(programme))["a_relire"] == {"lac": 1}
    assert "le lac n'a plus ce qui en fut lu (1)" in " ".join(_status(programme, 1000))


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (RunState.REFUSED, 1),
        (RunState.RUNNING, 1),
        (RunState.INTERRUPTED, 1),
        (RunState.PUBLISHED, 0),
        (RunState.UNCHANGED, 0),
    ],
)
def test_a_probe_reads_the_exit_code(tmp_path: Path, ending: RunState, code: int) -> None:
    programme = mini_programme(tmp_path)
    write_json(
        asdict(LastRun(ending, now(), "0a1b", phrase="14 % du parc.")), tmp_path / "warehouse/derniere_execution.json"
    )
    done = observatoire(tmp_path, "status", "--json")
    last = json.loads(done.stdout)["derniere_execution"]
    # nobody holds the lock: what says that it is under way was killed
    state = RunState.INTERRUPTED if ending == RunState.RUNNING else ending
    assert (done.returncode, last["etat"], last["reglee"]) == (code, state, not code), done.stderr
    assert observatoire(programme.root, "status").returncode == code


def _kept(editions: Editions, name: str) -> None:
    database = editions.folder(name) / DATABASE
    database.parent.mkdir(parents=True)
    database.write_bytes(b"tables")
    files = {DATABASE: hashlib.sha256(b"tables").hexdigest()}
    body = {"empreinte": name, "tables": {}, "fichiers": files, "publiee_le": "2026-01-02T10:00:00"}
    write_json(body, editions.folder(name) / "manifeste.json")


def test_the_editions_kept_are_a_table_in_a_terminal_and_csv_in_a_pipe(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    editions = Editions(programme.settings.published)
    for name in ("V1-0.0", "V1-1.0", "V2-0.0", "V2-0.1"):
        _kept(editions, name)
    write_json({"V2-0.1": {"edition": "V2-0.1", "ecartee_le": now(), "motif": ""}}, editions.root / "ecartees.json")
    for seen in ("V1-0.0", "V1-1.0", "V2-0.0"):
        editions.switch(seen)
    said = observatoire(tmp_path, "editions", columns=None).stdout
    assert said.splitlines() == [
        "edition,vague,publiee_le,courante,definitive,ecartee,gardee,abimee",
        "V1-0.0,V1,2026-01-02T10:00:00,non,non,non,non,non",
        "V1-1.0,V1,2026-01-02T10:00:00,non,oui,non,oui,non",
        "V2-0.0,V2,2026-01-02T10:00:00,oui,non,non,non,non",
        "V2-0.1,V2,2026-01-02T10:00:00,non,non,oui,non,non",
    ]
    lines = observatoire(tmp_path, "editions", columns=80).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.rstrip().split("  ")[-1] for line in lines] == [
        "État", "provisoire", "définitive, gardée pour toujours", "provisoire, courante", "provisoire, écartée",
    ]  # fmt: skip
    # no word is cut in a narrow one: it shows less
    lines = observatoire(tmp_path, "editions", columns=30).stdout.splitlines()
    assert {word for line in lines for word in line.replace(",", " ").split()} == {
        "Édition", "État", "V1-0.0", "V1-1.0", "V2-0.0", "V2-0.1", "provisoire", "définitive", "gardée", "pour",
        "toujours", "courante", "écartée",
    }  # fmt: skip
    # what readers would not get is said, whatever the manifest says
    (editions.folder("V1-1.0") / DATABASE).write_bytes(b"tabl")
    (editions.folder("V2-0.1") / DATABASE).unlink()
    piped = observatoire(tmp_path, "editions", columns=None).stdout.splitlines()
    assert [line.rpartition(",")[2] for line in piped] == ["abimee", "non", "oui", "non", "oui"]
    # one that is damaged hides no other
    (editions.folder("V1-0.0") / "manifeste.json").write_text("{", encoding="utf-8")
    assert "V1-0.0,V1,,non,non,non,non,oui" in observatoire(tmp_path, "editions", columns=None).stdout.splitlines()
    lines = observatoire(tmp_path, "editions", columns=80).stdout.splitlines()
    assert len(lines) == 5 and lines[1].rstrip().endswith("provisoire, abîmée")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"V2-0.1": {"edition": "V2-0.1"}}', b"\xff"])
def test_editions_are_listed_though_nothing_says_which_were_set_aside(tmp_path: Path, body: bytes) -> None:
    editions = Editions(mini_programme(tmp_path).settings.published)
    _kept(editions, "V2-0.0")
    editions.switch("V2-0.0")
    (editions.root / "ecartees.json").write_bytes(body)
    piped, shown = (observatoire(tmp_path, "editions", columns=columns) for columns in (None, 80))
    assert piped.stdout.splitlines()[1:] == ["V2-0.0,V2,2026-01-02T10:00:00,oui,non,,non,non"]
    assert shown.stdout.splitlines()[1].rstrip().endswith("provisoire, courante")
    for done in (piped, shown):
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
        assert "ecartees.json est abîmé" in done.stderr and "l'ôter pour publier à nouveau" in done.stderr


def test_a_programme_at_fault_and_a_folder_of_no_wave_are_told_before_the_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    root = tmp_path / "programme"
    mini_programme(root)
    write_csv(root / "landing/V2.bak/a.csv", [row("1")])
    state = state_of(load_programme(root))
    assert state.code == 3
    [told] = [line for line in _status(load_programme(root), 300) if "V2.bak/a.csv : " in line]
    assert "« V2.bak » n'est pas une vague de vagues.csv" in told
    questions = root / "reference/questions.csv"
    lines = questions.read_text(encoding="utf-8").splitlines(keepends=True)
    questions.write_text("".join(lines[:-1]), encoding="utf-8")
    state = state_of(load_programme(root))
    assert (state.code, state.sound) == (1, False) and state.faults
    assert any(
        line.startswith("Programme fautif : ") and state.faults[0] in line
        for line in _status(load_programme(root), 300)
    )
