"""Two editions in a row: what their difference would say of a few organismes."""

from __future__ import annotations

from orchestration.publication.differencing import Isolated, isolated
from orchestration.publication.losses import Standing

BEFORE = {("V1", code): Standing(100, f"{code}-1") for code in "ABCDE"}


def _found(*changes: tuple[str, Standing | None], least: int = 3) -> list[Isolated]:
    after = dict(BEFORE)
    for code, standing in changes:
        after.pop(("V1", code), None)
        if standing:
            after["V1", code] = standing
    return list(isolated(BEFORE, after, least, 0.85))


def test_nothing_changed_isolates_nobody() -> None:
    assert _found() == []


def test_a_late_organisme_a_withdrawn_one_a_corrected_one_are_isolated() -> None:
    assert _found(("F", Standing(80, "F-1"))) == [Isolated("V1", ("F",))]
    assert _found(("A", None)) == [Isolated("V1", ("A",))]
    assert _found(("A", Standing(100, "A-2")), ("B", None)) == [Isolated("V1", ("A", "B"))]
    assert str(Isolated("V1", ("A", "B"))) == "A, B en V1"


def test_three_of_a_size_hide_each_other_one_that_dominates_is_not_hidden() -> None:
    assert _found(*((code, Standing(100, f"{code}-2")) for code in "ABC")) == []
    alone = [("A", Standing(900, "A-2")), ("F", Standing(10, "F-1")), ("G", Standing(10, "G-1"))]
    assert _found(*alone) == [Isolated("V1", ("A", "F", "G"))]


def test_one_dominates_from_its_share_of_the_interviews_on() -> None:
    def of_three(largest: int, least: int = 3) -> list[Isolated]:
        sizes = zip("FGH", (largest, 90 - largest, 10), strict=True)
        return _found(*((code, Standing(size, f"{code}-1")) for code, size in sizes), least=least)

    assert of_three(85) == of_three(85, least=2) == [Isolated("V1", ("F", "G", "H"))]
    assert of_three(84) == []


def test_a_new_wave_has_nothing_to_be_subtracted_from() -> None:
    after = BEFORE | {("V2", "A"): Standing(50, "A-3")}
    assert list(isolated(BEFORE, after, 3, 0.85)) == []


def test_where_organismes_publish_their_results_nothing_is_isolated() -> None:
    assert _found(("F", Standing(80, "F-1")), least=1) == []
