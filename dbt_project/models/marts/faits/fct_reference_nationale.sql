with references_nationales as (
    select * from {{ ref('stg_references_nationales') }}
)

select
    source,
    libelle_source,
    population,
    vague,
    question_code,
    unite,
    millesime,
    valeur,
    base_effectif,
    base,
    echelle,
    filtre,
    licence,
    comparable as est_comparable,
    motif_non_comparable,
    demonstration as est_demonstration,
    url
from references_nationales
