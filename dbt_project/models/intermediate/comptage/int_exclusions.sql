with perimetres as (
    select * from {{ ref('int_perimetres') }}
),

exclusions as (
    select * from {{ ref('stg_exclusions') }}
),

membres as (
    select distinct
        vague_mesuree as vague,
        ensemble,
        organisme_code
    from perimetres
)

select
    membres.vague,
    membres.ensemble,
    exclusions.question_code,
    max(exclusions.motif) as motif
from membres
inner join exclusions
    on
        membres.vague = exclusions.vague
        and membres.organisme_code = exclusions.organisme_code
group by all
