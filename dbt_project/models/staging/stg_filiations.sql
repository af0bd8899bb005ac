with source as (
    select * from {{ ref('filiations') }}
)

select
    predecesseur,
    successeur,
    type,
    cast(date_effet as date) as date_effet,
    cast(part_parc as double) as part_parc,
    commentaire
from source
