with source as (
    select * from {{ ref('echelles') }}
)

select
    echelle,
    type,
    libelle,
    unite_note
from source
