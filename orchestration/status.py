"""The state of a programme, as `observatoire status` tells it: in text, as JSON, and as an exit code for probes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.errors import ObservatoireError
from orchestration.extracts.became import FAILED, JUDGING, REPEATED, WAITING, DeliveryState, deliveries_of
from orchestration.extracts.inventory import Inventory, take_inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.pseudonyms import key_fault
from orchestration.extracts.records import ACCEPTED, REFUSED, RESERVED, WITHDRAWN
from orchestration.extracts.rereading import why_again
from orchestration.extracts.retention import expired
from orchestration.folder import misplaced
from orchestration.installation.backup import last_backup
from orchestration.installation.inputs import gone
from orchestration.installation.readiness import programme_faults
from orchestration.installation.upkeep import idle_withdrawals, print_idle, print_key, print_rereading, print_room
from orchestration.operation.arrivals import last_troubles
from orchestration.operation.attentions import untold
from orchestration.operation.beat import beat_fault
from orchestration.operation.locks import holder
from orchestration.operation.outcomes import LastRun, RunState, moment
from orchestration.operation.room import Room, room
from orchestration.operation.settled import latest, unsettled
from orchestration.programme import Programme
from orchestration.programme.texts import capped
from orchestration.programme.vocabulary import words_of
from orchestration.publication.currency import NOTHING_NEW, nothing_to_publish
from orchestration.publication.editions import DATABASE, Editions
from orchestration.publication.lists import vanished
from orchestration.publication.lost import landing_lost, lost
from orchestration.publication.naming import SCHEMA
from orchestration.summary import EXPECTED, LISTED, print_missing, tell
from orchestration.words import Words

# the colour of a delivery's state, and the name of its word
_STATES = {
    ACCEPTED: ("green", "acceptee"),
    RESERVED: ("yellow", "avec_reserve"),
    REFUSED: ("red", "refusee"),
    WITHDRAWN: ("yellow", "retiree"),
    REPEATED: ("default", "deja_recue"),
    WAITING: ("default", "a_lire"),
    FAILED: ("default", "a_lire"),
    JUDGING: ("default", "a_juger"),
}
# the states that ask nothing of anybody
_SETTLED = (ACCEPTED, REPEATED)
# a terminal narrower than this has no room for the contract's name
_WIDE = 100
# one narrower than this has no room for the numbers: the names and what became of them come first
_COUNTED = 72
# deliveries that a terminal shows, those that ask for somebody first; a pipe and JSON have them all
_SHOWN = 40
# deliveries of a kind whose reason it tells
_TOLD = 20


@dataclass(frozen=True)
class State:
    """The state of a programme.

    Attributes:
        programme: the programme.
        inventory: its deliveries as they stand.
        edition: the one readers see; None before the first.
        last: what the last run came to; `interrompue` where it was killed.
        unsettled: whether that still matters: once the edition is made from what lies there, it does not.
        coverage: code, status, reason and share of the stock of each organisme of the current wave in the edition.
        faults: what is wrong with reference data and contracts, as `observatoire check` says it.
        unreadable: why the edition cannot be read; empty where it can.
        room: the disk with the least room.
        surplus: how many files and folders a purge would delete.
        gone: deliveries that the edition was made from and that are no longer in `landing/`.
        withheld: why nothing is published although the edition is made from something else: a rollback set it aside.
    """

    programme: Programme
    inventory: Inventory
    edition: str | None
    last: LastRun | None
    unsettled: bool
    coverage: list[tuple[str, str, str, float | None]]
    faults: list[str]
    unreadable: str
    room: Room
    surplus: int
    gone: list[str]
    withheld: str

    @property
    def sound(self) -> bool:
        """Whether rules hold, readers can read the edition, and the last run published, works or no longer matters."""
        refused = self.last is not None and self.unsettled and self.last.etat != RunState.RUNNING
        return not refused and not self.unreadable and not self.faults

    @property
    def code(self) -> int:
        """The exit code for a probe: 1 where the installation is not sound, 3 where something asks for a person."""
        if not self.sound:
            return 1
        settings = self.programme.settings
        refusals = {d.statut for d in deliveries_of(self.inventory, self.programme)} & {REFUSED, FAILED}
        asking = (
            refusals, self.gone, self.vanished, self.inventory.stray, last_troubles(settings), untold(settings),
            beat_fault(settings), self.room.tight, key_fault(),
        )  # fmt: skip
        return 3 if any(asking) else 0

    @property
    def vanished(self) -> list[str]:
        """The lists of decisions that the edition was made with and that are gone."""
        return vanished(self.programme.settings)

    @property
    def covered(self) -> float:
        """Which share of the expected stock the edition covers in the current wave."""
        return sum(share or 0 for _, state, _, share in self.coverage if state in ("inclus", "reserve"))

    @property
    def missing(self) -> list[tuple[str, str, str, float | None]]:
        """The rows of the coverage that say that an organisme is missing."""
        return [row for row in self.coverage if row[1] in (EXPECTED, REFUSED)]


def state_of(programme: Programme) -> State:
    """Returns the state of a programme, as its files stand now."""
    inventory, editions = take_inventory(programme, looking=True), Editions(programme.settings.published)
    edition, last = editions.current(), latest(programme.settings)
    coverage, unreadable, words = [], "", words_of(programme.config)
    if edition is not None:
        database = editions.folder(edition) / DATABASE
        try:
            coverage = _coverage(programme, database)
        except duckdb.Error:
            unreadable = words.say("edition_ne_s_ouvre_pas", chemin=database)
    elif editions.names() or _were_seen(programme):
        unreadable = words.say("edition_disparue", dossier=editions.store)
    surplus = sum(1 for _ in expired(Lake(programme.root), inventory, programme.thresholds.quarantaine_jours))
    matters = unsettled(last, programme, inventory)
    left, away = room(programme.settings), [] if unreadable else gone(programme)
    faults, held = [*misplaced(programme.root), *programme_faults(programme)], ""
    try:
        told = nothing_to_publish(programme, inventory)
        held = told if told is not None and told != NOTHING_NEW else ""
    except ObservatoireError as error:
        # a list of editions that is damaged stops every run
        faults.append(str(error))
    return State(programme, inventory, edition, last, matters, coverage, faults, unreadable, left, surplus, away, held)


# what `as_json` says where the state cannot be told: all but the fault is unknown
UNKNOWN = (
    "programme", "sain", "code", "edition", "edition_illisible", "fautes", "publication_retenue", "derniere_execution",
    "couverture", "livraisons", "disparues", "decisions_disparues", "retraits_sans_livraison", "hors_dossier", "depots",
    "disque", "retention", "sauvegarde", "battement", "cle", "a_relire",
)  # fmt: skip


def fault_as_json(fault: str) -> dict[str, Any]:
    """Returns why the state of a programme cannot be told, under the keys of `as_json`."""
    return dict.fromkeys(UNKNOWN) | {"sain": False, "code": 1, "fautes": [fault]}


def as_json(state: State) -> dict[str, Any]:
    """Returns the state as JSON-ready data; what the keys mean is in the guide."""
    last = asdict(state.last) | {"reglee": not state.unsettled} if state.last else None
    covered = {
        "vague": state.programme.config.vague_courante,
        "part": state.covered,
        "manquent": [
            dict(zip(("organisme", "statut", "motif", "part_parc"), row, strict=True)) for row in state.missing
        ],
    }
    settings, saved = state.programme.settings, last_backup(state.programme.settings)
    return {
        "programme": state.programme.config.programme,
        "sain": state.sound,
        "code": state.code,
        "edition": state.edition,
        "edition_illisible": state.unreadable or None,
        "fautes": state.faults,
        "publication_retenue": state.withheld or None,
        "derniere_execution": last,
        "couverture": covered if state.coverage else None,
        "livraisons": [asdict(d) for d in deliveries_of(state.inventory, state.programme)],
        "disparues": state.gone,
        "decisions_disparues": state.vanished,
        "retraits_sans_livraison": idle_withdrawals(state.programme, state.inventory),
        "hors_dossier": state.inventory.stray,
        "depots": last_troubles(settings),
        "disque": asdict(state.room) | {"suffit": not state.room.tight},
        "retention": {
            "editions": len(Editions(settings.published).names()),
            "editions_conservees": state.programme.thresholds.editions_conservees,
            "quarantaine_jours": state.programme.thresholds.quarantaine_jours,
            "a_purger": state.surplus,
        },
        "sauvegarde": asdict(saved) if saved else None,
        "battement": beat_fault(settings),
        "cle": key_fault(),
        "a_relire": why_again(state.programme, state.inventory),
    }


def print_status(out: Console, state: State) -> None:
    """Prints each delivery with its outcome, what is waiting, who is missing, and the edition in place."""
    programme, words = state.programme, words_of(state.programme.config)
    out.print(words.say("edition_courante", edition=f"[bold]{state.edition or words.say('aucune_edition')}[/]"))
    for line in told_of_last_run(state):
        out.print(line, soft_wrap=True)
    if state.withheld:
        out.print(f"[yellow]{escape(state.withheld)}[/]", soft_wrap=True)
    print_key(out)
    if state.faults:
        tell(out, words, "red", "programme_fautif", capped(state.faults, most=1))
    if state.unreadable:
        tell(out, words, "red", "edition_illisible", state.unreadable)
    elif state.edition is not None:
        _print_coverage(out, words, state)
    wide, counted = out.width >= _WIDE, out.width >= _COUNTED
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column(words.say("livraison"), overflow="fold", min_width=12)
    if wide:
        table.add_column(words.say("contrat"), overflow="fold")
    table.add_column(words.say("statut"), no_wrap=True)
    for name in ("lues", "acceptees", "rejetees", "en_vigueur") if counted else ():
        table.add_column(words.said[name], justify="right", no_wrap=True)
    found = list(deliveries_of(state.inventory, programme))
    shown = found
    if out.is_terminal and len(found) > _SHOWN:
        first = sorted(range(len(found)), key=lambda rank: found[rank].statut in _SETTLED)[:_SHOWN]
        shown = [found[rank] for rank in sorted(first)]
    for delivery in shown:
        table.add_row(*_cells(delivery, words, wide=wide, counted=counted))
    out.print(table)
    if left := Counter(d.statut for d in found) - Counter(d.statut for d in shown):
        states = (
            words.say("deux_points", nom=words.said[_STATES[s][1]], valeur=words.number(n)) for s, n in left.items()
        )
        said = words.say("livraisons_non_montrees", n=words.number(left.total()), etats=", ".join(states))
        out.print(escape(said), soft_wrap=True)
    if state.gone:
        names, n = capped(state.gone, most=LISTED), words.number(len(state.gone))
        said = words.say("livraisons_disparues", fichiers=names, n=n)
        if landing_lost(programme.settings):
            said = words.say("landing_perdu", dossier=programme.root / "landing")
        out.print(f"[yellow]{escape(said)}[/]", soft_wrap=True)
    if lists := state.vanished:
        out.print(f"[yellow]{escape(words.say('decisions_disparues', fichiers=', '.join(lists)))}[/]", soft_wrap=True)
    print_idle(out, words, programme, state.inventory)
    print_rereading(out, words, programme, state.inventory)
    missing = {code: status for code, status, *_ in state.missing}
    most = _TOLD if out.is_terminal else None
    print_missing(out, words, programme, state.inventory, missing, most, "et_n_autres")
    for name, reason in last_troubles(programme.settings).items():
        tell(out, words, "yellow", "depot_a_voir", words.say("deux_points", nom=name, valeur=reason))
    print_room(out, words, programme, state.room, state.surplus)


def told_of_last_run(state: State) -> Iterator[str]:
    """Yields why the last run published nothing, or that one is under way; nothing once that is settled."""
    last, words = state.last, words_of(state.programme.config)
    if last is None or not state.unsettled:
        return
    begun = moment(last.debut)
    if last.etat == RunState.RUNNING:
        yield escape(words.say("execution_en_cours", debut=begun, processus=holder(state.programme.settings)))
        return
    what = f"[red]{escape(words.say('derniere_execution'))}[/] ({begun})"
    became = last.phrase if last.etat == RunState.REFUSED else words.say("execution_arretee")
    yield words.say("deux_points", nom=what, valeur=escape(became))
    if last.alerte:
        yield escape(last.alerte)


def _cells(delivery: DeliveryState, words: Words, *, wide: bool, counted: bool) -> list[str]:
    colour, name = _STATES[delivery.statut]
    cells = [escape(delivery.fichier), *([delivery.contrat or "—"] if wide else [])]
    cells.append(f"[{colour}]{escape(words.said[name])}[/]")
    if counted and delivery.lots is not None:
        counts = (delivery.lues, delivery.acceptees, delivery.rejetees)
        cells += [*(words.number(n or 0) for n in counts), f"{delivery.en_vigueur}/{delivery.lots}"]
    return cells


def _print_coverage(out: Console, words: Words, state: State) -> None:
    """Prints which share of the expected stock the edition covers in the current wave; who is missing, and why."""
    wave = state.programme.config.vague_courante
    out.print(escape(words.say("couverture_edition", vague=wave, part=words.percent(state.covered))))
    for code, _, reason, share in state.missing[:LISTED]:
        stock = f" ({escape(words.say('part_du_parc', part=words.percent(share)))})" if share else ""
        missed = f"[yellow]{escape(words.say('organisme_manque', organisme=code))}[/]{stock}"
        out.print(words.say("deux_points", nom=missed, valeur=escape(reason)), soft_wrap=True)
    if len(state.missing) > LISTED:
        out.print(escape(words.say("et_n_autres", n=len(state.missing) - LISTED)))


def _were_seen(programme: Programme) -> bool:
    """Returns whether readers saw editions that are gone; where the lists of them are damaged, somebody should look."""
    try:
        return bool(lost(programme.settings))
    except ObservatoireError:
        return True


def _coverage(programme: Programme, database: Path) -> list[tuple[str, str, str, float | None]]:
    with duckdb.connect(str(database), read_only=True) as edition:
        return edition.execute(
            f"select organisme_code, statut, motif, part_parc from {SCHEMA}.obs_couverture where vague = ?"
            " and statut <> 'non_concerne' order by organisme_code",
            [programme.config.vague_courante],
        ).fetchall()
