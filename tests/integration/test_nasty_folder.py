"""A folder of more than sixty broken and hostile files, in one run: each is accounted for, the sound ones are published."""

from __future__ import annotations

import os
import re
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.extracts.readers.received import shown_name
from tests.support.demo import observatoire
from tests.support.hostile import HEADER, LINE
from tests.support.mini import mini_contract, row, write_contract, write_csv
from tests.support.small import published
from tests.unit.test_hostile_files import CASES

pytestmark = pytest.mark.slow


def _edition(root: Path) -> tuple[str, int]:
    with duckdb.connect(str(root / "published" / "observatoire.duckdb"), read_only=True) as connection:
        return connection.sql("select edition, nb_entretiens from observatoire.meta_edition").fetchall()[0]


def _coverage(root: Path) -> list[tuple[str, str, int]]:
    with duckdb.connect(str(root / "published" / "observatoire.duckdb"), read_only=True) as connection:
        return connection.sql(
            "select organisme_code, statut, nb_entretiens from observatoire.obs_couverture where vague = 'V2' order by 1"
        ).fetchall()


def _fill(root: Path) -> list[str]:
    """Drops every hostile file at once, with contracts that claim them; returns the names of the files."""
    folder = root / "landing/V2"
    by_kind: dict[str, list[str]] = {}
    for name, kind, write, _ in CASES:
        write(folder / name)
        by_kind.setdefault(kind, []).append(name)
    more = {
        "sans-contrat.csv": HEADER + LINE,
        "organisme-inconnu.csv": HEADER + LINE.replace("O1;", "Nulle Part;"),
        "tout-rejete.csv": HEADER + LINE.replace("15/10/2022", "jamais"),
        "vaguement.csv": HEADER + LINE.replace("15/10/2022", "15/10/2019"),
        "colonne-en-trop.csv": HEADER.strip() + ";Q99\n" + LINE.strip() + ";1\n",
        "colonne-absente.csv": HEADER.replace(";Q1;", ";") + LINE.replace("40;1;", "40;"),
        "jeanne.martin@exemple.fr.csv": HEADER + LINE.replace("O1;", "Nulle Part;"),
        "[red]balise[bold].csv": HEADER + LINE.replace("O1;", "Nulle Part;"),
        "nom très " + "long " * 40 + ".csv": HEADER + LINE.replace("O1;", "Nulle Part;"),
        'l\'apostrophe ; et "guillemets".csv': HEADER + LINE.replace("O1;", "Nulle Part;"),
    }
    for name, text in more.items():
        (folder / name).write_text(text, encoding="utf-8")
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/\xe9t\xe9\n.csv"))
    odd.write_text(HEADER + LINE.replace("O1;", "Nulle Part;"))
    by_kind["csv"] += [n for n in more if n != "sans-contrat.csv"] + ["?t?\n.csv"]
    for kind, names in by_kind.items():
        patterns = [re.sub(r"([\[\]?*])", r"[\1]", n) if "\n" not in n else n for n in names]
        contract = mini_contract(contrat=f"hostile-{kind}", format={"type": kind}, fichiers=patterns)
        write_contract(root, contract)
    return [*(name for name, *_ in CASES), *more, odd.name]


def test_a_nasty_folder_stops_nothing_and_is_all_accounted_for() -> None:
    root = published()
    before = _edition(root)
    write_contract(
        root, mini_contract(organisme={"nom_fichier": r"^(O\d)"}, ignorees=["ORG"], fichiers=["O[0-9]*.csv"])
    )

    names = _fill(root)
    assert len(names) >= 60
    # and one sound re-delivery, one interview more
    again = pl.read_csv(root / "landing/V2/O1.csv", separator=";", infer_schema=False).to_dicts()
    write_csv(root / "landing/V2/O1 corrigé.csv", [*again, row("99", ORG="O1")])
    stray = root / "landing" / "mal rangé.csv"
    stray.write_text(HEADER + LINE)

    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    for text in (done.stdout, done.stderr):
        assert not re.search(r"Traceback|Error\b|panicked|Exception", text), text
    assert _edition(root) == (("V2-0.1"), before[1] + 1)
    assert _coverage(root) == [("O1", "inclus", 13), ("O2", "inclus", 12), ("O3", "inclus", 12)]

    status = observatoire(root, "status", columns=None)
    # refused files ask for a person
    assert status.returncode == 3, status.stderr
    for name in names:
        assert f"V2/{shown_name(Path(name))} " in status.stdout, name
    assert stray.name in status.stdout
    # the same bytes under another name are the same delivery
    fates = re.findall(r" (refusée|déjà reçue) ", status.stdout)
    assert len(fates) >= len(names) and fates.count("refusée") > 0.85 * len(names)

    # nothing new: the second run changes nothing, and says so
    again_run = observatoire(root, "run")
    assert again_run.returncode == 0, again_run.stderr
    assert "rien de nouveau" in again_run.stdout
