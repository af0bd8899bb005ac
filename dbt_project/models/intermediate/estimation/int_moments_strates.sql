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
        cellules.vague,
        cellules.organisme_code,
        cellules.strate_variance,
        cellules.axe,
        cellules.segment,
        cellules.question_code,
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
        on
            cellules.vague = valeurs.vague
            and cellules.organisme_code = valeurs.organisme_code
            and cellules.question_code = valeurs.question_code
            and cellules.modalite_code = valeurs.modalite_code
    group by
        cellules.vague,
        cellules.organisme_code,
        cellules.strate_variance,
        cellules.axe,
        cellules.segment,
        cellules.question_code,
        valeurs.mesure
),

plans as (
    select distinct
        vague,
        organisme_code,
        strate_variance,
        case when est_reunie then 1 else 0 end as reunie,
        nb_entretiens_variance as nh,
        coefficient_variance as ch,
        population_variance as population
    from strates
)

select
    sommes.*,
    plans.reunie,
    plans.nh,
    plans.ch,
    plans.population
from sommes
inner join plans
    on
        sommes.vague = plans.vague
        and sommes.organisme_code = plans.organisme_code
        and sommes.strate_variance = plans.strate_variance
