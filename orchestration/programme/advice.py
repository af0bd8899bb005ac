"""What breaks no rule of the reference files, and leaves a programme without figures or without a warning."""

from __future__ import annotations

from collections.abc import Iterator

from orchestration.programme.dispositifs import dispositifs, thresholds_of_dispositif
from orchestration.programme.programme import Programme
from orchestration.programme.texts import counted, percent


def advice(programme: Programme) -> Iterator[str]:
    """Yields what keeps no rule from holding but leaves a programme without figures, in sentences."""
    public = (
        " Si les chiffres des organismes sont publics, le dire par « secret: {organismes_secrets: false} » dans"
        " programme.yaml."
    )
    yield from _crossed(programme)
    for wave in programme.waves:
        told = [r for r in programme.rows("participations") if r["vague"] == wave and r["statut"] == "attendu"]
        if not told and programme.planned(wave):
            yield (
                f"{wave} : participations.csv n'attend aucun organisme, et le plan de sondage en a : rien ne dirait"
                " qu'il en manque un ; les y écrire."
            )
        if told and programme.config.secret.organismes_secrets and (said := _too_few(programme, wave, len(told))):
            yield f"{wave} : {said} : aucun résultat régional ne pourra être publié.{public}"
        aimed = [int(r["entretiens_vises"] or 0) for r in programme.rows("plan_sondage") if r["vague"] == wave]
        least = programme.thresholds.base_minimale
        if aimed and all(aimed) and sum(aimed) < least:
            yield (
                f"{wave} : {counted(sum(aimed), 'entretien')} au plan de sondage, moins que base_minimale ({least}) :"
                " aucun résultat ne pourra être publié ; baisser ce seuil, ou viser plus d'entretiens."
            )


def _crossed(programme: Programme) -> Iterator[str]:
    """Yields the pairs of thresholds of which the one to be crossed first lies beyond the other."""
    held: dict[tuple[float, float], list[str]] = {}
    for one in dispositifs(programme):
        own = thresholds_of_dispositif(programme, one.code)
        # one that has no wave yet is named itself
        held.setdefault((own.rejets_reserve, own.rejets_maximum), []).extend(one.waves or [one.code])
    for (reserve, most), concerned in held.items():
        if reserve > most:
            yield (
                f"{', '.join(concerned)} : rejets_reserve ({percent(reserve)}) dépasse rejets_maximum ({percent(most)})"
                " : une livraison serait refusée avant d'être sous réserve ; baisser le premier, ou relever le second."
            )
    least, frail = programme.thresholds.base_minimale, programme.thresholds.base_fragile
    if frail < least:
        yield (
            f"programme.yaml : base_fragile ({frail}) est sous base_minimale ({least}) : ce qui est montré ne serait"
            " jamais dit fragile ; relever la première, ou baisser la seconde."
        )


def _too_few(programme: Programme, wave: str, expected: int) -> str:
    """Returns why the region's figures would tell an organisme's, which are secret; nothing where they would not."""
    thresholds = programme.thresholds
    if expected < thresholds.organismes_minimum:
        return (
            f"{counted(expected, 'organisme')} en attente de livraison, moins que organismes_minimum"
            f" ({thresholds.organismes_minimum})"
        )
    stocks = {code: sum(strata.values()) for code, strata in programme.planned(wave).items()}
    # one organisme has all of it, whatever its stock; of several, nothing is known where one has no stratum
    largest = 1.0 if expected == 1 else max(stocks.values()) / sum(stocks.values()) if len(stocks) >= expected else 0.0
    if largest < thresholds.dominance_maximum:
        return ""
    name = max(stocks, key=lambda code: stocks[code], default="un seul organisme")
    share, most = percent(largest), percent(thresholds.dominance_maximum)
    return f"{name} a {share} du parc, et dominance_maximum est à {most}"
