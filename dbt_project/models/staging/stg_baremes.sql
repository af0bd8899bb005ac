with source as (
    select * from {{ ref('baremes') }}
)

select
    bareme,
    version,
    libelle,
    echelle,
    modalite_code,
    cast(note as double) as note
from source
