"""Holds a programme's reference files to their contract (tables.yaml): each problem names file, line and column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl
import yaml

from orchestration.errors import ProgrammeError
from orchestration.programme.programme import HERE, Programme
from orchestration.programme.vocabulary import vocabulary_faults


@dataclass(frozen=True)
class Problem:
    """One defect of a reference file.

    Attributes:
        file: name of the file in `reference/`, or programme.yaml.
        line: physical line of the CSV, header included; None when the whole file is concerned.
        column: column (or key) at fault, or None.
        message: what is wrong and what to do, in French.
    """

    file: str
    line: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f", ligne {self.line}"
        if self.column is not None:
            place += f", {'colonne' if self.file.endswith('.csv') else 'clé'} {self.column}"
        return f"{place} : {self.message}"


@cache
def dictionary() -> dict[str, Any]:
    """Returns the data dictionary of the reference tables, table by table."""
    return yaml.safe_load((HERE / "tables.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def check_programme(programme: Programme) -> list[Problem]:
    """Checks every reference file of a programme, and its words.

    Returns:
        the problems found, file by file; an empty list means the programme keeps its contract.
    """
    problems: list[Problem] = []
    sound: dict[str, pl.DataFrame] = {}
    for table, rules in dictionary().items():
        found, frame = _shape(programme, table, rules)
        problems += found
        if frame is not None:
            sound[table] = frame
            problems += _values(table, frame, rules)
            problems += _keys(table, frame, rules)
    for table, frame in sound.items():
        problems += _references(table, frame, dictionary()[table], sound)
    if not problems:
        problems += [*_filters(programme), *_scales(programme), *_config(programme)]
    return problems + [
        Problem(fault.file, None, fault.key, fault.message) for fault in vocabulary_faults(programme.config)
    ]


def _shape(programme: Programme, table: str, rules: dict[str, Any]) -> tuple[list[Problem], pl.DataFrame | None]:
    file = f"{table}.csv"
    try:
        frame = programme.reference(table)
    except ProgrammeError as error:
        return [Problem(file, None, None, str(error).split(" : ", 1)[-1])], None
    expected, got = list(rules["colonnes"]), frame.columns
    problems = [Problem(file, 1, c, "colonne absente ; l'ajouter à l'en-tête.") for c in expected if c not in got]
    problems += [
        Problem(file, 1, c, "colonne inconnue du dictionnaire ; la retirer.") for c in got if c not in expected
    ]
    return problems, None if problems else frame


_TYPES: dict[str, tuple[str, Callable[[str], object]]] = {
    "texte": ("un texte", str),
    "code": ("un code", str),
    "entier": ("un nombre entier", int),
    "decimal": ("un nombre, point décimal", float),
    "date": ("une date AAAA-MM-JJ", dt.date.fromisoformat),
    "oui_non": ("oui ou non", lambda v: {"oui": True, "non": False}[v]),
}


def _values(table: str, frame: pl.DataFrame, rules: dict[str, Any]) -> list[Problem]:
    import pandera.polars as pa

    columns: dict[str, pa.Column] = {}
    wording: dict[tuple[str, str], str] = {}
    for name, rule in rules["colonnes"].items():
        checks = []
        said, cast = _TYPES[rule["type"]]

        def readable(data: Any, cast: Callable[[str], object] = cast) -> pl.LazyFrame:
            return data.lazyframe.select(  # type: ignore[no-any-return]
                pl.col(data.key)
                .map_elements(lambda v: _reads(cast, v), return_dtype=pl.Boolean, skip_nulls=True)
                .fill_null(True)
            )

        checks.append(pa.Check(readable, error="type"))
        wording[name, "type"] = f"{said} est attendu"
        if "valeurs" in rule:
            checks.append(pa.Check.isin(rule["valeurs"], error="valeurs"))
            wording[name, "valeurs"] = "valeurs admises : " + ", ".join(rule["valeurs"])
        if "motif" in rule:
            checks.append(pa.Check.str_matches(f"^{rule['motif']}$", error="motif"))
            wording[name, "motif"] = f"forme attendue : {rule['motif']}"
        if "minimum" in rule:
            least = rule["minimum"]

            def enough(data: Any, least: float = least) -> pl.LazyFrame:
                return data.lazyframe.select(  # type: ignore[no-any-return]
                    (pl.col(data.key).cast(pl.Float64, strict=False) >= least).fill_null(True)
                )

            checks.append(pa.Check(enough, error="minimum"))
            wording[name, "minimum"] = f"au moins {least} est attendu"
        columns[name] = pa.Column(pl.String, checks=checks, nullable=not rule.get("obligatoire", False))
    try:
        pa.DataFrameSchema(columns).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        return [_problem(table, case, wording) for case in errors.failure_cases.to_dicts()]
    return []


def _problem(table: str, case: dict[str, Any], wording: dict[tuple[str, str], str]) -> Problem:
    line = None if case["index"] is None else int(case["index"]) + 2
    column, check = case["column"], str(case["check"])
    if check == "not_nullable":
        return Problem(f"{table}.csv", line, column, "valeur obligatoire absente ; la compléter.")
    return Problem(f"{table}.csv", line, column, f"« {case['failure_case']} » : {wording[column, check]}.")


def _reads(cast: Callable[[str], object], value: str) -> bool:
    try:
        cast(value)
    except (ValueError, KeyError):
        return False
    return True


def _keys(table: str, frame: pl.DataFrame, rules: dict[str, Any]) -> Iterator[Problem]:
    key = rules["cle"]
    repeated = frame.with_row_index("_ligne", offset=2).filter(pl.struct(key).is_first_distinct().not_())
    for row in repeated.to_dicts():
        value = ", ".join(str(row[c]) for c in key)
        yield Problem(
            f"{table}.csv",
            row["_ligne"],
            ", ".join(key),
            f"« {value} » figure déjà plus haut ; la clé doit être unique.",
        )


def _references(
    table: str, frame: pl.DataFrame, rules: dict[str, Any], sound: dict[str, pl.DataFrame]
) -> Iterator[Problem]:
    for column, rule in rules["colonnes"].items():
        target_table, _, target = rule.get("references", "").partition(".")
        if target_table not in sound:
            continue
        known = set(sound[target_table][target].drop_nulls()) | set(rule.get("sauf", []))
        for index, value in enumerate(frame[column]):
            if value is not None and value not in known:
                yield Problem(
                    f"{table}.csv",
                    index + 2,
                    column,
                    f"« {value} » n'existe pas dans {target_table}.csv ; l'y ajouter ou corriger.",
                )


def _config(programme: Programme) -> Iterator[Problem]:
    """What programme.yaml names must be in the reference files."""
    wave, printed = programme.config.vague_courante, programme.config.rapport.reference_imprimee
    sources = {r["source"] for r in programme.rows("references_nationales")}
    for key, value, known, file in (
        ("vague_courante", wave, programme.waves, "vagues.csv"),
        ("rapport.reference_imprimee", printed, sources, "references_nationales.csv"),
    ):
        if value is not None and value not in known:
            yield Problem("programme.yaml", None, key, f"« {value} » n'est pas dans {file} ; l'y ajouter ou corriger.")


def _filters(programme: Programme) -> Iterator[Problem]:
    known = set(programme.questions) | set(programme.axes)
    for index, question in enumerate(programme.rows("questions")):
        condition = question["filtre"]
        if not condition:
            continue
        try:
            names = set(pl.sql_expr(condition).meta.root_names())
        except pl.exceptions.PolarsError as error:
            reason = str(error).splitlines()[0]
            yield Problem(
                "questions.csv",
                index + 2,
                "filtre",
                f"« {condition} » n'est pas une condition SQL ({reason}).",
            )
            continue
        for name in sorted(names - known):
            yield Problem("questions.csv", index + 2, "filtre", f"« {name} » n'est ni une question ni un axe.")


def _scales(programme: Programme) -> Iterator[Problem]:
    """A partial scale would give a mean or a rate over some of its answers, and say nothing of it."""
    expressed: dict[str, list[tuple[int, str, str | None]]] = {}
    for index, row in enumerate(programme.rows("modalites")):
        if row["statut_reponse"] == "exprime":
            expressed.setdefault(str(row["echelle"]), []).append(
                (index + 2, str(row["modalite_code"]), row["est_satisfait"])
            )
    for options in expressed.values():
        if any(flag for _, _, flag in options):
            for line, code, flag in options:
                if flag is None:
                    said = f"vide pour « {code} », alors que d'autres modalités de l'échelle le disent ; compléter."
                    yield Problem("modalites.csv", line, "est_satisfait", said)
    graded = {r["echelle"] for r in programme.rows("echelles") if r["unite_note"]}
    noted = {(r["bareme"], r["version"], r["echelle"], r["modalite_code"]) for r in programme.rows("baremes")}
    for index, use in enumerate(programme.rows("baremes_usages")):
        for scale in sorted(map(str, graded)):
            for _, code, _ in expressed.get(scale, []):
                if (use["bareme"], use["version"], scale, code) not in noted:
                    said = f"« {use['bareme']} » version {use['version']} ne note pas {scale}.{code} ; le noter."
                    yield Problem("baremes_usages.csv", index + 2, "bareme", said)
