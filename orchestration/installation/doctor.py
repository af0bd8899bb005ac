"""Whether an installation is sound: what it stands on, one by one, with a remedy for what is not as it should be.

Nothing is written, and no lock is taken: a probe may ask while a run works. What is damaged is a finding and no error.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape

from orchestration.errors import ObservatoireError
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.pseudonyms import is_open_to_others, key_fault, key_fingerprint
from orchestration.installation import journals
from orchestration.installation.backup import last_backup
from orchestration.installation.findings import Check, Finding, Health, some
from orchestration.installation.inputs import changed_inputs, uninstalled, unread_parquet, unseen
from orchestration.installation.readiness import irreplaceable, other_key, rules, variables
from orchestration.installation.rights import foreign, open_to_all
from orchestration.installation.shown import editions, links, printed, readers
from orchestration.operation.alerts import plain_words
from orchestration.operation.beat import beat_fault
from orchestration.operation.outcomes import RunState, moment
from orchestration.operation.room import room
from orchestration.operation.settled import latest, unsettled
from orchestration.programme import load_programme
from orchestration.programme.vocabulary import vocabulary_faults, words_of
from orchestration.settings import UNDERWAY, Settings, in_production
from orchestration.words import Words

# a nightly backup, and the hours that a long one may take
_BACKUP_HOURS = 27
# a clock is never quite that of another machine
_AHEAD = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Findings:
    """All that was looked at, and the words it is told in."""

    found: list[Finding]
    words: Words


def examine(settings: Settings) -> Findings:
    """Returns what an installation is found to be, check by check; a programme that cannot be read ends it early."""
    words = plain_words()
    try:
        programme = load_programme(settings.root)
        if next(vocabulary_faults(programme.config), None) is None:
            words = words_of(programme.config)
        first = Finding("programme", Health.SOUND, words.say("sante_programme", programme=programme.config.programme))
    except ObservatoireError as error:
        first = Finding("programme", Health.FAULT, str(error), words.say("sante_programme_faire"))
    checks = _ALL if first.etat == Health.SOUND else _EVERYWHERE if settings.root.is_dir() else {}
    found = [first]
    for name, check in checks.items():
        try:
            found += check(settings, words)
        except (ObservatoireError, OSError, ValueError, TypeError, LookupError, AttributeError, duckdb.Error) as error:
            said = words.say("sante_illisible", raison=" ".join(str(error).split())[:300])
            # what keeps one thing from being looked at keeps others, and is told once
            if said not in (finding.constat for finding in found):
                found.append(Finding(name, Health.FAULT, said, words.say("sante_illisible_faire")))
    return Findings(found, words)


def exit_code(findings: Findings) -> int:
    """Returns the exit code for a probe: 0 where all is well, 1 for a fault, 3 where something is only to watch."""
    states = {finding.etat for finding in findings.found}
    return 1 if Health.FAULT in states else 3 if Health.WATCH in states else 0


def as_json(findings: Findings) -> dict[str, Any]:
    """Returns the findings as JSON-ready data; the keys are in the guide."""
    code = exit_code(findings)
    return {"sain": code == 0, "code": code, "constats": [asdict(finding) for finding in findings.found]}


def print_findings(out: Console, findings: Findings) -> None:
    """Prints a line for each finding, and under it what to do."""
    words = findings.words
    marks = {
        Health.SOUND: ("green", words.say("sante_bien")),
        Health.WATCH: ("yellow", words.say("sante_a_surveiller")),
        Health.FAULT: ("red", words.say("sante_faute")),
    }
    for finding in findings.found:
        colour, word = marks[finding.etat]
        said = words.say("deux_points", nom=f"[{colour}]{escape(word)}[/]", valeur=escape(finding.constat))
        out.print(said, soft_wrap=True)
        if finding.remede:
            out.print(f"  {escape(finding.remede)}", soft_wrap=True)


def _key(settings: Settings, words: Words) -> Iterator[Finding]:
    if (fault := key_fault()) is not None:
        yield Finding("cle", Health.FAULT, fault)
    elif not key_fingerprint():
        yield Finding("cle", Health.FAULT, words.say("sante_cle_absente"), words.say("sante_cle_faire"))
    elif is_open_to_others():
        yield Finding("cle", Health.FAULT, words.say("sante_cle_ouverte"), words.say("sante_cle_droits"))
    elif other_key(settings):
        yield Finding("cle", Health.WATCH, words.say("sante_cle_autre"), words.say("sante_cle_autre_faire"))
    else:
        yield Finding("cle", Health.SOUND, words.say("sante_cle"))


def _folders(settings: Settings, words: Words) -> Iterator[Finding]:
    if (settings.root / UNDERWAY).exists():
        yield Finding(
            "dossiers", Health.WATCH, words.say("sante_restauration", dossier=settings.root / UNDERWAY),
            words.say("sante_restauration_faire"),
        )  # fmt: skip
    strange = foreign(settings)
    if strange is not None:
        yield Finding(
            "dossiers",
            Health.FAULT,
            words.say("sante_droits", chemin=strange),
            words.say("sante_droits_faire", dossier=settings.root),
        )
    opened = open_to_all(settings) if in_production() else []
    if opened:
        said = words.say("sante_ouverts", dossiers=", ".join(opened))
        yield Finding("dossiers", Health.WATCH, said, words.say("sante_ouverts_faire", dossier=settings.root))
    if strange is None and not opened:
        yield Finding("dossiers", Health.SOUND, words.say("sante_dossiers"))


def _lake(settings: Settings, words: Words) -> Iterator[Finding]:
    damaged, lacking = unread_parquet(settings), uninstalled(settings)
    if damaged:
        said = words.say("sante_lac_abime", fichiers=some(damaged), n=len(damaged))
        yield Finding("lac", Health.WATCH, said, words.say("sante_lac_faire"))
    if lacking:
        said = words.say("sante_lac_ote", fichiers=some(lacking), n=len(lacking))
        yield Finding("lac", Health.WATCH, said, words.say("sante_lac_ote_faire"))
    if not damaged and not lacking:
        yield Finding("lac", Health.SOUND, words.say("sante_lac"))


def _deliveries(settings: Settings, words: Words) -> Iterator[Finding]:
    programme = load_programme(settings.root)
    changed, new = changed_inputs(programme), unseen(programme)
    if changed:
        said = words.say("sante_livraisons_changees", fichiers=some(changed), n=len(changed))
        yield Finding("livraisons", Health.WATCH, said, words.say("sante_livraisons_faire"))
    if new:
        said = words.say("sante_non_vues", fichiers=some(new), n=len(new))
        yield Finding("livraisons", Health.WATCH, said, words.say("sante_non_vues_faire"))
    if not changed and not new:
        yield Finding("livraisons", Health.SOUND, words.say("sante_livraisons"))


def _journals(settings: Settings, words: Words) -> Iterator[Finding]:
    faults = journals.faults(settings)
    for fault in faults:
        remedy = "sante_base_faire" if journals.storage() == journals.POSTGRES else "sante_journaux_faire"
        yield Finding("journaux", Health.FAULT, fault, words.say(remedy))
    if not faults:
        yield Finding("journaux", Health.SOUND, words.say("sante_journaux", ou=journals.storage()))


def _disk(settings: Settings, words: Words) -> Iterator[Finding]:
    left = room(settings)
    free, need = words.number(left.libre >> 20), words.number(left.besoin >> 20)
    said = words.say("sante_disque", dossier=left.dossier, libre=free, besoin=need)
    state = Health.FAULT if left.short else Health.WATCH if left.tight else Health.SOUND
    yield Finding("disque", state, said, words.say("sante_disque_faire") if left.tight else "")


def _run(settings: Settings, words: Words) -> Iterator[Finding]:
    last = latest(settings)
    if last is None:
        yield Finding("execution", Health.WATCH, words.say("sante_aucune_execution"), words.say("sante_relancer"))
        return
    programme, ended = load_programme(settings.root), moment(last.fin or last.debut)
    if _is_ahead(last.fin or last.debut):
        yield Finding(
            "horloge", Health.WATCH, words.say("sante_horloge", debut=ended), words.say("sante_horloge_faire")
        )
    inventory = take_inventory(programme, looking=True, registering=False)
    if last.etat != RunState.RUNNING and unsettled(last, programme, inventory):
        said = words.say("sante_execution_echouee", fin=ended, raison=last.phrase or words.say("execution_arretee"))
        yield Finding("execution", Health.FAULT, said, words.say("sante_execution_faire"))
    else:
        yield Finding("execution", Health.SOUND, words.say("sante_execution", fin=ended))
    if (fault := beat_fault(settings)) is not None:
        yield Finding("battement", Health.WATCH, fault)


def _backup(settings: Settings, words: Words) -> Iterator[Finding]:
    last = last_backup(settings)
    if last is None:
        yield Finding(
            "sauvegarde", Health.WATCH, words.say("sante_sans_sauvegarde"), words.say("sante_sauvegarde_faire")
        )
        return
    late = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(last.le) > dt.timedelta(hours=_BACKUP_HOURS)
    gone = Path(last.fichier).is_absolute() and not Path(last.fichier).exists()
    name = "sante_sauvegarde_absente" if gone else "sante_sauvegarde"
    said = words.say(name, debut=moment(last.le), fichier=last.fichier)
    remedy = "sante_sauvegarde_absente_faire" if gone else "sante_sauvegarde_faire"
    watched = late or gone or _is_ahead(last.le)
    state = Health.WATCH if watched else Health.SOUND
    yield Finding("sauvegarde", state, said, words.say(remedy) if watched else "")


def _is_ahead(moment: str) -> bool:
    return dt.datetime.fromisoformat(moment) > dt.datetime.now(dt.UTC) + _AHEAD


# what can be looked at where the programme cannot be read
_EVERYWHERE: dict[str, Check] = {
    "cle": _key,
    "dossiers": _folders,
    "liens": links,
    "editions": editions,
    "imprimes": printed,
    "lecteurs": readers,
    "disque": _disk,
}
_ALL: dict[str, Check] = {
    "regles": rules,
    "reglages": variables,
    "cle": _key,
    "dossiers": _folders,
    "liens": links,
    "editions": editions,
    "imprimes": printed,
    "lecteurs": readers,
    "lac": _lake,
    "irremplacable": irreplaceable,
    "livraisons": _deliveries,
    "journaux": _journals,
    "disque": _disk,
    "execution": _run,
    "sauvegarde": _backup,
}
