"""SIGKILL at named points of a run: readers keep a whole edition, and the next runs end where an undisturbed one does."""

from __future__ import annotations

import pytest

from tests.support.faults import POINTS
from tests.support.readers import assert_tidy, produced_files, published_tables, read_whole_edition, read_whole_report
from tests.support.shop import OLDEST, TODAY, YESTERDAY, Shop

pytestmark = pytest.mark.slow

# each run but the last is killed, at the next point of its list: what one left is what the next one finds
BEFORE = (
    "avant la lecture", "texte en cours de lecture", "Parquet du lac à moitié", "lac écrit, registre pas", "rejets à moitié",
    "fichier lu par le lecteur", "version en cours d'installation", "tables de contrôle à moitié", "dbt compte",
    "dbt écrit le candidat", "suites en cours", "contrôles passés", "base à moitié copiée",
)  # fmt: skip
SHELF = (
    "fichier d'organisme à moitié", "Parquet publiés à moitié", "avant le manifeste", "manifeste écrit", "sur l'étagère",
    "avant le lien",
)  # fmt: skip
AFTER = ("lien changé", "rapport à moitié", "rapport sans lien")
PRUNING = "purge à moitié"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop.open(tmp_path_factory.mktemp("fautes"))


def _ends_undisturbed(shop: Shop, spare: str = "nothing") -> None:
    done = shop.run()
    assert done.returncode == 0, done.stderr
    assert read_whole_edition(shop.root) == read_whole_report(shop.root) == TODAY
    assert published_tables(shop.root) == shop.tables
    assert {name for name in produced_files(shop.root) if not name.startswith(spare)} == shop.files
    assert_tidy(shop.root)


def _killed_at_each(shop: Shop, points: tuple[str, ...], edition: str) -> None:
    """Kills a run at each point in turn; readers see that edition after each, and yesterday's report."""
    for point in points:
        shop.struck(point)
        assert (read_whole_edition(shop.root), read_whole_report(shop.root)) == (edition, YESTERDAY), point


def test_every_point_is_struck() -> None:
    assert {*BEFORE, *SHELF, *AFTER, PRUNING} == set(POINTS)


@pytest.mark.parametrize("point", ["avant le lien", "lien changé"])
def test_killed_while_rolling_back(shop: Shop, point: str) -> None:
    shop.restore(deliver=False, source=shop.undisturbed)
    shop.struck(point, "rollback")
    expected = TODAY if point == "avant le lien" else YESTERDAY
    assert (read_whole_edition(shop.root), read_whole_report(shop.root)) == (expected, TODAY)
    assert shop.run("rollback", YESTERDAY).returncode == 0
    assert read_whole_edition(shop.root) == YESTERDAY
    assert_tidy(shop.root)


@pytest.mark.parametrize("point", ["avant le lien", "lien changé"])
def test_killed_while_the_first_edition_is_shown(shop: Shop, point: str) -> None:
    shop.restore(deliver=False)
    for link in [p for p in (shop.root / "published").iterdir() if p.is_symlink()]:
        link.unlink()
    shop.struck(point, "rollback", YESTERDAY)
    entrances = [(shop.root / "published" / name).exists() for name in ("observatoire.duckdb", "bi.duckdb", "donnees")]
    assert entrances == [point == "lien changé"] * 3
    assert shop.run("rollback", YESTERDAY).returncode == 0
    assert read_whole_edition(shop.root) == YESTERDAY
    assert_tidy(shop.root)


@pytest.mark.long
def test_a_child_that_is_killed_costs_a_sentence_at_most(shop: Shop) -> None:
    shop.restore()
    done = shop.struck("dbt écrit le candidat", child=" build ")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "Rien n'a été publié. dbt a été arrêté de l'extérieur (signal 9)" in done.stderr
    assert read_whole_edition(shop.root) == read_whole_report(shop.root) == YESTERDAY
    # the reading process is given a successor, and the run goes on
    shop.restore()
    done = shop.struck("fichier lu par le lecteur", child="readers.isolated")
    assert done.returncode == 0, done.stderr
    _ends_undisturbed(shop)


def test_killed_while_an_edition_too_many_is_deleted(shop: Shop) -> None:
    shop.restore()
    shop.struck(PRUNING)
    assert (read_whole_edition(shop.root), read_whole_report(shop.root)) == (TODAY, YESTERDAY)
    _ends_undisturbed(shop)


@pytest.mark.long
def test_killed_before_anything_is_published(shop: Shop) -> None:
    shop.restore()
    _killed_at_each(shop, BEFORE, edition=YESTERDAY)
    _ends_undisturbed(shop)


# every third point in `make test-slow`, every one in `make test-long`
@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.long)])
def test_killed_while_the_edition_is_made_and_shown(shop: Shop, step: int) -> None:
    shop.restore()
    _killed_at_each(shop, SHELF[step - 1 :: step], edition=YESTERDAY)
    _killed_at_each(shop, AFTER[::step], edition=TODAY)
    assert published_tables(shop.root) == shop.tables
    # the edition too many goes at the next publication
    _ends_undisturbed(shop, spare=f"published/editions/{OLDEST}")
