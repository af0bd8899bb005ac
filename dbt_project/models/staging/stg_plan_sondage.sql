with source as (
    select * from {{ ref('plan_sondage') }}
)

select
    vague,
    organisme_code,
    strate,
    cast(population as bigint) as population,
    cast(entretiens_vises as bigint) as entretiens_vises
from source
