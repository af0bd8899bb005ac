{%- set case = ['vague', 'ensemble', 'axe', 'segment', 'question_code'] -%}
{{ config(materialized='view') }}

with primaire as (
    select * from {{ ref('int_secret_primaire') }}
),

secondaire as (
    select * from {{ ref('int_secret_secondaire') }}
)

select
    {{ case | join(', ') }},
    statut,
    motif
from primaire
where statut <> 'V'
union all
select
    {{ case | join(', ') }},
    'D' as statut,
    motif
from secondaire
