"""Personal data is recognised by header and by content, and nothing of it is kept."""

from __future__ import annotations

from pathlib import Path
from random import Random

import polars as pl
import pytest

from orchestration.extracts.personal_data import MASK, kind_of_cells, kind_of_header, masked
from tests.support.ingestion import ingest_all, rejects
from tests.support.mini import HEADER, mini_contract, row, write_csv

SEEDS = {
    "courriel": "jeanne.martin-42@exemple.fr",
    "telephone": "06 12 34 56 78",
    "nir": "2 84 05 45 234 567 81",
    "iban": "FR76 3000 6000 0112 3456 7890 189",
    "adresse": "12 bis rue des Lilas",
    "commune": "45000 Saint-Zéphyrin",
    "nom": "Mme Zéphyrine Quatrebarbes",
    "contrat": "bail n° L/2019/04417",
}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("NOM", "nom"),
        ("Nom de famille", "nom"),
        ("Prénom", "prenom"),
        ("E-mail", "courriel"),
        ("Adresse_Mail", "courriel"),
        ("TEL_MOBILE", "telephone"),
        ("Téléphone 1", "telephone"),
        ("ADRESSE1", "adresse"),
        ("Date de naissance", None),
        ("DATE_NAISS", "naissance"),
        ("N° sécu", None),
        ("NIR", "nir"),
        ("IBAN", "iban"),
        ("NUM_CONTRAT", "contrat"),
        ("Ref. bail", "contrat"),
        ("Verbatim libre", "verbatim"),
        ("Q12_1", None),
        ("Nombre de pièces", None),
        ("Propreté des parties communes", None),
        ("Date entretien", None),
        ("Contact par téléphone", None),
        ("Satisfaction adresse", None),
        ("Ruelle", None),
    ],
)
def test_headers(header: str, kind: str | None) -> None:
    assert kind_of_header(header) == kind


@pytest.mark.parametrize(("kind", "value"), SEEDS.items())
def test_cells(kind: str, value: str) -> None:
    assert kind_of_cells(pl.Series([value, "x", None])) == kind
    assert masked(f"ligne 3 : {value} illisible").count(MASK) == 1
    assert value not in masked(f"ligne 3 : {value} illisible")


@pytest.mark.parametrize(
    "cells", [["1", "2"], ["Très satisfait"], ["2022-10-17"], ["16471"], ["37261"], ["0.98765"], ["A1B2"], [None], []]
)
def test_ordinary_cells_are_not_personal(cells: list[str | None]) -> None:
    assert kind_of_cells(pl.Series(cells, dtype=pl.String)) is None


def test_numbers_drawn_by_chance_are_no_telephone_numbers() -> None:
    chance = Random(12)
    drawn = [str(chance.randint(100_000_000, 999_999_999)) for _ in range(2_000)]
    mobiles = [f"{chance.choice('67')}{chance.randint(0, 99_999_999):08}" for _ in range(500)]
    for first in range(0, 2_000, 100):
        assert kind_of_cells(pl.Series(drawn[first : first + 100])) is None
    assert kind_of_cells(pl.Series(mobiles)) == "telephone_sans_zero"
    assert kind_of_cells(pl.Series(mobiles + drawn[:300])) == "telephone_sans_zero"


def test_a_column_left_out_is_reported_and_its_values_are_nowhere(tmp_path: Path) -> None:
    header = [*HEADER, *SEEDS]
    rows = [{**row(str(i)), **SEEDS} for i in range(3)]
    rows.append({**row("9", Q1=SEEDS["courriel"], DATE=SEEDS["telephone"], ORG="O1"), **SEEDS})
    rows.append({**row("8"), "ORG": SEEDS["adresse"], **dict.fromkeys(SEEDS, "")})
    write_csv(tmp_path / "landing/V2/a.csv", rows, header=header)
    [record] = ingest_all(tmp_path, mini_contract(ignorees=list(SEEDS)))
    reported = {
        q.exemple.split(" : ")[0].removeprefix("colonne ") for q in record.qualite if q.regle == "donnee_personnelle"
    }
    assert reported == set(SEEDS)
    for path in (p for p in tmp_path.rglob("*") if p.is_file() and "landing" not in p.parts):
        content = path.read_bytes()
        for value in SEEDS.values():
            assert value.encode() not in content, path


def test_a_readers_own_words_quote_nothing_personal(tmp_path: Path) -> None:
    path = tmp_path / "landing/V2/a.csv"
    path.parent.mkdir(parents=True)
    path.write_text("ORG;ID\n" + ";".join([SEEDS["courriel"]] * 9) + "\n", encoding="utf-8")
    [record] = ingest_all(tmp_path)
    assert SEEDS["courriel"] not in str(record.as_json())


def test_a_file_is_never_named_by_what_is_personal_in_its_name(tmp_path: Path) -> None:
    write_csv(tmp_path / f"landing/V2/O1 {SEEDS['courriel']} {SEEDS['telephone']}.csv", [row("1")])
    [record] = ingest_all(tmp_path)
    assert record.fichier == f"V2/O1 {MASK} {MASK}.csv"
    assert record.livraison.startswith("V2.o1-donnee-personnelle-masquee-donnee-personnelle-masquee-csv.")


def test_a_name_shifted_out_of_its_column_is_known_by_that_column(tmp_path: Path) -> None:
    rows = [{**row(str(i)), "NOM": "Quatrebarbes"} for i in range(9)]
    rows += [{**row("9", Q1="Quatrebarbes"), "NOM": "1"}, {**row("10", Q1="66"), "NOM": "Martin"}]
    write_csv(tmp_path / "landing/V2/a.csv", rows, header=[*HEADER, "NOM"])
    [record] = ingest_all(tmp_path, mini_contract(ignorees=["NOM"]))
    assert [(line, value) for line, _, value, _ in rejects(tmp_path, record)] == [(11, MASK), (12, "66")]
