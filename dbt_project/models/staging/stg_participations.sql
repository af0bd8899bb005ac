with source as (
    select * from {{ ref('participations') }}
)

select
    vague,
    organisme_code,
    statut,
    institut,
    mode_collecte,
    commentaire
from source
