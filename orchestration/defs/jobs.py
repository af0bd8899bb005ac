"""Jobs: extract some deliveries; consolidate, publish and print."""

import dagster as dg

EXTRACTION, CONSOLIDATION, PRINTING = "extraction", "consolidation", "impression"

extraction = dg.define_asset_job(
    EXTRACTION,
    selection=dg.AssetSelection.assets("reponses"),
    description="Lit une ou plusieurs livraisons ; les autres ne bougent pas.",
)
consolidation = dg.define_asset_job(
    CONSOLIDATION,
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets("reponses"),
    description="Des lots en vigueur à l'édition publiée et aux rapports.",
)
impression = dg.define_asset_job(
    PRINTING,
    selection=dg.AssetSelection.groups("rapports"),
    description="Réimprime les rapports de l'édition courante.",
)
