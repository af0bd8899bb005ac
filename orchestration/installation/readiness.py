"""Whether the next night has what it needs: rules that hold, usable variables, and what nothing can make again.

Nothing is sent, fetched or written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from orchestration.depots.journal import arrivals
from orchestration.errors import ObservatoireError
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.decision_lists import decision_faults, told
from orchestration.extracts.inventory import ARRIVALS
from orchestration.extracts.lake import Lake
from orchestration.extracts.planning import plan_faults
from orchestration.extracts.pseudonyms import key_fingerprint
from orchestration.extracts.readers.limits import variables_fault
from orchestration.extracts.receptions import REGISTER
from orchestration.given import given_secret
from orchestration.installation.findings import Finding, Health, refused, some, taking_back
from orchestration.installation.inputs import out_of_order
from orchestration.operation.alerts import ways_faults
from orchestration.operation.beat import address_fault
from orchestration.operation.warehouse import memory_fault
from orchestration.plausibility.suites import own_thresholds
from orchestration.programme import Programme, load_programme
from orchestration.programme.check import check_programme
from orchestration.publication.editions import Editions
from orchestration.publication.lists import contracts_gone, vanished
from orchestration.publication.lost import APPORTS
from orchestration.publication.memory import forgotten
from orchestration.settings import Settings
from orchestration.words import Words


def programme_faults(programme: Programme) -> list[str]:
    """Returns what is wrong with reference data, contracts and plans, as `observatoire check` says it."""
    if faults := list(map(str, check_programme(programme))):
        return faults
    contracts = load_contracts(programme)
    faults = [*map(str, contracts.faults), *plan_faults(programme, contracts)]
    try:
        own_thresholds(programme)
    except ObservatoireError as error:
        faults.append(str(error))
    return faults


def rules(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields whether reference data and contracts hold, and the lists of decisions, which name what is in them."""
    programme = load_programme(settings.root)
    if faults := programme_faults(programme):
        said = words.say("sante_regles_fautives", n=len(faults), faute=faults[0])
        remedy = words.say("sante_regles_faire", commande=taking_back(words, "reference", "…"))
        yield Finding("regles", Health.FAULT, said, remedy)
    elif wrong := told(decision_faults(programme)):
        yield refused("regles", Health.FAULT, wrong, words)
    elif gone := contracts_gone(settings):
        said = words.say("sante_contrats", fichiers=some(gone), n=len(gone))
        remedy = words.say("sante_contrats_faire", commande=taking_back(words, gone[0]))
        yield Finding("regles", Health.WATCH, said, remedy)
    else:
        yield Finding("regles", Health.SOUND, words.say("sante_regles"))


def variables(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields whether the variables of the environment can be used; nothing is sent to try them."""
    stops = [fault for fault in (variables_fault(), memory_fault()) if fault]
    lacking = [fault for fault in (*ways_faults(os.environ), address_fault(os.environ)) if fault]
    for depot in load_programme(settings.root).config.depots:
        names = (depot.identifiant, depot.mot_de_passe, depot.cle_privee, depot.phrase_de_passe)
        absent = [name for name in names if name and given_secret(name) is None]
        if absent:
            lacking.append(words.say("sante_depot", depot=depot.nom, variables=", ".join(absent)))
    remedy = words.say("sante_reglages_faire")
    yield from (Finding("reglages", Health.FAULT, fault, remedy) for fault in stops)
    yield from (Finding("reglages", Health.WATCH, fault, remedy) for fault in lacking)
    if not stops and not lacking:
        yield Finding("reglages", Health.SOUND, words.say("sante_reglages"))


def irreplaceable(settings: Settings, words: Words) -> Iterator[Finding]:
    """Yields whether what nothing makes again is there: order of files, decisions, what editions are compared by."""
    lake, editions, found = Lake(settings.root), Editions(settings.published), list[Finding]()

    def lacking(said: str, *place: str, state: Health = Health.FAULT) -> Finding:
        remedy = words.say("sante_irremplacable_faire", commande=taking_back(words, *place))
        return Finding("irremplacable", state, said, remedy)

    current, register = editions.current(), lake.landing / REGISTER
    if current is not None and not register.is_file():
        found.append(lacking(words.say("sante_receptions", fichier=register), "landing", REGISTER))
    elif moved := out_of_order(load_programme(settings.root)):
        said = words.say("sante_receptions_autres", registre=register, fichiers=some(moved), n=len(moved))
        remedy = words.say("sante_receptions_faire", commande=taking_back(words, "landing", REGISTER))
        found.append(Finding("irremplacable", Health.FAULT, said, remedy))
    for listed in vanished(settings):
        said = words.say("sante_decisions", fichier=settings.root / listed, edition=current)
        remedy = words.say("sante_decisions_faire", commande=taking_back(words, listed))
        found.append(Finding("irremplacable", Health.FAULT, said, remedy))
    for name in forgotten(lake, editions):
        state, place = Health.FAULT if name == current else Health.WATCH, (*APPORTS.parts, f"{name}.json")
        found.append(lacking(words.say("sante_apports", edition=name), *place, state=state))
    try:
        arrivals(lake.landing)
    except ObservatoireError as error:
        found.append(lacking(str(error), "landing", ARRIVALS))
    yield from found
    if not found:
        yield Finding("irremplacable", Health.SOUND, words.say("sante_irremplacable"))


def other_key(settings: Settings) -> bool:
    """Returns whether what is read was read under another key than the one that is given now."""
    now = key_fingerprint()
    return bool(now) and any(key not in ("", now) for key in _keys_read(Lake(settings.root)))


def _keys_read(lake: Lake) -> Iterator[str]:
    for path in lake.registry.glob("*.json"):
        try:
            yield str(json.loads(path.read_text(encoding="utf-8"))["empreinte_extraction"]).rpartition(".")[2]
        except (OSError, ValueError, TypeError, KeyError):
            continue  # the next run reads its delivery again
