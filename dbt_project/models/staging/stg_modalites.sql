with source as (
    select * from {{ ref('modalites') }}
)

select
    echelle,
    modalite_code,
    cast(ordre as bigint) as ordre,
    libelle,
    statut_reponse,
    {{ oui_non('est_satisfait') }} as est_satisfait,
    {{ oui_non('exclusive') }} as est_exclusive,
    groupe_nps
from source
