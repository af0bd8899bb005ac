"""A programme of three organismes and two waves, ready to run, or published once and copied."""

from __future__ import annotations

from pathlib import Path

from tests.support import mini
from tests.support.demo import observatoire
from tests.support.mini import ANY_SCALE, mini_contract, mini_programme, row, write_contract, write_csv
from tests.support.once import run_once
from tests.support.place import put

# twelve interviews with a handful of answers: deliveries are let through, whatever they say
LENIENT = {"plan_minimum": 0.5, "decalage_median_plafond": 1, **ANY_SCALE}


def small_programme(root: Path, **thresholds: object) -> Path:
    """A three-organisme programme with a delivery for each, ready to run."""
    mini_programme(root, plausibility=LENIENT, **thresholds)
    by_name = {"nom_fichier": r"^(O\d)\.csv$"}
    for wave in ("V1", "V2"):
        write_contract(root, mini_contract(wave, organisme=by_name, ignorees=["ORG"]))
    for wave, year, header in (
        ("V1", 2019, ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4"]),
        ("V2", 2022, None),
    ):
        for organisme in ("O1", "O2", "O3"):
            rows = [
                row(
                    str(i),
                    ORG=organisme,
                    DATE=f"15/10/{year}",
                    Q1=str(1 + i % 4),
                    TC="CI"[i % 2],
                    Q2="" if i % 2 else "2",
                    Q4="3",
                )
                for i in range(12)
            ]
            options = {"header": header} if header else {}
            write_csv(root / f"landing/{wave}/{organisme}.csv", rows, **options)  # type: ignore[arg-type]
    return root


def new_answers(root: Path, answer: str = "1") -> None:
    """Delivers one organisme's answers anew, in place of the ones before."""
    rows = [row(str(i), Q1=answer, TC="CI"[i % 2], Q2="" if i % 2 else "2") for i in range(12)]
    write_csv(root / "landing/V2/O1.csv", rows)


def published(target: Path | None = None) -> Path:
    """Copies the programme as its first run left it, to a path or in place of the one before."""
    made_from = Path(__file__).resolve(), Path(mini.__file__).resolve()
    kept = run_once("petit", small_programme, lambda root: observatoire(root, "run", cold=True), *made_from)
    return kept.copy(target).root if target else put(kept.copy)
