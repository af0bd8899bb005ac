with vagues as (
    select * from {{ ref('stg_vagues') }}
),

participants as (
    select * from {{ ref('int_participants') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

consolides as (
    select
        vague,
        cast(count(*) as bigint) as nb_organismes,
        cast(sum(nb_entretiens) as bigint) as nb_entretiens
    from participants
    group by all
),

situees as (
    select
        vagues.*,
        lag(vagues.vague) over (order by vagues.ordre) as vague_precedente,
        vagues.vague = parametres.vague_courante as est_courante,
        coalesce(consolides.nb_organismes, 0) as nb_organismes,
        coalesce(consolides.nb_entretiens, 0) as nb_entretiens
    from vagues
    cross join parametres
    left join consolides
        on vagues.vague = consolides.vague
)

{{ projeter('situees') }}
