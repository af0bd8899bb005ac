"""Holds a programme's reference files to their contract (tables.yaml): each problem names file, line and column."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.errors import ProgrammeError
from orchestration.programme.commitments import commitment_faults
from orchestration.programme.composite_check import composite_faults
from orchestration.programme.declarations import read_yaml
from orchestration.programme.dispositifs import dispositif_faults
from orchestration.programme.perimeters import perimeter_faults
from orchestration.programme.pictures import report_picture_faults
from orchestration.programme.programme import Programme
from orchestration.programme.scores import score_faults
from orchestration.programme.stories import story_faults
from orchestration.programme.tables import dictionary
from orchestration.programme.values import FIRST_LINE, LARGEST, TYPES
from orchestration.programme.vocabulary import vocabulary_faults
from orchestration.settings import OPENING

# problems that a refusal lists
_TOLD = 20
# natures of questions that have one answer
_SINGLE = ("satisfaction", "incidence", "recommandation")


# rules of a room of their own: the file, its line, its column or key, a sentence
_RULES = (perimeter_faults, composite_faults, score_faults, commitment_faults, dispositif_faults, report_picture_faults)


@dataclass(frozen=True)
class Problem:
    """One defect of a reference file.

    Attributes:
        file: name of the file in `reference/`, programme.yaml, or the path of a story.
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


# what no name of a file may have on some system that a folder is copied to
_NO_NAME = '/ \\ : * ? " < > |'
_FILE_NAME = re.compile(r'[^\W_][^/\\:*?"<>|\x00-\x1f]*(?<! )')


def check_programme(programme: Programme) -> list[Problem]:
    """Checks every reference file of a programme, and its words.

    Returns:
        the problems found, file by file; an empty list means the programme keeps its contract.
    """
    if (programme.root / OPENING).exists():
        said = "l'ouverture d'une vague s'est arrêtée en chemin ; « observatoire wave », relancée, l'achève."
        return [Problem(OPENING, None, None, said)]
    problems = list(_strangers(programme))
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
        problems += [
            *_filters(programme),
            *_natures(programme),
            *_scales(programme),
            *_config(programme),
            *_plan(programme),
            *_overlaps(programme),
            *(Problem(*fault) for rule in _RULES for fault in rule(programme)),
            *(Problem(file, None, key, said) for file, key, said in story_faults(programme)),
        ]
    return problems + [
        Problem(fault.file, None, fault.key, fault.message) for fault in vocabulary_faults(programme.config)
    ]


@contextmanager
def held_to_rules(programme: Programme) -> Iterator[None]:
    """Says what is wrong with a programme where the block stumbles over a value of it.

    Most commands read reference data that nobody has checked since a person changed them.

    Raises:
        ProgrammeError: the block met an error, and the programme does not keep its contract: its problems.
        Exception: the block's own, where the programme keeps it.
    """
    try:
        yield
    except (ValueError, LookupError, TypeError, ArithmeticError, AttributeError, ProgrammeError):
        problems = check_programme(programme)
        if not problems:
            raise
        said = "\n".join(map(str, problems[:_TOLD]))
        raise ProgrammeError(f"Données de référence refusées :\n{said}") from None


def _strangers(programme: Programme) -> Iterator[Problem]:
    """Yields the CSV files of reference/ that are no table: dbt loads all that it finds there."""
    folder = programme.root / "reference"
    for path in sorted(folder.rglob("*.csv")):
        name = path.relative_to(folder).as_posix()
        if name.removesuffix(".csv") not in dictionary():
            near = difflib.get_close_matches(path.stem, dictionary(), 1)
            known = f", ou le nommer {near[0]}.csv s'il doit l'être" if near else ""
            yield Problem(name, None, None, f"aucune table du programme n'a ce nom ; l'ôter de reference/{known}")


def _shape(programme: Programme, table: str, rules: dict[str, Any]) -> tuple[list[Problem], pl.DataFrame | None]:
    file = f"{table}.csv"
    try:
        frame = programme.reference(table)
    except ProgrammeError as error:
        place, _, said = str(error).partition(" : ")
        line = place.rpartition(", ligne ")[2]
        return [Problem(file, int(line) if line.isdecimal() else None, None, said)], None
    expected, got = list(rules["colonnes"]), frame.columns
    # A spreadsheet set to French saves a CSV with semicolons: each column would be told missing, and none why.
    if len(got) == 1 and len(expected) > 1 and (sign := _separator(got[0])):
        said = f"séparé par {sign} ; l'enregistrer séparé par des virgules, en UTF-8 (« CSV UTF-8 » et non « CSV »)."
        return [Problem(file, 1, None, said)], None
    called = _former_names().get(table, {})
    renamed = {old: c for old, c in called.items() if old in got and c not in got}
    problems = [
        Problem(file, 1, old, f"cette colonne a désormais pour nom {c} ; la renommer dans l'en-tête.")
        for old, c in renamed.items()
    ]
    known = {*expected, *renamed}
    problems += [
        Problem(file, 1, c, "colonne absente ; l'ajouter à l'en-tête.")
        for c in expected
        if c not in got and c not in renamed.values() and not rules["colonnes"][c].get("facultatif")
    ]
    problems += [Problem(file, 1, c, "colonne inconnue du dictionnaire ; la retirer.") for c in got if c not in known]
    return problems, None if problems else frame


@cache
def _former_names() -> dict[str, dict[str, str]]:
    """Returns what versions before called the columns of each table: the former name and today's."""
    names: dict[str, dict[str, str]] = read_yaml((Path(__file__).parent / "anciens_noms.yaml").read_bytes())
    return names


def _separator(header: str) -> str:
    """Returns what separates the columns of a header that was read as one, in words; empty where nothing says so."""
    signs = {";": "des points-virgules", "\t": "des tabulations", "|": "des barres"}
    return next((said for sign, said in signs.items() if sign in header), "")


def _values(table: str, frame: pl.DataFrame, rules: dict[str, Any]) -> Iterator[Problem]:
    blank = _blank(frame)
    yield from (Problem(f"{table}.csv", line, None, "ligne vide ; l'ôter.") for line in sorted(blank))
    for column, rule in rules["colonnes"].items():
        for line, value in enumerate(frame[column], start=FIRST_LINE):
            if line not in blank and (said := _fault(value, rule)):
                yield Problem(f"{table}.csv", line, column, said)
        if since := rule.get("depuis"):
            for line, (first, last) in enumerate(zip(frame[since], frame[column], strict=True), start=FIRST_LINE):
                # two dates of one form are in the order of their letters
                if first and last and last < first:
                    yield Problem(f"{table}.csv", line, column, f"« {last} » précède {since} ({first}) ; corriger.")


def _blank(frame: pl.DataFrame) -> set[int]:
    """Returns the lines of a file that hold no value: a spreadsheet leaves some below a table."""
    empty = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    return {line for line, nothing in enumerate(empty, start=FIRST_LINE) if nothing}


def _fault(value: str | None, rule: dict[str, Any]) -> str | None:
    """Returns what is wrong with a value, None if nothing is."""
    if value is None:
        return "valeur obligatoire absente ; la compléter." if rule.get("obligatoire") else None
    said, read = TYPES[rule["type"]]
    if not _reads(read, value):
        return f"« {value} » : {said} est attendu."
    if value not in rule.get("valeurs", (value,)):
        return f"« {value} » : valeurs admises : {', '.join(rule['valeurs'])}."
    if rule.get("nom_de_fichier") and not _FILE_NAME.fullmatch(value):
        return (
            f"« {value} » nomme des dossiers et des fichiers : commencer par une lettre ou un chiffre, sans {_NO_NAME}."
        )
    if "motif" in rule and not re.fullmatch(rule["motif"], value):
        return f"« {value} » : forme attendue : {rule['motif']}."
    if "minimum" in rule and float(value) < rule["minimum"]:
        return f"« {value} » : au moins {rule['minimum']} est attendu."
    most = rule.get("maximum", LARGEST if rule["type"] == "entier" else None)
    if most is not None and float(value) > most:
        return f"« {value} » : au plus {most} est attendu."
    return None


def _reads(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except (ValueError, KeyError):
        return False
    return True


def _keys(table: str, frame: pl.DataFrame, rules: dict[str, Any]) -> Iterator[Problem]:
    key = rules["cle"]
    repeated = frame.with_row_index("_ligne", offset=FIRST_LINE).filter(pl.struct(key).is_first_distinct().not_())
    blank = _blank(frame)
    for row in (row for row in repeated.to_dicts() if row["_ligne"] not in blank):
        said = f"« {', '.join(str(row[c]) for c in key)} » figure déjà plus haut ; la clé doit être unique."
        yield Problem(f"{table}.csv", row["_ligne"], ", ".join(key), said)


def _references(
    table: str, frame: pl.DataFrame, rules: dict[str, Any], sound: dict[str, pl.DataFrame]
) -> Iterator[Problem]:
    for column, rule in rules["colonnes"].items():
        target_table, _, target = rule.get("references", "").partition(".")
        if target_table not in sound:
            continue
        known = {None, *sound[target_table][target], *rule.get("sauf", [])}
        for line, value in enumerate(frame[column], start=FIRST_LINE):
            if value not in known:
                said = f"« {value} » n'existe pas dans {target_table}.csv ; l'y ajouter ou corriger."
                yield Problem(f"{table}.csv", line, column, said)


def _config(programme: Programme) -> Iterator[Problem]:
    """What programme.yaml names must be in the reference files."""
    wave, printed = programme.config.vague_courante, programme.config.rapport.reference_imprimee
    sources = {r["source"] for r in programme.rows("references_nationales")}
    for key, value, known, file in (
        ("vague_courante", wave, programme.waves, "vagues.csv"),
        ("rapport.reference_imprimee", printed, sources, "references_nationales.csv"),
        *((f"depots.{n}.vague", d.vague, programme.waves, "vagues.csv") for n, d in enumerate(programme.config.depots)),
    ):
        if value is not None and value not in known:
            yield Problem("programme.yaml", None, key, f"« {value} » n'est pas dans {file} ; l'y ajouter ou corriger.")


def _plan(programme: Programme) -> Iterator[Problem]:
    """No stratum has more interviews planned than it has people."""
    for line, stratum in enumerate(programme.rows("plan_sondage"), start=FIRST_LINE):
        planned, people = int(stratum["entretiens_vises"] or 0), int(stratum["population"] or 0)
        if planned > people:
            said = f"« {planned} » : plus que la population de la strate ({people}) ; corriger l'un ou l'autre."
            yield Problem("plan_sondage.csv", line, "entretiens_vises", said)


def _overlaps(programme: Programme) -> Iterator[Problem]:
    """The people of an earlier wave are met again in a later one."""
    order = {wave["vague"]: int(wave["ordre"] or 0) for wave in programme.rows("vagues")}
    for line, overlap in enumerate(programme.rows("recouvrements"), start=FIRST_LINE):
        later, earlier = overlap["vague"], overlap["vague_precedente"]
        if order[earlier] >= order[later]:
            said = f"« {earlier} » n'est pas antérieure à « {later} » ; mettre la plus récente des deux dans « vague »."
            yield Problem("recouvrements.csv", line, "vague_precedente", said)


def _filters(programme: Programme) -> Iterator[Problem]:
    known = set(programme.questions) | set(programme.axes)
    for line, question in enumerate(programme.rows("questions"), start=FIRST_LINE):
        condition = question["filtre"]
        if not condition:
            continue
        try:
            unknown = sorted({*pl.sql_expr(condition).meta.root_names()} - known)
            said = [f"« {name} » n'est ni une question ni un axe." for name in unknown]
        except pl.exceptions.PolarsError as error:
            said = [f"« {condition} » n'est pas une condition SQL ({str(error).splitlines()[0]})."]
        yield from (Problem("questions.csv", line, "filtre", sentence) for sentence in said)


def _natures(programme: Programme) -> Iterator[Problem]:
    """What a question is said to ask must be what its scale can answer."""
    several = {str(r["echelle"]) for r in programme.rows("echelles") if r["type"] == "multiple"}
    graded = {str(r["echelle"]) for r in programme.rows("echelles") if r["unite_note"]}
    options = programme.rows("modalites")
    rated = graded | {str(r["echelle"]) for r in options if r["est_satisfait"]}
    grouped = {str(r["echelle"]) for r in options if r["groupe_nps"]}
    for line, question in enumerate(programme.rows("questions"), start=FIRST_LINE):
        nature, scale = question["nature"], str(question["echelle"])
        said = ""
        if nature in _SINGLE and scale in several:
            said = f"l'échelle {scale} admet plusieurs réponses ; motif, filtre ou descriptif y conviennent."
        elif nature in ("satisfaction", "incidence") and scale not in rated:
            said = f"aucune modalité de l'échelle {scale} ne dit est_satisfait ; le dire, ou choisir une autre nature."
        elif nature == "recommandation" and scale not in grouped:
            said = (
                f"l'échelle {scale} n'a pas de groupe_nps dans modalites.csv ; les y dire, ou choisir une autre nature."
            )
        if said:
            yield Problem("questions.csv", line, "nature", f"« {nature} » : {said}")
        if nature not in (None, "satisfaction") and question["est_globale"] == "oui":
            said = (
                f"« {nature} » : la question d'ensemble (est_globale) est de satisfaction ; corriger l'un ou l'autre."
            )
            yield Problem("questions.csv", line, "nature", said)


def _scales(programme: Programme) -> Iterator[Problem]:
    """A partial scale would give a mean or a rate over some of its answers, and say nothing of it."""
    expressed: dict[str, list[tuple[int, str, str | None]]] = {}
    for line, row in enumerate(programme.rows("modalites"), start=FIRST_LINE):
        if row["statut_reponse"] == "exprime":
            option = line, str(row["modalite_code"]), row["est_satisfait"]
            expressed.setdefault(str(row["echelle"]), []).append(option)
    for options in expressed.values():
        if any(flag for _, _, flag in options):
            for line, code, flag in options:
                if flag is None:
                    said = f"vide pour « {code} », alors que d'autres modalités de l'échelle le disent ; compléter."
                    yield Problem("modalites.csv", line, "est_satisfait", said)
    graded = {r["echelle"] for r in programme.rows("echelles") if r["unite_note"]}
    noted = {(r["bareme"], r["version"], r["echelle"], r["modalite_code"]) for r in programme.rows("baremes")}
    for line, use in enumerate(programme.rows("baremes_usages"), start=FIRST_LINE):
        for scale in sorted(map(str, graded)):
            for _, code, _ in expressed.get(scale, []):
                if (use["bareme"], use["version"], scale, code) not in noted:
                    said = f"« {use['bareme']} » version {use['version']} ne note pas {scale}.{code} ; le noter."
                    yield Problem("baremes_usages.csv", line, "bareme", said)
