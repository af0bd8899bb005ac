{{ config(materialized='view') }}

with comptage as (
    select * from {{ ref('comptage') }}
),

exclusions as (
    select * from {{ ref('stg_exclusions') }}
),

strates as (
    select * from {{ ref('int_strates') }}
),

extrapoles as (
    select
        comptage.*,
        strates.facteur * comptage.poids_somme as w,
        strates.facteur * strates.facteur * comptage.poids_carre_somme as w2
    from comptage
    inner join strates
        on {{ memes('comptage', 'strates', ['vague', 'organisme_code', 'strate']) }}
    left join exclusions
        on {{ memes('comptage', 'exclusions', ['vague', 'organisme_code', 'question_code']) }}
    where exclusions.question_code is null
)

{{ projeter('extrapoles') }}
