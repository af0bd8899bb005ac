"""Where organismes are very small nearly every table has something to hide: none of it is found; without care it is."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.attack import attacked, attacked_by_all_measures
from tests.support.demo import observatoire
from tests.support.joint_attack.attack import attack
from tests.support.joint_attack.figures import Reader
from tests.support.joint_attack.findings import PARTS, WHOLE, learned
from tests.support.joint_attack.known import Known
from tests.support.opened import read, together
from tests.support.place import put, put_back
from tests.support.small_organismes import random_programme

PROTECTION = 0.1

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Published:
    """A programme of very small organismes as it is published, and as it would be without protection."""

    protected: Path
    bare: Path


@pytest.fixture(scope="module")
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Published:
    secret = {"protection": PROTECTION, "editions_successives": "refuser"}
    root = put(partial(random_programme, seed=request.param, **secret))
    folder = tmp_path_factory.mktemp("petits")
    for name, rules in (("protege", secret), ("nu", {"protection": 0, "editions_successives": "signaler"})):
        _configure(root, **rules)
        _run(root)
        shutil.copytree(root, folder / name, symlinks=True)
    return Published(folder / "protege", folder / "nu")


def _seeds(*always: int, later: Iterable[int]) -> pytest.MarkDecorator:
    seeds = [*always, *(pytest.param(seed, marks=pytest.mark.long) for seed in later)]
    return pytest.mark.parametrize("published", seeds, indirect=True)


@_seeds(*range(1, 7), later=())
@pytest.mark.long
def test_measure_by_measure_very_small_organismes_stay_unknown_and_would_not_without(published: Published) -> None:
    files = read(published.protected, PROTECTION)
    assert {status for q in files.questions.values() for status, _ in q.status.values()} == {"V", "S", "D"}
    assert attacked_by_all_measures(files, sorted(files.questions), ["", *files.organismes]) == []
    bare = read(published.bare, PROTECTION)
    # unanimity is a rule of its own, which needs no protection to be asked
    held_back = {reason for q in bare.questions.values() for status, reason in q.status.values() if status == "D"}
    assert held_back <= {"deduction_organisme"}
    assert attacked_by_all_measures(bare, sorted(bare.questions), [""]) != []


@_seeds(1, later=range(2, 8))
def test_all_at_once_very_small_organismes_stay_unknown_and_would_not_without(published: Published) -> None:
    """Nobody reads a number of answers exactly.

    Cells are published from five answers on, where no step is worth five: the guide promises no more.
    """
    reader = Reader(Known(published.protected))
    for wave, takers in reader.known.takers.items():
        assert _kinds(reader, wave, (None, *sorted(takers)), secret=(0, 1)) == {}
    bare = Reader(Known(published.bare))
    assert _kinds(bare, min(bare.known.takers), (None,)) != {}


def _kinds(reader: Reader, wave: str, readers: Sequence[str | None], **rules: Any) -> Counter[str]:
    posed = reader.known.table("fct_satisfaction", f"vague = '{wave}' and statut = 'V'")["question_code"]
    found = [
        attack(reader, wave, question, readers, kinds=(*WHOLE, *PARTS), **rules)[0]
        for question in sorted(posed.unique())
    ]
    return learned(each for findings in found for each in findings)


@pytest.mark.long
def test_two_editions_in_a_row_do_not_isolate_a_latecomer(tmp_path: Path) -> None:
    root = put(partial(random_programme, seed=2, protection=PROTECTION, editions_successives="refuser"))
    late = root / "landing/V2/O8.csv"
    kept = shutil.move(late, tmp_path / late.name)
    _run(root)
    before = read(root, PROTECTION)
    shutil.copy(kept, late)
    refused = observatoire(root, "run")
    assert (refused.returncode, "O8 en V2" in refused.stderr) == (1, True), refused.stdout + refused.stderr
    assert read(root, PROTECTION).organismes == before.organismes
    # Where the programme lets it out in full, the difference is the latecomer's: the refusal is what protects it there.
    _configure(root, editions_successives="signaler", protection=0)
    _run(root)
    found = attacked(together(read(root, PROTECTION), before.in_full), ["base_ponderee", "effectif_satisfaits"])
    assert any(bound.cell.organismes == {"O8"} and bound.width < 1e-6 for bound in found)


@_seeds(2, later=())
@pytest.mark.long
def test_steps_that_isolate_are_refused_whichever_edition_they_start_from(published: Published) -> None:
    root = put_back(published.protected)
    plan = root / "reference/plan_sondage.csv"
    paths = (root / "landing/V2").glob("*.csv")
    largest = sorted(paths, key=lambda path: (len(path.read_text("utf-8").splitlines()), path.name))[-3:]
    first, second, third = ((path, path.read_text("utf-8")) for path in largest)

    # one dwelling more in one stratum, margins for another organisme: nothing was delivered, weights are others
    written, margins = plan.read_text("utf-8"), root / "reference/marges.csv"
    line = next(line for line in written.splitlines() if line.startswith(f"V2,{first[0].stem},"))
    *key, population, interviews = line.split(",")
    plan.write_text(written.replace(line, ",".join([*key, str(int(population) + 1), interviews])), "utf-8")
    none = margins.read_text("utf-8")
    ages = [f"V2,{second[0].stem},age,{age}\n" for age in ("JEUNE,6", "AGE,4")]
    margins.write_text("".join([none, *ages]), "utf-8")
    _refused(root, first[0], second[0])
    plan.write_text(written, "utf-8")
    margins.write_text(none, "utf-8")

    # an organisme of another famille, figures rounded otherwise: the same answers, published otherwise
    organismes = root / "reference/organismes.csv"
    written = organismes.read_text("utf-8")
    line = next(line for line in written.splitlines() if line.startswith(f"{first[0].stem},"))
    code, name, famille, *rest = line.split(",")
    moved = ",".join([code, name, "F2" if famille == "F1" else "F1", *rest])
    organismes.write_text(written.replace(line, moved), "utf-8")
    _configure(root, plancher=6)
    said = _refused(root, first[0])
    assert "(famille " in said and "(plancher depuis l'édition" in said
    organismes.write_text(written, "utf-8")
    _configure(root, plancher=5)

    # one interview more in each of three organismes: three answers
    for path, before in (first, second, third):
        organisme, _, *answers = before.splitlines()[-1].split(";")
        path.write_text(before + ";".join([organisme, "nouveau", *answers]) + "\n", "utf-8")
    _refused(root, *largest)

    # all answers of everybody are others, which hides them; then one's alone are not what they were in the first edition
    delivered = {path: path.read_text("utf-8") for path in third[0].parent.glob("*.csv")}
    everybody = delivered | dict((first, second, third))
    for path, before in everybody.items():
        path.write_text(_answered(before, 1), "utf-8")
    _run(root)
    for path, before in everybody.items():
        path.write_text(before, "utf-8")
    third[0].write_text(_answered(third[1], 2), "utf-8")
    _refused(root, third[0])


def _answered(delivery: str, shift: int) -> str:
    """A delivery whose every answer to Q1 is another."""
    head, *rows = (line.split(";") for line in delivery.splitlines())
    place = head.index("Q1")
    for fields in rows:
        fields[place] = str((int(fields[place]) - 1 + shift) % 4 + 1)
    return "\n".join(";".join(fields) for fields in [head, *rows]) + "\n"


def _refused(root: Path, *deliveries: Path) -> str:
    """Runs what must be refused for these deliveries; returns what was said."""
    done = observatoire(root, "run")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{', '.join(sorted(path.stem for path in deliveries))} en V2" in done.stderr
    return done.stderr


def _run(root: Path) -> None:
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr


def _configure(root: Path, **secret: object) -> None:
    path = root / "programme.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["secret"] |= secret
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
