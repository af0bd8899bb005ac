"""Which deliveries are read again when somebody asks for one wave, one organisme, or everything."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from orchestration.errors import ProgrammeError
from orchestration.extracts.deliveries import Delivery
from orchestration.extracts.inventory import Inventory
from orchestration.programme import Programme

# a longer list is not read; the codes that look like the one asked for are
_LISTED = 40


def concerned(programme: Programme, inventory: Inventory, wave: str | None, organisme: str | None) -> list[Delivery]:
    """Returns the deliveries that hold answers of a wave and an organisme, current or not.

    A file with several organismes is read as a whole; one whose organisme nobody recognised may be of any.

    Args:
        programme: the programme.
        inventory: what stands in the landing folder.
        wave: code of a wave; None for all.
        organisme: code of an organisme; None for all.

    Raises:
        ProgrammeError: there is no such wave or organisme, or nothing was delivered of it.
    """
    _known("Vague inconnue", wave, programme.waves)
    _known("Organisme inconnu", organisme, sorted({str(r["organisme_code"]) for r in programme.rows("organismes")}))
    lots = {r.livraison: {lot.organisme_code for lot in r.lots} for r in inventory.records}
    repeated = {d.path for d in inventory.repeated}
    found = [
        d
        for d in inventory.deliveries
        if d.path not in repeated
        and wave in (None, d.wave)
        and (organisme is None or not (codes := lots.get(d.id, set()) - {None}) or organisme in codes)
    ]
    if not found:
        what = " ".join([*([f"de {organisme}"] if organisme else []), *([f"en {wave}"] if wave else [])])
        raise ProgrammeError(f"Rien à relire : landing/ n'a aucune livraison {what}".rstrip() + ".")
    return found


def _known(fault: str, asked: str | None, codes: Collection[str]) -> None:
    if asked is None or asked in codes:
        return
    listed = list(codes) if len(codes) <= _LISTED else difflib.get_close_matches(asked, codes, 10, 0.3)
    more = f" (parmi {len(codes)})" if len(listed) < len(codes) else ""
    raise ProgrammeError(f"{fault} : « {asked} » ; le programme connaît {', '.join(listed)}{more}.")
