"""The jobs that terminal, schedule, sensor and pages submit: extract, consolidate and publish, read again, print.

Deliveries are partitions, one each: in a grid of waves and organismes, an empty cell would count as missing.
"""

import dagster as dg

LIVRAISONS = dg.DynamicPartitionsDefinition(name="livraisons")
EXTRACTION, CONSOLIDATION, AGAIN, PRINTING = "extraction", "consolidation", "reprise", "impression"
_CONSOLIDATED = dg.AssetSelection.all() - dg.AssetSelection.assets("reponses")

extraction = dg.define_asset_job(
    EXTRACTION,
    selection=dg.AssetSelection.assets("reponses"),
    description="Lit une ou plusieurs livraisons ; les autres ne bougent pas.",
)
consolidation = dg.define_asset_job(
    CONSOLIDATION,
    selection=_CONSOLIDATED,
    description="Lit ce qui reste à lire, puis des lots en vigueur à l'édition publiée et aux rapports.",
)
reprise = dg.define_asset_job(
    AGAIN,
    selection=_CONSOLIDATED,
    config={"ops": {"lots": {"config": {"relire": True, "vague": None, "organisme": None}}}},
    description="Relit les livraisons d'une vague, d'un organisme ou toutes (l'un et l'autre vides), puis consolide.",
)
impression = dg.define_asset_job(
    PRINTING,
    selection=dg.AssetSelection.groups("rapports"),
    description="Réimprime les rapports de l'édition courante.",
)
