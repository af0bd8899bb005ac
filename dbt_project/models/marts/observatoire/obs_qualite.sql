with qualite as (
    select * from {{ ref('stg_qualite') }}
)

select
    livraison,
    fichier,
    vague,
    organisme_code,
    porte,
    regle,
    libelle,
    gravite,
    tenue,
    nb_lignes,
    exemple
from qualite
