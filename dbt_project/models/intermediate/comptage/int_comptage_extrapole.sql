{{ config(materialized='view') }}

with comptage as (
    select * from {{ ref('int_comptage_retenu') }}
),

strates as (
    select * from {{ ref('int_strates') }}
)

select
    comptage.vague,
    comptage.organisme_code,
    strates.strate_variance,
    comptage.axe,
    comptage.segment,
    comptage.question_code,
    comptage.modalite_code,
    comptage.n,
    strates.facteur * comptage.poids_somme as w,
    strates.facteur * strates.facteur * comptage.poids_carre_somme as w2
from comptage
inner join strates
    on
        comptage.vague = strates.vague
        and comptage.organisme_code = strates.organisme_code
        and comptage.strate = strates.strate
