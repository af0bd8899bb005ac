"""What every asset says of itself beside its description: who answers for it, who may read it, where its product lies.

One place, by layer of the flow: no asset repeats it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import dagster as dg

from orchestration.publication.lost import LEAFLETS
from orchestration.reporting.printed import LETTER
from orchestration.settings import Settings, in_production

# who answers: for the nights, or for the figures
OPERATION, METHOD = "team:exploitation", "team:methode"
_METHOD = {"reference", "preparation", "consolidation", "dimensions", "faits", "observatoire"}
# what leaves the house once it is through its gates; everything before it stays inside
_PUBLISHED = {"dimensions", "faits", "observatoire", "edition", "rapports"}
# a night looks once in 24 hours; one that was refused, or did not run, is seen the same morning
FRESH = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=27))

landing = dg.AssetSpec(
    "landing",
    group_name="landing",
    kinds={"file"},
    description="Les livraisons telles que reçues, un dossier par vague, jamais modifiées ; ce qui fut décidé d'elles.",
)


def described(settings: Settings) -> Callable[[dg.AssetSpec], dg.AssetSpec]:
    """Returns what adds owners, tags, links and, in production, the freshness of the edition to an asset.

    Args:
        settings: the programme's folders, which the links lead to.
    """
    links = _links(settings)

    def describe(spec: dg.AssetSpec) -> dg.AssetSpec:
        group = str(spec.group_name)
        described = spec.merge_attributes(
            owners=[METHOD if group in _METHOD else OPERATION],
            tags={"observatoire/couche": group, "observatoire/lecture": "publie" if group in _PUBLISHED else "interne"},
            metadata={name: dg.MetadataValue.path(path) for name, path in links.get(spec.key.path[-1], {}).items()},
        )
        if in_production() and spec.key == dg.AssetKey("edition"):
            return described.replace_attributes(freshness_policy=FRESH)
        return described

    return describe


def _links(settings: Settings) -> dict[str, dict[str, Path]]:
    checks, report = settings.checks / "index.html", settings.reports / "courant" / "index.html"
    lake = settings.root / "lake"
    return {
        "landing": {"dossier": settings.root / "landing"},
        "reponses": {"dossier": lake / "versions", "rejets": settings.root / "quarantine"},
        "lots": {"dossier": lake / "reponses", "data_docs": checks},
        "fct_evolution": {"data_docs": checks},
        "obs_qualite": {"data_docs": checks},
        "edition": {"lecteurs": settings.published, "data_docs": checks, "rapport": report},
        "rapport_regional": {"rapport": report},
        "lettre_regionale": {"lettre": report.with_name(LETTER)},
        "livrets_organismes": {"livrets": settings.published / LEAFLETS / "courant"},
    }
