{%- set strate = ['vague', 'organisme_code', 'strate'] -%}
{%- set case = strate + ['axe', 'segment', 'question_code', 'mesure'] -%}
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

-- Ce que la somme d'une unité est à la variance : W et W D y tiennent la place d'un poids et d'un écart pondéré. La moyenne d'une
-- unité s'écarte du centre de D / W.
par_unite as (
    select
        {{ case | join(', ') }},
        cast(count(*) as double) as u,
        {{ somme('w * w') }} as u2,
        {{ somme('w * wd') }} as u2d,
        {{ somme('wd * wd') }} as u2dd,
        {{ somme('wd * wd / w') }} as udd
    from {{ ref('int_moments_unites') }}
    group by all
),

plans as (
    select
        {{ strate | join(', ') }},
        case when est_esseulee then 1 else 0 end as esseulee,
        nb_unites as nh,
        coefficient_variance as ch,
        coefficient_emprunt as eh,
        population_representee as population,
        effet_plan
    from strates
)

-- Sans unité livrée, chaque entretien en est une.
select
    sommes.*,
    {%- for unite, entretien in [('u', 'n'), ('u2', 'w2'), ('u2d', 'w2d'), ('u2dd', 'w2dd'), ('udd', 'wdd')] %}
    coalesce(par_unite.{{ unite }}, sommes.{{ entretien }}) as {{ unite }},
    {%- endfor %}
    {{ prises('plans', ['esseulee', 'nh', 'ch', 'eh', 'population', 'effet_plan']) }}
from sommes
inner join plans
    on {{ memes('sommes', 'plans', strate) }}
left join par_unite
    on {{ memes('sommes', 'par_unite', case) }}
