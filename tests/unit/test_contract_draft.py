"""`contract draft`: what it proposes for extracts whose contracts are known, and what it leaves open."""

from __future__ import annotations

import io
import json
import random
import re
import shutil
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import yaml
from rich.console import Console
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.errors import ObservatoireError
from orchestration.extracts.contract import Contract
from orchestration.extracts.contract_body import CONTRACT, contract_schema
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.draft.codes import noted_labels
from orchestration.extracts.draft.report import draft_file
from orchestration.extracts.draft.write import to_yaml, undecided
from orchestration.extracts.ingest import ingest
from orchestration.programme import Programme, load_programme
from tests.support.contracts import load_contract
from tests.support.demo import delivered
from tests.support.drafting import Draft, draft, in_own_order, score, scored, targets

ROOT = Path(__file__).resolve().parents[2]
# one file of each institute: the first of its wave
FILES = {
    "altair": "altair_aubepine.csv",
    "boreal": "boreal_2022_v1.csv",
    "cassini": "Cassini - Satisfaction locataires 2022.xlsx",
    "diapason": "diapason_2022.xlsx",
    "equinoxe": "EQUINOXE_2022.sav",
    "faraday": "faraday_2022.parquet",
}


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's deliveries, in a programme that has no contract: a draft cannot look at one."""
    root = tmp_path_factory.mktemp("programme")
    for name in ("programme.yaml", "reference", "demo"):
        (root / name).symlink_to(ROOT / "data" / name)
    (root / "landing").symlink_to(delivered())
    return root / "landing"


@pytest.fixture(scope="module")
def programme(landing: Path) -> Programme:
    return load_programme(landing.parent)


@pytest.fixture(scope="module")
def drafts(landing: Path, programme: Programme) -> Callable[[str], Draft]:
    """The draft of each institute's file, made once: what takes a part of it does not change it."""
    return cache(lambda institute: draft(landing / "2022" / FILES[institute], programme))


# two write columns of options that no label tells: those are left to a person
UNTOLD = {"altair", "diapason"}
# without a word in its titles, or a number that the questionnaire knows, a file has no question decided
MUTE = {("altair", "2016"), ("altair", "2019")}


@pytest.mark.parametrize("institute", FILES)
def test_a_draft_of_2022_gets_nine_columns_in_ten_and_none_wrong(
    institute: str, landing: Path, programme: Programme, drafts: Callable[[str], Draft]
) -> None:
    contract = ROOT / f"data/contracts/{institute}-2022.yaml"
    result = scored(landing / "2022" / FILES[institute], drafts(institute), contract, programme)
    print(result)
    assert result.wrong == {}
    assert result.values_wrong == []
    assert result.share >= (0.8 if institute in UNTOLD else 0.9)


def test_the_same_file_is_drafted_the_same(landing: Path, programme: Programme, drafts: Callable[[str], Draft]) -> None:
    again = draft(landing / "2022" / FILES["boreal"], programme)
    assert to_yaml(*again[:2]) == to_yaml(*drafts("boreal")[:2])


def test_a_question_of_one_organisme_and_a_renamed_column_are_seen(landing: Path, programme: Programme) -> None:
    contract = ROOT / "data/contracts/altair-2022.yaml"
    result = score(landing / "2022/altair_genevrier.csv", contract, programme, organisme="GENEVRIER")
    several = {name for code in ("CV08", "PR05", "DN09") for name in _options(contract, code)}
    assert (result.wrong, {*result.open} - several) == ({}, set())


def _options(contract: Path, code: str) -> list[str]:
    return list(yaml.safe_load(contract.read_text(encoding="utf-8"))["questions"][code]["colonnes"].values())


@pytest.mark.parametrize("wave", ["2016", pytest.param("2019", marks=pytest.mark.long)])
def test_other_waves_draft_without_a_wrong_line(wave: str, landing: Path, programme: Programme) -> None:
    """Five files of each earlier wave: fewer questions, other headers, axes without names."""
    names = {"alt": "altair", **{name: name for name in FILES if name != "altair"}}
    for path in sorted((landing / wave).iterdir())[-5:]:
        institute = next(full for short, full in names.items() if path.name.lower().startswith(short))
        contract = ROOT / f"data/contracts/{institute}-{wave}.yaml"
        result = score(path, contract, programme, institute=institute.upper())
        print(result)
        assert (result.wrong, result.values_wrong) == ({}, []), path.name
        assert result.share >= (0.1 if (institute, wave) in MUTE else 0.6), path.name


def _altair(landing: Path) -> tuple[pl.DataFrame, dict[str, str]]:
    contract = load_contract(ROOT / "data/contracts/altair-2022.yaml", load_programme(ROOT / "data"))
    truth = {**contract.known_columns(""), **dict.fromkeys(contract.ignored_columns(""), "ignorees")}
    return pl.read_csv(landing / "2022/altair_aubepine.csv", separator=";", infer_schema=False), truth


def _wrong(
    frame: pl.DataFrame, truth: Mapping[str, str], tmp_path: Path, programme: Programme
) -> tuple[int, list[str]]:
    path = tmp_path / "inconnu_2022.csv"
    frame.write_csv(path, separator=";")
    _, lines, _ = draft(path, programme)
    found = targets(lines)
    wrong = [c for c in frame.columns if c in found and found[c] != truth.get(c, "ignorees")]
    return sum(c in found for c in frame.columns), wrong


def test_a_missing_column_leaves_its_neighbours_open(landing: Path, tmp_path: Path, programme: Programme) -> None:
    frame, truth = _altair(landing)
    decided, wrong = _wrong(frame.drop("Q15"), truth, tmp_path, programme)
    assert wrong == []
    assert decided >= 70


@pytest.mark.parametrize("left", [20, 45, 48, 51, 55])
def test_numbers_that_go_on_over_a_missing_question_prove_none(
    left: int, landing: Path, tmp_path: Path, programme: Programme
) -> None:
    """The sender numbered what it asked: from the missing question on, each number is the one of its neighbour."""
    frame, truth = _altair(landing)
    kept = [c for c in frame.columns if not re.fullmatch(rf"Q{left}(_\d+)?", c)]
    names = {c: re.sub(r"^Q(\d+)", lambda n: f"Q{int(n[1]) - (int(n[1]) > left)}", c) for c in kept}
    renumbered = {names[c]: truth[c] for c in kept if c in truth}
    assert _wrong(frame.select(kept).rename(names), renumbered, tmp_path, programme)[1] == []


@pytest.mark.parametrize("seed", [3, 11, 40])
def test_numbers_of_an_institute_s_own_order_are_left_to_a_person(
    seed: int, landing: Path, tmp_path: Path, programme: Programme
) -> None:
    frame, renamed = in_own_order(*_altair(landing), programme, random.Random(seed))
    path = tmp_path / "inconnu_2022.csv"
    frame.write_csv(path, separator=";")
    proposal, lines, _ = draft(path, programme)
    wrong = [
        [code for c, code in found.items() if code != renamed.get(c, "ignorees")]
        for found in (targets(lines, confirmed=False), targets(lines))
    ]
    assert wrong[0] == [] and wrong[1], "what the numbers say is written, for a person to confirm"
    [point] = [point for point in undecided(proposal, lines) if "seul le numéro" in point]
    assert all(re.search(rf"\b{code}\b", point) for code in wrong[1])


def test_a_question_of_their_own_between_ours(landing: Path, tmp_path: Path, programme: Programme) -> None:
    frame, truth = _altair(landing)
    place = frame.columns.index("Q16")
    frame = frame.insert_column(place, frame["Q2"].alias("LOCALE"))
    decided, wrong = _wrong(frame, truth, tmp_path, programme)
    assert wrong == []
    assert decided >= 70


@pytest.mark.parametrize("missing", [(), ("Q4",), ("Q26",), ("Q15", "Q44"), ("Q6", "Q31")])
def test_headers_that_say_nothing_attach_no_question(
    missing: tuple[str, ...], landing: Path, tmp_path: Path, programme: Programme
) -> None:
    """Its place and who answered do not tell a column from the neighbour of one that is missing."""
    frame, truth = _altair(landing)
    frame = frame.drop(missing)
    names = {c: f"V{i:03d}" for i, c in enumerate(frame.columns, start=1)}
    path = tmp_path / "inconnu_2022.csv"
    frame.rename(names).write_csv(path, separator=";")
    proposal, lines, body = draft(path, programme)
    assert body["questions"] == {}
    assert "rien que sa place et qui y a répondu ne le dit" in "\n".join(undecided(proposal, lines))
    found = targets(lines)
    assert {c: found[n] for c, n in names.items() if found.get(n) not in (None, truth.get(c, "ignorees"))} == {}


def test_columns_in_any_order_are_left_open_rather_than_guessed(
    landing: Path, tmp_path: Path, programme: Programme
) -> None:
    frame, truth = _altair(landing)
    columns = frame.columns
    random.Random(7).shuffle(columns)
    assert _wrong(frame.select(columns), truth, tmp_path, programme)[1] == []


def test_labels_are_stronger_than_order(landing: Path, programme: Programme, tmp_path: Path) -> None:
    contract = ROOT / "data/contracts/boreal-2022.yaml"
    frame = pl.read_csv(landing / "2022/boreal_2022_v1.csv", infer_schema=False)
    columns = frame.columns
    random.Random(7).shuffle(columns)
    path = tmp_path / "boreal_2022.csv"
    frame.select(columns).write_csv(path)
    result = score(path, contract, programme)
    assert (result.wrong, result.values_wrong) == ({}, [])
    assert result.share >= 0.9


@pytest.mark.parametrize("institute", FILES)
def test_a_draft_is_valid_for_the_schema_and_loads_nothing(
    institute: str, programme: Programme, drafts: Callable[[str], Draft], tmp_path: Path
) -> None:
    proposal, lines, body = drafts(institute)
    # a question that is open has no line yet, which only the check of a whole contract minds
    path = tmp_path / "brouillon.yaml"
    path.write_text(to_yaml(proposal, lines), encoding="utf-8")
    assert not Contract(path, CONTRACT.validate_python(body), "").confirmed
    if not any(code in point for code in programme.questions for point in body["a_decider"]):
        assert not load_contract(path, programme).confirmed


def test_a_completed_draft_makes_the_lake_of_the_contract_a_person_wrote(
    landing: Path, drafts: Callable[[str], Draft], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the guide shows: the open points decided, the draft confirmed, every row the same."""
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    body = deepcopy(drafts("faraday")[-1])
    statuses = {"7": "REFUS", "8": "NC", "9": "NSP"}, {"97": "REFUS", "98": "NC", "99": "NSP"}
    for name, codage in body["codages"].items():
        codage |= statuses[name not in ("sat4", "oui_non", "oui_non_encours")]
    options = yaml.safe_load((ROOT / "data/contracts/faraday-2022.yaml").read_text(encoding="utf-8"))["codages"]
    for name in [name for name in body["codages"] if name.startswith("motif")]:
        body["codages"][name] = options[name]
    body["codages"]["oui_non_encours"] |= {"-1": "FILTRE", "1": "OUI", "2": "ENCOURS", "3": "NON"}
    body["axes"]["type_menage"]["codage"] = {"1": "SEUL", "2": "COUPLE", "3": "COUPLE_ENFANTS", "4": "MONOPARENTAL"}
    del body["a_decider"]
    body["statut"] = "confirme"
    written = yaml.safe_dump(body, allow_unicode=True)
    shipped = (ROOT / "data/contracts/faraday-2022.yaml").read_text(encoding="utf-8")
    lakes = [_lake(tmp_path / name, text, landing) for name, text in (("brouillon", written), ("livre", shipped))]
    assert lakes[0] == lakes[1]


def _lake(root: Path, contract: str, landing: Path) -> list[tuple[str | None, int, int, str | None]]:
    (root / "contracts").mkdir(parents=True)
    (root / "landing/2022").mkdir(parents=True)
    for name in ("programme.yaml", "reference"):
        (root / name).symlink_to(ROOT / "data" / name)
    (root / "contracts/faraday-2022.yaml").write_text(contract, encoding="utf-8")
    shutil.copy(landing / "2022" / FILES["faraday"], root / "landing/2022")
    programme = load_programme(root)
    [delivery] = deliveries(programme, load_contracts(programme))
    return [
        (x.organisme_code, x.lignes_lues, x.lignes_acceptees, x.empreinte) for x in ingest(delivery, programme).lots
    ]


def test_every_line_says_how_sure_it_is_and_why(drafts: Callable[[str], Draft]) -> None:
    proposal, lines, _ = drafts("cassini")
    text = to_yaml(proposal, lines)
    section = text[text.index("\nquestions:") :].splitlines()[2:]
    assert all(" % : " in line for line in section if line.startswith("  "))
    assert text.index("\na_decider:") < text.index("\ncontrat:")


def test_personal_data_is_named_never_quoted(landing: Path, programme: Programme, tmp_path: Path) -> None:
    frame, _ = _altair(landing)
    height = frame.height
    seeded = {
        "NOM": [f"Zébulon{i}" for i in range(height)],
        "CONTACT": [f"locataire{i}@exemple.fr" for i in range(height)],
        "NUMERO_2": [f"06 12 34 {i // 100 % 100:02d} {i % 100:02d}" for i in range(height)],
        "OU": [f"{i % 90 + 1} rue des Tilleuls" for i in range(height)],
        "Verbatim": [f"Le gardien Zébulon passe trop peu souvent dans le hall {i}" for i in range(height)],
    }
    path = tmp_path / "altair_aubepine.csv"
    frame.with_columns(pl.Series(k, v) for k, v in seeded.items()).write_csv(path, separator=";")
    text, summary = draft_file(path, programme, None, None, None)
    screen = Console(file=io.StringIO(), record=True, width=200)
    screen.print(summary)
    printed = text + screen.export_text()
    assert set(seeded) <= set(yaml.safe_load(text)["ignorees"])
    assert "données personnelles : NOM, CONTACT, NUMERO_2, OU" in text
    for secret in ("bulon", "exemple.fr", "06 12", "Tilleuls", "gardien Z"):
        assert secret not in printed


def test_the_command_writes_a_file_once(landing: Path, programme: Programme, tmp_path: Path) -> None:
    target = tmp_path / "faraday-2022.yaml"
    command = [
        "contract",
        "draft",
        str(landing / "2022" / FILES["faraday"]),
        "-o",
        str(target),
        "--data",
        str(programme.root),
    ]
    first = CliRunner().invoke(app, command)
    assert first.exit_code == 0, first.output
    assert yaml.safe_load(target.read_text(encoding="utf-8"))["contrat"] == "faraday-2022"
    written = target.read_text(encoding="utf-8")
    again = CliRunner().invoke(app, command)
    assert again.exit_code == 1
    assert target.read_text(encoding="utf-8") == written


@pytest.mark.parametrize(
    ("name", "content", "options", "said"),
    [
        ("a.csv", b"bonjour", {}, "séparateur"),
        ("a.xlsx", b"PK\x03\x04rien", {}, "classeur tronqué ou abîmé"),
        ("a.sav", b"$FL2rien", {}, "illisible comme sav"),
        ("a.parquet", b"PAR1rien", {}, "illisible comme parquet"),
        ("a.csv", b"", {}, "le fichier est vide"),
        ("a.csv", b"\xef\xbb\xbf\r\n", {}, "le fichier est vide"),
        ("a.csv", b"a;b\n1;2\n", {"vague": "1999"}, "n'est pas dans vagues.csv"),
        ("a.csv", b"a;b\n1;2\n", {"institut": "NEMO"}, "n'est pas dans instituts.csv"),
    ],
)
def test_a_refusal_is_one_sentence(
    name: str, content: bytes, options: dict[str, str], said: str, tmp_path: Path, programme: Programme
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ObservatoireError, match=said) as refused:
        draft_file(path, programme, options.get("vague"), options.get("institut"), None)
    assert "\n" not in str(refused.value)


def test_the_schema_is_printed_for_editors() -> None:
    assert json.loads(CliRunner().invoke(app, ["contract", "schema"]).stdout) == contract_schema()


def test_notes_above_the_table_are_read() -> None:
    note = "Codes : 4 très satisfait, 1 pas du tout satisfait, 9 = ne sait pas"
    assert noted_labels([note]) == {"4": "très satisfait", "1": "pas du tout satisfait", "9": "ne sait pas"}
