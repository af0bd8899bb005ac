{{ config(materialized='view') }}

with repartition as (
    select * from {{ ref('int_repartition') }}
),

modalites as (
    select * from {{ ref('int_modalites') }}
)

select
    repartition.vague,
    repartition.perimetre_type,
    repartition.perimetre,
    repartition.axe,
    repartition.segment,
    repartition.question_code,
    repartition.modalite_code as motif,
    modalites.libelle,
    repartition.nb_organismes,
    repartition.base_brute,
    repartition.base_ponderee,
    repartition.effectif,
    repartition.poids,
    repartition.part,
    repartition.statut,
    repartition.motif_code,
    repartition.motif_parametre,
    repartition.motif_statut
from repartition
inner join modalites
    on
        repartition.question_code = modalites.question_code
        and repartition.modalite_code = modalites.modalite_code
where repartition.type = 'multiple'
