"""What was done last, and when: the last run, the last backup, and whether the clock agrees with both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from orchestration.errors import ObservatoireError
from orchestration.extracts.inventory import take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.receptions import receptions
from orchestration.installation.backup import last_backup
from orchestration.installation.findings import Finding, Health, refused
from orchestration.installation.holdings import lost_outside
from orchestration.operation.beat import beat_fault
from orchestration.operation.outcomes import RunState, moment
from orchestration.operation.settled import latest, unsettled
from orchestration.programme import load_programme
from orchestration.programme.vocabulary import words_of
from orchestration.settings import Settings
from orchestration.words import Words

# a nightly backup, and the hours that a long one may take
_BACKUP_HOURS = 27
# a clock is never quite that of another machine
_AHEAD = dt.timedelta(hours=1)
# Nights and backups leave traces: after a year without any, nobody works there, or the clock is ahead.
_SILENT = dt.timedelta(days=366)


def last_run(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields what the last run came to, how long ago, and whether its heartbeat was sent."""
    last = latest(settings)
    if last is None:
        yield Finding("execution", Health.WATCH, words.say("sante_aucune_execution"), words.say("sante_relancer"))
        return
    programme, ended = load_programme(settings.root), last.fin or last.debut
    told = moment(ended) if _is_ahead(ended) else f"{moment(ended)}{_age(words, ended)}"
    inventory = take_inventory(programme, looking=True, registering=False)
    if last.etat != RunState.RUNNING and unsettled(last, programme, inventory):
        said = words.say("sante_execution_echouee", fin=told, raison=last.phrase or words.say("execution_arretee"))
        yield Finding("execution", Health.FAULT, said, words.say("sante_execution_faire"))
    else:
        yield Finding("execution", Health.SOUND, words.say("sante_execution", fin=told))
    if (fault := beat_fault(settings)) is not None:
        yield Finding("battement", Health.WATCH, fault, words.say("sante_battement_faire"))


def clock(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields whether this machine's clock disagrees with what was done here: behind it, or years after it."""
    last, saved = latest(settings), last_backup(settings)
    times = [("sante_horloge", last.fin or last.debut)] if last else []
    times += [("sante_horloge_sauvegarde", saved.le)] if saved else []
    ahead = [(name, time) for name, time in times if _is_ahead(time)]
    for name, time in ahead:
        said = words.say(name, debut=moment(time), horloge=moment(_now().isoformat()))
        yield Finding("horloge", Health.WATCH, said, words.say("sante_horloge_faire"))
    traces = [dt.datetime.fromisoformat(time) for _, time in times]
    traces += receptions(Lake(settings.root).landing, []).values()
    if not ahead and traces and (silent := _now() - max(traces)) > _SILENT:
        newest = moment(max(traces).isoformat())
        said = words.say(
            "sante_horloge_avance", debut=newest, n=words.number(silent.days), horloge=moment(_now().isoformat())
        )
        yield Finding("horloge", Health.WATCH, said, words.say("sante_horloge_avance_faire"))


def hold_clock(settings: Settings) -> None:
    """Refuses what goes by age while the clock disagrees with what was done here.

    Raises:
        ObservatoireError: it does; the sentence says how, and what to do.
    """
    words = words_of(load_programme(settings.root).config)
    if (finding := next(clock(settings, words), None)) is not None:
        raise ObservatoireError(words.say("horloge_douteuse", constat=finding.constat, remede=finding.remede))


def backup(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields whether a backup was made not long ago, and is still there; and what none could hold."""
    for lost in lost_outside(settings.root):
        yield refused("sauvegarde", Health.FAULT, lost, words)
    last = last_backup(settings)
    if last is None:
        said = words.say("sante_sans_sauvegarde")
        yield Finding("sauvegarde", Health.WATCH, said, words.say("sante_sauvegarde_faire"))
        return
    gone = Path(last.fichier).is_absolute() and not Path(last.fichier).exists()
    if gone:
        said = words.say("sante_sauvegarde_absente", debut=moment(last.le), fichier=last.fichier)
        yield Finding("sauvegarde", Health.WATCH, said, words.say("sante_sauvegarde_absente_faire"))
        return
    age = "" if _is_ahead(last.le) else _age(words, last.le)
    said = words.say("sante_sauvegarde", debut=f"{moment(last.le)}{age}", fichier=last.fichier)
    if _since(last.le) > dt.timedelta(hours=_BACKUP_HOURS):
        late = words.say("sante_sauvegarde_tarde", sauvegarde=said)
        yield Finding("sauvegarde", Health.WATCH, late, words.say("sante_sauvegarde_faire"))
    elif last.laisses:
        lacking = words.say("sante_sauvegarde_partielle", sauvegarde=said, n=last.laisses)
        yield Finding("sauvegarde", Health.WATCH, lacking, words.say("sante_sauvegarde_faire"))
    else:
        # of one from a time that has not come, the clock tells
        yield Finding("sauvegarde", Health.SOUND, said)


def _age(words: Words, time: str) -> str:
    since = _since(time)
    name, n = ("age_jours", since.days) if since.days >= 2 else ("age_heures", int(since.total_seconds() // 3600))
    return f" ({words.say(name, n=words.number(n))})"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _since(time: str) -> dt.timedelta:
    return _now() - dt.datetime.fromisoformat(time)


def _is_ahead(time: str) -> bool:
    return -_since(time) > _AHEAD
