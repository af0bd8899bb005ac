"""Tells somebody that a run did not publish, or that deliveries are refused: by webhook, mail or both, or nobody.

The environment says who is told. The message says what happened, why, what readers see meanwhile, and where to look. An
alert that cannot be sent does not fail the run; the run's output says that it was not sent.
"""

from __future__ import annotations

import json
import os
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any
from urllib.parse import SplitResult, unquote

from orchestration.errors import ObservatoireError
from orchestration.extracts.personal_data import masked
from orchestration.operation import web
from orchestration.operation.outcomes import LastRun, RunState, last_run, moment, note_alert, now
from orchestration.patience import in_time
from orchestration.programme import load_programme
from orchestration.programme.vocabulary import vocabulary_faults, words_of
from orchestration.publication.editions import Editions
from orchestration.settings import Settings
from orchestration.words import REFERENCE, Words

WEBHOOK, MAIL, SENDER, RECIPIENTS = (f"OBSERVATOIRE_ALERTE_{n}" for n in ("WEBHOOK", "SMTP", "DE", "A"))
# the address at which the person who repairs a run reaches Dagster's pages
PAGES = "OBSERVATOIRE_INTERFACE"
# of a longer list of deliveries, the rest is counted
_LISTED = 20


@dataclass(frozen=True)
class Message:
    """What is told, and the same as data.

    Attributes:
        subject: one line.
        text: the whole, some lines.
        data: programme, run, reason, edition and page, for a webhook.
    """

    subject: str
    text: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Sending:
    """What became of an alert: whether everybody who is to be told was, and the same as a French sentence."""

    sent: bool
    sentence: str


def message_of(last: LastRun, settings: Settings, environment: Mapping[str, str] = os.environ) -> Message:
    """Returns what is told of a run that did not publish; nothing personal in it."""
    code, name, fictitious, words = _identity(settings)
    reason = masked(last.phrase)
    pages = environment.get(PAGES, "").rstrip("/")
    page = f"{pages}/runs/{last.execution}" if pages and last.execution else pages or None
    what = words.say("alerte_quoi", programme=name, debut=moment(last.debut))
    said = {"programme": code, "debut": last.debut, "execution": last.execution, "motif": reason, "page": page}
    why = [words.say("alerte_pourquoi", raison=reason)]
    return _message(words.say("alerte_objet", programme=name), what, why, said, settings, words, fictitious=fictitious)


def trial_message(settings: Settings, environment: Mapping[str, str] = os.environ) -> Message:
    """Returns what is sent to try the ways: from its heading on, it says that it is a trial."""
    code, name, fictitious, words = _identity(settings)
    what, page = words.say("alerte_quoi_essai", programme=name), environment.get(PAGES, "").rstrip("/") or None
    said = {"programme": code, "motif": what, "essai": True, "page": page}
    subject, why = words.say("alerte_objet_essai", programme=name), [words.say("alerte_faire_essai")]
    return _message(subject, what, why, said, settings, words, fictitious=fictitious)


def listed_message(
    kind: str, refused: Mapping[str, str], settings: Settings, environment: Mapping[str, str] = os.environ
) -> Message:
    """Returns what is told of several things at once; nothing personal in it.

    Args:
        kind: what they are: `refus`, deliveries that are refused; `depots`, what could not be fetched; `sauvegarde`,
            backups that were not made; `attention`, what asks for a person and stops nothing.
        refused: by name, why.
        settings: the programme's folders.
        environment: where pages are.
    """
    code, name, fictitious, words = _identity(settings)
    reasons = {delivery: masked(reason) for delivery, reason in refused.items()}
    page = environment.get(PAGES, "").rstrip("/") or None
    what = words.say(f"alerte_{kind}_quoi", programme=name, n=len(reasons))
    why = [f"- {words.say('deux_points', nom=delivery, valeur=why)}" for delivery, why in reasons.items()]
    if len(why) > _LISTED:
        why = [*why[:_LISTED], f"- {words.say('alerte_refus_autres', n=len(why) - _LISTED)}"]
    why += ["", words.say(f"alerte_{kind}_faire")]
    # as many as the text lists: messengers refuse a message that is too long, and it would never go out
    refusals = [{"fichier": delivery, "motif": reason} for delivery, reason in list(reasons.items())[:_LISTED]]
    said = {"programme": code, "motif": what, "nombre": len(reasons), kind: refusals, "page": page}
    subject = words.say(f"alerte_{kind}_objet", programme=name, n=len(reasons))
    return _message(subject, what, why, said, settings, words, fictitious=fictitious)


def _message(
    subject: str,
    what: str,
    why: list[str],
    data: dict[str, Any],
    settings: Settings,
    words: Words,
    *,
    fictitious: bool,
) -> Message:
    """Returns a message that ends with what readers see meanwhile and where to look."""
    edition, page = Editions(settings.published).current(), data["page"]
    seen = words.say("alerte_edition", edition=edition) if edition else words.say("alerte_rien")
    where = page + words.say("point_virgule") if page else ""
    lines = [what, *([f"{words.say('demonstration')}."] if fictitious else []), "", *why, ""]
    lines += [words.say("alerte_lecteurs", vu=seen), words.say("alerte_ou", page=where, dossier=settings.root)]
    return Message(subject, "\n".join(lines), data | {"edition": edition})


def _identity(settings: Settings) -> tuple[str, str, bool, Words]:
    """Returns a programme's code, name, whether its figures are invented, and its words; of a damaged one, its folder.

    An alert goes out whatever is wrong with the programme: where its own words cannot be used, the catalogue's serve.
    """
    plain = plain_words()
    try:
        config = load_programme(settings.root).config
    except ObservatoireError:
        return settings.root.name, settings.root.name, False, plain
    faulty = next(vocabulary_faults(config), None) is not None
    return config.programme, config.nom, config.demonstration, plain if faulty else words_of(config)


def plain_words() -> Words:
    """Returns the words in which a programme is told of whose own cannot be used."""
    return Words.in_language(REFERENCE)


def alert(last: LastRun, settings: Settings, environment: Mapping[str, str] = os.environ) -> str | None:
    """Sends the alert about a run wherever the environment says.

    Returns:
        what became of it, in a French sentence; None when nobody is to be told.
    """
    sending = send(message_of(last, settings, environment), environment)
    return sending.sentence if sending else None


def send(message: Message, environment: Mapping[str, str] = os.environ) -> Sending | None:
    """Sends a message wherever the environment says; returns what became of it, None when nobody is to be told."""
    return sending({way: problem(way, message, environment) for way in ways(environment)})


def ways(environment: Mapping[str, str]) -> list[str]:
    """Returns the variables of the ways by which the environment says that somebody is told."""
    return [variable for variable in _WAYS if environment.get(variable)]


def ways_faults(environment: Mapping[str, str]) -> list[str]:
    """Returns why the ways that the environment names can tell nobody, as sentences; nothing is sent."""
    found = []
    for way in ways(environment):
        try:
            web.hold(environment[way]) if way == WEBHOOK else _hold_mail(environment)
        except web.Unusable as error:
            found.append(f"{way} ({error})")
    return found


def problem(way: str, message: Message, environment: Mapping[str, str]) -> str:
    """Sends a message by one way; returns what kept it from going, in a few words, empty where nothing did."""
    try:
        in_time(lambda: _WAYS[way](message, environment), web.WHOLE)
    except Exception as error:
        # Whatever keeps an alert from going keeps nothing else. An address may hold a password or a token: the variable
        # is named, not its value.
        return f"{way} ({_said(error)})"
    return ""


def sending(problems: Mapping[str, str]) -> Sending | None:
    """Returns what became of an alert, from what kept each way from sending it; None where there is no way."""
    if not problems:
        return None
    if found := list(filter(None, problems.values())):
        said = f"Alerte non envoyée : {' ; '.join(found)} ; corriger cette variable, ou ce qu'elle désigne."
        return Sending(False, said)
    return Sending(True, f"Alerte envoyée le {moment(now())}.")


def alert_last(settings: Settings) -> str | None:
    """Sends the alert about the last run, once, and notes what became of it; returns that sentence."""
    last = last_run(settings)
    if last is None or last.etat != RunState.REFUSED or last.alerte is not None:
        return None
    said = alert(last, settings)
    if said is not None:
        note_alert(settings, said)
    return said


def _post(message: Message, environment: Mapping[str, str]) -> None:
    """Posts the message as JSON; `text` is the key that Mattermost, Slack, Teams and Rocket.Chat print."""
    body = json.dumps({"text": f"{message.subject}\n\n{message.text}", **message.data}, ensure_ascii=False)
    web.call(environment[WEBHOOK], body.encode(), {"Content-Type": "application/json"})


def _hold_mail(environment: Mapping[str, str]) -> tuple[SplitResult, str, str]:
    """Returns the server, the sender and the recipients of a mail; raises Unusable where one is missing."""
    place = web.parts_of(environment[MAIL])
    sender, recipients = environment.get(SENDER, ""), environment.get(RECIPIENTS, "")
    if place.scheme not in ("smtp", "smtps") or not place.hostname:
        raise web.Unusable("attendu : smtp://serveur:port ou smtps://serveur:port")
    if not (sender and recipients):
        raise web.Unusable(f"il y faut {SENDER} et {RECIPIENTS}")
    return place, sender, recipients


def _mail(message: Message, environment: Mapping[str, str]) -> None:
    """Sends the message by mail: `smtp://` with STARTTLS where it is offered, `smtps://` with TLS from the start."""
    place, sender, recipients = _hold_mail(environment)
    host = str(place.hostname)
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = message.subject, sender, recipients
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="observatoire.invalid")
    mail.set_content(message.text)
    context = ssl.create_default_context()
    connection = (
        smtplib.SMTP_SSL(host, place.port or 465, timeout=web.SECONDS, context=context)
        if place.scheme == "smtps"
        else smtplib.SMTP(host, place.port or 25, timeout=web.SECONDS)
    )
    with connection:
        connection.ehlo()
        ciphered = place.scheme == "smtps"
        if not ciphered and connection.has_extn("starttls"):
            connection.starttls(context=context)
            ciphered = True
        if place.username:
            if not ciphered:
                raise web.Unusable("le serveur n'offre pas STARTTLS, le mot de passe n'a pas été envoyé")
            connection.login(unquote(place.username), unquote(place.password or ""))
        if refused := connection.send_message(mail):
            raise web.Unusable(f"{len(refused)} destinataires refusés par le serveur")


_WAYS: dict[str, Callable[[Message, Mapping[str, str]], None]] = {WEBHOOK: _post, MAIL: _mail}


def _said(error: Exception) -> str:
    """Returns what went wrong, without what the server quotes of the request."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "destinataires refusés par le serveur"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"réponse {error.smtp_code} du serveur"
    if isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected):
        return "le serveur n'offre aucune manière de s'identifier qui convienne"
    return web.told(error)
