with perimetres as (
    select * from {{ ref('int_perimetres') }}
),

participants as (
    select * from {{ ref('int_participants') }}
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
    cast(count(*) as bigint) as nb_organismes,
    cast(sum(participants.nb_entretiens) as bigint) as nb_entretiens,
    cast(sum(participants.parc) as bigint) as parc,
    {{ liste_triee('participants.mode_collecte') }} as modes_collecte,
    {{ liste_triee('participants.institut') }} as instituts,
    {{ liste_triee("participants.bareme || ' ' || participants.bareme_version") }} as baremes
from membres
inner join participants
    on
        membres.vague = participants.vague
        and membres.organisme_code = participants.organisme_code
group by membres.vague, membres.ensemble
