with source as (
    select * from {{ ref('questions') }}
)

select
    question_code,
    theme_code,
    cast(ordre as bigint) as ordre,
    libelle,
    formulation,
    statut_formulation,
    echelle,
    filtre,
    {{ oui_non('est_globale') }} as est_globale,
    source
from source
