"""An edition that cannot be made whole leaves nothing in the store."""

from __future__ import annotations

import shutil

import pytest

from orchestration.programme import load_programme
from orchestration.publication.assemble import assemble
from orchestration.publication.editions import DATABASE, Editions
from tests.support.small import published


@pytest.mark.parametrize(
    "fails",
    [
        "write_organisme_files",
        "mark",
        *(pytest.param(name, marks=pytest.mark.long) for name in ("_parquet", "remember")),
    ],
)
def test_what_fails_while_an_edition_is_made_leaves_no_half_of_it(fails: str, monkeypatch: pytest.MonkeyPatch) -> None:
    programme = load_programme(published())
    editions = Editions(programme.settings.published)
    shutil.copyfile(editions.folder(str(editions.current())) / DATABASE, programme.settings.candidate)
    stood = editions.names()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"orchestration.publication.assemble.{fails}", full)
    # the same candidate, which another run has not published
    monkeypatch.setattr("orchestration.publication.assemble.is_published", lambda *_: False)
    with pytest.raises(OSError, match="No space left"):
        assemble(programme)
    # what was announced stays noted; it takes no room
    assert {path.name for path in editions.store.iterdir()} <= {*stood, ".a-montrer"} and editions.names() == stood
    assert (editions.folder(str(editions.current())) / DATABASE).is_file()
