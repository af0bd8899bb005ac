"""Any delivery of the small programme, in any dialect, with any defect, and what must come of it (Hypothesis strategies).

What is expected is said by the defect that was put in, never asked of the code under test.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import xlsxwriter
from hypothesis import strategies as st

from orchestration.extracts.personal_data import MASK
from tests.support.mini import mini_contract, row

HEADER = ["ORG", "ID", "DATE", "TC", "AGE", "Q1", "Q2", "Q3", "Q4", "Q5", "POIDS", "NOTE"]
Row = dict[str, str]
Reject = tuple[str, str, str]  # column, value as shown, rule


@dataclass(frozen=True)
class Interview:
    """One record as delivered, and what it must be reproached with."""

    cells: Row
    rejects: tuple[Reject, ...] = ()


@dataclass(frozen=True)
class Dialect:
    """How a table is written, and what its contract says of it."""

    form: dict[str, Any]
    suffix: str
    write: Callable[[Path, list[Row], list[str], int | None], list[int]]
    """Writes rows under a header, one record a cell too long or too short if asked, and returns their lines."""
    ignored: int = 0
    """Lines below the table that the contract leaves out."""
    irregular: str = ""
    """What is said of the record that has not the cells of the header."""

    def __repr__(self) -> str:
        return f"Dialect({self.suffix}, {self.form})"


# A cell changed, and the reject it is worth: column, value shown, rule. What a rule shows of several cells is said too.
DEFECTS: list[tuple[Row, Reject | None]] = [
    ({"Q1": "77"}, ("Q1", "77", "valeur_inconnue")),
    ({"Q1": "très content"}, ("Q1", "très content", "valeur_inconnue")),
    ({"Q1": "=1+1"}, ("Q1", "=1+1", "valeur_inconnue")),
    ({"Q1": "06 12 34 56 78"}, ("Q1", MASK, "valeur_inconnue")),
    ({"Q5": "a|zz"}, ("Q5", "a|zz", "valeur_inconnue")),
    ({"AGE": "130"}, ("AGE", "130", "valeur_inconnue")),
    ({"AGE": "vieux"}, ("AGE", "vieux", "valeur_inconnue")),
    ({"TC": "Z", "Q2": ""}, ("TC", "Z", "valeur_inconnue")),
    ({"TC": "", "Q2": ""}, ("TC", "", "strate_inconnue")),
    ({"TC": "I", "Q2": "2"}, ("Q2", "2", "filtre_contredit")),
    ({"Q3": "2"}, ("Q4", "3", "filtre_contredit")),
    ({"DATE": "31/02/2022"}, ("DATE", "31/02/2022", "date_illisible")),
    ({"DATE": ""}, ("DATE", "", "date_illisible")),
    ({"DATE": "15/10/2021"}, ("DATE", "15/10/2021", "hors_fenetre")),
    ({"POIDS": "0"}, ("POIDS", "0", "poids_invalide")),
    ({"POIDS": "-1,5"}, ("POIDS", "-1,5", "poids_invalide")),
    ({"POIDS": "lourd"}, ("POIDS", "lourd", "poids_invalide")),
    ({"POIDS": ""}, ("POIDS", "", "poids_invalide")),
    ({"ID": ""}, ("ID", "", "identifiant_absent")),
    ({"ORG": "Nulle Part"}, ("ORG", "Nulle Part", "organisme_inconnu")),
    # what may look wrong and is not
    ({"Q1": "", "Q5": ""}, None),
    ({"TC": "i", "Q2": ""}, None),
    ({"Q3": "2", "Q4": "", "Q5": ""}, None),
    ({"Q1": "1.0", "POIDS": "0.5"}, None),
    ({"Q5": "AB | a", "POIDS": "1,25"}, None),
    ({"ORG": "l’organisme deux"}, None),
]


@st.composite
def interviews(draw: st.DrawFn) -> list[Interview]:
    """Rows of one or two organismes, some with one defect or two that have nothing to do with one another."""
    found = []
    for i in range(draw(st.integers(1, 9))):
        changes: Row = {}
        rejects: list[Reject] = []
        for cells, reject in draw(st.lists(st.sampled_from(DEFECTS), max_size=2)):
            # of an unknown organisme nothing else is judged; a filter looks at other cells
            alone = {"ORG", "TC", "Q3"} & (set(cells) | set(changes))
            if set(cells) & set(changes) or (changes and alone):
                continue
            changes |= cells
            rejects += [reject] if reject else []
        base = row(str(100 + i), POIDS="1", NOTE=draw(st.sampled_from(["", "rien à dire", "L'été ; « ça »"])))
        found.append(Interview({**base, "ORG": draw(st.sampled_from(["O1", "O2"])), **changes}, tuple(rejects)))
    if found and draw(st.booleans()):
        again = draw(st.sampled_from(found))
        twin = {**again.cells, "Q1": "2"} if not again.rejects else again.cells
        # a repeat of an interview that was thrown out is judged like any other
        rejects = again.rejects or (("ID", MASK, "doublon"),)
        found.append(Interview(twin, rejects))
    return found


def _text(rows: list[Row], header: list[str], longer: int | None, d: dict[str, Any]) -> tuple[str, list[int]]:
    """Returns a delimited text and the line on which each record begins, from 1."""
    separator, end, quoting = d["separator"], d["end"], d["quoting"]

    def cell(value: str) -> str:
        needed = any(mark in value for mark in (separator, '"', "\n"))
        return '"' + value.replace('"', '""') + '"' if quoting == "all" or needed else value

    lines = [*d["above"], separator.join(cell(h) for h in header)]
    at = []
    for i, values in enumerate(rows):
        if i in d["blank_before"]:
            lines.append("")
        at.append(1 + sum(1 + line.count("\n") for line in lines))
        cells = dict(values)
        if i in d["on_two_lines"] and quoting:
            cells["NOTE"] = "première ligne\nseconde ; ligne"
        said = [cell(cells.get(h, "")) for h in header]
        lines.append(separator.join((said[:-1] if d["short"] else [*said, "x"]) if i == longer else said))
    lines += [separator.join([title, *[""] * (len(header) - 1)]) for title in d["below"]]
    return (end.join(line.replace("\n", end) for line in lines) + (end if d["closed"] else "")), at


@st.composite
def delimited(draw: st.DrawFn) -> Dialect:
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "mac-roman"]))
    separator = draw(st.sampled_from([";", ",", "\t", "|", "::", "~"]))
    above = draw(st.lists(st.sampled_from(["Enquête triennale", "", "Édité le 3 janvier"]), max_size=3))
    below = draw(st.lists(st.sampled_from(["TOTAL", "Source : institut"]), max_size=2))
    # without quotes a separator inside a cell cannot be told from one between cells
    quoting = draw(st.sampled_from(["all", "needed"]))
    options = {
        "separator": separator, "end": draw(st.sampled_from(["\n", "\r\n", "\r"])), "quoting": quoting, "above": above,
        "below": below, "closed": draw(st.booleans()), "blank_before": draw(st.sets(st.integers(0, 9), max_size=2)),
        "on_two_lines": draw(st.sets(st.integers(0, 9), max_size=2)), "short": draw(st.booleans()),
    }  # fmt: skip
    packed = draw(st.sampled_from(["", "", ".gz", ".zip"]))
    # latin-1 has no curly apostrophe: a sender who writes in it types the straight one
    typed = {"’": "'"} if encoding == "latin-1" else {}

    def write(path: Path, rows: list[Row], header: list[str], longer: int | None) -> list[int]:
        text, at = _text(rows, header, longer, options)
        data = text.translate(str.maketrans(typed)).encode(encoding)
        if packed == ".gz":
            data = gzip.compress(data)
        elif packed == ".zip":
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as archive:
                archive.writestr("extrait.csv", data)
            data = buffer.getvalue()
        path.write_bytes(data)
        return at

    form: dict[str, Any] = {"type": "csv", "encodage": encoding, "separateur": separator}
    if draw(st.booleans()) or any(a in HEADER for a in above):
        form["entete"] = {"cherche": r"(^|\W)ORG(\W|$)"}
    else:
        form["lignes_avant_entete"] = len(above)
    if below:
        form["lignes_ignorees"] = {"colonne": "ORG", "motif": "^(TOTAL|Source)"}
    said = f"{len(HEADER) + (-1 if options['short'] else 1)} cellules au lieu de {len(HEADER)}"
    return Dialect(form, f".csv{packed}", write, len(below), said)


@st.composite
def workbook(draw: st.DrawFn) -> Dialect:
    above = draw(st.integers(0, 3))
    typed, gap = draw(st.booleans()), draw(st.booleans())

    def write(path: Path, rows: list[Row], header: list[str], longer: int | None) -> list[int]:
        at = []
        with xlsxwriter.Workbook(str(path)) as book:
            page = book.add_worksheet("Données")
            for i in range(above):
                page.write_string(i, 0, f"Titre {i}")
            page.write_row(above, 0, header)
            for i, values in enumerate(rows):
                line = above + 1 + i + (1 if gap and i else 0)
                at.append(line + 1)
                for column, name in enumerate(header):
                    value = values.get(name, "")
                    if typed and value.isdigit():
                        page.write_number(line, column, int(value))
                    else:
                        page.write_string(line, column, value)
        return at

    return Dialect({"type": "xlsx", "lignes_avant_entete": above}, ".xlsx", write)


def _frame(rows: list[Row], header: list[str]) -> pl.DataFrame:
    return pl.DataFrame([{h: values.get(h, "") for h in header} for values in rows])


def _parquet(path: Path, rows: list[Row], header: list[str], longer: int | None) -> list[int]:
    _frame(rows, header).write_parquet(path)
    return list(range(1, len(rows) + 1))


def _sav(path: Path, rows: list[Row], header: list[str], longer: int | None) -> list[int]:
    pyreadstat.write_sav(_frame(rows, header), str(path))
    return list(range(1, len(rows) + 1))


DIALECTS = st.one_of(
    delimited(),
    delimited(),
    workbook(),
    st.just(Dialect({"type": "parquet"}, ".parquet", _parquet)),
    st.just(Dialect({"type": "sav"}, ".sav", _sav)),
)


@dataclass(frozen=True)
class Version:
    """One file: its records, its header, and what makes the whole of it refused, if anything does.

    Attributes:
        broken: rule that refuses the file, and what its sentence names.
        irregular: index of the record that has not the cells of the header.
    """

    interviews: list[Interview]
    header: list[str] = field(default_factory=lambda: list(HEADER))
    broken: tuple[str, str] | None = None
    irregular: int | None = None

    def write(self, path: Path, dialect: Dialect) -> list[int]:
        return dialect.write(path, [i.cells for i in self.interviews], self.header, self.irregular)

    def rejects(self, dialect: Dialect) -> list[tuple[Reject, ...]]:
        """Returns what each record must be reproached with."""
        found = [i.rejects for i in self.interviews]
        if self.irregular is not None:
            found[self.irregular] = (("", dialect.irregular, "ligne_irreguliere"),)
            if self.irregular < len(found) - 1 and found[-1] == (("ID", MASK, "doublon"),):
                twin = self.interviews[-1].cells["ID"] == self.interviews[self.irregular].cells["ID"]
                found[-1] = () if twin else found[-1]
        return found


@st.composite
def versions(draw: st.DrawFn, form: dict[str, Any]) -> Version:
    found = draw(interviews())
    broken = draw(st.sampled_from([None] * 9 + ["colonnes_absentes", "colonnes_inconnues", "irregular"]))
    if broken == "colonnes_absentes":
        column = draw(st.sampled_from(["Q1", "TC", "POIDS", "ORG", "ID", "DATE"]))
        header = [h for h in HEADER if h != column]
        if column == "ORG" and "entete" in form:
            # without the heading it is looked for by, no row is the header
            return Version(found, header, ("fichier_illisible", form["entete"]["cherche"]))
        return Version(found, header, (broken, column))
    if broken == "colonnes_inconnues":
        return Version(found, [*HEADER, "Q99"], (broken, "Q99"))
    if broken == "irregular" and form["type"] == "csv":
        return Version(found, irregular=draw(st.integers(0, len(found) - 1)))
    return Version(found)


@dataclass(frozen=True)
class AnyDelivery:
    """Files of one history, oldest first, in one dialect."""

    dialect: Dialect
    versions: list[Version]

    @property
    def contract(self) -> dict[str, Any]:
        return mini_contract(format=self.dialect.form, ponderation={"colonne": "POIDS"}, ignorees=["NOTE"])


@st.composite
def deliveries(draw: st.DrawFn) -> AnyDelivery:
    dialect = draw(DIALECTS)
    return AnyDelivery(dialect, draw(st.lists(versions(dialect.form), min_size=1, max_size=2)))
