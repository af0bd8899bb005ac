"""The small programme with a second dispositif: quarterly calls between its two waves, and a question of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support import mini, small
from tests.support.demo import observatoire
from tests.support.mini import mini_contract, row, write_contract, write_csv
from tests.support.once import Kept, run_once
from tests.support.small import small_programme

_DISPOSITIFS = "dispositif,ordre,libelle,cadence,principal,evenement"
ENQUETE = "ENQ,1,Grande enquête,triennale,oui,"
APPELS = "APPELS,2,Appels de courtoisie,trimestrielle,non,Après un emménagement"
# first and last month of each period of the calls
PERIODS = {
    "2021-T1": ("2021-01-01", "2021-03-31"),
    "2021-T2": ("2021-04-01", "2021-06-30"),
    "2021-T3": ("2021-07-01", "2021-09-30"),
    "2021-T4": ("2021-10-01", "2021-12-31"),
    "2022-T1": ("2022-01-01", "2022-03-31"),
}
ORGANISMES = ("O1", "O2", "O3")
HEADER = ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q6"]
OWN_QUESTION = "A1,T1,6,Accueil à l'arrivée,Êtes-vous satisfait de l'accueil ?,proposition,SAT,,,non,essai"


def declare_dispositifs(root: Path, lines: Sequence[str], waves: Mapping[str, str]) -> None:
    """Writes dispositifs.csv, and the dispositif of some waves; the others have none of their own."""
    (root / "reference/dispositifs.csv").write_text("\n".join((_DISPOSITIFS, *lines, "")), encoding="utf-8")
    path = root / "reference/vagues.csv"
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    placed = [f"{line},{waves.get(line.split(',')[0], '')}" for line in rest]
    path.write_text("\n".join((f"{first},dispositif", *placed, "")), encoding="utf-8")


def add_calls(root: Path, sizes: Mapping[tuple[str, str], int] | None = None) -> Path:
    """Gives a small programme its calls: declarations, one contract for all periods and their deliveries.

    Args:
        root: a programme of `small_programme`, or another one with its organismes and questions.
        sizes: interviews by period and organisme; 12 where nothing is said.
    """
    _append(
        root,
        "vagues",
        [
            f"{code},{code},{rank},{start},{end},telephone,I,,,,definitive,"
            for rank, (code, (start, end)) in enumerate(PERIODS.items(), start=1)
        ],
    )
    _append(root, "questions", [OWN_QUESTION])
    equivalences = ["premiere", *["identique"] * (len(PERIODS) - 1)]
    asked = [
        f"{q},{code},{equivalence},"
        for q in ("G1", "A1")
        for code, equivalence in zip(PERIODS, equivalences, strict=True)
    ]
    _append(root, "questions_vagues", asked)
    _append(root, "participations", [f"{w},{o},attendu,I,telephone," for w in PERIODS for o in ORGANISMES])
    plan = [
        f"{w},{o},{s},{n},10" for w in PERIODS for o, n in (("O1", 100), ("O2", 60), ("O3", 40)) for s in ("COL", "IND")
    ]
    _append(root, "plan_sondage", plan)
    declare_dispositifs(root, [ENQUETE, APPELS], dict.fromkeys(PERIODS, "APPELS"))
    write_contract(root, calls_contract())
    for number, wave in enumerate(PERIODS):
        _deliver(root, wave, PERIODS[wave][0], number, sizes or {})
    return root


def calls_contract(**changes: object) -> dict[str, Any]:
    """Returns the contract of the calls, which is that of each of their periods."""
    body = mini_contract("V1", organisme={"nom_fichier": r"^(O\d)\.csv$"}, ignorees=["ORG"])
    questions = {"G1": {"colonne": "Q1", "codage": "sat"}, "A1": {"colonne": "Q6", "codage": "sat"}}
    del body["vague"]
    return {**body, "contrat": "appels", "dispositif": "APPELS", "questions": questions, **changes}


def add_period(root: Path, wave: str, start: str, end: str) -> list[Path]:
    """Declares one more period of the calls after those of PERIODS; returns its deliveries, just landed."""
    rank = len(PERIODS)
    _append(root, "vagues", [f"{wave},{wave},{rank + 1},{start},{end},telephone,I,,,,definitive,,APPELS"])
    _append(root, "questions_vagues", [f"{q},{wave},identique," for q in ("G1", "A1")])
    _append(root, "participations", [f"{wave},{o},attendu,I,telephone," for o in ORGANISMES])
    plan = [f"{wave},{o},{s},{n},10" for o, n in (("O1", 100), ("O2", 60), ("O3", 40)) for s in ("COL", "IND")]
    _append(root, "plan_sondage", plan)
    return _deliver(root, wave, start, rank, {})


def _deliver(root: Path, wave: str, start: str, number: int, sizes: Mapping[tuple[str, str], int]) -> list[Path]:
    """Writes the deliveries of a period, which are returned."""
    year, month, _ = start.split("-")
    paths = []
    for place, organisme in enumerate(ORGANISMES):
        rows = [
            row(
                str(i),
                ORG=organisme,
                DATE=f"15/{month}/{year}",
                TC="CI"[i % 2],
                Q1=str(1 + (i * (number + 2) + place) % 4),
                Q6=str(1 + (i // 2 + number + place) % 4),
            )
            for i in range(sizes.get((wave, organisme), 12))
        ]
        paths.append(root / f"landing/{wave}/{organisme}.csv")
        write_csv(paths[-1], rows, header=HEADER)
    return paths


def programme_with_calls(root: Path, **thresholds: object) -> Path:
    """A small programme with its calls, ready to run."""
    return add_calls(small_programme(root, **thresholds))


def _append(root: Path, table: str, lines: Sequence[str]) -> None:
    path = root / f"reference/{table}.csv"
    path.write_text(path.read_text(encoding="utf-8") + "\n".join((*lines, "")), encoding="utf-8")


def published_with_calls() -> Kept:
    """The small programme with its calls, run once for all the tests that only read it."""
    made_from = (Path(__file__).resolve(), Path(small.__file__).resolve(), Path(mini.__file__).resolve())
    return run_once("appels", programme_with_calls, lambda root: observatoire(root, "run", cold=True), *made_from)
