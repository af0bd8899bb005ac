with textes as (
    select *
    from {{ ref('stg_textes') }}
    where rubrique = 'verdict'
)

select
    code as verdict,
    ordre,
    libelle,
    explication,
    famille
from textes
