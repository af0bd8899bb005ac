"""A title that says more than an axis, or than a question, is left to a person, with the word that it says besides."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from orchestration.extracts.draft.codes import axis_options
from orchestration.extracts.draft.line import DECIDED
from orchestration.extracts.draft.profile import profile
from orchestration.extracts.draft.roles import find_roles
from orchestration.extracts.draft.sniff import sniff
from orchestration.programme import load_programme

PROGRAMME = load_programme(Path(__file__).resolve().parents[2] / "data")

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
