"""A purge takes what nobody needs any more, and says so before."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from orchestration import cli_deliveries
from orchestration.defs.extracts.reading import hold_read
from orchestration.errors import DeliveryError, PublicationRefused
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.retention import expired, purge
from orchestration.files import file_sha256, write_json
from orchestration.operation.leftovers import sweep
from orchestration.publication.aside import set_aside
from orchestration.publication.editions import DATABASE, Editions
from orchestration.reporting.printed import SEAL, seal
from orchestration.settings import Settings
from tests.support.going_back import roll_back
from tests.support.ingestion import ingest_all
from tests.support.mini import mini_programme, row, write_csv


def test_old_rejects_and_what_left_the_landing_folder_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    for name in ("a.csv", "b.csv", "c.csv"):
        write_csv(tmp_path / "landing/V2" / name, [row(name), row("x", Q1="7")])
    ids = {r.fichier: r.livraison for r in ingest_all(tmp_path)}
    (tmp_path / "landing/V2/b.csv").unlink()
    lake = Lake(tmp_path)
    os.utime(lake.quarantine(ids["V2/a.csv"]), (0, 0))
    # what a person put there
    (tmp_path / "quarantine/notes").mkdir()
    for place in ("quarantine/a.corrige.csv", "quarantine/lignes.deadbeef", "lake/registre/inconnu.json"):
        (tmp_path / place).write_text("x", encoding="utf-8")
    found = list(expired(lake, take_inventory(mini_programme(tmp_path)), days=90))
    gone = ids["V2/b.csv"]
    assert {e.path for e in found} == {
        lake.quarantine(gone), lake.root / "lake/versions" / gone, lake.record(gone), lake.quarantine(ids["V2/a.csv"]),
    }  # fmt: skip
    purge(found)
    assert not any(e.path.exists() for e in found)
    assert take_inventory(mini_programme(tmp_path)).stale == []
    assert list(expired(lake, take_inventory(mini_programme(tmp_path)), days=90)) == []


@pytest.mark.parametrize(
    ("keep", "replaced", "left"),
    [
        (1, "V2-0.0", ["V2-0.0", "V2-0.3"]),
        (1, None, ["V2-0.3"]),
        (2, "V2-0.2", ["V2-0.2", "V2-0.3"]),
        (3, "V2-0.0", ["V2-0.0", "V2-0.2", "V2-0.3"]),
        (9, "V2-0.0", ["V2-0.0", "V2-0.1", "V2-0.2", "V2-0.3"]),
    ],
)
def test_the_edition_just_replaced_outlives_its_replacement(
    tmp_path: Path, keep: int, replaced: str | None, left: list[str]
) -> None:
    editions = _store(tmp_path, [f"V2-0.{number}" for number in range(4)])
    dropped = editions.prune(keep, replaced)
    assert editions.names() == left
    assert sorted([*dropped, *left]) == [f"V2-0.{number}" for number in range(4)]


@pytest.mark.parametrize(
    ("unwanted", "kept"),
    [
        ((), ["V1-1.1", "V2-0.2"]),
        # What a rollback left is not what the wave came to, as long as the wave has another.
        (("V1-1.1",), ["V1-1.0", "V2-0.2"]),
        (("V2-0.2",), ["V1-1.1", "V2-0.1"]),
        (("V1-1.0", "V1-1.1", "V1-0.0"), ["V1-1.1", "V2-0.2"]),
    ],
)
def test_the_last_edition_of_a_past_wave_is_kept_for_good(
    tmp_path: Path, unwanted: tuple[str, ...], kept: list[str]
) -> None:
    past = ["V1-0.0", "V1-1.0", "V1-1.1", "V2-0.1", "V2-0.2"]
    editions = _store(tmp_path, [*past, *(f"V3-0.{number}" for number in range(7))])
    editions.prune(2, "V3-0.5", unwanted)
    assert editions.names() == [*kept, "V3-0.5", "V3-0.6"]


def test_a_wave_that_readers_were_brought_back_to_is_the_current_one(tmp_path: Path) -> None:
    editions = _store(tmp_path, ["V1-1.0", "V2-0.0", "V2-0.1"])
    editions.switch("V1-1.0")
    assert editions.prune(1, unwanted=["V2-0.1"]) == ["V2-0.1"]
    assert editions.names() == ["V1-1.0", "V2-0.0"]


def test_editions_that_only_tell_other_refusals_leave_first_and_nobody_is_brought_back_to_them(tmp_path: Path) -> None:
    """Five refused files make five editions; the figures of before are still there to come back to."""
    names = [f"V2-0.{number}" for number in range(8)]
    figures = {"V2-0.0": "a" * 32, "V2-0.1": "b" * 32} | dict.fromkeys(names[2:], "c" * 32)
    editions = _store(tmp_path, names[:1], figures)
    for before, name in pairwise(names):
        _add(editions, name, figures[name] + name)
        editions.prune(4, before)
    assert editions.names() == ["V2-0.0", "V2-0.1", "V2-0.6", "V2-0.7"]
    assert roll_back(editions, None, "barème à revoir") == ("V2-0.1", "V2-0.7")
    # a file that is refused meanwhile does not bring the figures back
    assert "V2-0.7, dont les livraisons donnent encore les chiffres, a été écartée" in str(
        set_aside(tmp_path, "c" * 32 + "un refus de plus")
    )
    assert set_aside(tmp_path, "d" * 32) is None
    assert roll_back(editions, "V2-0.6", "") == ("V2-0.6", "V2-0.1")
    assert set_aside(tmp_path, "c" * 32) is None


def test_a_damaged_manifest_stops_no_pruning(tmp_path: Path) -> None:
    editions = _store(tmp_path, ["V2-0.0", "V2-0.1", "V2-0.2"])
    (editions.folder("V2-0.1") / "manifeste.json").write_text("{", encoding="utf-8")
    assert editions.prune(2) == ["V2-0.0"]


def _add(editions: Editions, name: str, made_of: str) -> None:
    folder = editions.folder(name)
    folder.mkdir(parents=True)
    (folder / DATABASE).write_bytes(name.encode())
    files = {DATABASE: file_sha256(folder / DATABASE)}
    write_json({"empreinte": made_of, "tables": {}, "fichiers": files}, folder / "manifeste.json")
    editions.switch(name)


def _store(root: Path, names: list[str], figures: Mapping[str, str] | None = None) -> Editions:
    """Returns a store of editions of which the last is current; without `figures`, each has its own."""
    editions = Editions(root)
    for name in names:
        _add(editions, name, (figures or {}).get(name, name))
    return editions


@pytest.mark.parametrize("left", ["", "\ufffd rien de tel\n", "{current}\n", "{oldest}\n"])
@pytest.mark.parametrize("back", [False, True])
def test_a_damaged_list_of_what_readers_saw_costs_no_edition(tmp_path: Path, left: str, back: bool) -> None:
    """Each night tidies; neither an empty list nor a short one, nor having gone back before, proves anything."""
    names = ["V10-1.0", "V9-1.0", "automne 2-0.0"]
    editions = _store(tmp_path, names)
    if back:
        editions.switch(names[0])
    current = editions.current()
    (editions.root / "historique.txt").write_text(left.format(current=current, oldest=names[0]), encoding="utf-8")
    for _ in range(3):
        editions.tidy()
        assert set(editions.names()) == {*names}
    assert editions.current() == current


def test_what_lost_its_manifest_is_named_and_stays(tmp_path: Path) -> None:
    editions = _store(tmp_path, ["V1-1.0", "V2-0.0"])
    (editions.folder("V1-1.0") / "manifeste.json").unlink()
    editions.tidy()
    assert [path.name for path in editions.incomplete()] == ["V1-1.0"]
    assert (editions.folder("V1-1.0") / DATABASE).is_file()
    # nor is its number given again, though the list is lost too
    (editions.root / "historique.txt").unlink()
    assert editions.next_number("V1", final=True) == "V1-1.1"


def test_an_edition_that_was_not_shown_goes_with_the_run_that_made_it(tmp_path: Path) -> None:
    editions = _store(tmp_path, ["V1-1.0", "V2-0.0"])
    made = editions.store / ".en-cours.V2-0.1"
    made.mkdir()
    write_json({"empreinte": "x", "tables": {}, "fichiers": {}}, made / "manifeste.json")
    editions.add("V2-0.1", made)
    assert editions.names()[-1] == "V2-0.1"
    editions.tidy()
    assert editions.names() == ["V1-1.0", "V2-0.0"]
    assert sorted(path.name for path in editions.store.iterdir()) == ["V1-1.0", "V2-0.0"]


def test_an_entrance_that_leads_elsewhere_leads_to_its_edition_again(tmp_path: Path) -> None:
    editions = _store(tmp_path / "published", ["V1-1.0", "V2-0.0"])
    elsewhere = tmp_path / "V2-0.0"
    elsewhere.mkdir()
    for wrong in (elsewhere, Path("../editions/V2-0.0")):
        editions.link.unlink()
        editions.link.symlink_to(wrong)
        editions.tidy()
        assert editions.link.readlink() == Path("editions/V2-0.0")


@pytest.mark.parametrize("wave", ["Vague 2", "été 2022"])
def test_a_wave_may_be_called_by_several_words(tmp_path: Path, wave: str) -> None:
    editions = _store(tmp_path, [f"{wave}-0.0", "V1-1.0", f"{wave}-0.1"])
    assert editions.names() == [f"{wave}-0.0", "V1-1.0", f"{wave}-0.1"]
    assert roll_back(editions, "V1-1.0", "")[0] == "V1-1.0"
    editions.tidy()
    assert len((editions.root / "historique.txt").read_text(encoding="utf-8").splitlines()) == 3
    assert f"{wave}-0.1" in editions.names()


def test_a_lost_list_brings_nobody_back_to_what_was_set_aside(tmp_path: Path) -> None:
    editions = _store(tmp_path, ["V1-1.0", "V2-0.0", "V2-0.1"])
    assert roll_back(editions, "V2-0.0", "fautive") == ("V2-0.0", "V2-0.1")
    (tmp_path / "historique.txt").unlink()
    editions.tidy()
    assert editions.names() == ["V1-1.0", "V2-0.1", "V2-0.0"]
    assert roll_back(editions, None, "") == ("V1-1.0", "V2-0.0")


@pytest.mark.parametrize("damage", [{"fichiers": []}, {"tables": 5}, {"empreinte": None}])
def test_a_manifest_with_parts_of_another_kind_is_damaged(tmp_path: Path, damage: dict[str, object]) -> None:
    editions = _store(tmp_path, ["V1-0.0"])
    path = editions.folder("V1-0.0") / "manifeste.json"
    write_json(editions.manifest("V1-0.0") | damage, path)
    for hold in (editions.check, editions.check_all):
        with pytest.raises(PublicationRefused, match=r"manifeste.json est abîmé"):
            hold("V1-0.0")


def test_a_list_that_is_a_folder_is_one_sentence(tmp_path: Path) -> None:
    editions = _store(tmp_path, ["V1-0.0", "V2-0.0"])
    (tmp_path / "historique.txt").unlink()
    (tmp_path / "historique.txt").mkdir()
    for act in (editions.tidy, lambda: editions.switch("V1-0.0")):
        with pytest.raises(PublicationRefused, match=r"historique.txt n'est pas un fichier : .* ; l'ôter\.$"):
            act()
    assert editions.current() == "V2-0.0", "nothing is shown that cannot be remembered"


def test_a_seal_that_is_a_folder_goes_with_the_next_run(tmp_path: Path) -> None:
    settings, print_of_it = Settings(tmp_path), tmp_path / "reports/V1-0.0"
    (print_of_it / SEAL).mkdir(parents=True)
    (print_of_it / "index.html").touch()
    settings.warehouse.parent.mkdir()
    sweep(settings)
    assert [path.name for path in print_of_it.iterdir()] == ["index.html"]
    seal(print_of_it)
    assert (print_of_it / SEAL).is_file()


def test_a_run_does_not_say_that_nothing_is_new_when_what_it_read_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    write_csv(tmp_path / "landing/V2/a.csv", [row("a")])
    [read] = ingest_all(tmp_path)
    done = {read.fichier}
    programme = mini_programme(tmp_path)
    hold_read(take_inventory(programme), done)
    Lake(tmp_path).record(read.livraison).unlink()
    with pytest.raises(PublicationRefused, match=r"n'est plus dans le lac, ou a changé depuis \(V2/a\.csv\)"):
        hold_read(take_inventory(programme), done)
    # what could not be read is told by another check
    hold_read(take_inventory(programme), set())
    # other bytes under its name, which came while it was read
    [read] = ingest_all(tmp_path)
    write_csv(tmp_path / "landing/V2/a.csv", [row("b")])
    with pytest.raises(PublicationRefused, match=r"ou a changé depuis \(V2/a\.csv\)"):
        hold_read(take_inventory(programme), {read.fichier})


def test_a_pipe_among_the_deliveries_is_not_withdrawn(tmp_path: Path) -> None:
    mini_programme(tmp_path)
    (tmp_path / "landing/V2").mkdir(parents=True)
    os.mkfifo(tmp_path / "landing/V2/tube.csv")
    with pytest.raises(DeliveryError, match=r"V2/tube\.csv n'est pas un fichier.* l'ôter de landing/"):
        cli_deliveries.withdraw("V2/tube.csv", "essai", tmp_path)
    assert not (tmp_path / "landing/retraits.csv").exists()
