{%- set cellule = ['vague', 'organisme_code', 'axe', 'segment', 'question_code'] -%}
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

-- Celui qui choisit la modalité vaut 1, tout autre répondant 0 : les sommes de la modalité sont les siennes, et le terme carré de
-- la variance est celui de la base, que toutes les modalités ont en commun.
sommes as (
    select
        {{ prises('comptage', cellule + ['modalite_code']) }},
        {{ somme('comptage.n') }} as n,
        {{ somme('comptage.w') }} as w,
        {{ somme('strates.ch * (comptage.w2 - comptage.w * comptage.w / strates.nh)') }} as q0,
        {{ somme('strates.ch * (comptage.w2 - comptage.w * strates.w / strates.nh)') }} as q1,
        {{ somme('strates.ch * comptage.w2') }} as g0
    from comptage
    inner join modalites
        on {{ memes('comptage', 'modalites', ['question_code', 'modalite_code']) }}
    inner join strates
        on {{ memes('comptage', 'strates', cellule + ['strate']) }}
    group by all
)

-- Une strate esseulée emprunte la dispersion de la modalité chez l'organisme, Σw(y - ȳ)² = w (1 - w / Σw), comme dans int_moments.
select
    {{ prises('sommes', cellule + ['modalite_code', 'n', 'w']) }},
    sommes.q0 + moments.g2_esseulees * sommes.w / moments.w * (1 - sommes.w / moments.w) as q0,
    sommes.q1,
    sommes.g0 + moments.g2_esseulees * sommes.w / moments.w as g0
from sommes
inner join moments
    on {{ memes('sommes', 'moments', cellule) }}
