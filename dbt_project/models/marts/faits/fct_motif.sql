with motif as (
    select * from {{ ref('int_motif') }}
)

select
    vague,
    perimetre_type,
    perimetre,
    axe,
    segment,
    question_code,
    motif,
    libelle,
    nb_organismes,
    base_brute,
    base_ponderee,
    effectif,
    poids,
    part,
    statut,
    motif_statut
from motif
where perimetre_type <> 'organisme'
