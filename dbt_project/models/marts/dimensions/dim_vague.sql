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
    group by vague
)

select
    vagues.vague,
    vagues.libelle,
    vagues.ordre,
    vagues.terrain_debut,
    vagues.terrain_fin,
    vagues.mode_collecte,
    vagues.institut,
    lag(vagues.vague) over (order by vagues.ordre) as vague_precedente,
    vagues.vague = parametres.vague_courante as est_courante,
    vagues.etat,
    coalesce(consolides.nb_organismes, 0) as nb_organismes,
    coalesce(consolides.nb_entretiens, 0) as nb_entretiens,
    vagues.entretiens_controle,
    vagues.questions_controle,
    vagues.organismes_controle,
    vagues.source
from vagues
cross join parametres
left join consolides
    on vagues.vague = consolides.vague
