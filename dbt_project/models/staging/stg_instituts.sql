with source as (
    select * from {{ ref('instituts') }}
)

select
    institut,
    nom,
    {{ oui_non('fictif') }} as fictif
from source
