"""A delivery that is tried is told what a run would say of it, and nothing of the programme changes."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.gates import findings, refused, standing
from orchestration.extracts.ingest import ingest
from orchestration.extracts.lake import Lake
from orchestration.extracts.personal_data import MASK
from orchestration.plausibility.deliveries import judge_lots
from orchestration.programme import Programme, load_programme
from orchestration.trial.conduct import Trial, try_delivery
from orchestration.trial.told import as_json
from tests.support.any_delivery import AnyDelivery
from tests.support.any_delivery import deliveries as any_deliveries
from tests.support.demo import copy_programme, delivered, observatoire
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv
from tests.support.small import small_programme
from tests.unit.test_counts import LINE, _contract, write_lines
from tests.unit.test_hostile_files import CASES

# what takes seconds of a reading process, or a gigabyte of text
HEAVY = re.compile(r"demande plus de|une fois décompressé|plus que les|ligne de plus|plus de 1000")
LIGHT_CASES = [case for case in CASES if not HEAVY.search(case[3])]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


Said = tuple[str, str, bool, list[tuple[str, str | None, bool, int, str]]]


def _run(programme: Programme, name: str) -> Said:
    """What a run says of a file that lies in the landing folder, once it was read and judged."""
    for delivery in deliveries(programme, load_contracts(programme)):
        ingest(delivery, programme)
    inventory = judge_lots(programme)
    [record] = [r for r in inventory.records if r.fichier == name]
    told = [f for f in findings(inventory) if f.record.livraison == record.livraison]
    status, reason = standing(record, inventory)
    return status, reason, name not in refused(inventory), _told(told)


def _tried(trial: Trial) -> Said:
    return trial.status, trial.reason, trial.accepted, _told(trial.findings)


def _told(found: Any) -> list[tuple[str, str | None, bool, int, str]]:
    return [(f.rule.code, f.organisme, f.held, f.number, f.example) for f in found]


def _tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file and folder of a programme: when it was written, what it holds."""
    return {
        str(path.relative_to(root)): (path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted(root.rglob("*"))
    }


@settings(
    deadline=None,
    max_examples=40,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(any_deliveries())
def test_a_trial_says_of_any_delivery_what_a_run_says(drawn: AnyDelivery) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, name = Path(folder) / "programme", f"a{drawn.dialect.suffix}"
        programme = mini_programme(root)
        write_contract(root, drawn.contract)
        landing = root / "landing/V2"
        landing.mkdir(parents=True)
        elsewhere = Path(folder) / "V2" / name
        elsewhere.parent.mkdir()
        drawn.versions[0].write(elsewhere, drawn.dialect)
        before = _tree(root)
        tried = _tried(try_delivery(programme, elsewhere))
        assert _tree(root) == before
        shutil.copy(elsewhere, landing / name)
        assert tried == _run(programme, f"V2/{name}")


@pytest.mark.parametrize(("filename", "kind", "write", "said"), LIGHT_CASES, ids=[c[0] for c in LIGHT_CASES])
def test_a_trial_says_of_a_hostile_file_what_a_run_says(
    tmp_path: Path, filename: str, kind: str, write: Callable[[Path], object], said: str
) -> None:
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract(format={"type": kind}))
    path = tmp_path / "landing/V2" / filename
    path.parent.mkdir(parents=True)
    write(path)
    trial = try_delivery(programme, path)
    assert said in trial.reason
    assert not trial.accepted
    assert _tried(trial) == _run(programme, f"V2/{filename}")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Said]]:
    """The demonstration, its deliveries read and judged, and what a run says of each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
        root = copy_programme(tmp_path_factory.mktemp("essai") / "programme")
        shutil.copytree(delivered(), root / "landing")
        programme = load_programme(root)
        for delivery in deliveries(programme, load_contracts(programme)):
            ingest(delivery, programme)
        inventory = judge_lots(programme)
        said = {}
        for record in inventory.records:
            told = [f for f in findings(inventory) if f.record.livraison == record.livraison]
            said[record.fichier] = (
                *standing(record, inventory), record.fichier not in refused(inventory), _told(told)
            )  # fmt: skip
        # What the suites said is forgotten: a trial has to ask them again.
        Lake(root).table("verdicts").unlink()
        return root, said


NEWEST = sorted(path.name for path in (delivered() / "2022").iterdir() if path.is_file())


@pytest.mark.parametrize(
    "name", [name if n % 3 == 0 else pytest.param(name, marks=pytest.mark.long) for n, name in enumerate(NEWEST)]
)
def test_a_trial_says_of_the_demonstration_what_a_run_says(demo: tuple[Path, dict[str, Said]], name: str) -> None:
    root, said = demo
    before = _tree(root)
    trial = try_delivery(load_programme(root), root / "landing/2022" / name)
    assert _tree(root) == before
    status, reason, accepted, told = said[f"2022/{name}"]
    assert (trial.status, trial.reason, trial.accepted, _told(trial.findings)) == (status, reason, accepted, told)
    assert any(part.compared for part in trial.parts)


def test_a_trial_is_compared_with_the_wave_before(tmp_path: Path) -> None:
    root = small_programme(tmp_path / "programme")
    programme = load_programme(root)
    for delivery in deliveries(programme, load_contracts(programme)):
        ingest(delivery, programme)
    judge_lots(programme)
    again = write_csv(tmp_path / "O1.csv", [row(str(i), TC="CI"[i % 2], Q2="" if i % 2 else "2") for i in range(12)])
    trial = try_delivery(programme, again)
    assert [part.compared for part in trial.parts] == [True]
    assert "distribution_deplacee" in {f.rule.code for f in trial.findings}


@pytest.mark.parametrize(("answers", "reserved"), [("12", True), ("34", True), ("1234", False)])
def test_a_first_wave_of_which_a_side_of_the_scale_is_empty_is_accepted_with_reserve(
    tmp_path: Path, answers: str, reserved: bool
) -> None:
    programme = mini_programme(tmp_path, tables={"plan_sondage": [f"V2,O1,{s},1000,60" for s in ("COL", "IND")]})
    write_contract(tmp_path, mini_contract())
    cells = [answers[n % len(answers)] for n in range(120)]
    rows = [
        row(
            str(n), TC="CI"[n // 4 % 2], Q1=said, Q2="" if n // 4 % 2 else said, Q4=said, Q5="a" if said in "34" else ""
        )
        for n, said in enumerate(cells)
    ]
    path = write_csv(tmp_path / "landing/V2/a.csv", rows)
    trial = try_delivery(programme, path)
    told = [f for f in trial.findings if f.rule.code == "echelle_a_moitie_vide"]
    assert [f.held for f in told] == [not reserved]
    assert trial.accepted
    assert ("côté" in trial.reason) == reserved
    assert _tried(trial) == _run(programme, "V2/a.csv")


def test_every_heading_that_is_missing_is_told_at_once_with_what_looks_like_it(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract(ponderation={"colonne": "POIDS DU FOYER"}))
    header = ["ORG", "Date", "TC", "AGE", "Q1", "Q2", "Q5", "Poids  foyer"]
    path = write_csv(tmp_path / "landing/V2/a.csv", [row("1")], header=header)
    trial = try_delivery(programme, path)
    missing = {m.heading: (m.role, m.near) for m in trial.missing}
    assert missing == {
        "ID": ("entretien", ()), "DATE": ("date_entretien", ("Date",)), "POIDS DU FOYER": ("ponderation", ("Poids foyer",)),
        "Q3": ("D1", ()), "Q4": ("D2", ()),
    }  # fmt: skip
    for heading in missing:
        assert heading in trial.reason


def test_every_heading_of_counts_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, _contract(effectif="Effectif", population="Habitants"))
    path = tmp_path / "landing/V2/tout.csv"
    write_lines(path, [LINE])
    trial = try_delivery(programme, path)
    assert [(m.heading, m.role) for m in trial.missing] == [("Effectif", "effectif"), ("Habitants", "population")]
    assert not trial.accepted


def test_a_wrong_separator_is_told_as_such(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract())
    path = write_csv(tmp_path / "landing/V2/a.csv", [row("1")])
    path.write_text(path.read_text(encoding="utf-8").replace(";", ","), encoding="utf-8")
    assert (
        "le fichier semble séparé par « , », et le contrat le lit séparé par « ; »"
        in try_delivery(programme, path).reason
    )


def test_a_name_that_a_shift_brought_into_an_answer_is_shown_nowhere(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract())
    rows = [row(str(i)) for i in range(40)]
    rows[3] |= {"Q1": "Jeanne Martin", "DATE": "Martin"}
    rows[4] |= {"Q1": "06 12 34 56 78"}
    trial = try_delivery(programme, write_csv(tmp_path / "landing/V2/a.csv", rows))
    told = json.dumps(as_json(trial, programme), ensure_ascii=False)
    assert "Martin" not in told and "06 12" not in told and MASK in told
    assert '"ligne": 5' in told


def test_an_unknown_organisme_is_named_as_delivered_with_its_file(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract(organisme={"nom_fichier": r"i_(.+)\.csv"}, ignorees=["ORG"]))
    trial = try_delivery(programme, write_csv(tmp_path / "landing/V2/i_o1_v2.csv", [row("1")]))
    assert trial.reason.startswith("organisme « o1_v2 » inconnu du programme (i_o1_v2.csv, 1 ligne) ;")
    nameless = try_delivery(programme, write_csv(tmp_path / "landing/V2/autre.csv", [row("1")]))
    assert "le nom autre.csv ne dit pas l'organisme de ses 1 ligne" in nameless.reason


@pytest.fixture
def root(tmp_path: Path) -> Path:
    programme = tmp_path / "programme"
    small_programme(programme)
    write_contract(programme, mini_contract(contrat="brouillon-v2", statut="brouillon", fichiers=["b*.csv"]))
    return programme


def test_the_command_says_the_verdict_with_its_exit_code_and_writes_nothing(root: Path, tmp_path: Path) -> None:
    before = _tree(root)
    sound = observatoire(root, "essai", "landing/V2/O1.csv", columns=80)
    assert (sound.returncode, sound.stderr) == (0, "")
    assert sound.stdout.startswith("O1.csv : acceptée")
    assert max(map(len, sound.stdout.splitlines())) <= 80
    spoilt = write_csv(tmp_path / "O1.csv", [row(str(i), Q1="77") for i in range(12)])
    page = tmp_path / "essai.html"
    refusal = observatoire(root, "essai", str(spoilt), "--json", "--html", str(page))
    told = json.loads(refusal.stdout)
    assert (refusal.returncode, told["acceptee"], told["contrat"]) == (1, False, "i-v2")
    assert told["valeurs_sans_code"] == [
        {"colonne": "Q1", "valeurs": [{"valeur": "77", "lignes": 12}], "textes_rares": 0}
    ]
    assert "« 77 » (12)" in page.read_text(encoding="utf-8")
    assert _tree(root) == before


def test_a_draft_that_claims_the_names_of_another_contract_is_told_so(root: Path, tmp_path: Path) -> None:
    body = mini_contract(contrat="brouillon-v2", fichiers=["*.csv", "extrait_*.csv"])
    write_contract(root, {**body, "statut": "brouillon"})
    path = write_csv(
        tmp_path / "extrait_1.csv", [row(str(i), TC="CI"[i % 2], Q2="" if i % 2 else "2") for i in range(12)]
    )
    done = observatoire(root, "essai", str(path), "--contrat", "brouillon-v2", "--json")
    told = [said for said in json.loads(done.stdout)["remarques"] if "prétend aux mêmes noms" in said]
    assert told and all(said.startswith("Une exécution refuserait ce contrat : ") for said in told)
    # which is what the contract would meet, were it confirmed
    write_contract(root, {**body, "statut": "confirme"})
    assert {said.removeprefix("Une exécution refuserait ce contrat : ") for said in told} == set(
        load_contracts(load_programme(root)).faults
    )


def test_a_draft_is_tried_by_name_or_path_and_what_a_run_would_not_do_is_said(root: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "essai.csv", [row(str(i), TC="CI"[i % 2], Q2="" if i % 2 else "2") for i in range(12)])
    for asked in ("brouillon-v2", str(root / "contracts/brouillon-v2.yaml")):
        done = observatoire(root, "essai", str(path), "--contrat", asked, "--json")
        told = json.loads(done.stdout)
        assert (done.returncode, told["contrat"], len(told["remarques"])) == (0, "brouillon-v2", 4), done.stdout
    unclaimed = observatoire(root, "essai", str(tmp_path / "essai.csv").replace(".csv", ".csv"), "--json")
    assert json.loads(unclaimed.stdout)["contrat"] == "i-v2"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nulle-part.csv"], "Fichier : nulle-part.csv n'est pas un fichier"),
        (
            ["landing/V2/O1.csv", "--contrat", "inconnu"],
            "--contrat : « inconnu » : ni le chemin ni le nom d'un contrat",
        ),
        (["landing/V2/O1.csv", "--html", "page.html"], "--html : un essai n'écrit rien dans le dossier du programme"),
        (["landing/V2/O1.csv", "--html", "."], "--html : . est un dossier ; nommer le fichier à y écrire"),
        (["landing/V2/O1.csv", "--html", "/tmp"], "--html : /tmp est un dossier ; nommer le fichier à y écrire"),
        (["landing/V2/O1.csv", "--html", ""], "--html : une valeur vide ne désigne rien ; la donner"),
    ],
)
def test_a_mistaken_command_is_an_error_of_usage(root: Path, arguments: list[str], said: str) -> None:
    done = observatoire(root, "essai", *arguments)
    assert done.returncode == 2
    assert said in done.stderr and done.stderr.count("\n") == 1


def test_a_contract_at_fault_is_told_whole(root: Path) -> None:
    write_contract(root, mini_contract(contrat="faux", statut="brouillon", institut="X", effet_plan=0))
    done = observatoire(root, "essai", "landing/V2/O1.csv", "--contrat", "faux", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, [q["regle"] for q in told["portes"][0]["non_tenues"]]) == (1, ["contrat_fautif"])
    assert told["fautes_du_contrat"]


def test_no_key_of_pseudonyms_is_made(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OBSERVATOIRE_CLE")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "etat"))
    assert try_delivery(load_programme(root), root / "landing/V2/O1.csv").accepted
    assert not (tmp_path / "etat").exists()
