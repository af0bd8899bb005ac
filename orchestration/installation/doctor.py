"""Whether an installation is sound: what it stands on, one by one, with a remedy for what is not as it should be.

Nothing is written, and no lock is taken: a probe may ask while a run works. What is damaged is a finding and no error.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape

from orchestration.errors import ObservatoireError
from orchestration.extracts.pseudonyms import is_open_to_others, key_fault, key_fingerprint
from orchestration.installation import journals
from orchestration.installation.findings import Check, Finding, Health, refused, taking_back
from orchestration.installation.folders import folders, half_restored, lost_landing, lost_links, specials
from orchestration.installation.inputs import deliveries, lake
from orchestration.installation.passed import backup, clock, last_run
from orchestration.installation.readiness import irreplaceable, other_key, rules, variables
from orchestration.installation.shown import editions, links, printed, readers
from orchestration.machine import machine_refusal
from orchestration.operation.alerts import plain_words
from orchestration.operation.room import room
from orchestration.programme import load_programme
from orchestration.programme.vocabulary import vocabulary_faults, words_of
from orchestration.publication.datapackage import NAME as PACKAGE
from orchestration.publication.editions import Editions
from orchestration.publication.owner import shared
from orchestration.publication.whole import DATA
from orchestration.settings import PROGRAMME_FILE, Settings
from orchestration.words import Words


@dataclass(frozen=True)
class Findings:
    """All that was looked at, and the words it is told in."""

    found: list[Finding]
    words: Words


def examine(settings: Settings) -> Findings:
    """Returns what an installation is found to be, check by check; a programme that cannot be read ends it early."""
    words = plain_words()
    stops = (specials, lost_links, half_restored, lost_landing)
    if stopping := [finding for stop in stops for finding in stop(settings, words)]:
        return Findings(stopping, words)
    try:
        programme = load_programme(settings.root)
        if next(vocabulary_faults(programme.config), None) is None:
            words = words_of(programme.config)
        first = Finding("programme", Health.SOUND, words.say("sante_programme", programme=programme.config.programme))
    except ObservatoireError as error:
        # the error may be of another file of what is declared
        at_fault = str(settings.root / PROGRAMME_FILE) in str(error) or not (settings.root / PROGRAMME_FILE).is_file()
        remedy = (
            words.say("sante_programme_faire", commande=taking_back(words, PROGRAMME_FILE))
            if at_fault
            else words.say("sante_illisible_faire")
        )
        first = Finding("programme", Health.FAULT, str(error), remedy)
    except OSError as error:
        first = _unseen("programme", error, words)
    checks = _ALL if first.etat == Health.SOUND else _EVERYWHERE if _is_seen(settings.root) else {}
    found = [first]
    for name, check in checks.items():
        try:
            found += check(settings, words)
        except (ObservatoireError, OSError, ValueError, TypeError, LookupError, AttributeError, duckdb.Error) as error:
            told = _unseen(name, error, words)
            # what keeps one thing from being looked at keeps others, and is told once
            if told.constat not in (finding.constat for finding in found):
                found.append(told)
    return Findings(found, words)


def _is_seen(root: Path) -> bool:
    return os.access(root, os.R_OK | os.X_OK, effective_ids=True)


def _unseen(check: str, error: Exception, words: Words) -> Finding:
    """Returns the finding that something could not be looked at, with the remedy of what the machine refused."""
    said = str(error) if isinstance(error, ObservatoireError) else machine_refusal(error)
    if said is None:
        said = words.say("sante_illisible", raison=" ".join(str(error).split())[:300])
    return refused(check, Health.FAULT, said, words)


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
        yield Finding("cle", Health.FAULT, fault, words.say("sante_cle_faire"))
    elif not key_fingerprint():
        yield Finding("cle", Health.FAULT, words.say("sante_cle_absente"), words.say("sante_cle_faire"))
    elif is_open_to_others():
        yield Finding("cle", Health.FAULT, words.say("sante_cle_ouverte"), words.say("sante_cle_droits"))
    elif other_key(settings):
        yield Finding("cle", Health.WATCH, words.say("sante_cle_autre"), words.say("sante_cle_autre_faire"))
    else:
        yield Finding("cle", Health.SOUND, words.say("sante_cle"))


def _renamed(settings: Settings, words: Words) -> Iterator[Finding]:
    """Whether the programme still has the name under which its current edition was made."""
    store, name = Editions(settings.published), load_programme(settings.root).config.programme
    if (edition := store.current()) is None:
        return
    try:
        before = json.loads((store.folder(edition) / DATA / PACKAGE).read_text(encoding="utf-8"))["name"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # its description is damaged, which the check of editions tells
    if before != name:
        said = words.say("sante_nom", avant=before, nom=name)
        yield Finding("nom", Health.WATCH, said, words.say("sante_nom_faire", avant=before))


def _shared(settings: Settings, words: Words) -> Iterator[Finding]:
    if (said := shared(settings)) is not None:
        yield refused("partage", Health.FAULT, said, words)


def _journals(settings: Settings, words: Words) -> Iterator[Finding]:
    faults = journals.faults(settings)
    for fault in faults:
        if " ; " in fault:
            yield refused("journaux", Health.FAULT, fault, words)
        else:
            yield Finding("journaux", Health.FAULT, fault, words.say("sante_journaux_faire"))
    if not faults:
        yield Finding("journaux", Health.SOUND, words.say("sante_journaux", ou=journals.storage()))


def _disk(settings: Settings, words: Words) -> Iterator[Finding]:
    left = room(settings)
    free, need = words.number(left.libre >> 20), words.number(left.besoin >> 20)
    said = words.say("sante_disque", dossier=left.dossier, libre=free, besoin=need)
    state = Health.FAULT if left.short else Health.WATCH if left.tight else Health.SOUND
    remedy = words.say("sante_disque_temporaire_faire" if left.temporary else "sante_disque_faire")
    yield Finding("disque", state, said, remedy if left.tight else "")


# what can be looked at where the programme cannot be read
_EVERYWHERE: dict[str, Check] = {
    "cle": _key,
    "dossiers": folders,
    "liens": links,
    "editions": editions,
    "imprimes": printed,
    "lecteurs": readers,
    "disque": _disk,
}
_ALL: dict[str, Check] = {
    "nom": _renamed,
    "partage": _shared,
    "regles": rules,
    "reglages": variables,
    "cle": _key,
    "dossiers": folders,
    "liens": links,
    "editions": editions,
    "imprimes": printed,
    "lecteurs": readers,
    # before what reads the register too: it is told under what nothing makes again
    "irremplacable": irreplaceable,
    "lac": lake,
    "livraisons": deliveries,
    "journaux": _journals,
    "disque": _disk,
    "execution": last_run,
    "sauvegarde": backup,
    "horloge": clock,
}
