with source as (
    select * from {{ ref('axes') }}
)

select
    axe,
    cast(ordre as bigint) as ordre,
    libelle,
    millesime,
    source
from source
