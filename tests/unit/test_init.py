"""`observatoire init`: what a draft never decides, what answers are held to, and that nothing of somebody's is overwritten."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.authoring.answers import ANSWERS, Scale, held
from orchestration.authoring.draft_file import draft_text
from orchestration.authoring.extract_draft import draft_answers
from orchestration.authoring.new_programme import make_programme
from orchestration.authoring.scoring import notes, satisfied
from orchestration.authoring.start import Told, start
from orchestration.errors import ProgrammeError
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.draft.meaning import in_order
from orchestration.extracts.ingest import ingest
from orchestration.programme import load_programme
from tests.support.demo import REPOSITORY, observatoire
from tests.support.guide import answered, section
from tests.support.library_survey import scores, write_survey
from tests.support.touched import look

GUIDE = (REPOSITORY / "docs/programme.md").read_text(encoding="utf-8")
# scales as surveys have them, from the worst to the best; whatever their words, a draft must not decide their side
WORDS = (
    ("Very poor", "Poor", "Good", "Excellent"),
    ("Pas du tout satisfait", "Plutôt pas satisfait", "Plutôt satisfait", "Très satisfait"),
    ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"),
    ("Strongly agree", "Agree", "Disagree", "Strongly disagree"),
    ("Jamais", "Rarement", "Parfois", "Souvent", "Toujours"),
    ("A lot worse", "Worse", "About the same", "Better", "A lot better"),
    ("1", "2", "3", "4", "5", "6"),
    ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"),
)


def _survey(path: Path, columns: dict[str, Sequence[str]], rows: int = 80, seed: int = 0) -> Path:
    """Writes an extract whose every question is answered by chance, each of its options at least once."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Response ID", "Interview date", *columns])
        for i in range(rows):
            said = [options[i] if i < len(options) else chance.choice(options) for options in columns.values()]
            writer.writerow([f"X{i:05d}", f"2024-05-{1 + i % 28:02d}", *said])
    return path


def _drafted(path: Path, **facts: Any) -> tuple[dict[str, Any], str]:
    text = draft_text(draft_answers(path, facts), path.parent / "programme")
    return yaml.safe_load(text), text


def _sides(answers: dict[str, Any]) -> Iterator[str]:
    for scale in answers["echelles"].values():
        if scale.get("meilleure") in ("premiere", "derniere"):
            yield scale["libelle"]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), st.booleans(), st.integers(0, 10_000))
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_draft_decides_which_side_is_the_better_one(
    tmp_path: Path, scales: list[tuple[str, ...]], turned: bool, seed: int
) -> None:
    columns = {f"Q{i} Question {i}": options[::-1] if turned else options for i, options in enumerate(scales, start=1)}
    answers, text = _drafted(_survey(tmp_path / "x.csv", columns, seed=seed))
    assert list(_sides(answers)) == []
    # each scale that may be an opinion has its point, which names the questions that it decides
    points = " ".join(p for p in answers["a_decider"] if p.startswith("echelles."))
    for code in answers["questions"]:
        assert re.search(rf"[(\s]{code}[,)]", points), text


@pytest.mark.parametrize("turned", [0, 2, 4])
def test_a_question_that_goes_against_the_others_is_asked_about_apart(tmp_path: Path, turned: int) -> None:
    chance = random.Random(turned)
    rows = []
    for i in range(200):
        opinion = chance.gauss(3.5, 1.2)
        given_ = [min(6, max(1, round(opinion + chance.gauss(0, 0.7)))) for _ in range(5)]
        given_[turned] = 7 - given_[turned]
        rows.append([f"X{i:05d}", f"2024-05-{1 + i % 28:02d}", *map(str, given_)])
    path = tmp_path / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["Response ID", "Interview date", *(f"Q{i} Item {i}" for i in range(1, 6))], *rows])
    answers, _ = _drafted(path)
    scale = {code: question["echelle"] for code, question in answers["questions"].items()}
    assert {code for code in scale if list(scale.values()).count(scale[code]) == 1} == {f"Q{turned + 1}"}
    assert sum("de quel côté est la meilleure réponse" in point for point in answers["a_decider"]) == 2


def test_questions_that_go_the_same_way_share_their_scale(tmp_path: Path) -> None:
    columns = {f"Q{i} Item {i}": WORDS[6] for i in range(1, 6)}
    answers, _ = _drafted(_survey(tmp_path / "x.csv", columns, rows=400, seed=4))
    assert {question["echelle"] for question in answers["questions"].values()} == {"E1"}


@given(
    st.integers(2, 11), st.sampled_from(["premiere", "derniere"]), st.booleans(), st.sampled_from([None, 1.0, 10.0, 100.0])
)  # fmt: skip
@settings(deadline=None)
def test_the_better_an_answer_the_higher_its_note(size: int, best: str, numbered: bool, out_of: float | None) -> None:
    codes = [str(i) if numbered else f"C{i}" for i in range(1, size + 1)]
    said = {"libelle": "x", "modalites": dict.fromkeys(codes, "x"), "meilleure": best}
    scale = Scale.model_validate(said | ({"note_sur": out_of} if out_of else {}))
    order = codes if best == "derniere" else codes[::-1]
    found, good = notes(scale), satisfied(scale)
    assert [found[code] for code in order] == sorted({*found.values()})
    assert order[0] not in good and order[-1] in good
    # what counts as satisfied is better than all the rest
    assert min(found[c] for c in good) > max(found[c] for c in codes if c not in good)
    assert out_of is None or (min(found.values()), max(found.values())) == (0, out_of)


@given(st.data(), st.sampled_from(WORDS[:5]))
@settings(deadline=None)
def test_the_order_that_words_tell_is_that_of_their_scale_however_they_come(
    data: st.DataObject, scale: Sequence[str]
) -> None:
    found = in_order(data.draw(st.permutations(scale)))
    assert found is not None
    order, known = found
    assert order in (list(scale), list(scale)[::-1])
    # where words are said to tell the better side, it is the end that the survey means
    assert not known or order == list(scale)


def test_a_header_that_names_the_ends_of_its_scale_is_quoted_and_decides_nothing(tmp_path: Path) -> None:
    columns = {"Q1 Noise (1 = best, 6 = worst)": WORDS[6], "Q2 I came 2 times a week": WORDS[6]}
    answers, text = _drafted(_survey(tmp_path / "x.csv", columns))
    assert answers["echelles"]["E1"]["modalites"]["1"] == "best"
    assert "#? meilleure: premiere  # d'après les libellés" in text and list(_sides(answers)) == []
    assert answers["echelles"]["E2"]["modalites"]["2"] == "2"


def test_a_column_that_nothing_explains_is_listed_and_its_values_are_not_read(tmp_path: Path) -> None:
    columns = {
        "Q1 Overall": (*WORDS[6], "99"), "Q2 Came again": ("Yes", "No"), "Gender": ("F", "M"), "Size": [str(i) for i in range(100, 140)],
        "Telephone": [f"06 12 34 56 {i:02d}" for i in range(70)],
    }  # fmt: skip
    answers, _ = _drafted(_survey(tmp_path / "x.csv", columns, rows=120))
    points = "\n".join(answers["a_decider"])
    assert "que vaut « 99 »" in points and "axes (gender)" in points and "colonne « Size » : des nombres" in points
    assert "données personnelles : colonne « Telephone »" in points
    assert answers["questions"]["Q2"]["echelle"] == "E2" and answers["echelles"]["E2"]["meilleure"] == "aucune"


def _answers(path: Path, **changed: Any) -> dict[str, Any]:
    """The answers of the guide, about an extract."""
    _, text = _drafted(path)
    [lines] = re.findall(r"```yaml\n(.*?)```", section(GUIDE, "Depuis un extrait"), re.DOTALL)
    written = yaml.safe_load(answered(re.sub(r"(?s)a_decider:.*?\n\n", "", text, count=1), lines))
    written["extrait"]["fichier"] = str(path)
    return {**written, **changed}


def test_the_contract_that_is_written_reads_every_interview_the_right_way_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    path = write_survey(tmp_path / "lecteurs.csv")
    root = tmp_path / "programme"
    make_programme(root, held(_answers(path), None), tmp_path)
    programme = load_programme(root)
    [delivery] = deliveries(programme, load_contracts(programme))
    [lot] = ingest(delivery, programme).lots
    assert (lot.organisme_code, lot.lignes_acceptees, lot.lignes_rejetees) == ("CITY", 240, 0)
    noted = {(r["echelle"], r["modalite_code"]): float(str(r["note"])) for r in programme.rows("baremes")}
    good = {(r["echelle"], r["modalite_code"]): r["est_satisfait"] for r in programme.rows("modalites")}
    for question, best in (("Q1", 6), ("Q5", 1)):
        scale = programme.questions[question].scale
        assert noted[scale, str(best)] == 6 and good[scale, str(best)] == "oui"
        assert noted[scale, str(7 - best)] == 1 and good[scale, str(7 - best)] == "non"
    assert programme.populations("2024", "CITY") == {"TOUS": 240} and not programme.config.estimation.population_finie
    assert len(scores(path, "Q1")) < 240


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"a_decider": ["x"]}, "a_decider : reste à trancher : « x » ; ôter chaque point une fois tranché."),
        ({"nom": 3}, "nom : « 3 » : un texte est attendu ; le mettre entre guillemets."),
        ({"terrain_fin": "2023-01-01"}, "terrain_fin : « 2023-01-01 » vient avant terrain_debut ; corriger l'un ou l'autre."),
        ({"terrain_fin": "hier"}, "terrain_fin : « hier » : une date AAAA-MM-JJ est attendue."),
        ({"population": {"TOWN": 3}}, "population : « CITY » n'a pas de population ; la dire de tous les organismes, ou d'aucun."),
        ({"echelles": {"E1": {"libelle": "x", "modalites": {"1": "a", "2": "b"}, "meilleure": "…"}}}, "echelles.E1.meilleure : « … » n'est pas admis ; valeurs admises : premiere, derniere, aucune."),
        ({"extrait": {"entretien": "ID"}}, "extrait : clé à ajouter : fichier."),
    ],
)  # fmt: skip
def test_answers_that_cannot_be_are_refused_in_a_sentence(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    answers = _answers(write_survey(tmp_path / "lecteurs.csv"))
    with pytest.raises(ProgrammeError) as refused:
        held(answers | change, None)
    assert said in str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("key", "change", "said"),
    [
        ("Q2", {"colonne": "Q2 Opening hour"}, "questions.Q2 : pas de colonne « Q2 Opening hour » ; « Q2 Opening hours » ?"),
        ("Q2", {"colonne": "Q3 Staff"}, "questions.Q3 : la colonne « Q3 Staff » est déjà dite par questions.Q2 ; n'en garder qu'une."),
        ("Q2", {"echelle": "E2"}, "questions.Q2, colonne « Q2 Opening hours » : 6 valeurs ni de l'échelle E2, ni un statut : « 1 »"),
        ("Q7", {"filtre": "Q66 = 'OUI'"}, "questions.csv, ligne 8, colonne filtre : « Q66 » n'est ni une question ni un axe."),
    ],
)  # fmt: skip
def test_answers_that_the_extract_contradicts_are_refused_and_nothing_is_written(
    tmp_path: Path, key: str, change: dict[str, Any], said: str
) -> None:
    answers = _answers(write_survey(tmp_path / "lecteurs.csv"))
    answers["questions"][key] |= change
    with pytest.raises(ProgrammeError) as refused:
        make_programme(tmp_path / "programme", held(answers, None), tmp_path)
    assert said in str(refused.value)
    assert not (tmp_path / "programme").exists()


def test_a_column_or_a_value_that_no_answer_names_is_refused(tmp_path: Path) -> None:
    answers = _answers(write_survey(tmp_path / "lecteurs.csv"))
    del answers["questions"]["Q3"], answers["axes"]["branch"]["segments"]["CENTRAL"]
    answers["extrait"]["statuts"] = {}
    with pytest.raises(ProgrammeError) as refused:
        make_programme(tmp_path / "programme", held(answers, None), tmp_path)
    said = str(refused.value)
    assert "lecteurs.csv, colonne « Q3 Staff » : aucune réponse ne la nomme" in said
    assert "axes.branch, colonne « Branch » : 1 valeur d'aucun segment : « Central »" in said
    assert "questions.Q1, colonne « Q1 Overall, how do you rate the library? » : 1 valeur ni de l'échelle E1" in said


@pytest.mark.parametrize("standing", ["programme.yaml", "reference/questions.csv", "landing/2024/lecteurs.csv"])
def test_a_file_that_stands_there_is_left(tmp_path: Path, standing: str) -> None:
    answers = _answers(write_survey(tmp_path / "lecteurs.csv"))
    root = tmp_path / "programme"
    (root / standing).parent.mkdir(parents=True)
    (root / standing).write_text("à quelqu'un", encoding="utf-8")
    with pytest.raises(ProgrammeError, match="existe déjà ; rien n'est écrasé"):
        make_programme(root, held(answers, None), tmp_path)
    assert [p for p in root.rglob("*") if p.is_file()] == [root / standing]
    assert (root / standing).read_text(encoding="utf-8") == "à quelqu'un"


def test_a_draft_is_not_written_over_another(tmp_path: Path) -> None:
    path = write_survey(tmp_path / "lecteurs.csv")
    assert observatoire(tmp_path, "init", "p", "--extrait", str(path)).returncode == 0
    before = look(tmp_path / "p")
    done = observatoire(tmp_path, "init", "p", "--extrait", str(path))
    assert done.returncode == 1 and done.stderr.startswith(
        "Refusé : p : reponses.yaml existe déjà ; rien n'est écrasé."
    )
    # nor is a programme made of a draft that nobody has read
    done = observatoire(tmp_path, "init", "p")
    assert done.returncode == 1 and "a_decider : reste à trancher" in done.stderr
    assert look(tmp_path / "p") == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 1, "Refusé : Il manque --nom, --langue, --vague, --debut, --fin, --mode, --institut, --organismes, --echelle, --meilleure ;"),
        (("--langue", "xx"), 1, "Refusé : langue : « xx » n'a pas de catalogue ; langues connues : en, fr."),
        (("--debut", "demain"), 2, "--debut : « demain » n'est pas une date AAAA-MM-JJ. Aide :"),
        (("--echelle", "1..6"), 1, "Refusé : --echelle demande --meilleure, premiere ou derniere"),
        (("--mots", "repondants=élève, élèves"), 1, "Refusé : « repondants » : un de ces mots est attendu devant « = » : repondant, organisme,"),
        (("--mots", "repondant=élève"), 1, "Refusé : « élève » : un singulier et un pluriel sont attendus"),
        (("--organismes", "A=beaucoup"), 1, "Refusé : « A=beaucoup » : derrière « = », un nombre de personnes est attendu."),
        (("--reponses", "nulle_part.yaml"), 2, "--reponses : nulle_part.yaml n'est pas un fichier. Aide :"),
    ],
)  # fmt: skip
def test_a_script_is_told_what_is_missing(tmp_path: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = observatoire(tmp_path, "init", "p", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(said), done.stderr
    assert not (tmp_path / "p").exists()


def test_a_person_at_a_terminal_is_asked_and_asked_again(tmp_path: Path) -> None:
    typed = iter(
        ["Patients", "xx", "en", "2024", "2024-05-06", "demain", "2024-06-28", "", "Ward Surveys", "patient, patients", "hospital", "hospital, hospitals", "", "", "ward, wards, f", "North=10, South", "North=1000, South=2000", "oui", "Good", "Excellent, Good, Poor", "premiere", ""]
    )  # fmt: skip
    again: list[str] = []
    start(tmp_path / "p", None, None, Told({}), lambda question: next(typed), again.append)
    assert [said.split(" : ")[0] for said in again] == ["« xx »", "« demain »", "« hospital »", "Combien de personnes chacun représente est attendu, derrière « = ».", "« Good »"]  # fmt: skip
    assert next(typed, None) is None
    programme = load_programme(tmp_path / "p")
    assert (programme.config.langue, programme.config.secret.organismes_secrets) == ("en", False)
    told = programme.config.vocabulaire.model_dump(exclude_defaults=True)
    assert told == {
        "repondant": {"singulier": "patient", "pluriel": "patients"},
        "organisme": {"singulier": "hospital", "pluriel": "hospitals"},
        "territoire": {"singulier": "ward", "pluriel": "wards", "feminin": True},
    }
    assert [r["libelle"] for r in programme.rows("questions")] == ["Overall satisfaction"]
    assert [float(str(r["note"])) for r in programme.rows("baremes")] == [10, 5, 0]
    assert observatoire(tmp_path / "p", "check").returncode == 0


def test_names_that_would_break_a_line_stay_what_they_are(tmp_path: Path) -> None:
    path = write_survey(tmp_path / "lecteurs\n# x: 1.csv")
    name = 'Nom "cité" : deux\nlignes, # et un dièse'
    answers = _answers(path, nom=name, organismes={"CITY": "L'une, \"l'autre\""})
    make_programme(tmp_path / "programme", held(answers, None), tmp_path)
    programme = load_programme(tmp_path / "programme")
    assert programme.config.nom == name
    assert [r["nom"] for r in programme.rows("organismes")] == ["L'une, \"l'autre\""]
    assert len(load_contracts(programme).sound) == 1


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"a;b\n", b"une seule colonne\n1\n2\n"])
def test_an_extract_that_is_no_table_is_refused_in_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(data)
    done = observatoire(tmp_path, "init", "p", "--extrait", "x.csv")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Refusé : x.csv") and "Traceback" not in done.stderr
    assert not (tmp_path / "p").exists()


def test_an_extract_that_is_delivered_already_stays_where_it_is(tmp_path: Path) -> None:
    root = tmp_path / "programme"
    (root / "landing/2024").mkdir(parents=True)
    path = write_survey(root / "landing/2024/lecteurs.csv")
    before = path.read_bytes(), path.stat().st_mtime_ns
    make_programme(root, held(_answers(path), None), root)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_answers_have_a_schema_that_says_each_key() -> None:
    bare = [key for key, part in ANSWERS.json_schema()["properties"].items() if "description" not in part]
    assert bare == ["echelles", "questions", "axes", "extrait"]
