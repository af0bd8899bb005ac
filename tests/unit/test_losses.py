"""An edition loses nothing of the one before unless a person withdrew it or agreed."""

from __future__ import annotations

from pathlib import Path

from orchestration.publication.losses import Loss, Standing, accept, accepted_losses, losses, unexplained

BEFORE = {("V1", "O1"): Standing(100, "V1.a-csv.0123456789"), ("V2", "O1"): Standing(100, "V2.b-csv.abcdefabcd")}


def _lost(after: dict[tuple[str, str], Standing]) -> list[tuple[str, str, int]]:
    return [(loss.wave, loss.organisme, loss.after) for loss in losses(BEFORE, after, 0.05)]


def test_a_wave_gone_and_a_file_cut_short_are_losses() -> None:
    assert _lost({("V2", "O1"): Standing(94, "x")}) == [("V1", "O1", 0), ("V2", "O1", 94)]


def test_a_few_interviews_less_a_correction_or_a_newcomer_are_none() -> None:
    after = {("V1", "O1"): Standing(95, "x"), ("V2", "O1"): Standing(180, "y"), ("V2", "O9"): Standing(1, "z")}
    assert _lost(after) == []


def test_an_organisme_that_had_nothing_and_has_nothing_loses_nothing() -> None:
    assert losses({("V1", "O1"): Standing(0, "x")}, {("V1", "O1"): Standing(0, "x")}, 0.0) == []


def test_a_withdrawal_explains_the_loss_of_its_own_delivery_only() -> None:
    found = losses(BEFORE, {}, 0.05)
    left = unexplained(found, ["0123456789" + "f" * 54, "fedcba9876" + "0" * 54], [])
    assert [(loss.wave, loss.organisme) for loss in left] == [("V2", "O1")]


def test_an_agreement_holds_for_one_edition_and_what_it_was_given_for(tmp_path: Path) -> None:
    found = losses(BEFORE, {("V2", "O1"): Standing(50, "x")}, 0.05)
    accept(tmp_path, "V2-0.3", found, "fichier refait, l'institut prévenu")
    accept(tmp_path, "V2-0.2", [Loss("V2", "O1", 100, 0, "")], "autre édition")
    agreed = accepted_losses(tmp_path, "V2-0.3")
    assert unexplained(found, [], agreed) == []
    worse = losses(BEFORE, {("V2", "O1"): Standing(49, "x")}, 0.05)
    assert [str(loss) for loss in unexplained(worse, [], agreed)] == [
        "O1 en V2 : 100 entretiens publiés, 49 entretiens à présent"
    ]
