{%- set strate = ['vague', 'organisme_code', 'strate'] -%}
{{ config(materialized='view') }}

with cellules as (
    select * from {{ ref('int_comptage_extrapole') }}
),

valeurs as (
    select * from {{ ref('int_valeurs') }}
),

strates as (
    select * from {{ ref('int_strates') }}
),

sommes as (
    select
        {{ prises('cellules', strate + ['axe', 'segment', 'question_code']) }},
        valeurs.mesure,
        min(valeurs.centre) as centre,
        {{ somme('cellules.n') }} as n,
        {{ somme('cellules.w') }} as w,
        {{ somme('cellules.w2') }} as w2,
        {{ somme('cellules.n * valeurs.valeur') }} as ny,
        {{ somme('cellules.w * valeurs.valeur') }} as wy,
        {{ somme('cellules.w * valeurs.ecart') }} as wd,
        {{ somme('cellules.w * valeurs.ecart * valeurs.ecart') }} as wdd,
        {{ somme('cellules.w2 * valeurs.ecart') }} as w2d,
        {{ somme('cellules.w2 * valeurs.ecart * valeurs.ecart') }} as w2dd
    from cellules
    inner join valeurs
        on {{ memes('cellules', 'valeurs', ['vague', 'organisme_code', 'question_code', 'modalite_code']) }}
    group by all
),

plans as (
    select
        {{ strate | join(', ') }},
        case when est_esseulee then 1 else 0 end as esseulee,
        nb_entretiens as nh,
        coefficient_variance as ch,
        coefficient_emprunt as eh,
        population_representee as population,
        effet_plan
    from strates
)

select
    sommes.*,
    {{ prises('plans', ['esseulee', 'nh', 'ch', 'eh', 'population', 'effet_plan']) }}
from sommes
inner join plans
    on {{ memes('sommes', 'plans', strate) }}
