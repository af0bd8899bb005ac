"""`observatoire wave`: what it writes, what it lists, what it refuses; and a regulator's second year in a few lines by hand."""

from __future__ import annotations

import csv
import datetime as dt
import random
import re
from pathlib import Path

import pytest

from orchestration.authoring.next_wave import open_wave
from orchestration.authoring.texts import with_rows, with_value
from orchestration.errors import ObservatoireError, ProgrammeError
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.ingest import ingest
from orchestration.operation.locks import lock
from orchestration.programme import load_programme
from orchestration.programme.check import check_programme
from orchestration.settings import Settings
from tests.support.demo import REPOSITORY, observatoire
from tests.support.made_returns import LEFT_OUT, Rows, made_programme, rearranged
from tests.support.mini import TABLES, mini_contract, mini_programme, write_contract
from tests.support.second_wave import BEFORE, CONFIRMED, WAVE, rewrite, second_workbook
from tests.support.touched import look, touched

TSM = REPOSITORY / "programmes" / "tsm"
BY_HAND_AT_MOST = 15


def _opened(root: Path, wave: str, *options: str) -> list[str]:
    """Runs the command; returns what it says is missing."""
    done = observatoire(root, "wave", wave, *options)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    start = next(i for i, line in enumerate(said) if line.startswith(("Ce qui manque", "Rien ne manque")))
    end = next(i for i, line in enumerate(said) if line.startswith("À revoir"))
    return [line.strip() for line in said[start + 1 : end]]


def _rows(root: Path, table: str, wave: str) -> list[dict[str, str]]:
    with (root / "reference" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["vague"] == wave]


def _two_waves(root: Path) -> Path:
    """The mini programme, each wave with its contract; its programme.yaml has comments."""
    mini_programme(root)
    for wave in ("V1", "V2"):
        write_contract(root, mini_contract(wave, fichiers=[f"extrait_{wave}*"]))
    path = root / "programme.yaml"
    path.write_text(f"# Un programme d'essai.\n{path.read_text(encoding='utf-8')}# fin\n", encoding="utf-8")
    rewrite(path, (r"^(vague_courante: V2)$", r"\1  # celle des rapports"))
    return root


def test_the_next_wave_is_the_last_one_carried_over(tmp_path: Path) -> None:
    root = _two_waves(tmp_path)
    before = look(root)
    missing = _opened(root, "V3", "--debut", "2025-10-01", "--fin", "2025-12-31")
    after = look(root)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"programme.yaml", "contracts/i-v3.yaml", *(f"reference/{t}.csv" for t in ("vagues", "participations", "questions_vagues"))}  # fmt: skip
    # a file of reference data has lines more at its end, and no other change
    for name in changed - {"programme.yaml", "contracts/i-v3.yaml"}:
        assert after[name][: len(before[name])] == before[name]
    said = [a for a, b in zip(before["programme.yaml"], after["programme.yaml"], strict=True) if a != b]
    assert said == ["vague_courante: V2  # celle des rapports"]
    assert 'vague_courante: "V3"  # celle des rapports' in after["programme.yaml"]
    [wave] = _rows(root, "vagues", "V3")
    assert [wave[c] for c in ("libelle", "ordre", "terrain_debut", "etat", "source")] == ["V3", "3", "2025-10-01", "provisoire", ""]  # fmt: skip
    assert [r["organisme_code"] for r in _rows(root, "participations", "V3")] == ["O1", "O2", "O3"]
    assert [(r["question_code"], r["equivalence"]) for r in _rows(root, "questions_vagues", "V3")] == [(c, "identique") for c in ("G1", "C1", "D1", "D2", "M1")]  # fmt: skip
    assert (root / "landing/V3").is_dir()
    programme = load_programme(root)
    assert check_programme(programme) == []
    # the copy loads nothing until somebody has looked at it
    assert [c.name for c in load_contracts(programme).sound] == ["i-v1", "i-v2"]
    text = (root / "contracts/i-v3.yaml").read_text(encoding="utf-8")
    assert "extrait_V3*" in text and "V2" not in re.sub(r"(?s)^a_decider:.*?\n\n", "", text)
    assert missing == [
        "contracts/i-v3.yaml : brouillon, 1 point à décider ; le tenir à l'extrait, puis dire « statut: confirme ».",
        "plan_sondage.csv : sans strate en V3 : O1, O2, O3 ; y écrire strates, population (le parc de V3) et entretiens visés.",
        "references_nationales.csv : 1 ligne en V2, aucune en V3 (références nationales) ; les dire, ou s'en passer.",
        "landing/V3/ : aucune livraison ; y déposer les extraits.",
    ]


def test_run_again_it_changes_nothing_and_says_nothing_more_once_all_is_there(tmp_path: Path) -> None:
    root = _two_waves(tmp_path)
    assert any("proposé ; mettre les vraies dates" in said for said in _opened(root, "V3"))
    rewrite(root / "reference/vagues.csv", (r"^(V3.*),[^,]*$", r"\1,"))
    rewrite(root / "contracts/i-v3.yaml", *CONFIRMED)
    for table in ("plan_sondage", "references_nationales"):
        path = root / "reference" / f"{table}.csv"
        again = [line.replace("V2", "V3") for line in path.read_text(encoding="utf-8").splitlines() if "V2" in line]
        path.write_text("\n".join([path.read_text(encoding="utf-8").rstrip(), *again]) + "\n", encoding="utf-8")
    (root / "landing/V3/extrait_V3.csv").write_text("", encoding="utf-8")
    before = look(root)
    assert _opened(root, "V3") == []
    assert look(root) == before


@pytest.mark.parametrize(
    ("wave", "said"),
    [
        ("V1", "La vague « V1 » existe déjà (« V2 » la suit) ; nommer celle qui suit « V2 »."),
        ("V/3", "« V/3 » ne peut pas nommer une vague"),
        ("..", "« .. » ne peut pas nommer une vague"),
    ],
)
def test_a_wave_that_cannot_be_opened_is_refused_in_one_sentence(tmp_path: Path, wave: str, said: str) -> None:
    root = _two_waves(tmp_path)
    before = look(root)
    done = observatoire(root, "wave", wave)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Refusé : {said}") and done.stderr.count("\n") == 1
    assert look(root) == before


def test_a_wave_that_would_come_before_the_last_one_is_refused(tmp_path: Path) -> None:
    root = _two_waves(tmp_path)
    done = observatoire(root, "wave", "V2031")
    assert done.returncode == 0, done.stderr
    before = look(root)
    for asked, said in (
        (("V2029",), "La vague « V2029 » vient avant « V2031 », la dernière ; nommer celle qui la suit."),
        (("V4", "--debut", "2019-01-01"), "Terrain de « V4 » : le 2019-01-01 est avant le"),
    ):
        done = observatoire(root, "wave", *asked)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"Refusé : {said}") and done.stderr.count("\n") == 1
        assert look(root) == before


def test_dates_for_a_wave_that_is_open_with_others_are_refused_and_not_passed_over(tmp_path: Path) -> None:
    root = _two_waves(tmp_path)
    assert observatoire(root, "wave", "V3").returncode == 0
    before = look(root)
    for asked in (("--debut", "2025-11-01"), ("--fin", "2025-12-30"), ("--debut", "2010-01-01", "--fin", "2010-02-01")):
        done = observatoire(root, "wave", "V3", *asked)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert done.stderr.startswith("Refusé : « V3 » est déjà ouverte, terrain du 2023-10-01 au 2023-12-31 :")
        assert "vagues.csv, ligne 4, et y vider « source »" in done.stderr
        assert look(root) == before
    assert observatoire(root, "wave", "V3", "--debut", "hier").returncode == 2
    # the same command once more, as a script or a finished opening has it
    assert _opened(root, "V3", "--debut", "2023-10-01", "--fin", "2023-12-31")


def test_a_folder_that_is_no_programme_is_refused(tmp_path: Path) -> None:
    done = observatoire(tmp_path, "wave", "V3")
    assert done.returncode == 1 and "pas de programme.yaml ici" in done.stderr


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "said"),
    [
        ("programme.yaml", r"^vague_courante:.*$", "vague_courante:\n  V2", "programme.yaml, vague_courante : écrire la clé"),
        ("contracts/i-v2.yaml", r"^vague: V2$", "vague:\n  V2", "i-v2.yaml, vague : écrire la clé"),
        ("reference/participations.csv", r"^V1,O1,", "V1,O9,", "participations.csv, ligne 2, colonne organisme_code"),
    ],
)  # fmt: skip
def test_nothing_is_written_where_one_file_cannot_be(
    tmp_path: Path, file: str, pattern: str, replacement: str, said: str
) -> None:
    root = _two_waves(tmp_path)
    rewrite(root / file, (pattern, replacement))
    before = look(root)
    with pytest.raises(ObservatoireError, match=re.escape(said)):
        open_wave(load_programme(root), "V3")
    assert look(root) == before and not (root / "landing/V3").exists()


def test_a_folder_that_cannot_be_written_leaves_the_programme_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = _two_waves(tmp_path)
    before = look(root)
    kept = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if "participations" in path.name:
            raise OSError(28, "No space left on device", str(path))
        return kept(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ProgrammeError, match="Le disque est plein"):
        open_wave(load_programme(root), "V3")
    assert look(root) == before


def test_a_wave_whose_folder_is_a_file_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    root = _two_waves(tmp_path)
    (root / "landing").mkdir()
    (root / "landing/V3").write_text("", encoding="utf-8")
    before = look(root)
    with pytest.raises(ProgrammeError, match=r"Un fichier se trouve là où le chemin veut un dossier \(.*landing/V3\)"):
        open_wave(load_programme(root), "V3")
    assert look(root) == before


def test_a_run_that_works_on_the_programme_is_waited_for_by_a_person(tmp_path: Path) -> None:
    root = _two_waves(tmp_path)
    before = look(root)
    with lock(Settings(root)):
        done = observatoire(root, "wave", "V3")
    assert done.returncode == 1 and "Une autre exécution travaille sur" in done.stderr.replace("\n", " ")
    assert look(root) == before


def test_a_value_that_check_refuses_is_said_by_its_place(tmp_path: Path) -> None:
    root = _two_waves(tmp_path)
    rewrite(root / "reference/vagues.csv", (r"^V2,Vague 2,2,", "V2,Vague 2,deux,"))
    done = observatoire(root, "wave", "V3")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "Refusé : vagues.csv, ligne 3, colonne ordre : « deux » : un nombre entier est attendu."
    )


def test_a_merged_organisme_gives_its_place_to_its_successor(tmp_path: Path) -> None:
    organismes = [*TABLES["organismes"][1], "O4,Quatre,F,,37,2023-01-01,,non", "O5,Cinq,F,,37,2023-01-01,,non"]
    organismes[1] = organismes[1].replace(",2000-01-01,,", ",2000-01-01,2023-06-30,")
    organismes[2] = organismes[2].replace(",2000-01-01,,", ",2000-01-01,2023-06-30,")
    root = tmp_path
    mini_programme(root, tables={"organismes": organismes, "filiations": ["O2,O4,fusion,2023-07-01,1,", "O3,O4,fusion,2023-07-01,1,"]})  # fmt: skip
    open_wave(load_programme(root), "V3", dt.date(2025, 10, 1), dt.date(2025, 12, 31))
    assert [r["organisme_code"] for r in _rows(root, "participations", "V3")] == ["O1", "O4"]
    assert any("sans ligne en V3, et valides le 2025-10-01 : O5" in said for said in _opened(root, "V3"))


@pytest.mark.parametrize(
    ("last", "wave", "start"),
    [("2019", "2022", "2022-10-14"), ("2023-24", "2024-25", "2024-10-14"), ("V1", "V2", "2020-10-14")],
)
def test_dates_are_proposed_as_many_years_later_as_the_names_say(
    tmp_path: Path, last: str, wave: str, start: str
) -> None:
    tables = {
        name: [line.replace("V2", last) for line in lines if "V1" not in line] for name, (_, lines) in TABLES.items()
    }
    tables["vagues"] = [f"{last},{last},1,2019-10-14,2020-02-29,telephone,I,,,,definitive,"]
    if last == "2023-24":
        tables["vagues"] = ["2023-24,2023-24,1,2023-10-14,2024-02-29,telephone,I,,,,definitive,"]
    mini_programme(tmp_path, tables=tables)
    rewrite(tmp_path / "programme.yaml", (r"^vague_courante:.*$", f'vague_courante: "{last}"'))
    open_wave(load_programme(tmp_path), wave)
    [row] = _rows(tmp_path, "vagues", wave)
    assert row["terrain_debut"] == start and row["terrain_fin"].endswith("-02-28")


def test_a_value_of_yaml_is_changed_where_it_stands() -> None:
    for written in ("2022", '"2022"', "'2022'", "deux mots"):
        text = f"x: 1\nvague: {written}   # gardé\ny:\n  vague: 9\n"
        assert with_value(text, "vague", '"Z"', "f") == 'x: 1\nvague: "Z"   # gardé\ny:\n  vague: 9\n'
    for written in ("", "[1]", "{a: 1}", "|", "&a 1"):
        with pytest.raises(ProgrammeError):
            with_value(f"vague: {written}\n", "vague", "1", "f")


def test_lines_are_added_in_the_files_own_order_and_ends() -> None:
    assert with_rows("b,a\r\n1,2", [{"a": "x,y", "b": None}]) == 'b,a\r\n1,2\r\n,"x,y"\r\n'


def test_a_regulators_second_year_takes_a_few_lines_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns moved and renamed, two landlords merged, one renamed: what `wave` cannot know is all that is written."""
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    root = made_programme(tmp_path / "tsm", TSM)
    _opened(root, WAVE)
    delivered = root / "landing" / WAVE / f"tsm-{WAVE}.xlsx"
    second_workbook(root / "landing" / BEFORE / f"tsm-{BEFORE}.xlsx", delivered)
    merged, into, old, new = "F002", "F001", "F003", "F031"

    def next_year(rows: Rows) -> Rows:
        order = list(range(len(rows[0])))
        random.Random(1).shuffle(order)
        # the footnote stays where the first column is
        order.sort(key=lambda i: i != 0)
        kept = [[new if cell == old else cell for cell in row] for row in rows if row[1] != merged]
        names = {"Total sample size achieved": "Completed surveys"}
        head = [names.get(str(cell), cell) for cell in kept[0]]
        return [[row[i] for i in order if i < len(row)] for row in [head, *kept[1:]]]

    rearranged(delivered, next_year)
    before = look(root)
    rewrite(root / "reference/vagues.csv", (rf"^({WAVE}.*),[^,]*$", r"\1,return of the year"))
    rewrite(root / "contracts" / f"rsh-{WAVE}.yaml", *CONFIRMED, ("effectif: Total sample size achieved", "effectif: Completed surveys"))  # fmt: skip
    organismes = root / "reference/organismes.csv"
    rewrite(organismes, (rf"^({merged}.*),,non$", r"\1,2024-03-31,non"), (rf"^({old}.*),,non$", r"\1,2024-03-31,non"))
    with organismes.open("a", encoding="utf-8") as file:
        file.write(f"{new},Landlord {new} (fictional),PRP,,,2024-04-01,,non\n")
    with (root / "reference/filiations.csv").open("a", encoding="utf-8") as file:
        file.write(f"{merged},{into},absorption,2024-04-01,1,\n{old},{new},renommage,2024-04-01,1,\n")
    # what is left is said, and how to do it
    asked = _opened(root, WAVE)
    assert [f"{merged} est dit en {WAVE} et n'est plus valide" in s for s in asked] == [True, False]
    assert f"{old} est dit en {WAVE} et n'est plus valide le 2024-04-01 ; ôter sa ligne, et ajouter {new}" in asked[1]
    rewrite(root / "reference/participations.csv", (rf"^{WAVE},{merged},.*\n", ""), (rf"^{WAVE},{old},", f"{WAVE},{new},"))  # fmt: skip
    assert touched(before, look(root)) <= BY_HAND_AT_MOST
    assert _opened(root, WAVE) == []

    done = observatoire(root, "check")
    assert "2 contrats en règle" in done.stdout, done.stderr
    programme = load_programme(root)
    [delivery] = [d for d in deliveries(programme, load_contracts(programme)) if d.wave == WAVE]
    record = ingest(delivery, programme)
    expected = {r["organisme_code"] for r in programme.rows("participations") if r["vague"] == WAVE}
    assert {lot.organisme_code for lot in record.lots if lot.lignes_acceptees} == expected - {LEFT_OUT}
    assert new in expected and not {merged, old} & expected
    assert sum(lot.lignes_rejetees for lot in record.lots if lot.organisme_code != LEFT_OUT) == 0
