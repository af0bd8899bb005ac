"""dispositifs.csv and the column of vagues.csv: what is read of them, what is refused, and what stays within a dispositif."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.authoring.next_wave import last_wave, open_wave
from orchestration.errors import ProgrammeError
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.control_tables import device_waves, listening_devices
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.election import elect
from orchestration.extracts.ingest import ingest
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.records import Lot, Record
from orchestration.programme import Programme, load_programme
from orchestration.programme.check import check_programme
from orchestration.programme.dispositifs import dispositif_of, principal_waves, successions, waves_before
from tests.support.between import APPELS, ENQUETE, HEADER, PERIODS, declare_dispositifs, programme_with_calls
from tests.support.mini import mini_programme, row, write_csv


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """The small programme with its calls; nobody changes it."""
    return load_programme(programme_with_calls(tmp_path_factory.mktemp("appels")))


def test_a_programme_that_declares_none_has_one(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    assert check_programme(programme) == []
    assert listening_devices(programme).rows() == [("principal", "Enquête", 1, None, True, None)]
    assert device_waves(programme).rows() == [("V1", "principal", True), ("V2", "principal", True)]
    assert principal_waves(programme) == ["V1", "V2"] and list(successions(programme)) == [("V1", "V2")]


def test_each_wave_is_of_its_dispositif_and_one_that_names_none_of_the_principal(calls: Programme) -> None:
    assert check_programme(calls) == []
    assert [row[:3] for row in listening_devices(calls).rows()] == [
        ("ENQ", "Grande enquête", 1),
        ("APPELS", "Appels de courtoisie", 2),
    ]
    assert dispositif_of(calls) == {"V1": "ENQ", "V2": "ENQ"} | dict.fromkeys(PERIODS, "APPELS")
    assert set(device_waves(calls).filter(~device_waves(calls)["est_principale"])["vague"]) == set(PERIODS)


def test_what_follows_and_what_comes_before_is_of_the_same_dispositif(calls: Programme) -> None:
    periods = list(PERIODS)
    assert {("V1", "V2"), (periods[0], periods[1])} <= set(successions(calls))
    assert len(list(successions(calls))) == len(periods)
    assert waves_before(calls, periods[2]) == periods[:2] and waves_before(calls, "V2") == ["V1"]
    assert waves_before(calls, "2099") == []


def _faults(root: Path, lines: list[str], waves: dict[str, str], **tables: list[str]) -> list[str]:
    mini_programme(root, tables=tables)
    declare_dispositifs(root, lines, waves)
    return [str(problem) for problem in check_programme(load_programme(root))]


@pytest.mark.parametrize(
    ("lines", "waves", "said"),
    [
        ([ENQUETE], {"V1": "ECOUTE"}, "vagues.csv, ligne 2, colonne dispositif : « ECOUTE » n'existe pas dans dispositifs.csv"),
        ([ENQUETE, APPELS.replace(",non,", ",oui,")], {}, "dispositifs.csv, colonne principal : 2 le sont (ENQ, APPELS) ; dire « oui » d'un seul"),
        ([APPELS], {"V1": "APPELS"}, "dispositifs.csv, colonne principal : aucun ne l'est ; dire « oui » d'un seul"),
        ([ENQUETE, APPELS], {"V2": "APPELS"}, "programme.yaml, clé vague_courante : « V2 » est une vague de APPELS ; nommer une vague du principal, ENQ."),
        ([ENQUETE, APPELS.replace("trimestrielle", "parfois")], {}, "« parfois » : valeurs admises : triennale, biennale"),
        ([ENQUETE, APPELS.replace("APPELS", "ENQ")], {}, "« ENQ » figure déjà plus haut"),
    ],
)  # fmt: skip
def test_each_fault_is_one_sentence(tmp_path: Path, lines: list[str], waves: dict[str, str], said: str) -> None:
    [found] = _faults(tmp_path, lines, waves)
    assert said in found


@pytest.mark.parametrize(
    ("own", "standing", "in_force"),
    [
        (",", "accepte_avec_reserve", "O1.csv"),
        ("0.2,", "rejete", "O1 (2).csv"),
        (",0.5", "accepte_avec_reserve", "O1 (2).csv"),
    ],
)
def test_a_dispositif_holds_its_deliveries_to_thresholds_of_its_own(
    tmp_path: Path, own: str, standing: str, in_force: str
) -> None:
    """The programme takes a quarter of rejects with a reserve, and no second delivery that loses a third."""
    root, period = programme_with_calls(tmp_path), next(iter(PERIODS))
    listed = root / "reference/dispositifs.csv"
    first, survey, calls = listed.read_text(encoding="utf-8").splitlines()
    columns = f"{first},rejets_maximum,relivraison_perte_maximum"
    listed.write_text("\n".join((columns, f"{survey},,", f"{calls},{own}", "")), encoding="utf-8")
    for name, told in (("O1", "111111111ZZZ"), ("O1 (2)", "222222")):
        rows = [row(str(i), ORG="O1", DATE="15/02/2021", Q1=answer, Q6="1") for i, answer in enumerate(told)]
        write_csv(root / f"landing/{period}/{name}.csv", rows, header=HEADER)
    programme = load_programme(root)
    assert check_programme(programme) == []
    for delivery in deliveries(programme, load_contracts(programme)):
        if delivery.wave == period:
            ingest(delivery, programme)
    inventory = take_inventory(programme)
    assert {r.fichier: r.statut for r in inventory.records}[f"{period}/O1.csv"] == standing
    assert inventory.election.elected[period, "O1"][0].fichier == f"{period}/{in_force}"


def test_a_threshold_of_a_dispositif_is_a_share(tmp_path: Path) -> None:
    mini_programme(tmp_path)
    declare_dispositifs(tmp_path, [f"{ENQUETE},", f"{APPELS},30"], {})
    listed = tmp_path / "reference/dispositifs.csv"
    listed.write_text(listed.read_text(encoding="utf-8").replace("evenement", "evenement,rejets_maximum", 1), "utf-8")
    [found] = [str(problem) for problem in check_programme(load_programme(tmp_path))]
    assert found.startswith("dispositifs.csv, ligne 3, colonne rejets_maximum : « 30 » : au plus 1 est attendu.")


def test_people_met_again_in_another_dispositif_are_refused(tmp_path: Path) -> None:
    mini_programme(tmp_path)
    declare_dispositifs(tmp_path, [ENQUETE, APPELS], {"V1": "APPELS"})
    overlap = "organisme_code,vague,vague_precedente,part,correlation\nO1,V2,V1,0.5,\n"
    (tmp_path / "reference/recouvrements.csv").write_text(overlap, encoding="utf-8")
    [found] = [str(problem) for problem in check_programme(load_programme(tmp_path))]
    assert found.startswith(
        "recouvrements.csv, ligne 2, colonne vague_precedente : « V1 » est de APPELS, et « V2 » de ENQ"
    )


def test_a_column_that_no_file_may_leave_out_is_still_missed(tmp_path: Path) -> None:
    path = mini_programme(tmp_path).reference_path("vagues")
    path.write_text(path.read_text(encoding="utf-8").replace("etat,", "etats,", 1), encoding="utf-8")
    found = [str(problem) for problem in check_programme(load_programme(tmp_path))]
    assert [said.partition(" ; ")[0] for said in found if "colonne" in said] == [
        "vagues.csv, ligne 1, colonne etat : colonne absente",
        "vagues.csv, ligne 1, colonne etats : colonne inconnue du dictionnaire",
    ]


def test_a_lot_is_held_against_the_wave_before_of_its_dispositif() -> None:
    def delivered(wave: str) -> Record:
        lot = Lot("O1", 12, 12, 0, "accepte", "", empreinte=wave, nature="entretiens")
        return Record(wave, "O1.csv", wave, 1, wave, "I", wave, 1, "", "2022-01-01T00:00:00", "accepte", "", [lot], [])

    waves, placed = ["V1", "T1", "V2", "T2"], {"V1": "ENQ", "V2": "ENQ", "T1": "APPELS", "T2": "APPELS"}
    found = elect([delivered(wave) for wave in waves], waves=waves, dispositifs=placed)
    before = {wave: c.previous.empreinte if c.previous else None for (wave, _), c in found.candidates.items()}
    assert before == {"V1": None, "T1": None, "V2": "V1", "T2": "T1"}


def test_the_next_wave_follows_the_last_one_of_the_principal(tmp_path: Path) -> None:
    root = programme_with_calls(tmp_path)
    programme = load_programme(root)
    assert last_wave(programme, "V3") == ("V2", False)
    with pytest.raises(ProgrammeError, match="« 2021-T1 » est une vague de APPELS"):
        last_wave(programme, "2021-T1")
    open_wave(programme, "V3")
    again = load_programme(root)
    assert principal_waves(again) == ["V1", "V2", "V3"]
    asked = {row["question_code"] for row in again.rows("questions_vagues") if row["vague"] == "V3"}
    assert asked == {"G1", "C1", "D1", "D2", "M1"}
