"""The joint attack on a published file made by hand: a latecomer is read off two editions that somebody kept, not off one."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import duckdb
import polars as pl
import pytest
from scipy.stats import t as student

from tests.support.joint_attack import errors
from tests.support.joint_attack.attack import attack, true_answers_fit
from tests.support.joint_attack.decimals import SHARES, Decimals
from tests.support.joint_attack.figures import Reader
from tests.support.joint_attack.findings import Finding, Target, too_narrow
from tests.support.joint_attack.known import Known
from tests.support.joint_attack.system import System

# Interviews of each organisme, and how many are satisfied; a dwelling stands for three interviews.
ANSWERS = {"O1": (123, 70), "O2": (90, 50), "O3": (60, 21), "O4": (80, 57)}
ALL_BUT_ONE = {"O1": (123, 122), "O2": (90, 90), "O3": (60, 60), "O4": (80, 80)}


def edition(folder: Path, answers: dict[str, tuple[int, int]], protection: float = 0) -> Reader:
    """Publishes the region's number of answers and rate, in full."""
    (folder / "reference").mkdir(parents=True)
    (folder / "programme.yaml").write_text(f"secret: {{protection: {protection}}}\n", encoding="utf-8")
    tables = {
        "plan_sondage": [
            "vague,organisme_code,strate,population",
            *(f"W,{o},S,{3 * n}" for o, (n, _) in answers.items()),
        ],
        "axes": ["axe", "ensemble"],
        "questions": ["question_code,filtre", "Q,"],
        "baremes": ["bareme,version,echelle,modalite_code,note"],
        "baremes_usages": ["institut,vague,bareme,version", "*,*,B,1"],
        "filiations": ["predecesseur,successeur,date_effet"],
    }
    for name, lines in tables.items():
        (folder / f"reference/{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "lake/reponses/W").mkdir(parents=True)
    rows = [
        {
            "vague": "W",
            "organisme_code": o,
            "strate": "S",
            "poids": 1.0,
            "entretien": f"{o}{i}",
            "Q": "OUI" if i < yes else "NON",
        }
        for o, (n, yes) in answers.items()
        for i in range(n)
    ]
    pl.DataFrame(rows).write_parquet(folder / "lake/reponses/W/lot.parquet")
    (folder / "published/courante").mkdir(parents=True)
    asked, yes = (sum(pair[i] for pair in answers.values()) for i in (0, 1))
    with duckdb.connect(str(folder / "published/courante/edition.duckdb")) as file:
        file.execute("create schema observatoire")
        cover = ", ".join(f"('W', '{o}', {n}, {3 * n}, 'I', 'lot {o}')" for o, (n, _) in answers.items())
        file.execute(
            "create table observatoire.obs_couverture as select * from "
            f"(values {cover}) as t(vague, organisme_code, nb_entretiens, parc, institut, livraison)"
        )
        file.execute(
            "create table observatoire.fct_satisfaction as select 'W' as vague, 'region' as perimetre_type, 'region' as perimetre, "
            "'ensemble' as axe, 'tous' as segment, 'Q' as question_code, 'V' as statut, "
            f"{asked} as base_brute, {yes / asked}::double as taux_satisfaits, {yes / asked}::double as taux_imprime"
        )
        file.execute(
            "create table observatoire.dim_modalite as select * from (values ('Q', 'OUI', 1, 'exprime', true, 'ON'), "
            "('Q', 'NON', 2, 'exprime', false, 'ON')) as t(question_code, modalite_code, ordre, statut_reponse, est_satisfait, echelle)"
        )
    return Reader(Known(folder))


def _notes(
    folder: Path, answers: dict[str, tuple[int, int, int, int]], each: dict[str, int] | None = None, told: str = "error"
) -> Reader:
    """Publishes the region's mean note of three answers, its number of answers, and its error or its bounds in two digits.

    `each`: what an interview of each organisme stands for, three dwellings if nothing is said.
    """
    stand = {o: (each or {}).get(o, 3) for o in answers}
    edition(folder, {o: (n, 0) for o, (n, *_) in answers.items()})
    plan = "".join(f"W,{o},S,{stand[o] * n}\n" for o, (n, *_) in answers.items())
    (folder / "reference/plan_sondage.csv").write_text(f"vague,organisme_code,strate,population\n{plan}", "utf-8")
    rows = [
        {"vague": "W", "organisme_code": o, "strate": "S", "poids": 1.0, "entretien": f"{o}{i}", "Q": given}
        for o, (_, good, fair, bad) in answers.items()
        for i, given in enumerate(["BON"] * good + ["MOYEN"] * fair + ["MAUVAIS"] * bad)
    ]
    pl.DataFrame(rows).write_parquet(folder / "lake/reponses/W/lot.parquet")
    notes = {"BON": 10, "MOYEN": 5, "MAUVAIS": 0}
    lines = "".join(f"B,1,E,{code},{note}\n" for code, note in notes.items())
    (folder / "reference/baremes.csv").write_text(
        f"bareme,version,echelle,modalite_code,note\n{lines}", encoding="utf-8"
    )
    asked = sum(n for n, *_ in answers.values())
    parts = {o: (1 - 1 / stand[o]) * n / (n - 1) * stand[o] ** 2 for o, (n, *_) in answers.items()}
    variance = sum(
        parts[o] * sum(k * (v - 5) ** 2 for k, v in zip(given, notes.values(), strict=True))
        for o, (_, *given) in answers.items()
    )
    error = math.sqrt(variance) / sum(stand[o] * n for o, (n, *_) in answers.items())
    shares = {o: parts[o] * n for o, (n, *_) in answers.items()}
    degrees = sum(shares.values()) ** 2 / sum(v**2 / (answers[o][0] - 1) for o, v in shares.items())
    far = float(student.ppf(0.975, math.floor(degrees))) * error
    figures = {"error": {"note_erreur_type": error}, "bounds": {"note_ic_bas": 5 - far, "note_ic_haut": 5 + far}}
    with duckdb.connect(str(folder / "published/courante/edition.duckdb")) as file:
        file.execute(
            "create or replace table observatoire.fct_satisfaction as select 'W' as vague, 'region' as perimetre_type, "
            "'region' as perimetre, 'ensemble' as axe, 'tous' as segment, 'Q' as question_code, 'V' as statut, "
            f"{asked} as base_brute, 5.0::double as note_moyenne, "
            + ", ".join(f"round({value}, 2)::double as {name}" for name, value in figures[told].items())
        )
        file.execute(
            "create or replace table observatoire.dim_modalite as select * from (values ('Q', 'BON', 1, 'exprime', true, 'E'), "
            "('Q', 'MOYEN', 2, 'exprime', false, 'E'), ('Q', 'MAUVAIS', 3, 'exprime', false, 'E')) "
            "as t(question_code, modalite_code, ordre, statut_reponse, est_satisfait, echelle)"
        )
    return Reader(Known(folder))


def found(reader: Reader, attacker: str | None, kept: list[Reader]) -> list[Finding]:
    kinds = ("satisfied",)
    return attack(reader, "W", "Q", [attacker], None, kinds, kept)[0]


def test_a_latecomer_is_read_off_two_editions_and_not_off_one(tmp_path: Path) -> None:
    before = edition(tmp_path / "before", {o: said for o, said in ANSWERS.items() if o != "O4"})
    after = edition(tmp_path / "after", ANSWERS)
    assert found(after, None, []) == []
    [finding] = found(after, None, [before])
    assert (finding.organisme, finding.kind) == ("O4", "satisfied")
    assert round(finding.low) == round(finding.high) == 57


def test_where_nearly_everybody_is_satisfied_all_of_each_nearly_are_and_that_is_told_apart(tmp_path: Path) -> None:
    kinds = {f.kind for f in found(edition(tmp_path / "lot", ALL_BUT_ONE), None, [])}
    assert kinds == {"satisfied, up to all"}


def test_a_member_of_three_reads_each_by_what_the_other_can_be_at_most(tmp_path: Path) -> None:
    reader = edition(tmp_path / "lot", {"O1": (121, 70), "O2": (190, 150), "O3": (6, 3)})
    [finding] = [f for f in found(reader, "O1", []) if f.organisme == "O2"]
    assert (round(finding.low), round(finding.high), finding.kind) == (147, 153, "satisfied")


def test_a_member_reads_what_its_own_file_says_of_the_others(tmp_path: Path) -> None:
    """The region's rate is printed in steps that hide the others; the rate of all but the member, at all digits, does not."""
    answers = {"O1": (121, 70), "O2": (190, 150), "O3": (6, 3)}
    reader = edition(tmp_path / "lot", answers)
    with duckdb.connect(str(reader.known.folder / "published/courante/edition.duckdb")) as file:
        file.execute("update observatoire.fct_satisfaction set taux_satisfaits = 0.7, taux_imprime = 0.7")
    assert found(Reader(Known(reader.known.folder)), "O1", []) == []
    _own_file(reader.known.folder, "O1", answers)
    again = Reader(Known(reader.known.folder))
    [finding] = [f for f in found(again, "O1", []) if f.organisme == "O2"]
    assert (round(finding.low), round(finding.high)) == (147, 153)
    # what one member reads is no other's, nor anybody's
    [line] = [f for f in attack(again, "W", "Q", ["O1", "O3", None], kinds=("satisfied",))[0] if f.organisme == "O2"]
    assert line.attacker == "O1"


def _own_file(folder: Path, organisme: str, answers: dict[str, tuple[int, int]]) -> None:
    """Publishes, to one organisme, how many others answered and their rate, in full."""
    asked, yes = (sum(pair[i] for o, pair in answers.items() if o != organisme) for i in (0, 1))
    (folder / "published/courante/organismes").mkdir()
    with duckdb.connect(str(folder / f"published/courante/organismes/{organisme}.duckdb")) as file:
        file.execute("create schema observatoire")
        file.execute(
            "create table observatoire.fct_comparaison as select 'W' as vague, 'organisme' as perimetre_type, "
            f"'{organisme}' as perimetre, 'reste_region' as comparaison, 'ensemble' as axe, 'tous' as segment, "
            f"'Q' as question_code, 'V' as statut, {asked} as base_brute_comparee, {yes / asked}::double as taux_compare"
        )


def test_an_error_tells_how_far_from_its_mean_answers_may_be(tmp_path: Path) -> None:
    """Notes of 10, 5 and 0 whose mean is 5: how many are in the middle is not said, but by the error."""
    answers = {"O1": (60, 20, 20, 20), "O2": (60, 20, 20, 20), "O3": (60, 20, 20, 20)}
    reader = _notes(tmp_path / "lot", answers)
    widths = []
    for read in (False, True):
        system = System(reader, "W", "Q", errors=read)
        assert system.read_by(None)
        assert true_answers_fit(system)
        middle = {c.answers["MOYEN"]: 1.0 for cells in system.cells.values() for c in cells}
        low, high = system.programme.range(middle)
        widths.append(high - low)
        assert low <= 60 <= high
    assert widths[1] < 0.6 * widths[0]


@pytest.mark.parametrize(("each", "widest"), [(3, 0.75), (500, 1.0)])
def test_bounds_are_read_with_as_few_degrees_of_freedom_as_the_plan_leaves(
    tmp_path: Path, each: int, widest: float
) -> None:
    """Six interviews that stand for nearly all dwellings carry the error: the bounds are 2.57 errors away, not 2.12."""
    answers = {"O1": (6, 2, 2, 2), "O2": (60, 20, 20, 20), "O3": (60, 20, 20, 20)}
    reader = _notes(tmp_path / "lot", answers, {"O1": each}, told="bounds")
    widths = []
    for read in (False, True):
        system = System(reader, "W", "Q", errors=read)
        assert system.read_by(None)
        assert true_answers_fit(system)
        low, high = system.programme.range({c.answers["MOYEN"]: 1.0 for cells in system.cells.values() for c in cells})
        widths.append(high - low)
    assert widths[1] <= widest * widths[0]


@pytest.mark.parametrize(
    ("variance", "bounds", "step", "freedom"),
    [
        (0.01890**2, (0.8279, 0.9027), 0.1, 139),
        (0.02030**2, (0.8268, 0.9072), 0.1, 136),
        (0.02329**2, (0.8198, 0.9127), 0.1, 81),
        (0.01890**2, (0.8279, 0.9027), 0.01, 139),
    ],
)
def test_the_variance_of_a_rate_is_between_what_its_rounded_bounds_tell(
    variance: float, bounds: tuple[float, float], step: float, freedom: int
) -> None:
    """Bounds of calls that three organismes made, as the survey package of R makes them: in tenths they may be one number."""
    printed = [round(bound / step) * step for bound in bounds]
    least, most = ((value - step / 2, value + step / 2) for value in printed)
    ends = errors.of_rate(least, most, freedom)
    assert ends and ends[0] <= variance <= ends[1]
    # what is published in hundredths still tells much of it
    assert step == 0.1 or ends[1] < 3 * ends[0]


def test_that_a_cell_is_published_tells_that_it_is_not_nearly_unanimous(tmp_path: Path) -> None:
    """37 of the others are not satisfied, a tenth of the 363 who are; of four members, or of more who are not, it tells too little."""
    three = {"O1": (400, 363), "O2": (151, 134), "O3": (202, 182)}
    assert found(edition(tmp_path / "unread", three), "O3", []) == []
    [finding] = found(edition(tmp_path / "read", three, 0.1), "O3", [])
    assert (finding.organisme, math.floor(finding.low), math.ceil(finding.high)) == ("O1", 362, 382)
    for name, others in {"four": three | {"O4": (90, 80)}, "more": three | {"O1": (400, 340)}}.items():
        assert found(edition(tmp_path / name, others, 0.1), "O3", []) == []


def test_whole_numbers_bring_the_ends_of_an_interval_no_nearer_than_to_whole_ones(tmp_path: Path) -> None:
    system = System(edition(tmp_path / "lot", ANSWERS), "W", "Q")
    assert system.read_by("O1")
    [target] = [t for t in system.targets() if t.organisme == "O3" and t.kind == "satisfied"]
    low, high = system.programme.range(target.form)
    least, most = system.programme.range_in_whole_numbers(target.form, system.columns(), 5)
    assert (least, most) == pytest.approx((round(low), round(high)), abs=0.01)


def test_a_few_numbers_are_read_at_the_steps_that_the_guide_announces() -> None:
    rows = [(150.0, 0.3), (150.0, 0.5), (230.0, 0.35), (230.0, 0.8)]
    assert Decimals.read(rows, SHARES).step(150, 0.3) == 0.1
    # one that no announced step explains is a computed one, and all are read as their column shows
    assert Decimals.read([*rows, (230.0, 0.123456789)], SHARES).step(230, 0.35) is None


@pytest.mark.parametrize("respondents", [1, 5, 8, 10, 11, 19, 40, 120])
def test_the_attack_is_never_less_strict_than_the_rule_that_the_guide_gives(respondents: int) -> None:
    """A tenth of a value, and five answers or half of it if it is less than ten: any interval that is narrower is a finding."""
    tried = 0
    for value in range(1, respondents + 1):
        target = Target("O", "count", "OUI", {}, respondents, value)
        rule = max(0.1 * value, min(5.0, value / 2))
        for low, high in itertools.product(range(value + 1), range(value, respondents + 1)):
            if high - low < rule:
                assert too_narrow(target, low, high), (value, low, high)
                tried += 1
        if respondents <= 10:
            # what keeps the rule, and is not found exactly, is none
            wide = math.ceil(max(rule, 1))
            assert not too_narrow(target, value - wide, value), value
    assert tried


def test_all_but_one_of_ten_answers_told_to_within_three_is_a_finding() -> None:
    target = Target("O", "count", "OUI", {}, 10, 9)
    assert too_narrow(target, 6, 9)
    assert not too_narrow(target, 5, 10)
    figure = Target("O", "figure", "satisfied", {}, 10)
    assert too_narrow(figure, 0.6, 0.9)
    assert not too_narrow(figure, 0.5, 1.0)
