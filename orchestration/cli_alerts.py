"""`observatoire alert`: tries the ways in which somebody will be told of failures and of missed nights."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from orchestration.cli_contract import Data, out

alerts = typer.Typer()


@alerts.command()
def alert(
    battement: Annotated[
        bool, typer.Option("--battement", help="Envoie aussi un battement, qui vaut une nuit réussie.")
    ] = False,
    data: Data = None,
) -> None:
    """Envoie un message d'essai là où échecs et livraisons refusées seront dits."""
    from orchestration.errors import PublicationRefused
    from orchestration.operation.alerts import send, trial_message
    from orchestration.operation.beat import BEAT, beat
    from orchestration.settings import Settings, default_root

    settings = Settings((data or default_root()).resolve())
    sending = send(trial_message(settings))
    if sending is not None and not sending.sent:
        raise PublicationRefused(sending.sentence)
    monitored = bool(os.environ.get(BEAT))
    if sending is None and not monitored:
        raise PublicationRefused("personne à prévenir : aucune variable OBSERVATOIRE_ALERTE_… n'est définie.")
    if sending is not None:
        out.print(sending.sentence)
    if monitored and not battement:
        out.print(
            f"{BEAT} est définie et n'est pas essayée : un battement vaut une nuit réussie ;"
            " « observatoire alert --battement » l'envoie.",
            soft_wrap=True,
        )
    elif battement:
        beaten = beat(settings) or f"Battement non envoyé : {BEAT} n'est pas définie ; la définir."
        if not beaten.startswith("Battement envoyé"):
            raise PublicationRefused(beaten)
        out.print(beaten)
