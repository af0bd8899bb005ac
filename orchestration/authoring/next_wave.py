"""Opens the next wave of a programme from its last one: what a machine can carry over, written all at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.authoring.next_contract import next_contract, next_path
from orchestration.authoring.texts import quoted, read_text, with_rows, with_value
from orchestration.authoring.together import write_all
from orchestration.errors import ProgrammeError
from orchestration.extracts.contracts import load_contracts
from orchestration.programme import Programme
from orchestration.programme.check import check_programme
from orchestration.programme.dispositifs import dispositif_of, principal_waves
from orchestration.programme.texts import number
from orchestration.programme.values import FIRST_LINE
from orchestration.settings import OPENING

# `source` of a wave whose dates the machine proposed; a person puts the dates, and another source or none
PROPOSED = "dates proposées d'après {last} : à confirmer"
UNCONFIRMED = "à confirmer"
# a name of a wave is a folder's, and a part of contracts' names
_NAME = re.compile(r"\w[\w.-]*")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# physical line of a CSV's first row: the header stands above it

Row = Mapping[str, str | None]


@dataclass(frozen=True)
class Move:
    """An organisme of the last wave that is not carried over as it is.

    Attributes:
        code: its code.
        successors: organismes that took its place; none when it only left.
    """

    code: str
    successors: tuple[str, ...]


def last_wave(programme: Programme, wave: str) -> tuple[str, bool]:
    """Returns the wave before the one that is named, and whether the named one is there already.

    Both are waves of the principal dispositif.

    Raises:
        ProgrammeError: it cannot be the next wave, or the reference files do not keep their rules.
    """
    if problems := check_programme(programme):
        more = f" et d'autres défauts ({len(problems) - 1})" if len(problems) > 1 else ""
        raise ProgrammeError(f"{problems[0]}{more} Corriger d'abord : « observatoire check » les dit tous.")
    waves = principal_waves(programme)
    if wave in programme.waves and wave not in waves:
        raise ProgrammeError(
            f"« {wave} » est une vague de {dispositif_of(programme)[wave]} ; observatoire wave n'ouvre que celles du"
            " dispositif principal, les autres s'écrivent dans vagues.csv."
        )
    if not waves:
        raise ProgrammeError(f"vagues.csv n'a aucune vague : y écrire la première avant d'ouvrir « {wave} ».")
    if wave not in waves:
        return waves[-1], False
    place = waves.index(wave)
    if place == 0 or place < len(waves) - 1:
        near = f"« {waves[place + 1]} » la suit" if place < len(waves) - 1 else "c'est la première"
        raise ProgrammeError(f"La vague « {wave} » existe déjà ({near}) ; nommer celle qui suit « {waves[-1]} ».")
    return waves[place - 1], True


def open_wave(programme: Programme, wave: str, start: dt.date | None = None, end: dt.date | None = None) -> list[str]:
    """Writes the next wave: reference lines, contracts as drafts, current wave, folder of its deliveries.

    Args:
        programme: the programme.
        wave: code of the next wave.
        start: first day of fieldwork; None proposes that of the last wave, some years later.
        end: last day of fieldwork, likewise.

    Returns:
        what was done, one sentence per file.

    Raises:
        ProgrammeError: the wave cannot be opened; then nothing is written.
    """
    last, there = last_wave(programme, wave)
    if there:
        raise ProgrammeError(f"La vague « {wave} » existe déjà.")
    if not _NAME.fullmatch(wave):
        raise ProgrammeError(
            f"« {wave} » ne peut pas nommer une vague : lettres, chiffres, points et tirets, sans blanc."
        )
    window = _window(programme, last, wave, start, end)
    files: dict[Path, str | Path] = {}
    said: list[str] = []

    def add(table: str, rows: Sequence[Row], sentence: str) -> None:
        path = programme.reference_path(table)
        if rows:
            files[path] = with_rows(read_text(path), rows)
            said.append(f"{table}.csv{sentence}.")

    row = _wave_row(programme, last, wave, window, proposed=start is None or end is None)
    dates = f"terrain du {window[0]} au {window[1]}" + (", proposé" if row["source"] else "")
    add("vagues", [row], f" : vague {wave}, {dates}")
    expected, moves = carried(programme, last, wave, window[0])
    moved = "".join(f" ; {_moved(move)}" for move in moves)
    add("participations", expected, f", lignes reprises de {last} : {number(len(expected))}{moved}")
    asked = [r for r in programme.rows("questions_vagues") if r["vague"] == last]
    again = [{**r, "vague": wave, "equivalence": "identique", "commentaire": None} for r in asked]
    add("questions_vagues", again, f", questions reprises de {last} et dites identiques : {number(len(again))}")
    drafts, drafted = _contracts(programme, last, wave)
    files |= drafts
    said += drafted
    path = programme.root / "programme.yaml"
    files[path] = with_value(read_text(path), "vague_courante", quoted(wave), path.name)
    said.append(
        f"programme.yaml : vague_courante est {wave} ; rien n'est publié avant que sa couverture soit atteinte."
    )
    write_all(files, [programme.root / "landing" / wave], programme.root / OPENING)
    return [*said, f"landing/{wave}/ : pour ses livraisons."]


def hold_dates(programme: Programme, wave: str, start: dt.date | None, end: dt.date | None) -> None:
    """Refuses dates for a wave that is open already and has others: whoever gave them would believe them written.

    Args:
        programme: the programme, the wave opened in it.
        wave: the wave.
        start: first day of fieldwork that is asked for; None asks for none.
        end: last day of fieldwork, likewise.

    Raises:
        ProgrammeError: it has other dates.
    """
    window = programme.waves[wave]
    if (start or window.start, end or window.end) != (window.start, window.end):
        line = next(n for n, row in enumerate(programme.rows("vagues"), start=FIRST_LINE) if row["vague"] == wave)
        raise ProgrammeError(
            f"« {wave} » est déjà ouverte, terrain du {window.start} au {window.end} : --debut et --fin n'y changent"
            f" rien ; mettre les dates dans vagues.csv, ligne {line}, et y vider « source » si elle les dit proposées."
        )


def carried(programme: Programme, last: str, wave: str, start: dt.date) -> tuple[list[Row], list[Move]]:
    """Returns the participations of the last wave as lines of the next one, and the organismes that left.

    Args:
        programme: the programme.
        last: the last wave.
        wave: the next one.
        start: first day of its fieldwork: an organisme that is not valid then gives its place to its successors.
    """
    valid = valid_codes(programme, start)
    before = [r for r in programme.rows("participations") if r["vague"] == last]
    rows = {str(r["organisme_code"]): {**r, "vague": wave} for r in before if r["organisme_code"] in valid}
    moves = []
    for row in before:
        code = str(row["organisme_code"])
        if code in valid:
            continue
        heirs = tuple(dict.fromkeys(_heirs(programme, code, valid)))
        moves.append(Move(code, heirs))
        for heir in heirs:
            rows.setdefault(heir, {**row, "vague": wave, "organisme_code": heir, "commentaire": None})
    return list(rows.values()), moves


def valid_codes(programme: Programme, day: dt.date) -> set[str]:
    """Returns the organismes that are there on a day."""
    limits = day.isoformat()
    return {
        str(r["organisme_code"])
        for r in programme.rows("organismes")
        if str(r["valide_de"]) <= limits and (r["valide_a"] is None or r["valide_a"] >= limits)
    }


def _heirs(programme: Programme, code: str, valid: set[str]) -> list[str]:
    """Returns the valid organismes that a chain of filiations leads to."""
    found: list[str] = []
    seen, ahead = {code}, [code]
    while ahead:
        one = ahead.pop(0)
        for row in programme.rows("filiations"):
            heir = str(row["successeur"])
            if row["predecesseur"] == one and heir not in seen:
                seen.add(heir)
                (found if heir in valid else ahead).append(heir)
    return found


def _moved(move: Move) -> str:
    if move.successors:
        return f"{move.code} laisse sa place à {', '.join(move.successors)} (filiations.csv)"
    return f"{move.code} n'est plus valide dans organismes.csv, et n'est pas repris"


def _window(
    programme: Programme, last: str, wave: str, start: dt.date | None, end: dt.date | None
) -> tuple[dt.date, dt.date]:
    """Returns the fieldwork of the next wave: as told, or that of the last one as many years later as the names say."""
    before = programme.waves[last]
    years = [int(found[0]) for name in (last, wave) if (found := _YEAR.search(name))]
    if len(years) == 2 and years[1] < years[0]:
        # a wave opened out of order would be compared with one that came after it, and be the current one
        raise ProgrammeError(f"La vague « {wave} » vient avant « {last} », la dernière ; nommer celle qui la suit.")
    gap = years[1] - years[0] if len(years) == 2 and years[1] > years[0] else 1
    window = (start or _later(before.start, gap), end or _later(before.end, gap))
    if window[0] > window[1]:
        raise ProgrammeError(
            f"Terrain de « {wave} » : le {window[0]} est après le {window[1]} ; corriger --debut ou --fin."
        )
    if window[0] < before.start:
        raise ProgrammeError(
            f"Terrain de « {wave} » : le {window[0]} est avant le {before.start}, premier jour de « {last} » ; corriger"
            " --debut."
        )
    return window


def _later(day: dt.date, years: int) -> dt.date:
    """Returns the same day some years later; the 29th of February becomes the 28th."""
    kept = min(day.day, 28) if day.month == 2 else day.day
    return day.replace(year=day.year + years, day=kept)


def _wave_row(
    programme: Programme, last: str, wave: str, window: tuple[dt.date, dt.date], *, proposed: bool
) -> dict[str, str | None]:
    rows = {str(r["vague"]): r for r in programme.rows("vagues")}
    before = rows[last]
    label = str(before["libelle"])
    return {
        "vague": wave,
        "libelle": label.replace(last, wave) if last in label else wave,
        "ordre": str(max(int(rows[code]["ordre"] or 0) for code in principal_waves(programme)) + 1),
        "terrain_debut": window[0].isoformat(),
        "terrain_fin": window[1].isoformat(),
        "mode_collecte": before["mode_collecte"],
        "institut": before["institut"],
        "etat": "provisoire",
        "source": PROPOSED.format(last=last) if proposed else None,
    }


def _contracts(programme: Programme, last: str, wave: str) -> tuple[dict[Path, str], list[str]]:
    """Returns the last wave's contracts as drafts of the next one, by their place, and what to say of them."""
    contracts = load_contracts(programme)
    files, said = {}, []
    for contract in contracts.sound:
        if contract.wave != last:
            continue
        path = next_path(contract, wave)
        if path.exists():
            said.append(f"contracts/{path.name} : existe déjà, laissé tel quel.")
            continue
        files[path] = next_contract(contract, wave)
        said.append(f"contracts/{path.name} : copié de {contract.path.name}, en brouillon.")
    said += [
        f"contracts/{b.path.name} : fautif, non recopié." for b in contracts.broken if not b.waves or last in b.waves
    ]
    return files, said
