"""The same answers in every form they are delivered in: one lake."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
import xlsxwriter

from tests.support.hostile import ods, ods_row, zip_of
from tests.support.ingestion import answers, ingest_all, rejects
from tests.support.mini import TABLES, mini_contract, row, write_csv
from tests.support.xls import write_xls


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


ROWS = [row("1"), row("2", ORG="O2", TC="I", Q2="", AGE="63"), row("3", Q1="9", Q3="2", Q4="", Q5="")]
NAMES = {"O1": "Organisme Un", "O2": "L'Organisme Deux"}
TYPED_DATE = {"date_entretien": {"colonne": "DATE"}}
SERIAL_DATE = {"date_entretien": {"colonne": "DATE", "format": "excel"}}


def _serial(text: str) -> int:
    return (dt.datetime.strptime(text, "%d/%m/%Y").date() - dt.date(1899, 12, 30)).days


def _text(separator: str, ending: str = "\n", quote: str = "", **cells: str) -> str:
    """Returns the rows as delimited text; `cells` is what some columns hold instead, `{}` standing for the value."""
    lines = [list(ROWS[0]), *([cells.get(c, "{}").format(v) for c, v in r.items()] for r in ROWS)]
    return "".join(separator.join(f"{quote}{v}{quote}" for v in line) + ending for line in lines)


def _numbers(r: dict[str, str]) -> list[str | float]:
    return [int(v) if v.isdigit() else v for v in r.values()]


def _csv(**form: Any) -> dict[str, Any]:
    return {"format": {"type": "csv", **form}}


def _book(path: Path, write: Any) -> None:
    book = xlsxwriter.Workbook(str(path))
    write(book)
    book.close()


def _sheet_per_organisme(book: Any) -> None:
    for sheet in ("O1", "L'Organisme Deux"):
        page = book.add_worksheet(sheet)
        page.write(0, 0, "Résultats")
        header = [c for c in ROWS[0] if c != "ORG"]
        page.write_row(2, 0, header)
        for i, r in enumerate(r for r in ROWS if (r["ORG"] == "O1") == (sheet == "O1")):
            for j, c in enumerate(header):
                if c == "DATE":
                    date = dt.datetime.strptime(r[c], "%d/%m/%Y")
                    page.write_datetime(3 + i, j, date, book.add_format({"num_format": "dd/mm/yyyy"}))
                elif r[c]:
                    page.write(3 + i, j, int(r[c]) if r[c].isdigit() else r[c])


def _two_row_header(book: Any) -> None:
    hidden = book.add_worksheet("Brouillon")
    hidden.write(0, 0, "à ne pas lire")
    page = book.add_worksheet("Données")
    page.activate()
    page.set_first_sheet()
    hidden.hide()
    for i, c in enumerate(list(ROWS[0])[:5]):
        page.merge_range(0, i, 1, i, c)
    page.merge_range(0, 5, 0, 9, "Réponses")
    page.write_row(1, 5, list(ROWS[0])[5:])
    ordered = [ROWS[0], ROWS[2], ROWS[1]]
    for i, r in enumerate(ordered):
        page.write_row(2 + i, 1, [v or None for v in list(r.values())[1:]])
    page.merge_range(2, 0, 3, 0, "O1")
    page.write(4, 0, "O2")
    page.write(5, 0, "Total : 3 entretiens")
    page.write(7, 0, "Source : institut")


def _spss(path: Path) -> None:
    frame = pl.DataFrame(ROWS).with_columns(
        *(pl.col(c).replace("", None).cast(pl.Float64) for c in ("ID", "AGE", "Q1", "Q2", "Q3", "Q4")),
        pl.col("DATE").str.to_date("%d/%m/%Y"),
    )
    pyreadstat.write_sav(
        frame.rename({"Q1": "Question_1_au_nom_plus_long_que_huit"}),
        str(path),
        compress=path.suffix == ".zsav",
        missing_ranges={"Question_1_au_nom_plus_long_que_huit": [9.0], "Q2": [{"lo": 8.0, "hi": 9.0}]},
        variable_value_labels={"Question_1_au_nom_plus_long_que_huit": {1.0: "Très", 9.0: "NSP"}},
    )


def _long_name() -> dict[str, Any]:
    questions = mini_contract()["questions"]
    return {"questions": {**questions, "G1": {**questions["G1"], "colonne": "Question_1_au_nom_plus_long_que_huit"}}}


def _parquet(path: Path) -> None:
    pl.DataFrame(ROWS).with_columns(
        pl.col("Q5").replace("", None).str.split("|"),
        pl.col("AGE").cast(pl.Int8),
        pl.col("DATE").str.to_date("%d/%m/%Y"),
    ).write_parquet(path)


def _packed(path: Path, name: str, data: bytes) -> None:
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(data))
    else:
        zip_of(path, {"__MACOSX/._" + name: b"x", name: data})


def _packed_book(path: Path) -> None:
    _book(path.with_suffix(".tmp"), _sheet_per_organisme)
    _packed(path, "a.xlsx", path.with_suffix(".tmp").read_bytes())
    path.with_suffix(".tmp").unlink()


SHEETS = {
    "format": {"type": "xlsx", "feuilles": ["*"], "lignes_avant_entete": 2},
    "organisme": {"feuille": True},
    **TYPED_DATE,
}
NOTES = [{"colonne": "ORG", "motif": "^Total"}, {"colonne": "ORG", "motif": "^Source"}]
NAMED = "".join(_text(";").replace("O1;", "Organisme Un;").replace("O2;", "L’Organisme Deux;"))

# name, how the file is written, what the contract changes
DIALECTS: list[tuple[str, Any, dict[str, Any]]] = [
    ("utf-8.csv", lambda p: p.write_text(_text(";")), {}),
    ("bom-virgule-crlf-guillemets.csv", lambda p: p.write_bytes(_text(",", "\r\n", '"').encode("utf-8-sig")), _csv(separateur=",")),
    ("utf-16-tabulation.csv", lambda p: p.write_bytes(_text("\t", "\r\n").encode("utf-16")), _csv(encodage="utf-16", separateur="\t")),
    ("utf-16-be.csv", lambda p: p.write_bytes(_text(";").encode("utf-16-be")), _csv(encodage="utf-16-be")),
    ("cp1252-preambule.csv", lambda p: p.write_bytes(("Étude « locataires »\n\n" + NAMED).encode("cp1252")), _csv(encodage="cp1252", lignes_avant_entete=2)),
    ("latin-1-barre-cr.csv", lambda p: p.write_bytes(_text("|", "\r").replace("|a|ab\r", "|a+ab\r").encode("latin-1")), {**_csv(encodage="latin-1", separateur="|"), "separateur": "+"}),
    ("mac-roman.csv", lambda p: p.write_bytes(NAMED.encode("mac-roman")), _csv(encodage="mac-roman")),
    ("plusieurs-caracteres.csv", lambda p: p.write_text(_text("::", quote='"')), _csv(separateur="::")),
    ("decimales-melees.csv", lambda p: p.write_text(_text(";", AGE="{},0", Q1="{}.0", ID="{},00")), {}),
    ("sans-guillemet.csv", lambda p: p.write_text(_text(";", ORG='"{}"')), {**_csv(guillemet=None), "organisme": {"colonne": "ORG", "valeurs": {'"O1"': "O1", '"O2"': "O2"}}}),
    ("totaux-et-notes.csv", lambda p: p.write_text(_text(";") + ";;;;;;;;;\nTotal;3\n\nSource : institut\n"), _csv(lignes_ignorees=NOTES)),
    ("deux-vagues.csv", lambda p: p.write_text(_text(";", Q5="{};V2").replace("Q5\n", "Q5;VAGUE\n") + "O1;1;;;;;;;;;2019\n"), {**_csv(lignes_gardees={"colonne": "VAGUE", "valeurs": ["v2"]}), "ignorees": ["VAGUE"]}),
    ("colonne-vide.csv", lambda p: p.write_text(_text(";", ";\n")), {}),
    ("csv.csv.gz", lambda p: _packed(p, "", _text(";").encode()), {}),
    ("csv.zip", lambda p: _packed(p, "a.csv", _text(";").encode()), {}),
    ("feuilles.xlsx", lambda p: _book(p, _sheet_per_organisme), SHEETS),
    ("classeur.zip", _packed_book, SHEETS),
    ("deux-lignes.xlsx", lambda p: _book(p, _two_row_header), {"format": {"type": "xlsx", "lignes_entete": 2, "separateur_entete": ".", "lignes_ignorees": NOTES}, "deux-lignes": True}),
    ("ancien.xls", lambda p: write_xls(p, [["Titre"], list(ROWS[0]), *([*_numbers(r)[:2], _serial(r["DATE"]), *_numbers(r)[3:]] for r in ROWS)]), {"format": {"type": "xls", "lignes_avant_entete": 1}, **SERIAL_DATE}),
    ("libre.ods", lambda p: ods(p, "".join(ods_row(list(r)) for r in [list(ROWS[0]), *map(_numbers, ROWS)])), {"format": {"type": "ods"}}),
    ("spss.sav", _spss, {"format": {"type": "sav"}, **TYPED_DATE, **_long_name()}),
    ("spss.zsav", _spss, {"format": {"type": "zsav"}, **TYPED_DATE, **_long_name()}),
    ("spss.sav.gz", lambda p: (_spss(p.with_suffix("")), _packed(p, "", p.with_suffix("").read_bytes()), p.with_suffix("").unlink()), {"format": {"type": "sav"}, **TYPED_DATE, **_long_name()}),
    ("colonnes[1].parquet", _parquet, {"format": {"type": "parquet"}, **TYPED_DATE}),
]  # fmt: skip


def _lake(root: Path, name: str, write: Any, changes: dict[str, Any]) -> bytes:
    (root / "landing/V2").mkdir(parents=True)
    write(root / "landing/V2" / name)
    body = mini_contract(**{k: v for k, v in changes.items() if k not in ("separateur", "deux-lignes")})
    if "separateur" in changes:
        body["questions"]["M1"] = {**body["questions"]["M1"], "separateur": changes["separateur"]}
    if "deux-lignes" in changes:
        for question in body["questions"].values():
            question["colonne"] = "Réponses." + question["colonne"]
    [record] = ingest_all(root, body)
    assert (record.motif, record.lignes_rejetees) == ("", 0)
    return b"".join(
        (root / str(lot.fichier)).read_bytes() for lot in sorted(record.lots, key=lambda x: str(x.organisme_code))
    )


@pytest.mark.parametrize(("name", "write", "changes"), DIALECTS, ids=[d[0] for d in DIALECTS])
def test_the_same_table_in_every_dialect_gives_the_same_lake(
    tmp_path: Path, name: str, write: Any, changes: dict[str, Any]
) -> None:
    reference = _lake(tmp_path / "reference", *DIALECTS[0])
    assert _lake(tmp_path / "other", name, write, changes) == reference


def test_what_is_left_out_on_purpose_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "landing/V2"
    folder.mkdir(parents=True)
    _book(folder / "a.xlsx", _two_row_header)
    form = {
        "type": "xlsx",
        "lignes_entete": 2,
        "separateur_entete": ".",
        "lignes_gardees": {"colonne": "ORG", "valeurs": ["O2"]},
    }
    body = mini_contract(format=form)
    for question in body["questions"].values():
        question["colonne"] = "Réponses." + question["colonne"]
    [record] = ingest_all(tmp_path, body)
    said = {q.regle: q.exemple for q in record.qualite}
    assert "feuilles masquées non lues (Brouillon)" in said["feuille_masquee"]
    assert (
        "4 lignes laissées à d'autres contrats (ORG : O1, Source : institut, Total : 3 entretiens)"
        in said["lignes_laissees"]
    )
    assert (record.lignes_lues, record.lignes_acceptees) == (1, 1)


def test_a_hidden_sheet_is_read_when_it_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "landing/V2"
    folder.mkdir(parents=True)

    def write(book: Any) -> None:
        book.add_worksheet("Garde").write(0, 0, "Étude")
        page = book.add_worksheet("Données")
        page.hide()
        page.write_row(0, 0, list(ROWS[0]))
        page.write_row(1, 0, list(ROWS[0].values()))

    _book(folder / "a.xlsx", write)
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "xlsx", "feuilles": ["D*"]}))
    assert "aucune feuille ne répond à D* (feuilles : Garde, Données (masquée))" in record.motif
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "xlsx", "feuilles": ["Données"]}))
    assert record.lignes_acceptees == 1


def test_a_column_without_title_is_named_as_a_spreadsheet_does(tmp_path: Path) -> None:
    text = _text(";").replace("Q5\n", "Q5;\n").replace("a|ab\n", "a|ab;remarque\n").replace("3;2;2;;\n", "3;2;2;;;\n")
    lines = [line if line.count(";") == 10 else line + ";" for line in text.splitlines()]
    path = tmp_path / "landing/V2/a.csv"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(lines) + "\n")
    [record] = ingest_all(tmp_path)
    assert "ne connaît pas : colonne K" in record.motif
    [record] = ingest_all(tmp_path, mini_contract(ignorees=["colonne K"]))
    assert record.lignes_acceptees == 3


def test_typed_and_written_dates_may_be_mixed(tmp_path: Path) -> None:
    folder = tmp_path / "landing/V2"
    folder.mkdir(parents=True)

    def write(book: Any) -> None:
        page = book.add_worksheet()
        page.write_row(0, 0, list(ROWS[0]))
        for i in (1, 2):
            page.write_row(i, 0, list(row(str(i)).values()))
        page.write_datetime(1, 2, dt.datetime(2022, 10, 15), book.add_format({"num_format": "dd/mm/yyyy"}))

    _book(folder / "a.xlsx", write)
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "xlsx"}))
    assert answers(tmp_path, record)["date_entretien"].to_list() == [dt.date(2022, 10, 15)] * 2


def test_a_line_is_the_one_a_person_sees_whatever_a_quoted_cell_holds(tmp_path: Path) -> None:
    path = tmp_path / "landing/V2/a.csv"
    path.parent.mkdir(parents=True)
    note = '"première ligne\r\ndeuxième ; ""citée""\r\n"'
    rows = [";".join([*row(str(i), Q1=q).values(), note]) for i, q in ((1, "1"), (2, "7"), (3, "1"))]
    path.write_bytes("\r\n".join([";".join([*ROWS[0], '"NOTE\r\nlibre"']), *rows, ""]).encode())
    [record] = ingest_all(tmp_path, mini_contract(ignorees=["NOTE libre"]))
    assert rejects(tmp_path, record) == [(6, "Q1", "7", "valeur_inconnue")]
    assert path.read_bytes().splitlines()[5].startswith(b"O1;2;")


def test_spss_texts_are_read_in_the_encoding_the_contract_gives(tmp_path: Path) -> None:
    path = tmp_path / "landing/V2/a.sav"
    path.parent.mkdir(parents=True)
    pyreadstat.write_sav(pl.DataFrame([{**row("1"), "NOTE": "été"}]), str(path))
    path.write_bytes(path.read_bytes().replace("été".encode(), "été".encode("latin-1").ljust(5)))
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "sav"}, ignorees=["NOTE"]))
    assert "des textes ne sont pas dans l'encodage que le fichier annonce ; donner « encodage »" in record.motif
    [record] = ingest_all(tmp_path, mini_contract(format={"type": "sav", "encodage": "cp1252"}, ignorees=["NOTE"]))
    assert record.lignes_acceptees == 1


def test_lines_are_counted_as_a_person_sees_them(tmp_path: Path) -> None:
    write_csv(tmp_path / "landing/V2/a.csv", [row("1"), row("2", Q1="7")], above=["Titre", "Sous-titre", ""])
    form = {"type": "csv", "encodage": "utf-8", "separateur": ";", "lignes_avant_entete": 3}
    [record] = ingest_all(tmp_path, mini_contract(format=form))
    assert [r[0] for r in rejects(tmp_path, record)] == [6]
    assert (tmp_path / "landing/V2/a.csv").read_text(encoding="utf-8").splitlines()[5].startswith("O1;2;")


def test_multi_response_in_any_form_gives_the_same_list(tmp_path: Path) -> None:
    found = []
    for name, cells, rule in (
        ("oui_non", {"M_A": "1", "M_AB": "1", "M_0": "0"}, {"multiple": "oui_non", "colonnes": {"A": "M_A", "AB": "M_AB", "AUCUN": "M_0"}, "oui": ["1"], "non": ["0"]}),
        ("mentions", {"M_A": "2", "M_AB": "1", "M_0": ""}, {"multiple": "mentions", "colonnes": ["M_A", "M_AB", "M_0"], "codage": {"1": "A", "2": "AB"}}),
        ("liste", {"M_A": "ab ; a", "M_AB": "", "M_0": ""}, {"multiple": "liste", "colonne": "M_A", "separateur": ";", "codage": {"a": "A", "ab": "AB"}}),
        ("liste close", {"M_A": "ab;;a; ", "M_AB": "", "M_0": ""}, {"multiple": "liste", "colonne": "M_A", "separateur": ";", "codage": {"a": "A", "ab": "AB"}}),
    ):  # fmt: skip
        body = mini_contract(ignorees=["M_AB", "M_0"] if name.startswith("liste") else [])
        body["questions"] = {**body["questions"], "M1": rule}
        header = ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4", "M_A", "M_AB", "M_0"]
        write_csv(tmp_path / name / "landing/V2/a.csv", [{**row("1"), **cells}], header=header)
        [record] = ingest_all(tmp_path / name, body)
        assert record.lignes_acceptees == 1, record
        found.append(answers(tmp_path / name, record)["M1"].to_list())
    assert found == [[["A", "AB"]]] * 4


def test_a_scale_of_several_answers_may_list_a_common_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header, options = TABLES["modalites"]
    monkeypatch.setitem(TABLES, "modalites", (header, [*options, "MOT,NSP,4,Ne sait pas,exprime,,oui,"]))
    body = mini_contract()
    rule = {
        "multiple": "liste",
        "colonne": "Q5",
        "separateur": "|",
        "codage": {c.lower(): c for c in ("A", "AB", "NSP")},
    }
    body["questions"] = {**body["questions"], "M1": rule}
    asked = {"Q3": "1", "Q4": "4"}
    rows = [row("1", **asked, Q5="ab|a|ab"), row("2", **asked, Q5="nsp")]
    write_csv(tmp_path / "landing/V2/a.csv", rows)
    [record] = ingest_all(tmp_path, body)
    assert record.lignes_acceptees == 2, record
    assert sorted(answers(tmp_path, record)["M1"].to_list()) == [["A", "AB"], ["NSP"]]


def test_an_organisme_in_two_sheets_refuses_the_file(tmp_path: Path) -> None:
    (tmp_path / "landing/V2").mkdir(parents=True)
    book = xlsxwriter.Workbook(str(tmp_path / "landing/V2/a.xlsx"))
    for i, sheet in enumerate(("O1", "Organisme Un")):
        cells = {c: v for c, v in row(str(i)).items() if c != "ORG"}
        page = book.add_worksheet(sheet)
        page.write_row(0, 0, list(cells))
        page.write_row(1, 0, list(cells.values()))
    book.close()
    [record] = ingest_all(
        tmp_path, mini_contract(format={"type": "xlsx", "feuilles": ["*"]}, organisme={"feuille": True})
    )
    assert [q.regle for q in record.qualite] == ["organisme_en_double"]
    assert "O1 figure dans plusieurs feuilles" in record.motif
