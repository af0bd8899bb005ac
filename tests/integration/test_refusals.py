"""What may go wrong in a run: refused in one sentence, exit code 1, and what readers see has not changed."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import yaml

from tests.support.demo import observatoire
from tests.support.listening import web
from tests.support.mini import mini_contract, row, write_contract, write_csv
from tests.support.small import new_answers, published


@pytest.fixture
def programme() -> Path:
    """A published programme: each test spoils its own."""
    return published()


def _edition(root: Path) -> tuple[str, int]:
    with duckdb.connect(str(root / "published" / "observatoire.duckdb"), read_only=True) as connection:
        return connection.sql("select edition, nb_entretiens from observatoire.meta_edition").fetchall()[0]


def _refused(root: Path, *said: str) -> None:
    before = _edition(root)
    done = observatoire(root, "run")
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    for words in said:
        assert words in done.stderr, done.stderr
    assert _edition(root) == before


def test_too_little_of_the_stock_refuses_the_publication_and_status_says_so_until_it_is_settled(
    programme: Path,
) -> None:
    gone = {path: path.read_bytes() for path in (programme / f"landing/V2/{code}.csv" for code in ("O1", "O2"))}
    for path in gone:
        path.unlink()
    _refused(programme, "Rien n'a été publié", "14,3\u202f% du parc attendu", "Manquent : O1, O2")
    said = observatoire(programme, "status").stdout
    for words in (
        "Dernière exécution (",
        "14,3\u202f% du parc attendu consolidé",
        "Couverture de cette édition en V2 : 100\u202f% de la population attendue.",
    ):
        assert words in said
    for path, body in gone.items():
        path.write_bytes(body)
    assert "Dernière exécution" not in observatoire(programme, "status").stdout
    assert observatoire(programme, "run").returncode == 0
    assert '"etat": "inchangee"' in (programme / "warehouse/derniere_execution.json").read_text(encoding="utf-8")


@pytest.mark.long
def test_a_refusal_that_could_not_be_told_is_told_by_a_run_that_finds_nothing_new(
    programme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (programme / "landing/V2/encore.csv").write_bytes(b"\x00\x01\x02 rien de lisible")
    monkeypatch.setenv("OBSERVATOIRE_ALERTE_WEBHOOK", "http://127.0.0.1:1/")
    assert "Alerte non envoyée" in observatoire(programme, "run").stdout
    with web() as (address, posted):
        monkeypatch.setenv("OBSERVATOIRE_ALERTE_WEBHOOK", address)
        for _ in range(2):
            done = observatoire(programme, "run")
            assert (done.returncode, "Alerte" in done.stdout) == (0, False), done.stdout
        assert [[told["fichier"] for told in one["refus"]] for one in posted] == [["V2/encore.csv"]]


def _lose_a_delivery(programme: Path) -> None:
    (programme / "landing/V2/O3.csv").write_bytes(b"\x00\x01\x02 rien de lisible")


def test_a_lost_delivery_refuses_the_publication(programme: Path) -> None:
    _lose_a_delivery(programme)
    _refused(
        programme, "Rien n'a été publié", "O3 en V2 : 12 entretiens publiés, aucun à présent", "--accepter-les-pertes"
    )
    assert observatoire(programme, "run", "--accepter-les-pertes", " ").returncode == 2
    # what is no longer in landing/ cannot be withdrawn: that would be advice which leads to the same refusal
    assert "withdraw" not in observatoire(programme, "status").stdout


@pytest.mark.slow
def test_a_lost_delivery_that_someone_agrees_to_stops_only_itself(programme: Path) -> None:
    _lose_a_delivery(programme)
    done = observatoire(programme, "run", "--accepter-les-pertes", "fichier abîmé, redemandé à l'institut")
    assert done.returncode == 0, done.stderr
    assert "Refusée : " in done.stdout
    assert 'O3,12,0,"fichier abîmé, redemandé' in (programme / "landing/pertes_acceptees.csv").read_text(
        encoding="utf-8"
    )
    with duckdb.connect(str(programme / "published" / "observatoire.duckdb"), read_only=True) as connection:
        covered = connection.sql(
            "select organisme_code, statut from observatoire.obs_couverture where vague = 'V2' order by 1"
        ).fetchall()
    assert covered == [("O1", "inclus"), ("O2", "inclus"), ("O3", "rejete")]
    said = observatoire(programme, "status").stdout
    assert "Couverture de cette édition en V2 : 85,7\u202f% de la population attendue." in said
    assert "Manque O3 (14,3\u202f% de la population) : O3.csv" in said
    # of an organisme that the edition lacks for a reason that still holds, all is said
    assert "reçus et refusés" not in said
    assert _edition(programme)[0] == "V2-0.1"


@pytest.mark.parametrize(
    ("table", "sound", "spoilt", "said"),
    [
        ("plan_sondage", "V2,O1,COL,400", "V2,O1,COL,beaucoup", "ligne 8, colonne population : « beaucoup »"),
        pytest.param(
            "vagues",
            "2022-10-01",
            "01/10/2022",
            "ligne 3, colonne terrain_debut : « 01/10/2022 »",
            marks=pytest.mark.long,
        ),
    ],
)
def test_bad_reference_data_is_refused_with_its_place(
    programme: Path, table: str, sound: str, spoilt: str, said: str
) -> None:
    path = programme / f"reference/{table}.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(sound, spoilt), encoding="utf-8")
    _refused(programme, f"{table}.csv, {said}")


@pytest.mark.long
def test_a_bad_contract_is_refused_with_its_name(programme: Path) -> None:
    write_contract(programme, mini_contract(surprise=True))
    _refused(programme, "O1 en V2 : 12 entretiens publiés, aucun", "i-v2.yaml, racine : clé inconnue : surprise")
    checked = observatoire(programme, "check")
    assert (checked.returncode, checked.stdout) == (1, "")
    assert checked.stderr.startswith("i-v2.yaml, racine : clé inconnue : surprise ; y sont admises contrat, version")


@dataclass(frozen=True)
class Ended:
    """A programme, and what its last run said."""

    root: Path
    said: str


@pytest.fixture(scope="module")
def wrong_in_three_places(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """One run over three faults of which none stops the publication: each test looks at what one of them came to."""
    root = published()
    # a contract that names an institute that there is none of, and a file that it reads
    write_contract(root, mini_contract(contrat="nouveau", institut="X", fichiers=["nouveau*"]))
    write_csv(root / "landing/V2/nouveau.csv", [row("1")])
    by_name = {"nom_fichier": r"^(O\d)"}
    write_contract(root, mini_contract(organisme=by_name, ignorees=["ORG"], fichiers=["O*"]))
    # 40 interviews of 4 organismes were published of the wave: 36 of 3 are delivered, and the five questions
    path = root / "reference/vagues.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("telephone,I,,,,provisoire", "telephone,I,40,5,4,provisoire"), encoding="utf-8")
    # a question of an organisme that somebody leaves out
    assert observatoire(root, "exclude", "V2", "O1", "G9", "--motif", "x").returncode == 1
    done = observatoire(root, "exclude", "V2", "O1", "G1", "--motif", "échelle inversée à la saisie")
    assert done.returncode == 0, done.stderr
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stderr
    kept = tmp_path_factory.mktemp("trois") / "programme"
    shutil.copytree(root, kept, symlinks=True)
    return Ended(kept, done.stdout)


@pytest.mark.slow
def test_a_bad_contract_costs_its_own_files_and_the_run_goes_on(wrong_in_three_places: Ended) -> None:
    assert (
        "Refusée : V2/nouveau.csv : le contrat qui lit ce fichier est fautif : nouveau.yaml, ligne 4, institut"
        in wrong_in_three_places.said
    )
    with duckdb.connect(
        str(wrong_in_three_places.root / "published/observatoire.duckdb"), read_only=True
    ) as connection:
        sql = "select fichier from observatoire.obs_qualite where regle = 'contrat_fautif' and not tenue"
        assert connection.sql(sql).fetchall() == [("V2/nouveau.csv",)]


@pytest.mark.slow
def test_the_published_totals_of_a_wave_are_compared_with_what_is_consolidated(wrong_in_three_places: Ended) -> None:
    said = wrong_in_three_places.said
    told = [line for line in said.splitlines() if line.startswith("À relire : controle")]
    # 36 interviews of 40, 3 organismes of 4; the five questions are there
    assert [line.split(" : ")[2].split(" ")[1] for line in told] == ["entretiens", "organismes"], said


@pytest.mark.slow
def test_a_question_left_out_costs_the_organisme_that_question_only(wrong_in_three_places: Ended) -> None:
    published = wrong_in_three_places.root / "published"
    cell = (
        "select nb_organismes, statut, motif_statut from observatoire.fct_satisfaction where vague = 'V2'"
        " and axe = 'ensemble' and question_code = 'G1' and perimetre_type = 'region'"
    )
    own = (
        "select question_code, statut, motif_statut from observatoire.fct_satisfaction where vague = 'V2'"
        " and axe = 'ensemble' and question_code in ('G1', 'D1') and perimetre_type = 'organisme' order by 1"
    )
    with duckdb.connect(str(published / "observatoire.duckdb"), read_only=True) as connection:
        assert connection.sql(cell).fetchall() == [(2, "V", None)]
        told = connection.sql("select exemple from observatoire.obs_qualite where regle = 'question_exclue'").fetchall()
        covered = connection.sql(
            "select statut, motif from observatoire.obs_couverture where vague = 'V2' and organisme_code = 'O1'"
        ).fetchall()
    assert told == [("G1 : échelle inversée à la saisie",)]
    assert covered == [("reserve", "Question laissée de côté par décision (G1 : échelle inversée à la saisie)")]
    with duckdb.connect(str(published / "organismes/O1.duckdb"), read_only=True) as connection:
        assert connection.sql(own).fetchall() == [
            ("D1", "V", None),
            ("G1", "E", "question exclue : échelle inversée à la saisie"),
        ]


def test_a_failing_expectation_refuses_the_publication(programme: Path) -> None:
    rows = [row(str(i), ORG="O1", Q1="4", TC="CI"[i % 2], Q2="" if i % 2 else "4", Q4="4") for i in range(12)]
    for organisme in ("O1", "O2", "O3"):
        write_csv(programme / f"landing/V2/{organisme}.csv", [{**r, "ORG": organisme} for r in rows])
    _refused(programme, "vague_precedente", "une échelle a été lue à l'envers")


def test_two_runs_at_once_say_who_holds_the_lock(programme: Path) -> None:
    import subprocess

    holder = "import fcntl,sys,time; f=open(sys.argv[1],'a'); fcntl.flock(f, fcntl.LOCK_EX); print('tenu', flush=True); time.sleep(60)"
    lock = programme / "warehouse" / "run.verrou"
    process = subprocess.Popen([sys.executable, "-c", holder, str(lock)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "tenu\n"
        lock.write_text(json.dumps({"pid": process.pid}), encoding="utf-8")
        done = observatoire(programme, "run")
        assert done.returncode == 1
        assert f"processus {process.pid}" in done.stderr
    finally:
        process.kill()
        process.wait()
    assert observatoire(programme, "run").returncode == 0


@pytest.mark.long
def test_a_report_that_fails_is_printed_next_time_and_a_damaged_edition_is_neither_trusted_nor_gone_back_to(
    programme: Path,
) -> None:
    new_answers(programme)
    (programme / "reports/V2-0.1").write_text("à la place du dossier", encoding="utf-8")
    done = observatoire(programme, "run")
    assert done.returncode == 1
    assert "L'édition V2-0.1 est publiée, mais la suite a échoué. " in done.stderr
    assert f"là où le chemin veut un dossier ({programme / 'reports/V2-0.1'}" in done.stderr
    (programme / "reports/V2-0.1").unlink()
    again = observatoire(programme, "run")
    assert (again.returncode, _edition(programme)[0]) == (0, "V2-0.1")
    assert (programme / "reports/courant/index.html").is_file()
    store = programme / "published/editions"
    manifest, database = store / "V2-0.0/manifeste.json", store / "V2-0.1/edition.duckdb"
    for spoilt in ("", "[1]", "{}"):
        manifest.write_text(spoilt, encoding="utf-8")
        done = observatoire(programme, "rollback")
        assert (done.returncode, done.stdout) == (1, "")
        assert f"V2-0.0 est abîmée ({manifest} est abîmé) ; restaurer une sauvegarde" in done.stderr
    # the one in force is made again, from what was delivered
    database.chmod(0o644)
    database.write_bytes(b"PAS UNE BASE")
    assert "n'est plus celui qui fut publié" in observatoire(programme, "diff", "V2-0.1", "V2-0.1").stderr
    done = observatoire(programme, "run")
    assert (done.returncode, _edition(programme)[0]) == (0, "V2-0.2"), done.stderr


def test_an_edition_is_a_name_in_the_store_and_no_path(programme: Path) -> None:
    outside = programme / "published/V2-0.0"
    shutil.copytree(programme / "published/editions/V2-0.0", outside)
    for name in ("../V2-0.0", str(outside), "V2-0.0/../V2-0.0", "."):
        done = observatoire(programme, "rollback", name)
        assert (done.returncode, f"L'édition « {name} » n'est pas dans" in done.stderr) == (1, True), done.stderr
    assert _edition(programme)[0] == "V2-0.0"


@pytest.mark.long
def test_what_is_produced_and_damaged_is_made_again_or_named(programme: Path) -> None:
    new_answers(programme)
    for path in (programme / "lake").rglob("*.parquet"):
        path.unlink()
        path.write_bytes(b"PAR1 ceci n'en est pas un")
    (programme / "warehouse/observatoire.duckdb").write_bytes(b"ni ceci une base")
    (programme / ".dagster/storage/catalogue.db").parent.mkdir(exist_ok=True)
    for path in (programme / ".dagster").rglob("*.db"):
        path.write_bytes(b"ni une base SQLite")
    _refused(programme, f"{programme / '.dagster'} : journal de Dagster illisible", "effacer ce dossier")
    shutil.rmtree(programme / ".dagster")
    done = observatoire(programme, "run")
    assert (done.returncode, _edition(programme)[0]) == (0, "V2-0.1"), done.stderr
    (programme / "landing/pertes_acceptees.csv").write_text("n'importe quoi\n", encoding="utf-8")
    new_answers(programme, "2")
    _refused(programme, "pertes_acceptees.csv : illisible ; y remettre l'en-tête")


@pytest.mark.slow
@pytest.mark.parametrize(
    "begun", ["warehouse/dbt/consolidation.log", pytest.param("lake/registre/*.json", marks=pytest.mark.long)]
)
def test_an_interrupted_run_publishes_nothing_and_stops_nobody(programme: Path, begun: str) -> None:
    import os
    import signal
    import subprocess
    import time

    for path in programme.glob(begun):
        path.unlink()
    new_answers(programme)
    before = _edition(programme)
    environment = {
        **os.environ,
        "OBSERVATOIRE_DATA": str(programme),
        "OBSERVATOIRE_CLE": "clé d'essai, connue de tous et donc d'aucun secret",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "run"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    while process.poll() is None and not any(p.stat().st_size for p in programme.glob(begun)):
        time.sleep(0.02)
    # as a terminal does: to all that the command has started
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, output + errors
    assert errors.splitlines()[-1] == "Interrompu."
    assert "Traceback" not in output + errors
    assert _edition(programme) == before
    done = observatoire(programme, "run")
    assert (done.returncode, _edition(programme)[0]) == (0, "V2-0.1"), done.stderr


def test_a_wrong_programme_file_is_one_sentence(programme: Path) -> None:
    config = yaml.safe_load((programme / "programme.yaml").read_text(encoding="utf-8"))
    config["seuils"]["alpha"] = "petit"
    (programme / "programme.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    _refused(programme, "programme.yaml", "seuils.alpha")
