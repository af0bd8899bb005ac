"""What makes answers differ: organismes, their history, and the segments tenants belong to.

Effects are in units of the latent satisfaction, whose total standard deviation is 1.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.demo.programme import DemoProgramme


def incidence_shifts(programme: DemoProgramme, question: str, organismes: list[str]) -> dict[str, float]:
    """How much more often an organisme's tenants choose the options of a question (probit scale)."""
    sd = float(programme.scenario["effets"]["incidence"])
    return {
        organisme: sd * float(programme.stream("incidence", _root(programme, organisme), question).standard_normal())
        for organisme in organismes
    }


def structure(programme: DemoProgramme, frame: pl.DataFrame, theme: str) -> np.ndarray:
    """Sum of the organisme and segment effects of each row on one theme; an unknown segment has none."""
    vague = str(frame["vague"][0])
    organismes = frame["organisme_code"]
    effects = {organisme: _effect(programme, vague, organisme, theme) for organisme in organismes.unique()}
    total = organismes.replace_strict(effects, return_dtype=pl.Float64).to_numpy().copy()
    for axe, segments in programme.scenario["effets"]["segments"].items():
        shift = {segment: _of_theme(effect, theme) for segment, effect in segments.items()}
        total += frame[axe].replace_strict(shift, default=0.0, return_dtype=pl.Float64).fill_null(0.0).to_numpy()
    return total


def _of_theme(effect: float | dict[str, float], theme: str) -> float:
    return float(effect.get(theme, 0.0)) if isinstance(effect, dict) else float(effect)


def _effect(programme: DemoProgramme, vague: str, organisme: str, theme: str) -> float:
    """Effect of an organisme on a theme in one wave: stable between waves but for a small drift."""
    law = programme.scenario["effets"]["organisme"]
    root = _root(programme, organisme)

    def normal(*keys: str) -> float:
        return float(programme.stream("effet", *keys).standard_normal())

    return float(
        law["ecart_type"] * normal(root)
        + law["theme"] * normal(root, "theme", theme)
        + law["derive"] * normal(root, "vague", vague)
        + _gap_to_successor(programme, organisme)
    )


def _root(programme: DemoProgramme, organisme: str) -> str:
    """The organisme that carries on the history: itself, or what it merged into."""
    for predecessor, successor in _filiations(programme):
        if predecessor == organisme and successor != organisme:
            return _root(programme, successor)
    return organisme


def _filiations(programme: DemoProgramme) -> list[tuple[str, str]]:
    return programme.reference("filiations").select("predecesseur", "successeur").rows()


def _gap_to_successor(programme: DemoProgramme, organisme: str) -> float:
    """A predecessor's distance to its successor; stock-weighted, the distances of a merger sum to zero."""
    root = _root(programme, organisme)
    if root == organisme:
        return 0.0
    siblings = sorted(p for p, s in _filiations(programme) if p != s and _root(programme, s) == root)
    stocks = np.array([_stock(programme, s) for s in siblings], dtype=float)
    sd = float(programme.scenario["effets"]["organisme"]["predecesseur"])
    gaps = sd * np.array([programme.stream("predecesseur", s).standard_normal() for s in siblings])
    gaps -= (gaps * stocks).sum() / stocks.sum()
    return float(gaps[siblings.index(organisme)])


def _stock(programme: DemoProgramme, organisme: str) -> int:
    """Dwellings in the last wave an organisme took part in."""
    plan = programme.plan.filter(organisme_code=organisme)
    return int(plan.filter(vague=str(plan["vague"].max()))["population"].sum())
