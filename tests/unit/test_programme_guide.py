"""docs/programme.md, followed to the letter: each command it shows says what it shows, each line it tells to write is written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.ingest import ingest
from orchestration.programme import load_programme
from orchestration.programme.commitments import commitments
from orchestration.programme.composite_check import MOST_VALUES
from orchestration.programme.dispositifs import dispositifs
from orchestration.programme.stories import stories
from tests.support.demo import REPOSITORY, observatoire
from tests.support.guide import follow, section, shown
from tests.support.ingestion import answers
from tests.support.library_survey import write_survey
from tests.support.second_wave import CONFIRMED, rewrite
from tests.support.touched import look, touched

GUIDE = (REPOSITORY / "docs/programme.md").read_text(encoding="utf-8")
LINES_AT_MOST = 120


def test_the_examples_with_an_extract_and_the_next_wave(tmp_path: Path) -> None:
    write_survey(tmp_path / "lecteurs.csv")
    lines = follow(tmp_path, section(GUIDE, "Depuis un extrait"))
    assert lines <= LINES_AT_MOST
    root = tmp_path / "lecteurs"
    text = section(GUIDE, "La vague suivante")
    first, second = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    before = look(root)
    shown(root, first)
    carried = look(root)
    rewrite(root / "contracts/reader-panel-2025.yaml", *CONFIRMED)
    [plan] = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    with (root / "reference/plan_sondage.csv").open("a", encoding="utf-8") as file:
        file.write(plan)
    write_survey(root / "landing/2025/lecteurs_2025.csv", 2025, seed=2)
    assert touched(carried, look(root)) < 10 < touched(before, carried)
    shown(root, second)


def test_the_example_without_an_extract(tmp_path: Path) -> None:
    [block] = re.findall(r"```console\n(.*?)```", section(GUIDE, "Sans extrait"), re.DOTALL)
    shown(tmp_path, block)
    done = observatoire(tmp_path / "patients", "check")
    assert done.stdout.splitlines()[0] == "Programme patients-voice : données de référence et 0 contrat en règle."


def test_the_examples_of_commitments_and_of_a_testimony(tmp_path: Path) -> None:
    write_survey(tmp_path / "lecteurs.csv")
    follow(tmp_path, section(GUIDE, "Depuis un extrait"))
    root, text = tmp_path / "lecteurs", section(GUIDE, "Engagements, témoignages et récits")
    [(table, lines)] = re.findall(r"```csv (\w+)\n(.*?)```", text, re.DOTALL)
    (root / f"reference/{table}.csv").write_text(lines, encoding="utf-8")
    [story] = re.findall(r"```markdown\n(.*?)```", text, re.DOTALL)
    (root / "editorial/1").mkdir(parents=True)
    (root / "editorial/1/reader.md").write_text(story, encoding="utf-8")
    done = observatoire(root, "check")
    assert done.returncode == 0, done.stderr
    assert [one.questions for one in commitments(load_programme(root))] == [("Q2", "Q3")]
    assert [one.head.titre for one in stories(root)] == ["Open when people are free"]


def test_the_example_of_what_is_asked_between_two_waves(tmp_path: Path) -> None:
    write_survey(tmp_path / "lecteurs.csv")
    follow(tmp_path, section(GUIDE, "Depuis un extrait"))
    root, text = tmp_path / "lecteurs", section(GUIDE, "Écouter entre deux vagues")
    [(table, lines)] = re.findall(r"```csv (\w+)\n(.*?)```", text, re.DOTALL)
    (root / f"reference/{table}.csv").write_text(lines, encoding="utf-8")
    done = observatoire(root, "check")
    assert done.returncode == 0, done.stderr
    assert [(one.code, len(one.waves)) for one in dispositifs(load_programme(root))] == [("ENQUETE", 1), ("ACCUEIL", 0)]


def test_the_example_of_an_index(tmp_path: Path) -> None:
    write_survey(tmp_path / "lecteurs.csv")
    follow(tmp_path, section(GUIDE, "Depuis un extrait"))
    root, text = tmp_path / "lecteurs", section(GUIDE, "Un indice fait de plusieurs réponses")
    for table, lines in re.findall(r"```csv (\w+)\n(.*?)```", text, re.DOTALL):
        with (root / f"reference/{table}.csv").open("a", encoding="utf-8") as file:
            file.write(lines)
    [declared] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    with (root / "programme.yaml").open("a", encoding="utf-8") as file:
        file.write(declared)
    [block] = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    shown(root, block)
    assert f"plus de {MOST_VALUES} valeurs" in text
    programme = load_programme(root)
    [delivery] = deliveries(programme, load_contracts(programme))
    rows = answers(root, ingest(delivery, programme))
    notes = [programme.indices["SERV"].options[code] for code in rows["SERV"] if code in programme.options["SERV"]]
    means = []
    for told in rows.select("Q2", "Q3", "Q4", "Q5").rows():
        # the best answer to Q5 is its 1
        worth = [7 - int(a) if i == 3 else int(a) for i, a in enumerate(told) if a.isdigit()]
        means += [sum(worth) / len(worth)] if len(worth) >= 3 else []
    assert sum(notes) / len(notes) == pytest.approx(sum(means) / len(means)) and len(notes) == len(means) > 200


def test_a_line_that_a_command_does_not_say_would_be_seen(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="jamais dit"):
        shown(tmp_path, f"$ observatoire init {shlex.quote('vide')} --nom x\njamais dit\n")
