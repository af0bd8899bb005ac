"""What the command line says of a run, of the editions kept, and of what changes from one to another."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Table

from orchestration.depots.fetching import Passage
from orchestration.errors import PublicationRefused
from orchestration.extracts.gates import fate
from orchestration.extracts.ingest import REMEDY, failed
from orchestration.extracts.inventory import Inventory
from orchestration.extracts.lake import Lake
from orchestration.extracts.records import ACCEPTED, REFUSED, SCORES, WITHDRAWN, Record
from orchestration.extracts.score_waves import waves_of_scores
from orchestration.operation.attentions import untold
from orchestration.operation.outcomes import is_moment, moment
from orchestration.programme import Programme
from orchestration.programme.dispositifs import dispositifs, principal_waves
from orchestration.programme.texts import capped
from orchestration.programme.vocabulary import words_of
from orchestration.publication.aside import unwanted
from orchestration.publication.changes import Changes, changes, release_note
from orchestration.publication.currency import is_whole
from orchestration.publication.editions import CHECKS, DATABASE, ENTRANCE, Editions
from orchestration.publication.lost import LEAFLETS
from orchestration.publication.numbers import is_final, wave_of
from orchestration.publication.whole import closed
from orchestration.reporting.printed import LETTER
from orchestration.runs import Outcome
from orchestration.settings import Settings
from orchestration.words import Words

# what participations.csv and the coverage say of an organisme whose delivery is waited for
EXPECTED = "attendu"
# organismes that are named before the others are only counted
LISTED = 20
# what a run counts, wave by wave, and what of it a terminal narrower than `_WIDE` has room for
_COUNTS = ("livraisons", "organismes", "entretiens", "lues", "rejetees", "remplacees")
_FEW_COUNTS = ("organismes", "entretiens")
_WIDE = 72
# the columns of the list of editions
EDITION_COLUMNS = ("edition", "vague", "publiee_le", "courante", "definitive", "ecartee", "gardee", "abimee")
# deliveries of a kind that a run tells before the others are only counted: its end is to fit a screen
_TOLD = 5


def print_summary(out: Console, programme: Programme, outcome: Outcome) -> None:
    """Prints what a run did: waves, organismes, interviews, rejects, and where to look."""
    words, settings = words_of(programme.config), programme.settings
    out.print(f"\n[bold]{programme.config.nom}[/]")
    if programme.config.demonstration:
        out.print(f"[yellow]{escape(words.say('donnees_fictives'))}[/]")
    state = words.say("edition_publiee", n=outcome.read) if outcome.new else escape(str(outcome.unchanged))
    edition = f"[bold]{outcome.edition}[/]"
    out.print(words.say("edition_etat", edition=edition, etat=f"{state[0].lower()}{state[1:]}"), soft_wrap=True)
    named = _COUNTS if out.width >= _WIDE else _FEW_COUNTS
    table = _table(*(words.said[name] for name in ("vague", *named)))
    alone = waves_of_scores(outcome.inventory, programme)
    for wave in principal_waves(programme):
        counts = _counts(outcome.inventory, {wave}, alone)
        table.add_row(wave, *(words.number(counts[name]) for name in named))
    out.print(table)
    for other in (one for one in dispositifs(programme) if not one.principal):
        counts = _counts(outcome.inventory, other.waves, alone)
        said = words.say(
            "autre_dispositif",
            dispositif=other.label,
            n=len(other.waves),
            livraisons=words.number(counts["livraisons"]),
            entretiens=words.number(counts["entretiens"]),
            rejetees=words.number(counts["rejetees"]),
        )
        out.print(escape(said), soft_wrap=True)
    print_missing(out, words, programme, outcome.inventory, most=_TOLD)
    _print_warnings(out, words, settings)
    lake = Lake(programme.root)
    for name, path in (
        ("base_publiee", settings.published / ENTRANCE),
        ("rapport", settings.reports / "courant" / "index.html"),
        ("lettre", settings.reports / "courant" / LETTER),
        ("organismes", settings.published / "organismes"),
        ("livrets", settings.published / LEAFLETS / "courant"),
        ("rejets", lake.root / "quarantine"),
    ):
        out.print(f"{words.said[name]:<11} {escape(str(path))}", soft_wrap=True)


def _counts(inventory: Inventory, waves: Collection[str], alone: Collection[str]) -> dict[str, int]:
    """Returns what was read of some waves, and what became of it; `alone` are those of scores without answers."""
    records = [r for r in inventory.records if r.vague in waves]
    kept = [lot for (wave, _), (_, lot) in inventory.election.elected.items() if wave in waves]
    scored = {key: lot for key, (_, lot) in inventory.election.scores.items() if key[0] in waves}
    superseded = sum(inventory.superseded(r) for r in records)
    # what a refused lot accepted counts for nothing
    accepted = sum(lot.lignes_acceptees for lot in (*kept, *scored.values()))
    covered = {o for w, o in inventory.election.elected if w in waves and w not in alone}
    return {
        "livraisons": len(records),
        "organismes": len(covered | {o for w, o in scored if w in alone}),
        "entretiens": sum(lot.interviews for lot in kept),
        "lues": sum(r.lignes_lues for r in records),
        "rejetees": sum(r.lignes_lues for r in records) - accepted - superseded,
        "remplacees": superseded,
    }


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column(first, overflow="fold")
    for title in others:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def print_missing(
    out: Console,
    words: Words,
    programme: Programme,
    inventory: Inventory,
    told: Mapping[str, str] | None = None,
    most: int | None = None,
    others: str = "alerte_refus_autres",
) -> None:
    """Prints what an operator has to do something about: missing, refused, held back, out of place.

    Args:
        out: where to.
        words: the programme's.
        programme: whose organismes are expected.
        inventory: what was delivered.
        told: organismes that were said to be missing, and their status: those that still are, are not said again.
        most: how many deliveries of a kind are told before the others are only counted; None for all of them.
        others: the name of the sentence that counts them.
    """
    wave = programme.config.vague_courante
    expected = {
        str(r["organisme_code"])
        for r in programme.rows("participations")
        if r["vague"] == wave and r["statut"] == EXPECTED
    }
    # where answers are awaited, scores say nothing of them; where none are, scores are what is awaited
    alone = wave in waves_of_scores(inventory, programme)
    absent = expected - {o for w, o in inventory.election.scores if w == wave and alone}
    absent -= {o for w, o in inventory.election.elected if w == wave}
    lots = [(r, lot) for r in inventory.records if r.vague == wave for lot in r.lots if alone or lot.nature != SCORES]
    refused = {lot.organisme_code or "" for r, lot in lots if r.livraison not in inventory.withdrawn}
    taken_back = {lot.organisme_code or "" for r, lot in lots if r.livraison in inventory.withdrawn} - refused
    # whose answers a file holds is known once it is read
    unread = sum(delivery.wave == wave for delivery in inventory.stale)
    for name, organismes, state in (
        ("attendus_non_lus" if unread else "attendus_non_recus", absent - refused - taken_back, EXPECTED),
        ("attendus_refuses", absent & refused, REFUSED),
        ("attendus_retires", absent & taken_back, WITHDRAWN),
    ):
        if found := sorted(organismes - {code for code, said in (told or {}).items() if said == state}):
            said = words.say(name, vague=wave, organismes=capped(found, most=LISTED), n=unread)
            out.print(f"[yellow]{escape(said)}[/]", soft_wrap=True)
    shown: Counter[str] = Counter()
    for colour, name, said in _troubles(words, programme, inventory):
        shown[name] += 1
        if most is None or shown[name] <= most:
            tell(out, words, colour, name, said)
    if left := sum(max(0, n - most) for n in shown.values()) if most is not None else 0:
        out.print(escape(words.say(others, n=left)), soft_wrap=True)
    for failure in untold(programme.settings):
        out.print(f"[yellow]{escape(failure)}[/]", soft_wrap=True)
    print_stray(out, words, inventory.stray)


def print_passage(out: Console, err: Console, words: Words, passage: Passage) -> None:
    """Prints what came of a passage at a depot: on `out` what arrived, on `err` what did not and what to do."""
    arrived, moving, known = len(passage.arrived), len(passage.moving), passage.known
    said = words.say("depot_releve", depot=passage.depot, arrives=arrived, envoi=moving, connus=known)
    out.print(escape(said), soft_wrap=True)
    for name in passage.arrived:
        out.print(f"  {escape(name)}", soft_wrap=True)
    for place, reason in passage.refused.items():
        said = words.say("deux_points", nom=f"{passage.depot}, {place}", valeur=reason)
        tell(err, words, "yellow", "depot_fichier_refuse", said)
    for failure in passage.failures:
        tell(err, words, "red", "depot_non_releve", words.say("deux_points", nom=passage.depot, valeur=failure))


def print_stray(out: Console, words: Words, names: Sequence[str]) -> None:
    """Prints the files that lie in no wave's folder, and what to do with them; nothing where there is none."""
    if names:
        remedy = words.say("hors_dossier_remede", fichiers=capped(names))
        out.print(f"[yellow]{escape(words.say('hors_dossier'))}[/]{escape(remedy)}", soft_wrap=True)


def tell(out: Console, words: Words, colour: str, name: str, said: str) -> None:
    """Prints a word in colour, and after it what it is said of."""
    word = f"[{colour}]{escape(words.said[name])}[/]"
    out.print(words.say("deux_points", nom=word, valeur=escape(said)), soft_wrap=True)


def _troubles(words: Words, programme: Programme, inventory: Inventory) -> Iterator[tuple[str, str, str]]:
    """Yields what is to be told of deliveries: a colour, the name of the word that begins it, and what is said."""
    for delivery in inventory.stale:
        if reason := failed(delivery, programme):
            said = words.say("deux_points", nom=delivery.place, valeur=f"{reason} ; {REMEDY}")
            yield "red", "livraison_non_lue", f"{said}."
        elif told := delivery.told_unread(programme):
            yield "red", "livraison_refusee", told
    for record in inventory.records:
        if record.livraison in inventory.withdrawn:
            continue
        if record.statut == REFUSED:
            yield "red", "livraison_refusee", record.told(record.motif)
        else:
            yield from _fates(words, record, inventory)
        for lot in record.lots:
            key = record.livraison, lot.organisme_code or ""
            for notes, name in (
                (inventory.election.held, "lot_non_retenu"),
                (inventory.election.uncertain, "lot_a_verifier"),
            ):
                if key in notes:
                    lot_name = f"{record.fichier}, {lot.organisme_code}"
                    said = words.say("deux_points", nom=lot_name, valeur=notes[key])
                    yield "yellow", name, f"{said}."


def _fates(words: Words, record: Record, inventory: Inventory) -> Iterator[tuple[str, str, str]]:
    for lot in record.lots:
        status, reason = fate(record, lot, inventory)
        if status == ACCEPTED:
            continue
        organisme = lot.organisme_code or words.say("organisme_inconnu")
        said = words.say("deux_points", nom=f"{record.fichier}, {organisme}", valeur=reason)
        yield ("red", "lot_refuse", said) if status == REFUSED else ("yellow", "lot_reserve", said)


def _print_warnings(out: Console, words: Words, settings: Settings) -> None:
    """Prints the expectations that the published edition does not meet, and is published with."""
    editions = Editions(settings.published)
    path = editions.folder(str(editions.current())) / CHECKS / "candidat.json"
    if path.is_file():
        for check in json.loads(path.read_text(encoding="utf-8")):
            if not check["tenue"]:
                said = words.say("attente_dite", suite=check["suite"], raison=check["raison"], n=check["cas"])
                tell(out, words, "yellow", "attente_a_relire", said)


def changes_between(settings: Settings, old: str, new: str) -> Changes:
    """Returns what changes from one edition to another, and why.

    Args:
        settings: the programme's folders.
        old: number of the older edition.
        new: number of the newer one.
    """
    editions = Editions(settings.published)
    for edition in (old, new):
        editions.check(edition)
    return changes(editions.folder(old) / DATABASE, editions.folder(new) / DATABASE, Lake(settings.root))


def print_diff(out: Console, found: Changes) -> None:
    """Prints what changes from one edition to another as the note that an edition carries."""
    out.print(Markdown(release_note(found)))


def editions_of(programme: Programme) -> tuple[list[dict[str, str | bool]], PublicationRefused | None]:
    """Returns the editions in the store, oldest first: number, wave, when it was made, and what it is to readers.

    Where the list of those that were set aside is damaged, that is returned too: of each edition it is left blank. That
    an edition cannot be opened for want of rights is returned as well.
    """
    published = programme.settings.published
    editions, aside, damage = Editions(published), set[str](), None
    try:
        aside = unwanted(published)
    except PublicationRefused as error:
        damage = error
    known = damage is None
    if shut := editions.closed():
        damage = damage or closed(shut[0])
    current, lasting = editions.current(), editions.lasting(aside)
    found: list[dict[str, str | bool]] = [
        {
            "edition": name,
            "vague": wave_of(name),
            "publiee_le": made,
            "courante": name == current,
            "definitive": is_final(name),
            "ecartee": name in aside if known else "",
            "gardee": name in lasting,
            "abimee": not made or not is_whole(editions, name),
        }
        for name, made in ((name, _made(editions, name)) for name in editions.names())
    ]
    return found, damage


def _made(editions: Editions, edition: str) -> str:
    """Returns when an edition was made; nothing where its manifest is damaged, which hides no other."""
    try:
        said = str(editions.manifest(edition).get("publiee_le", ""))
    except PublicationRefused:
        return ""
    return said if is_moment(f"{said}+00:00") else ""


def print_editions(out: Console, words: Words, editions: list[dict[str, str | bool]]) -> None:
    """Prints the editions as a table; a truth is the word of its column.

    A narrow terminal has no room for the wave, which the edition's name begins with, nor for the day.
    """
    table, wide = Table(box=None, header_style="dim", pad_edge=False), out.width >= _WIDE
    for title in ("edition", "vague", "publiee_le", "etat_edition") if wide else ("edition", "etat_edition"):
        table.add_column(words.said[title], overflow="fold")
    for row in editions:
        kinds = ["definitive" if row["definitive"] else "provisoire"]
        kinds += [name for name in ("courante", "ecartee", "gardee", "abimee") if row[name]]
        said = ", ".join(words.said[f"est_{kind}"] for kind in kinds)
        made = moment(f"{row['publiee_le']}+00:00") if row["publiee_le"] else ""
        more = (escape(str(row["vague"])), made) if wide else ()
        table.add_row(escape(str(row["edition"])), *more, escape(said))
    out.print(table)
