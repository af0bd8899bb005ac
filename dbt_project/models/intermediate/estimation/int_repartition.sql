{%- set cellule = ['axe', 'segment', 'question_code'] -%}
{%- set perimetre = ['vague', 'perimetre_type', 'perimetre'] -%}
with moments as (
    select * from {{ ref('int_moments_modalites') }}
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

parametres as (
    select * from {{ ref('stg_parametres') }}
),

exprimees as (
    select *
    from modalites
    where statut_reponse = 'exprime'
),

par_perimetre as (
    select
        {{ prises('perimetres', perimetre) }},
        {{ prises('moments', cellule + ['modalite_code']) }},
        {{ somme('moments.n') }} as n,
        {{ somme('moments.w') }} as w,
        {{ somme('moments.q0') }} as q0,
        {{ somme('moments.q1') }} as q1,
        {{ somme('moments.g0') }} as g0
    from moments
    inner join perimetres
        on
            {{ memes('moments', 'perimetres', ['vague', 'organisme_code']) }}
            and perimetres.methode = 'publie'
    group by all
),

-- Vides si la cellule n'est pas publiée : sa base pondérée l'est.
parts as (
    select
        {{ prises('satisfaction', perimetre + cellule + ['nb_organismes', 'base_brute', 'base_ponderee']) }},
        {{ prises('satisfaction', [
            'ddl', 'variance_limite', 'variance_base', 'population_par_entretien', 'organismes_interroges', 'statut', 'motif_code',
            'motif_parametre', 'motif_statut',
        ]) }},
        {{ prises('exprimees', ['modalite_code', 'type']) }},
        {{ si_publie('cast(round(coalesce(par_perimetre.n, 0)) as bigint)', 'satisfaction.statut') }} as effectif,
        {{ si_publie('coalesce(par_perimetre.w, 0)', 'satisfaction.statut') }} as poids,
        coalesce(par_perimetre.w, 0) / satisfaction.base_ponderee as part,
        {%- for nom in ['q0', 'q1', 'g0'] %}
        coalesce(par_perimetre.{{ nom }}, 0) / (satisfaction.base_ponderee * satisfaction.base_ponderee) as {{ nom }},
        {%- endfor %}
        quantile_student(parametres.confiance, satisfaction.ddl) as t
    from satisfaction
    cross join parametres
    inner join exprimees
        on satisfaction.question_code = exprimees.question_code
    left join par_perimetre
        on
            {{ memes('satisfaction', 'par_perimetre', perimetre + cellule) }}
            and exprimees.modalite_code = par_perimetre.modalite_code
),

erreurs as (
    select
        *,
        sqrt({{ variance_taylor('q0', 'q1', 'variance_base', 'g0', 'variance_limite', 'part', '1') }})
            as part_erreur_type
    from parts
),

bornees as (
    select
        *,
        {{ borne_wilson('part', c_wilson('t', 'part', 'part_erreur_type', 'variance_limite', 'ddl'), -1) }}
            as part_ic_bas,
        {{ borne_wilson('part', c_wilson('t', 'part', 'part_erreur_type', 'variance_limite', 'ddl'), 1) }}
            as part_ic_haut
    from erreurs
)

{{ projeter('bornees') }}
