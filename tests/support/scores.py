"""Published scores for the miniature programme: a score out of 100 with classes and an error, and a rate without either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.mini import write_contract

SCORES = (
    "score_code,theme_code,ordre,libelle,definition,unite,minimum,maximum\n"
    "SAT,T1,1,Score de satisfaction,Score ajusté publié par l'agence.,sur 100,0,100\n"
    "RECO,T1,2,Taux de recommandation,Part de ceux qui recommandent.,%,0,100\n"
)
CLASSES = "score_code,classe,libelle,borne_min\nSAT,A,Élevé,77\nSAT,B,Moyen,70\nSAT,C,Bas,0\n"
HEADER = "code;score;repondants;erreur;reco;n_reco"
COLUMNS = {
    "SAT": {"valeur": "score", "base": "repondants", "erreur": "erreur"},
    "RECO": {"valeur": "reco", "base": "n_reco"},
}


def declare_scores(root: Path) -> None:
    """Writes the scores of a programme and their classes."""
    (root / "reference/scores.csv").write_text(SCORES, encoding="utf-8")
    (root / "reference/scores_classes.csv").write_text(CLASSES, encoding="utf-8")


def scores_contract(wave: str = "V2", **changes: Any) -> dict[str, Any]:
    """Returns a contract of scores; keyword arguments replace parts of it."""
    body = {
        "contrat": f"scores-{wave.lower()}", "version": 1, "statut": "confirme", "institut": "I", "vague": wave,
        "fichiers": ["scores*.csv"], "format": {"type": "csv", "separateur": ";"}, "nature": "scores",
        "organisme": {"colonne": "code"}, "absents": ["DI"], "scores": COLUMNS,
    }  # fmt: skip
    return {**body, **changes}


def deliver_scores(
    root: Path, lines: Sequence[str], wave: str = "V2", name: str = "scores.csv", **changes: Any
) -> None:
    """Writes a delivery of scores and its contract."""
    write_contract(root, scores_contract(wave, **changes))
    path = root / "landing" / wave / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")


def weighted(scores: Mapping[str, tuple[float, int]]) -> float:
    """Returns the mean of scores weighted by their bases."""
    return sum(value * base for value, base in scores.values()) / sum(base for _, base in scores.values())
