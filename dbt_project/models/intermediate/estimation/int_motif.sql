{{ config(materialized='view') }}

with repartition as (
    select *
    from {{ ref('int_repartition') }}
    where type = 'multiple'
),

modalites as (
    select * from {{ ref('int_modalites') }}
),

motifs as (
    select
        repartition.*,
        modalites.modalite_code as motif,
        modalites.libelle
    from repartition
    inner join modalites
        on {{ memes('repartition', 'modalites', ['question_code', 'modalite_code']) }}
)

{{ masquer(
    'motifs', pour='fct_motif', aussi=['population_par_entretien', 'organismes_interroges', 'ddl', 'variance_limite']
) }}
