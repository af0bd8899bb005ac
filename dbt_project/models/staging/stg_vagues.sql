with source as (
    select * from {{ ref('vagues') }}
)

select
    vague,
    libelle,
    cast(ordre as bigint) as ordre,
    cast(terrain_debut as date) as terrain_debut,
    cast(terrain_fin as date) as terrain_fin,
    mode_collecte,
    institut,
    cast(entretiens_controle as bigint) as entretiens_controle,
    cast(questions_controle as bigint) as questions_controle,
    cast(organismes_controle as bigint) as organismes_controle,
    etat,
    source
from source
