{%- set cellule = ['vague', 'organisme_code', 'axe', 'segment', 'question_code'] -%}
{%- set place = cellule + ['strate', 'modalite_code'] -%}
{{ config(materialized='view') }}

with comptage as (
    select * from {{ ref('int_comptage_extrapole') }}
),

modalites as (
    select * from {{ ref('int_modalites') }}
    where statut_reponse = 'exprime'
),

strates as (
    select * from {{ ref('int_moments_strates') }}
    where mesure = 'base'
),

moments as (
    select * from {{ ref('int_moments') }}
    where mesure = 'base'
),

unites as (
    select * from {{ ref('int_moments_unites') }}
    where mesure = 'base'
),

-- Sans unité livrée, chaque réponse en est une.
par_strate as (
    select
        {{ prises('comptage', place) }},
        comptage.n,
        comptage.w,
        comptage.w2 as u2,
        comptage.w2 as u2_base,
        comptage.w as udd
    from comptage
    where comptage.unite_primaire = ''
    union all
    select
        {{ prises('comptage', place) }},
        {{ somme('comptage.n') }} as n,
        {{ somme('comptage.w') }} as w,
        {{ somme('comptage.w * comptage.w') }} as u2,
        {{ somme('comptage.w * unites.w') }} as u2_base,
        {{ somme('comptage.w * comptage.w / unites.w') }} as udd
    from comptage
    inner join unites
        on {{ memes('comptage', 'unites', cellule + ['strate', 'unite_primaire']) }}
    group by all
),

-- Celui qui choisit la modalité vaut 1, tout autre répondant 0 : les sommes de la modalité sont les siennes, et le terme carré de
-- la variance est celui de la base, que toutes les modalités ont en commun.
sommes as (
    select
        {{ prises('par_strate', cellule + ['modalite_code']) }},
        {%- for nom in ['n', 'w', 'udd'] %}
        {{ somme('par_strate.' ~ nom) }} as {{ nom }},
        {%- endfor %}
        {{ somme('strates.ch * (par_strate.u2 - par_strate.w * par_strate.w / strates.nh)') }} as q0,
        {{ somme('strates.ch * (par_strate.u2_base - par_strate.w * strates.w / strates.nh)') }} as q1,
        {{ somme('strates.ch * par_strate.u2') }} as g0
    from par_strate
    inner join modalites
        on {{ memes('par_strate', 'modalites', ['question_code', 'modalite_code']) }}
    inner join strates
        on {{ memes('par_strate', 'strates', cellule + ['strate']) }}
    group by all
)

-- Une strate esseulée emprunte la dispersion de la modalité chez l'organisme, comme dans int_moments.
select
    {{ prises('sommes', cellule + ['modalite_code', 'n', 'w']) }},
    sommes.q0 + moments.emprunt * (sommes.udd - sommes.w * sommes.w / moments.w) as q0,
    sommes.q1,
    sommes.g0 + moments.emprunt * sommes.udd as g0
from sommes
inner join moments
    on {{ memes('sommes', 'moments', cellule) }}
