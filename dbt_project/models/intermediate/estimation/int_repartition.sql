{%- set cellule = ['axe', 'segment', 'question_code'] -%}
{%- set perimetre = ['vague', 'perimetre_type', 'perimetre'] -%}
with comptage as (
    select * from {{ ref('int_comptage_extrapole') }}
),

modalites as (
    select * from {{ ref('int_modalites') }}
),

perimetres as (
    select * from {{ ref('int_perimetres') }}
),

satisfaction as (
    select * from {{ ref('int_satisfaction') }}
),

exprimees as (
    select *
    from modalites
    where statut_reponse = 'exprime'
),

par_organisme as (
    select
        {{ prises('comptage', ['vague', 'organisme_code', 'modalite_code'] + cellule) }},
        {{ somme('comptage.n') }} as n,
        {{ somme('comptage.w') }} as w
    from comptage
    inner join exprimees
        on {{ memes('comptage', 'exprimees', ['question_code', 'modalite_code']) }}
    group by all
),

par_perimetre as (
    select
        {{ prises('perimetres', perimetre) }},
        {{ prises('par_organisme', cellule + ['modalite_code']) }},
        cast(round({{ somme('par_organisme.n') }}) as bigint) as n,
        {{ somme('par_organisme.w') }} as w
    from par_organisme
    inner join perimetres
        on
            {{ memes('par_organisme', 'perimetres', ['vague', 'organisme_code']) }}
            and perimetres.methode = 'publie'
    group by all
)

select
    {{ prises('satisfaction', perimetre + cellule + ['nb_organismes', 'base_brute', 'base_ponderee']) }},
    satisfaction.population_par_entretien,
    {{ prises('satisfaction', ['statut', 'motif_code', 'motif_parametre', 'motif_statut']) }},
    exprimees.modalite_code,
    exprimees.type,
    {{ si_publie('coalesce(par_perimetre.n, 0)', 'satisfaction.statut') }} as effectif,
    {{ si_publie('coalesce(par_perimetre.w, 0)', 'satisfaction.statut') }} as poids,
    {{ si_publie('coalesce(par_perimetre.w, 0) / satisfaction.base_ponderee', 'satisfaction.statut') }} as part
from satisfaction
inner join exprimees
    on satisfaction.question_code = exprimees.question_code
left join par_perimetre
    on
        {{ memes('satisfaction', 'par_perimetre', perimetre + cellule) }}
        and exprimees.modalite_code = par_perimetre.modalite_code
