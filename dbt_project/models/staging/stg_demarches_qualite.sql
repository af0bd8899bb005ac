with source as (
    select * from {{ ref('demarches_qualite') }}
)

select
    organisme_code,
    type,
    intitule,
    cast(debut as date) as debut,
    cast(fin as date) as fin
from source
