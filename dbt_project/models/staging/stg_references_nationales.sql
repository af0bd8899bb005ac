with source as (
    select * from {{ ref('references_nationales') }}
)

select
    source,
    libelle_source,
    population,
    unite,
    question_code,
    vague,
    millesime,
    cast(valeur as double) as valeur,
    cast(base_effectif as bigint) as base_effectif,
    base,
    echelle,
    filtre,
    licence,
    {{ oui_non('comparable') }} as est_comparable,
    motif_non_comparable,
    {{ oui_non('demonstration') }} as est_demonstration,
    url
from source
