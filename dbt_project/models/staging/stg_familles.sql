with source as (
    select * from {{ ref('familles') }}
)

select
    famille,
    cast(ordre as bigint) as ordre,
    libelle
from source
