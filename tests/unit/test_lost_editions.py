"""Editions that are gone from the store without a publication having deleted them: what is left of them, and who decides."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from orchestration.errors import PublicationRefused
from orchestration.extracts.lake import Lake
from orchestration.operation.leftovers import sweep
from orchestration.publication.aside import put_aside
from orchestration.publication.editions import DATABASE, Editions
from orchestration.publication.lost import RENOUNCED, forget, hold_not_lost, lost, renounce, renounced, traces
from orchestration.publication.memory import remember
from orchestration.settings import Settings
from tests.support.attributes import immutable

NAMES = ["V1-1.0", "V2-0.0", "V2-0.1"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Three editions that readers saw, each with what it leaves outside the store."""
    settings = Settings(tmp_path)
    editions = Editions(settings.published)
    for name in NAMES:
        _publish(settings, name)
        for folder in (settings.reports / name, settings.published / "livrets" / name):
            folder.mkdir(parents=True)
            (folder / "index.html").touch()
    assert (editions.current(), lost(settings)) == ("V2-0.1", [])
    settings.warehouse.parent.mkdir()
    return settings


def _publish(settings: Settings, name: str) -> None:
    editions = Editions(settings.published)
    editions.announce(name)
    remember(Lake(settings.root), name, {}, {}, (*editions.names(), *lost(settings)))
    folder = editions.store / f".en-cours.{name}"
    folder.mkdir(parents=True)
    (folder / DATABASE).write_bytes(name.encode())
    (folder / "manifeste.json").write_text(json.dumps({"empreinte": name, "tables": {}, "fichiers": {}}), "utf-8")
    editions.add(name, folder)
    editions.switch(name)


def _remembered(settings: Settings) -> list[str]:
    return sorted(path.stem for path in (settings.root / "lake/apports").glob("*.json"))


def _number(settings: Settings) -> str:
    return Editions(settings.published).next_number("V2", final=False, taken=traces(settings))


@pytest.mark.parametrize("left", ["lake/apports", "reports", "published/livrets", "published/historique.txt"])
def test_a_number_of_which_any_trace_is_left_is_given_to_no_other_figures(settings: Settings, left: str) -> None:
    for name in ("lake/apports", "reports", "published/livrets", "published/historique.txt", "published/editions"):
        path = settings.root / name
        if name != left:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (settings.published / "courante").unlink()
    assert _number(settings) == "V2-0.2"
    assert Editions(settings.published).next_number("V1", final=True, taken=traces(settings)) == "V1-1.1"


def test_the_numbers_of_what_was_set_aside_or_given_up_stay_taken(settings: Settings) -> None:
    for folder in ("published", "reports", "lake"):
        shutil.rmtree(settings.root / folder)
    put_aside(settings.published, "V2-0.4", "f" * 64, "", "")
    assert _number(settings) == "V2-0.5"
    assert renounce(settings, "") == (["V2-0.4"], [])
    (settings.published / "ecartees.json").unlink()
    assert _number(settings) == "V2-0.5"


@pytest.mark.parametrize("gone", ["published", "published/editions"])
def test_where_all_is_lost_nothing_is_published_or_deleted_until_a_person_decides(
    settings: Settings, gone: str
) -> None:
    shutil.rmtree(settings.root / gone)
    sweep(settings)
    with pytest.raises(PublicationRefused, match=r"\(V2-0.1, V2-0.0, V1-1.0\).*restaurer une sauvegarde.*renounce"):
        hold_not_lost(settings)
    assert _remembered(settings) == NAMES
    assert renounce(settings, "ni sauvegarde ni copie") == (NAMES, [])
    hold_not_lost(settings)
    assert (_remembered(settings), lost(settings), _number(settings)) == ([], [], "V2-0.2")
    assert {entry["motif"] for entry in renounced(settings).values()} == {"ni sauvegarde ni copie"}
    # what is printed of them may be all that is left to read
    assert (settings.reports / "V2-0.1/index.html").is_file()
    with pytest.raises(PublicationRefused, match="Aucune édition n'est perdue"):
        renounce(settings, "")


def test_where_the_current_edition_is_lost_another_that_stands_is_one_way_back(settings: Settings) -> None:
    editions = Editions(settings.published)
    shutil.rmtree(editions.folder("V2-0.1"))
    with pytest.raises(PublicationRefused, match=r"\(V2-0.1\).*« observatoire rollback »"):
        hold_not_lost(settings)
    editions.switch("V2-0.0")
    hold_not_lost(settings)
    assert lost(settings) == ["V2-0.1"]
    _publish(settings, "V2-0.2")
    assert _remembered(settings) == ["V1-1.0", "V2-0.0", "V2-0.1", "V2-0.2"]
    assert renounce(settings, "") == (["V2-0.1"], [])
    assert not (settings.published / "livrets/V2-0.1").exists() and "V2-0.1" not in _remembered(settings)


def test_what_a_publication_deletes_is_not_lost(settings: Settings) -> None:
    editions = Editions(settings.published)
    assert editions.prune(1, parting=partial(forget, settings)) == ["V2-0.0"]
    assert _remembered(settings) == ["V1-1.0", "V2-0.1"]
    hold_not_lost(settings)
    assert _number(settings) == "V2-0.2"


def test_a_deletion_that_was_interrupted_ends_with_what_the_lake_remembers(settings: Settings) -> None:
    store = Editions(settings.published).store
    (store / "V2-0.0").rename(store / ".V2-0.0")
    sweep(settings)
    assert _remembered(settings) == ["V1-1.0", "V2-0.1"]


def test_a_first_edition_that_readers_never_saw_is_not_lost(tmp_path: Path) -> None:
    """A run that was killed before it had published anything must not stop the next one."""
    settings = Settings(tmp_path)
    settings.warehouse.parent.mkdir(parents=True)
    editions = Editions(settings.published)
    editions.announce("V1-0.0")
    remember(Lake(tmp_path), "V1-0.0", {}, {}, [])
    hold_not_lost(settings)
    sweep(settings)
    hold_not_lost(settings)
    assert (_remembered(settings), traces(settings)) == ([], set())


def test_a_folder_without_its_manifest_is_damaged_and_not_lost(settings: Settings) -> None:
    for path in (settings.published / "editions").glob("*/manifeste.json"):
        path.unlink()
    hold_not_lost(settings)


@pytest.mark.parametrize("body", ["{", "[1]", '{"V1-0.0": 5}'])
def test_a_damaged_list_of_what_was_given_up_is_one_sentence(settings: Settings, body: str) -> None:
    (settings.published / RENOUNCED).write_text(body, encoding="utf-8")
    with pytest.raises(PublicationRefused, match=r"renoncees.json est abîmé : .* ; le reprendre"):
        traces(settings)


def test_a_folder_that_nobody_may_delete_is_named_and_keeps_nothing_else(settings: Settings) -> None:
    """What is renounced says what it left; a publication that prunes goes on, and its edition stays whole."""
    shutil.rmtree(settings.published / "editions/V2-0.0")
    leaflets = settings.published / "livrets/V2-0.0"
    with immutable(leaflets):
        assert renounce(settings, "perdue") == (["V2-0.0"], [leaflets])
    editions = Editions(settings.published)
    with immutable(editions.folder("V1-1.0")):
        _publish(settings, "V1-2.0")
        assert editions.prune(1, unwanted=["V2-0.1"]) == [] and "V1-1.0" in editions.names()
    assert "V1-1.0" in editions.prune(1)


def test_readers_are_led_nowhere_where_it_could_not_be_written_down(settings: Settings) -> None:
    with immutable(settings.published / "historique.txt"):
        with pytest.raises(PermissionError):
            _publish(settings, "V2-0.2")
        assert Editions(settings.published).current() == "V2-0.1"
