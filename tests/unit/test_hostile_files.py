"""Broken and hostile files: each refused with one sentence, soon and cheaply, and the next file is read."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
import xlsxwriter

from orchestration.extracts import assemble
from orchestration.extracts import ingest as ingestion
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.readers import isolated, limits
from orchestration.extracts.records import ACCEPTED, REFUSED, Record
from tests.support import hostile
from tests.support.hostile import HEADER, LINE, MIB
from tests.support.ingestion import ingest_all
from tests.support.mini import mini_contract, mini_programme, row, write_contract, write_csv

GIB = 1 << 30
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def _csv(text: str | bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(text.encode() if isinstance(text, str) else text)


def _frame(rows: int = 3) -> pl.DataFrame:
    return pl.DataFrame([row(str(i)) for i in range(rows)])


def _cut(write: Callable[[Path], object], keep: float = 0.6) -> Callable[[Path], object]:
    def cut(path: Path) -> None:
        write(path)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * keep)])

    return cut


def _book(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    for i, values in enumerate([list(row("1")), *(list(row(str(i)).values()) for i in range(200))]):
        page.write_row(i, 0, values)
    book.close()


def _sav(path: Path) -> None:
    pyreadstat.write_sav(_frame(500), str(path))


def _sav_that_lies(path: Path) -> None:
    _sav(path)
    data = bytearray(path.read_bytes())
    data[80:84] = (4_000_000).to_bytes(4, "little")
    path.write_bytes(data)


def _sparse_sheet(path: Path) -> None:
    hostile.xlsx(path, '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def _far_cell(path: Path) -> None:
    hostile.xlsx(path, '<row r="1"><c r="A1"><v>1</v></c></row><row r="17000"><c r="ALL17000"><v>1</v></c></row>')


def _many_cells(path: Path) -> None:
    line = "<row>" + '<c t="str"><v>ab</v></c>' * 200 + "</row>"
    hostile.xlsx(path, line * 90_000)


def _repeated(path: Path) -> None:
    far = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    hostile.ods(path, f'<table:table-row table:number-rows-repeated="1048576">{far}</table:table-row>')


def _wide_parquet(path: Path, rows: int = 1_500_000) -> None:
    # as a text, each number takes more than a table has room for, however few columns are read at a time
    one = pl.Series("c", [10**17], dtype=pl.Int64).new_from_index(0, rows)
    pl.DataFrame([one.alias(f"c{i}") for i in range(50)]).write_parquet(path)


def _long_parquet(path: Path) -> None:
    pl.DataFrame({"ID": pl.Series([1], dtype=pl.Int8).new_from_index(0, 6_000_000)}).write_parquet(path)


def _heavy_cells(path: Path) -> None:
    _frame(20).with_columns(pl.lit("x" * 5 * MIB).alias("Q1")).write_parquet(path, use_pyarrow=True)


def _sparse_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(GIB)


CASES: list[tuple[str, str, Callable[[Path], object], str]] = [
    # nothing in it
    ("vide.csv", "csv", _csv(""), "fichier vide"),
    ("blanc.csv", "csv", _csv("\n \n\n"), "fichier vide"),
    ("vide.xlsx", "xlsx", _csv(""), "fichier vide"),
    ("vide.sav", "sav", _csv(""), "fichier vide"),
    ("entete.csv", "csv", _csv(HEADER), "aucune ligne sous l'en-tête"),
    ("entete.parquet", "parquet", lambda p: _frame().clear().write_parquet(p), "aucune ligne sous l'en-tête"),
    ("vide.zip", "csv", lambda p: hostile.zip_of(p, {}), "archive vide"),
    ("vide.gz", "csv", lambda p: hostile.gzip_members(p, b"", b"", 0), "fichier vide"),
    # broken text
    ("nul.csv", "csv", _csv(HEADER + LINE + LINE.replace("C;", "\0;")), "ligne 3 : caractère nul"),
    ("octet.csv", "csv", _csv((HEADER + LINE).encode() + "é\n".encode("cp1252")), "ligne 3 : l'octet"),
    ("marque.csv", "csv", _csv((HEADER + LINE).encode("utf-16")), "porte la marque utf-16"),
    ("deux.csv", "csv", _csv(HEADER.replace("Q5", "Q4") + LINE), "colonnes en double (Q4)"),
    ("tabulee.csv", "csv", _csv(HEADER + LINE.replace(";", ",") * 1_001), "ligne 2 : 1 cellules au lieu de 10, et plus de 1000"),
    ("guillemet.csv", "csv", _csv('"' + HEADER + LINE * 9), "ligne 1 : guillemet mal placé"),
    ("autre.csv", "csv", _csv("%PDF-1.7\n"), "illisible comme csv, c'est un fichier pdf"),
    ("classeur.csv", "csv", lambda p: _book(p), "illisible comme csv, c'est un classeur xlsx, quel que soit son nom"),
    ("ouvert.csv", "csv", lambda p: hostile.ods(p, ""), "ou dire « type: ods » sous format"),
    ("classeur.sav", "sav", lambda p: _book(p), "illisible comme sav, c'est un classeur xlsx"),
    ("vieux.csv", "csv", _csv(OLE + b"x" * 99), "c'est un classeur Excel"),
    # beyond measure
    ("sans-fin.csv.gz", "csv", lambda p: hostile.gzip_members(p, b"", b"a" * MIB, 1024), "ligne 1 : ligne de plus de 4 Mio"),
    ("gigaoctet.csv", "csv", _sparse_file, "1024 Mio, plus que les 512 admis"),
    ("bombe.csv.gz", "csv", lambda p: hostile.gzip_members(p, HEADER.encode(), b"y" * 1023 + b"\n" + (b"y" * 1023 + b"\n") * 8191, 128), "une fois décompressé"),
    ("lignes.csv.gz", "csv", lambda p: hostile.gzip_members(p, HEADER.encode(), b"\n" * MIB, 64), "lignes, plus que les"),
    ("large.csv", "csv", _csv(";".join(f"c{i}" for i in range(20_000)) + "\n1\n"), "20000 colonnes"),
    ("creux.csv.gz", "csv", lambda p: hostile.gzip_members(p, (HEADER.strip() + "".join(f";c{i}" for i in range(16_000)) + "\n").encode(), b"1\n" * MIB, 2), "cellules, plus que les"),
    ("cellules.csv.gz", "csv", lambda p: hostile.gzip_members(p, HEADER.encode(), b";" * 999 + b"\n" + (b";" * 999 + b"\n") * 999, 200), "cellules, plus que les"),
    ("travers.csv.gz", "csv", lambda p: hostile.gzip_members(p, HEADER.encode(), b"1;2\n" * 1000, 100), "plus de 1000 lignes"),
    ("bombe.zip", "csv", lambda p: hostile.zip_bomb(p, 420), "une fois décompressé"),
    ("bombe.xlsx", "xlsx", lambda p: hostile.xlsx(p, "", padding=400), "Mio une fois décompressé"),
    ("creux.xlsx", "xlsx", _sparse_sheet, "demande plus de"),
    ("plein.xlsx", "xlsx", _many_cells, "demande plus de"),
    ("loin.xlsx", "xlsx", _far_cell, "17000 lignes sur 1000 colonnes, trop pour un classeur"),
    ("repete.ods", "ods", _repeated, "trop de cellules"),
    ("large.parquet", "parquet", _wide_parquet, "demande plus de"),
    ("long.parquet", "parquet", _long_parquet, "6000000 lignes, plus que les"),
    ("lourd.parquet", "parquet", _heavy_cells, "cellule de 5242880 octets"),
    ("menteur.sav", "sav", _sav_that_lies, "illisible comme sav"),
    # truncated
    ("coupe.xlsx", "xlsx", _cut(_book), "tronqué ou abîmé"),
    ("coupe.sav", "sav", _cut(_sav), "illisible comme sav"),
    ("coupe.parquet", "parquet", _cut(lambda p: _frame(900).write_parquet(p)), "illisible comme parquet"),
    ("coupe.csv.gz", "csv", _cut(lambda p: hostile.gzip_members(p, HEADER.encode(), os.urandom(900).hex().encode(), 9)), "archive tronquée ou abîmée"),
    ("coupe.zip", "csv", _cut(lambda p: hostile.zip_of(p, {"a.csv": (HEADER + LINE).encode()})), "archive tronquée ou abîmée"),
    ("menteur.zip", "csv", lambda p: hostile.lying_zip(p, (HEADER + LINE * 999).encode(), 500), "archive tronquée ou abîmée"),
    # protected
    ("secret.xlsx", "xlsx", _csv(OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le")), "protégé par mot de passe"),
    ("secret.zip", "csv", lambda p: hostile.password_zip(p, HEADER.encode()), "protégé par mot de passe"),
    ("secret.ods", "ods", lambda p: hostile.ods(p, "", manifest="<m:encryption-data/>"), "protégé par mot de passe"),
    ("secret.sav", "sav", _csv(b"\x1c\0\0\0\0\0\0\0ENCRYPTEDSAV" + bytes(99)), "protégé par mot de passe"),
    ("secret.parquet", "parquet", _csv(b"PARE" + bytes(99) + b"PARE"), "protégé par mot de passe"),
    # archives that are not one extract
    ("deux.zip", "csv", lambda p: hostile.zip_of(p, {"a.csv": b"1", "b.csv": b"2"}), "2 fichiers dans l'archive (a.csv, b.csv)"),
    ("sort.zip", "csv", lambda p: hostile.zip_of(p, {"../../a.csv": b"1"}), "sort du dossier"),
    ("racine.zip", "csv", lambda p: hostile.zip_of(p, {"/etc/passwd": b"1"}), "sort du dossier"),
    ("lecteur.zip", "csv", lambda p: hostile.zip_of(p, {"C:\\a.csv": b"1"}), "sort du dossier"),
    ("lien.zip", "csv", lambda p: hostile.zip_of(p, {"a.csv": b"/etc/passwd"}, link=True), "est un lien"),
    ("poupee.zip", "xlsx", lambda p: _nested(p), "archive dans une archive"),
    # what is no file
    ("lien.csv", "csv", lambda p: p.symlink_to("/etc/passwd"), "c'est un lien"),
    ("casse.csv", "csv", lambda p: p.symlink_to("nulle-part"), "c'est un lien"),
    ("dossier.csv", "csv", lambda p: p.mkdir(), "c'est un dossier"),
    ("tube.csv", "csv", lambda p: os.mkfifo(p), "pas un fichier ordinaire"),
]  # fmt: skip


def _nested(path: Path) -> None:
    hostile.zip_of(path, {"a.csv": b"1"})
    hostile.zip_of(path, {"a.zip": path.read_bytes()})


@pytest.mark.parametrize(("filename", "kind", "write", "said"), CASES, ids=[c[0] for c in CASES])
def test_a_hostile_file_is_one_sentence_soon_and_cheaply(
    tmp_path: Path, filename: str, kind: str, write: Callable[[Path], object], said: str
) -> None:
    folder = tmp_path / "landing/V2"
    folder.mkdir(parents=True)
    write(folder / filename)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is measured from here
    before = _peak()
    # of this process and of the readers that it ended: a busy machine makes nothing costly, nor what the tests before read
    isolated.end()
    started = sum(os.times()[:4])
    [record] = ingest_all(tmp_path, mini_contract(format={"type": kind}))
    took = sum(os.times()[:4]) - started
    assert record.statut == REFUSED
    assert record.motif.startswith(filename)
    assert said in record.motif
    assert re.fullmatch(r"[^\n]{20,400}\.", record.motif)
    assert not re.search(r"Traceback|Error\b|panicked|\.py\b", record.motif)
    assert [q.gravite for q in record.qualite] == ["bloquante"]
    assert took < 20
    # what the tests before it left in this process is none of the file's
    cost = _peak() - before
    assert cost < GIB
    print(f"{filename:<18} {took:6.2f} s {cost // MIB:5d} Mio  {record.motif}")


def _peak() -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


def test_the_run_goes_on_after_each(tmp_path: Path) -> None:
    folder = tmp_path / "landing/V2"
    folder.mkdir(parents=True)
    _sparse_sheet(folder / "a.xlsx")
    _book(folder / "b.xlsx")
    _cut(_book)(folder / "c.xlsx")
    _book(folder / "d.xlsx")
    form = {"type": "xlsx"}
    found = ingest_all(tmp_path, mini_contract(format=form))
    assert [r.statut for r in found] == [REFUSED, ACCEPTED, REFUSED, ACCEPTED]


def test_a_reading_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "landing/V2/a.xlsx"
    path.parent.mkdir(parents=True)
    _book(path)
    send = Connection.send_bytes

    def asked(pipe: Connection, message: bytes) -> None:
        # one that has its libraries answers before it is looked at twice
        isolated._current[0].process.send_signal(signal.SIGSTOP)
        send(pipe, message)

    monkeypatch.setattr(Connection, "send_bytes", asked)
    monkeypatch.setattr(limits, "STILL", 0.0)
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "xlsx"}))
    assert "lecture abandonnée, restée 0 secondes sans calculer" in record.motif
    assert not isolated._current
    monkeypatch.undo()
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "xlsx"}))
    assert record.statut == ACCEPTED


def test_the_memory_a_reading_may_use_can_be_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "landing/V2/a.parquet"
    path.parent.mkdir(parents=True)
    _wide_parquet(path, rows=200_000)
    found = []
    for said in ("400", ""):
        monkeypatch.setenv(limits.MEMORY_VARIABLE, said)
        [record] = ingest_all(tmp_path, mini_contract(format={"type": "parquet"}))
        found.append(record.motif)
    assert "elle demande plus de 400 Mio" in found[0]
    assert "colonnes du contrat i-v2 absentes du fichier : ID, DATE, ORG" in found[1]


def test_the_reading_process_cannot_have_more_than_its_memory(tmp_path: Path) -> None:
    path = tmp_path / "landing/V2/a.xlsx"
    path.parent.mkdir(parents=True)
    _book(path)
    ingest_all(tmp_path, mini_contract(format={"type": "xlsx"}))
    [reader] = isolated._current
    said = Path(f"/proc/{reader.process.pid}/limits").read_text()
    assert re.search(rf"Max data size +{limits.memory_mib() * MIB} +{limits.memory_mib() * MIB} ", said)


def test_a_file_that_grows_while_it_is_read_is_left_for_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(tmp_path / "landing/V2/a.csv", [row("1")])
    real = assemble.read_tables

    def read(path: Path, *arguments: Any) -> Any:
        tables = real(path, *arguments)
        with path.open("a") as file:
            file.write(LINE)
        return tables

    monkeypatch.setattr(assemble, "read_tables", read)
    [record] = ingest_all(tmp_path)
    assert [q.regle for q in record.qualite] == ["fichier_instable"]
    assert "a changé pendant sa lecture" in record.motif
    monkeypatch.setattr(assemble, "read_tables", real)
    path.write_text(HEADER + LINE)
    [record] = ingest_all(tmp_path)
    assert record.statut == ACCEPTED


def test_a_file_gone_since_it_was_listed_is_a_sentence(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "landing/V2/a.csv", [row("1")])
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract())
    [delivery] = deliveries(programme, load_contracts(programme))
    path.unlink()
    record = ingestion.ingest(delivery, programme)
    assert record.statut == REFUSED
    assert "a.csv" in record.motif


def test_a_name_of_any_bytes_is_shown_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "landing/V2"
    write_csv(folder / "b.csv", [row("1")])
    Path(os.fsdecode(os.fsencode(folder) + b"/\xe9t\xe9\n.csv")).write_text(HEADER + LINE)
    found: list[Record] = ingest_all(tmp_path)
    assert sorted(r.fichier for r in found) == ["V2/b.csv", "V2/\ufffdt\ufffd\ufffd.csv"]
    assert {r.statut for r in found} == {ACCEPTED}
