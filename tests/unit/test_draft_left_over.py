"""A title that says more than an axis, or than a question, is left to a person, with the word that it says besides."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from orchestration.extracts.contract import Contract
from orchestration.extracts.draft.codes import axis_options
from orchestration.extracts.draft.line import DECIDED
from orchestration.extracts.draft.profile import profile
from orchestration.extracts.draft.roles import find_roles
from orchestration.extracts.draft.sniff import sniff
from orchestration.extracts.draft.wordings import Wordings
from orchestration.extracts.draft.write import undecided
from orchestration.programme import load_programme
from orchestration.programme.texts import clean
from tests.support.contracts import load_contract
from tests.support.demo import delivered
from tests.support.drafting import draft, targets

ROOT = Path(__file__).resolve().parents[2]
PROGRAMME = load_programme(ROOT / "data")
TEXTS = {r["question_code"] or "": (str(r["libelle"]), str(r["formulation"])) for r in PROGRAMME.rows("questions")}

# axis, a title of something else, the word by which it is known
OTHERS = [
    ("type_construction", "Type de parking", "parking"),
    ("type_construction", "Type de l'habitat que vous cherchez", "cherchez"),
    ("departement", "Département de vos vacances", "vacances"),
    ("departement", "DEPT_EMPLOYEUR", "EMPLOYEUR"),
    ("tranche_age", "Âge du garant", "garant"),
    ("tranche_age", "Tranche d'âge de votre voisin", "voisin"),
    ("anciennete", "Ancienneté chez votre employeur, en mois", "employeur"),
    ("type_menage", "Composition du ménage de vos cousins", "cousins"),
    ("ascenseur", "Ascenseur à votre bureau", "bureau"),
    ("qpv", "Quartier prioritaire des amis", "amis"),
]
OWN = [
    ("type_construction", "Quel est votre type d'habitat ?"),
    ("type_construction", "TYPE_CONSTR"),
    ("departement", "Code du département"),
    ("tranche_age", "Quel est votre âge ? (en années révolues)"),
    ("tranche_age", "RS3. Âge du répondant"),
    ("tranche_age", "Âge du locataire"),
    ("anciennete", "Nombre de mois d'ancienneté dans le logement"),
    ("type_menage", "Composition de votre foyer"),
    ("ascenseur", "ASCENS"),
    ("qpv", "Quartier prioritaire (QPV)"),
]


def _column(path: Path, axis: str, title: str) -> Path:
    """Writes a column of an axis: its segments' labels, or numbers within its bounds."""
    options = axis_options(PROGRAMME, axis)
    tops = [int(high) for _, high in options.bands.values()]
    said = [str(n % (tops[-2] + 20)) for n in range(300)] if tops else [*options.labels.values()] * 60
    pl.DataFrame({"Identifiant": [str(n) for n in range(len(said))], title: said}).write_csv(path)
    return path


@pytest.mark.parametrize(("axis", "title", "word"), OTHERS)
def test_a_word_beside_those_of_an_axis_leaves_it_open(axis: str, title: str, word: str, tmp_path: Path) -> None:
    roles = find_roles(profile(sniff(_column(tmp_path / "x.csv", axis, title))), PROGRAMME, "2022")
    role = roles.get(title)
    assert role is None or role.confidence < DECIDED, role
    assert role is None or role.role != "axe" or f"« {word} »" in role.reason


@pytest.mark.parametrize(("axis", "title"), OWN)
def test_the_words_of_an_axis_and_of_a_question_decide_it(axis: str, title: str, tmp_path: Path) -> None:
    role = find_roles(profile(sniff(_column(tmp_path / "x.csv", axis, title))), PROGRAMME, "2022")[title]
    assert (role.role, role.key, role.more) == ("axe", axis, ()), role
    assert role.confidence >= DECIDED, role


def _titled(tmp_path: Path, change: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Drafts an extract whose titles are the labels of its questions, but for some; returns open points and targets."""
    contract: Contract = load_contract(ROOT / "data/contracts/boreal-2022.yaml", PROGRAMME)
    frame = pl.read_csv(delivered() / "2022/boreal_2022_v1.csv", infer_schema=False).sample(600, seed=7)
    known = contract.known_columns("")
    asked = {c: known[clean(c)] for c in frame.columns if known.get(clean(c)) in TEXTS}
    single = {c: code for c, code in asked.items() if [*asked.values()].count(code) == 1}
    path = tmp_path / "boreal_2022_v1.csv"
    frame.rename({c: change.get(code, TEXTS[code][0]) for c, code in single.items()}).write_csv(path)
    proposal, lines, _ = draft(path, PROGRAMME)
    return "\n".join(undecided(proposal, lines)), targets(lines)


@pytest.mark.parametrize(
    ("code", "more"), [("CO09", "du voisin"), ("CV02", "de vos parents"), ("LE01", "précédent"), ("PR01", "de la cave")]
)
def test_a_word_beside_those_of_a_question_leaves_it_open(code: str, more: str, tmp_path: Path) -> None:
    title = f"{TEXTS[code][0]} {more}"
    points, found = _titled(tmp_path, {code: title})
    assert title not in found
    assert f"« {more.split()[-1]} »" in points
    assert len(found) > 40


# A title of less than a question, or of something around it, as an institute would ask where the question is not: its
# question, and a word that it leaves out.
NARROWER = [
    ("CV06", "Êtes-vous satisfait de la sécurité des parkings ?", "halls"),
    ("PR01", "Êtes-vous satisfait des parties communes de votre immeuble ?", "proprete"),
    ("LE07", "Êtes-vous satisfait des volets de votre logement ?", "fenetres"),
]


def test_a_title_that_says_less_than_a_question_leaves_it_open(tmp_path: Path) -> None:
    points, found = _titled(tmp_path, {code: title for code, title, _ in NARROWER})
    for code, title, word in NARROWER:
        assert clean(title) not in found, (code, found[clean(title)])
        told = next(line for line in points.splitlines() if f"questions.{code} " in line)
        assert "le titre ne dit pas" in told and f"« {word} »" in told
    assert len(found) > 35


@pytest.mark.parametrize("text", [0, 1])
def test_a_question_says_all_of_itself(text: int) -> None:
    wordings = Wordings(PROGRAMME)
    assert {code: wordings.unsaid([said[text]], code) for code, said in TEXTS.items()} == dict.fromkeys(TEXTS, ())


@pytest.mark.parametrize("turned", [("CV02", "CV03"), ("LE02", "LE05"), ("CO09", "CO12")])
@pytest.mark.parametrize("form", ["{}", "Q7. {}", "<p>{}</p>"])
def test_the_very_words_of_a_question_are_no_other_one_s(turned: tuple[str, str], form: str, tmp_path: Path) -> None:
    one, other = turned
    titles = {code: form.format(TEXTS[said][i]) for i, (code, said) in enumerate(((one, other), (other, one)))}
    _, found = _titled(tmp_path, titles)
    assert found.get(clean(titles[one]), other) == other
    assert found.get(clean(titles[other]), one) == one


def test_a_column_that_was_moved_keeps_the_question_that_it_names(tmp_path: Path) -> None:
    _, found = _titled(tmp_path, {"CV02": TEXTS["CV04"][0], "CV04": TEXTS["CV02"][0]})
    assert (found.get(TEXTS["CV04"][0]), found.get(TEXTS["CV02"][0])) == ("CV04", "CV02")


def test_two_columns_that_have_the_words_of_one_question_are_open(tmp_path: Path) -> None:
    label, wording = TEXTS["CV04"]
    points, found = _titled(tmp_path, {"CV05": wording})
    assert not {label, wording} & {*found}
    assert "une autre colonne a les mêmes mots" in points
