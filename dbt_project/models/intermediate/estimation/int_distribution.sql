{{ config(materialized='view') }}

with repartition as (
    select *
    from {{ ref('int_repartition') }}
    where type = 'unique'
)

{{ masquer(
    'repartition', pour='fct_distribution', aussi=['population_par_entretien', 'organismes_interroges', 'ddl', 'variance_limite']
) }}
