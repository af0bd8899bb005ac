with edition as (
    select * from {{ ref('stg_edition') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

participants as (
    select participants.*
    from {{ ref('int_participants') }} as participants
    inner join {{ ref('stg_vagues') }} as vagues
        on participants.vague = vagues.vague
    where vagues.est_principale
),

totaux as (
    select
        cast(count(distinct participants.vague) as bigint) as nb_vagues,
        cast(coalesce(sum(participants.nb_entretiens), 0) as bigint) as nb_entretiens,
        cast(
            sum(case when participants.vague = parametres.vague_courante then participants.nb_entretiens else 0 end)
            as bigint
        ) as nb_entretiens_vague_courante,
        cast(
            sum(case when participants.vague = parametres.vague_courante then 1 else 0 end) as bigint
        ) as nb_organismes_vague_courante
    from parametres
    left join participants
        on true
),

editions as (
    select
        edition.*,
        totaux.*,
        parametres.*,
        parametres.demonstration as est_demonstration
    from edition
    cross join parametres
    cross join totaux
)

{{ projeter('editions') }}
