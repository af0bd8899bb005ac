"""Personal data of each kind, in every place a sender may leave it, is found nowhere below the landing folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import xlsxwriter

from tests.support.demo import observatoire
from tests.support.mini import CONFIG, HEADER, mini_contract, mini_programme, row, write_contract, write_csv
from tests.support.place import put
from tests.support.produced import produced
from tests.support.small import LENIENT, small_programme

NAME = "Quatrebarbes"
KINDS = {
    "NOM": NAME,
    "EMAIL": "zephyrine.{}@exemple-locataires.fr",
    "TEL": "06 98 76 5{} 21",
    "ADRESSE": "{} bis rue des Mimosas-Jaunes, 45000 Saint-Zéphyrin",
    "NIR": "2 84 05 45 234 56{} 81",
    "IBAN": "FR76 3000 6000 0112 3456 789{} 189",
    "NUM_CONTRAT": "contrat n° L/2019/0{}4417",
}
pytestmark = pytest.mark.slow

# what betrays each kind in a text without blanks or dots, in lower case
TELLTALES = re.compile(
    r"quatrebarbes|zephyrine|zéphyrine|exemple-locataires|(?<!\d)0?698765\d21(?!\d)|mimosas|saint-z[ée]phyrin"
    r"|2840545234|fr763000|300060000112|l/2019|l-2019-0"
)


def seeds(place: int) -> dict[str, str]:
    """One value of each kind, its own to a place: a leak tells where it came from."""
    return {kind: text.format(place) for kind, text in KINDS.items()}


def _rows(organisme: str, personal: dict[str, str]) -> list[dict[str, str]]:
    common = {"ORG": organisme, "VERBATIM": f"Mme Zéphyrine {NAME}, {personal['TEL']}, {personal['EMAIL']}"}
    return [
        {**row(str(i), Q1=str(1 + i % 4), TC="CI"[i % 2], Q2="" if i % 2 else "2", **common), **personal}
        for i in range(40)
    ]


@pytest.fixture(scope="module")
def programme() -> Path:
    root = put(small_programme)
    mini_programme(root, plausibility=LENIENT, secret={**CONFIG["secret"], "export_reponses": True})
    folder, personal = root / "landing/V2", seeds(1)
    by_name = {"nom_fichier": r"^(O\d)\.csv$"}
    write_contract(root, mini_contract(organisme=by_name, ignorees=["ORG"], fichiers=["O?.csv"]))
    left_out = [*KINDS, "VERBATIM", "LIBRE"]
    body = mini_contract(contrat="secrets", fichiers=["secret-*"], ignorees=left_out)
    header = [*HEADER, *left_out]

    # by header and by content, in a verbatim; in cells that are rejected: alone, in a sentence, shifted from a column
    rows = _rows("O1", personal)
    for i, value in enumerate(seeds(2).values()):
        rows[i]["Q1"] = value
        rows[10 + i]["DATE"] = value
        rows[20 + i]["ORG"] = value if i else f"Mme {value}"
        rows[i]["LIBRE"] = f"Rappeler {value} demain"
    rows[30]["ID"] = personal["EMAIL"]
    rows[31]["ID"] = rows[30]["ID"]
    rows[32]["Q5"] = f"a|{personal['TEL']}"
    rows[33]["AGE"] = personal["NIR"]
    write_csv(folder / "secret-1.csv", rows, header=header)

    # in the name of a file, accepted and refused
    for name in (personal["EMAIL"], personal["TEL"], personal["IBAN"], personal["NIR"], personal["ADRESSE"]):
        write_csv(folder / f"secret-{name}.csv", _rows("O2", personal)[:12], header=header)
    (folder / f"perdu {seeds(3)['EMAIL']}.csv").write_text("rien")

    # in a preamble, a footnote, a control total, the name of a sheet, a heading: read, passed over, or refused
    for i, value in enumerate(seeds(4).values()):
        said = f"Contact : {value}" if i else f"Contact : Mme Zéphyrine {NAME}"
        write_csv(folder / f"secret-titre-{i}.csv", _rows("O3", personal)[:12], header=header, above=[said])
        path = write_csv(folder / f"note-{i}.csv", _rows("O3", personal)[:12], header=header)
        path.write_text(path.read_text() + f"TOTAL {said};12\n{said}" + ";" * (len(header) - 1) + "\n")
        write_csv(folder / f"secret-colonne-{i}.csv", _rows("O3", personal)[:12], header=[*header, said])
    with xlsxwriter.Workbook(str(folder / "feuille-secret.xlsx")) as book:
        page = book.add_worksheet("O1 0698765121")
        page.write_row(0, 0, HEADER)
        for i, cells in enumerate(_rows("O1", personal)[:12]):
            page.write_row(i + 1, 0, [cells[h] if i else "?" for h in HEADER])
        book.add_worksheet(f"Mme {NAME}").hide()
    write_contract(root, body)
    kept = {"colonne": "ORG", "valeurs": ["O3"]}
    write_contract(root, mini_contract(contrat="feuilles", fichiers=["feuille-*"], format={"type": "xlsx"}))
    write_contract(
        root,
        {
            **body,
            "contrat": "notes",
            "fichiers": ["note-*"],
            "format": {**body["format"], "lignes_gardees": kept},
        },
    )
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    (root / "sortie").mkdir()
    status = observatoire(root, "status")
    (root / "sortie/terminal.txt").write_text(done.stdout + done.stderr + status.stdout + status.stderr)
    return root


def test_nothing_personal_is_found_in_anything_produced(programme: Path) -> None:
    leaks = []
    searched = 0
    tables = 0
    for where, data in produced(programme):
        searched += 1
        tables += ":observatoire." in where
        bare = re.sub(r"[\s.\u00a0\u202f]", "", data.decode("utf-8", "replace").casefold())
        leaks += [f"{where}: {found}" for found in set(TELLTALES.findall(bare))]
    assert not leaks, leaks
    # interviews are exported, and searched like the rest
    assert any(w.startswith("published/editions/") and "/donnees_personnelles/O1/" in w for w, _ in produced(programme))
    assert searched > 200
    assert tables > 20


def test_the_search_would_find_it(programme: Path) -> None:
    landing = b"".join(p.read_bytes() for p in (programme / "landing").rglob("*") if p.is_file())
    bare = re.sub(r"[\s.]", "", landing.decode("utf-8", "replace").casefold())
    assert len(set(TELLTALES.findall(bare))) > 10
    produced_names = {w.split("/")[0] for w, _ in produced(programme)}
    assert {"lake", "quarantine", "warehouse", "published", "reports", ".dagster", "sortie"} <= produced_names
