with entrees as (
    {{ entrees_de(ref('stg_edition'), 'entrees') }}
)

select
    edition,
    fichier,
    sha256
from entrees
