{{ config(materialized='view') }}

with primaire as (
    select * from {{ ref('int_secret_primaire') }}
),

secondaire as (
    select * from {{ ref('int_secret_secondaire') }}
)

select
    vague,
    ensemble,
    axe,
    segment,
    question_code,
    statut,
    motif
from primaire
where statut = 'S'
union all
select
    vague,
    ensemble,
    axe,
    segment,
    question_code,
    'D' as statut,
    motif
from secondaire
