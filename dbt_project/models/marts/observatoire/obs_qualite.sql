with qualite as (
    select * from {{ ref('stg_qualite') }}
)

select
    livraison,
    fichier,
    vague,
    organisme_code,
    regle,
    gravite,
    nb_lignes,
    exemple
from qualite
