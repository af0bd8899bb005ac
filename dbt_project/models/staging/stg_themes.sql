with source as (
    select * from {{ ref('themes') }}
)

select
    theme_code,
    cast(ordre as bigint) as ordre,
    libelle,
    definition
from source
