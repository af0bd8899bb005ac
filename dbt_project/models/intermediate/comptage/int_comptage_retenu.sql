{{ config(materialized='view') }}

with comptage as (
    select * from {{ ref('comptage') }}
),

exclusions as (
    select * from {{ ref('stg_exclusions') }}
)

select
    comptage.vague,
    comptage.organisme_code,
    comptage.strate,
    comptage.axe,
    comptage.segment,
    comptage.question_code,
    comptage.modalite_code,
    comptage.n,
    comptage.poids_somme,
    comptage.poids_carre_somme
from comptage
left join exclusions
    on
        comptage.vague = exclusions.vague
        and comptage.organisme_code = exclusions.organisme_code
        and comptage.question_code = exclusions.question_code
where exclusions.question_code is null
