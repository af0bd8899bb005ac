{{ config(materialized='view') }}

with repartition as (
    select * from {{ ref('int_repartition') }}
)

select
    vague,
    perimetre_type,
    perimetre,
    axe,
    segment,
    question_code,
    modalite_code,
    nb_organismes,
    base_brute,
    base_ponderee,
    effectif,
    poids,
    part,
    statut,
    motif_code,
    motif_parametre,
    motif_statut
from repartition
where type = 'unique'
