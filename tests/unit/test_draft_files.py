"""What `contract draft` reads: every form that a run reads, a sample of it, and a sentence for what it cannot read."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from orchestration.errors import DeliveryError
from orchestration.extracts.draft import sniff as sniffing
from orchestration.extracts.draft.groups import group, is_list
from orchestration.extracts.draft.line import DECIDED
from orchestration.extracts.draft.origin import guess_institute, organisme_codes
from orchestration.extracts.draft.profile import Column, date_form, other_date_form, profile
from orchestration.extracts.draft.propose import propose
from orchestration.extracts.draft.roles import find_roles
from orchestration.extracts.draft.sniff import SHEET, Sniffed, sniff
from orchestration.extracts.draft.write import undecided
from orchestration.extracts.readers import LINE
from orchestration.extracts.readers.archives import signature
from orchestration.programme import load_programme
from tests.support import hostile
from tests.support.demo import delivered
from tests.support.mini import mini_programme
from tests.support.xls import write_xls

ROOT = Path(__file__).resolve().parents[2]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TEXT = "ID;DATE;Q1;Q2\n" + "".join(f"{i};{1 + i % 28:02d}/10/2022;Très satisfait;{i % 4}\n" for i in range(50))
ROWS = [line.split(";") for line in TEXT.splitlines()]


def _ods(path: Path) -> None:
    hostile.ods(path, "".join(hostile.ods_row(row) for row in ROWS))


FORMS: dict[str, Callable[[Path], object]] = {
    "a.csv": lambda p: p.write_text(TEXT, encoding="utf-8"),
    "a.csv.gz": lambda p: p.write_bytes(gzip.compress(TEXT.encode())),
    "a.zip": lambda p: hostile.zip_of(p, {"dedans.csv": TEXT.encode()}),
    "a.xls": lambda p: write_xls(p, ROWS),
    "a.ods": _ods,
    "a.parquet": lambda p: pl.DataFrame(ROWS[1:], schema=ROWS[0], orient="row").write_parquet(p),
    "parquet.gz": lambda p: p.write_bytes(gzip.compress(_parquet())),
}


def _parquet() -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(ROWS[1:], schema=ROWS[0], orient="row").write_parquet(buffer)
    return buffer.getvalue()


def _cells(found: Sniffed) -> list[tuple[str, ...]]:
    return found.frame.drop(LINE, SHEET).rows()


@pytest.mark.parametrize("name", FORMS)
def test_every_form_that_a_run_reads_is_drafted(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    FORMS[name](path)
    found = sniff(path)
    assert _cells(found) == [tuple(row) for row in ROWS[1:]]
    assert found.whole


@pytest.mark.parametrize(
    ("name", "write", "said"),
    [
        ("verrou.xlsx", lambda p: p.write_bytes(OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le")), "protégé par mot de passe"),
        ("verrou.zip", lambda p: hostile.password_zip(p, TEXT.encode()), "protégé par mot de passe"),
        ("deux.zip", lambda p: hostile.zip_of(p, {"a.csv": b"a;b\n1;2\n", "b.csv": b"a;b\n1;2\n"}), "2 fichiers dans l'archive"),
        ("rapport.pdf", lambda p: p.write_bytes(b"%PDF-1.7\n"), "c'est un fichier pdf"),
        ("vieux.doc", lambda p: p.write_bytes(OLE + bytes(2_000)), "illisible"),
        ("octets.csv", lambda p: p.write_bytes(b"a;b\n" + b"\xea" * 40 + b"\x81;1\n"), "redemander le fichier en UTF-8"),
        ("absent.csv", lambda p: None, "n'est pas là"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence_with_a_remedy(
    name: str, write: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    write(path)
    with pytest.raises(DeliveryError) as refused:
        sniff(path)
    text = str(refused.value)
    assert said in text
    assert text.startswith(f"{name} : ")
    assert re.search(r" ; [^;]+\.$", text)
    assert "\n" not in text


def _column(values: list[str]) -> Column:
    return Column("D", "D", {}, dict.fromkeys(values, 1), len(values), "")


@pytest.mark.parametrize("mark", ["/", "-", "."])
def test_a_year_of_two_digits_is_read_as_one(mark: str) -> None:
    days = [dt.date(2022, 10, 1) + dt.timedelta(days=i) for i in range(60)]
    found = date_form(_column([d.strftime(f"%d{mark}%m{mark}%y") for d in days]))
    assert found == (f"%d{mark}%m{mark}%y", days)
    assert date_form(_column([d.strftime(f"%d{mark}%m{mark}%Y") for d in days])) == (f"%d{mark}%m{mark}%Y", days)


def test_days_that_may_be_months_are_told_and_leave_the_date_open() -> None:
    days = [dt.date(2022, month, day) for month in (10, 11, 12) for day in range(1, 13)]
    both = _column([d.strftime("%d/%m/%Y") for d in days])
    assert other_date_form(both) == "%m/%d/%Y"
    counts = dict.fromkeys(both.counts, 9)
    role = find_roles([replace(both, counts=counts, rows=9 * len(counts))], load_programme(ROOT / "data"), "2022")["D"]
    assert (role.role, role.confidence < DECIDED) == ("date_entretien", True)
    assert "%d/%m/%Y ou %m/%d/%Y" in role.reason
    for form in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y"):
        told = _column([d.strftime(form) for d in [*days, dt.date(2022, 10, 25)]])
        assert other_date_form(told) is None
        found = date_form(told)
        assert found is not None
        assert found[0] == form


def test_a_year_that_is_none_is_no_date() -> None:
    days = [f"0000-10-{d:02d}" for d in range(1, 29)]
    assert date_form(_column(days)) is None
    found = date_form(_column([*(f"2022-10-{d:02d}" for d in range(1, 29)), "0000-10-01"]))
    assert found is not None
    assert len(found[1]) == 28


def test_the_only_institute_of_a_programme_is_the_one(tmp_path: Path) -> None:
    FORMS["a.csv"](tmp_path / "a.csv")
    found = sniff(tmp_path / "a.csv")
    assert guess_institute(tmp_path / "a.csv", found, mini_programme(tmp_path / "mini"))[0] == "I"
    assert guess_institute(tmp_path / "a.csv", found, load_programme(ROOT / "data"))[0] is None


@pytest.mark.parametrize("name", ["count", "len", "code", "filled", "v", "literal", "index"])
def test_a_column_may_have_any_name(name: str) -> None:
    programme = load_programme(ROOT / "data")
    frame = pl.DataFrame({name: ["1"] * 10 + ["2"] * 20})
    organisme_codes(name, frame, programme, "2022", "ALTAIR", None, None)


def test_a_long_file_is_drafted_from_its_first_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniffing, "SAMPLE", 20)
    # a record on two lines stands where the sample ends
    path = tmp_path / "a.csv"
    rows = [f'{i};01/10/2022;"deux\nlignes";{i % 4}' for i in range(200)]
    path.write_text("\n".join(["ID;DATE;Q1;Q2", *rows]) + "\n", encoding="utf-8")
    found = sniff(path)
    assert not found.whole
    assert _cells(found) == [(str(i), "01/10/2022", "deux lignes", str(i % 4)) for i in range(19)]
    for name in ("a.xls", "a.parquet"):
        FORMS[name](tmp_path / name)
        found = sniff(tmp_path / name)
        assert not found.whole
        assert _cells(found) == [tuple(row) for row in ROWS[1 : 1 + found.frame.height]]
        assert found.frame.height in (19, 20)


def test_how_much_was_looked_at_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniffing, "SAMPLE", 100)
    proposal = propose(delivered() / "2022/altair_aubepine.csv", load_programme(ROOT / "data"))
    assert any("seules les 99 premières lignes ont été regardées" in point for point in undecided(proposal, []))


def test_a_million_rows_are_looked_at_in_seconds(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    line = ";".join(["1"] * 80) + "\n"
    with path.open("w", encoding="utf-8") as file:
        file.write(";".join(f"Q{i}" for i in range(80)) + "\n")
        for _ in range(100):
            file.write(line * 10_000)
    start = time.process_time()
    found = sniff(path)
    assert time.process_time() - start < 5
    assert (found.whole, signature(path)) == (False, "")
    assert found.frame.height <= sniffing.SAMPLE


def test_values_are_listed_in_one_order_whatever_the_process(tmp_path: Path) -> None:
    path = tmp_path / "altair_aubepine.csv"
    lines = (delivered() / "2022/altair_aubepine.csv").read_text(encoding="utf-8").splitlines()[:150]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "orchestration.cli", "contract", "draft", str(path), "--data", str(ROOT / "data")]
    drafts = {
        subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2", "3")
    }
    assert len(drafts) == 1


def test_titles_that_stand_twice_have_a_remedy_before_there_is_a_contract(tmp_path: Path) -> None:
    path = tmp_path / "doublons.csv"
    path.write_text(TEXT.replace("Q2", "Q1"), encoding="utf-8")
    with pytest.raises(DeliveryError, match=r"en double \(Q1\).*copie du fichier") as refused:
        sniff(path)
    assert "titres_doubles: true" in str(refused.value)
    path.write_text(TEXT.replace("Q2", "Q1 (2)"), encoding="utf-8")
    assert "Q1 (2)" in sniff(path).frame.columns


TOLD = "Nom;Avis\n" + "".join(f"Élodie {n};Très satisfaite, déçue de l’été\n" for n in range(30))


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("other", ["cp1252", "mac-roman"])
def test_a_line_in_another_encoding_is_named_and_the_encoding_left_open(
    other: str, mark: bytes, tmp_path: Path
) -> None:
    lines = TOLD.encode().split(b"\n")
    lines[20] = lines[20].decode().encode(other)
    path = tmp_path / "x.csv"
    path.write_bytes(mark + b"\n".join(lines))
    found = sniff(path)
    name, reason = found.form["encodage"]
    assert name == ("utf-8-sig" if mark else "utf-8") and found.encoded < DECIDED
    assert "la ligne 21 n'est pas de l'UTF-8" in reason
    # the draft reads the line all the same
    assert found.frame["Avis"].to_list() == ["Très satisfaite, déçue de l'été"] * 30 and found.whole


@pytest.mark.parametrize("encoding", ["cp1252", "mac-roman", "utf-8"])
def test_one_encoding_is_told_and_never_one_that_breaks_letters(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(TOLD.encode(encoding))
    assert (sniff(path).form["encodage"][0], sniff(path).encoded >= DECIDED) == (encoding, True)
    # two lines of UTF-8 among those of another encoding
    lines = TOLD.encode("cp1252").split(b"\n")
    lines[3:5] = TOLD.encode().split(b"\n")[3:5]
    path.write_bytes(b"\n".join(lines))
    name, reason = sniff(path).form["encodage"]
    assert name == "cp1252" and sniff(path).encoded < DECIDED and "la ligne 4 est de l'UTF-8" in reason


@pytest.mark.parametrize("between", [" ; ", ";", " | "])
def test_a_list_of_options_is_no_free_text(between: str) -> None:
    """Many cells are all different, and long: what comes back is what they are made of."""
    options = ["Manque d'entretien courant", "Bruit, voisins, incivilités", "Trop loin des transports", "Autre motif"]
    cells = [between.join(o for i, o in enumerate(options) if (n >> i) & 1) for n in range(1, 16)]
    listed = [between.join(reversed(cell.split(between))) if n % 2 else cell for n, cell in enumerate(cells * 4)]
    told = _column([*listed, *cells])
    assert is_list(told)
    assert not is_list(_column([f"Il y a {n} mois que j'attends ; personne ne vient, étage {n}" for n in range(60)]))


def test_a_cell_that_says_nothing_without_being_empty_is_to_be_told(tmp_path: Path) -> None:
    """A run would reject every line of it: no answer is called so."""
    path = tmp_path / "a.csv"
    rows = [f"{n},{'N/A' if n % 3 else '1'},{1 + n % 4}" for n in range(120)]
    path.write_text("\n".join(("Identifiant,Q1,Q2", *rows, "")), encoding="utf-8")
    columns = profile(sniff(path))
    answers = group(columns[1:2], sniff(path).frame)[0]
    assert answers.silences == {"N/A"} and answers.cells == {"1": 40, "N/A": 80}
