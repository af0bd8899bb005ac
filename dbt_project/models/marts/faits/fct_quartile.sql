with quartiles as (
    select * from {{ ref('int_quartiles') }}
)

select
    vague,
    perimetre_type,
    perimetre,
    groupe_type,
    groupe,
    groupe_libelle,
    question_code,
    mesure,
    nb_organismes,
    quartile_1,
    mediane,
    quartile_3,
    valeur,
    quart,
    statut,
    motif_statut
from quartiles
where perimetre_type <> 'organisme'
