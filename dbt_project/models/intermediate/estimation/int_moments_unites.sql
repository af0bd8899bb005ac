{%- set unite = ['vague', 'organisme_code', 'strate', 'unite_primaire', 'axe', 'segment', 'question_code'] -%}
{{ config(materialized='view') }}

with cellules as (
    select * from {{ ref('int_comptage_extrapole') }}
    where unite_primaire <> ''
),

valeurs as (
    select * from {{ ref('int_valeurs') }}
)

select
    {{ prises('cellules', unite) }},
    valeurs.mesure,
    {{ somme('cellules.w') }} as w,
    {{ somme('cellules.w * valeurs.ecart') }} as wd
from cellules
inner join valeurs
    on {{ memes('cellules', 'valeurs', ['vague', 'organisme_code', 'question_code', 'modalite_code']) }}
group by all
