with moments as (
    select * from {{ ref('int_moments') }}
),

participants as (
    select * from {{ ref('int_participants') }}
),

perimetres as (
    select * from {{ ref('int_perimetres') }}
),

membres as (
    select distinct
        perimetres.vague_mesuree as vague,
        perimetres.ensemble,
        perimetres.organisme_code,
        participants.parc
    from perimetres
    inner join participants
        on
            perimetres.vague_mesuree = participants.vague
            and perimetres.organisme_code = participants.organisme_code
),

sommes as (
    select
        membres.vague,
        membres.ensemble,
        moments.axe,
        moments.segment,
        moments.question_code,
        cast(count(*) as bigint) as nb_organismes,
        {{ somme('moments.n') }} as n,
        {{ somme('moments.w') }} as w,
        {{ somme('moments.w2') }} as w2,
        max(moments.w) as w_dominant,
        {{ somme('moments.ny') }} as ny,
        {{ somme('moments.wy') }} as wy,
        {{ somme('moments.np') }} as np,
        {{ somme('moments.wp') }} as wp,
        {{ somme('moments.note_q0') }} as note_q0,
        {{ somme('moments.note_q1') }} as note_q1,
        {{ somme('moments.taux_q0') }} as taux_q0,
        {{ somme('moments.taux_q1') }} as taux_q1,
        {{ somme('moments.note_g0') }} as note_g0,
        {{ somme('moments.taux_g0') }} as taux_g0,
        {{ somme('moments.q2') }} as q2,
        {{ somme('moments.g2') }} as g2,
        min(moments.note_centre) as note_centre,
        min(moments.taux_centre) as taux_centre,
        {{ somme('moments.wy / moments.w') }} as notes_organismes,
        {{ somme('membres.parc * moments.wy / moments.w') }} as notes_parc,
        {{ somme('moments.wp / moments.w') }} as taux_organismes,
        {{ somme('membres.parc * moments.wp / moments.w') }} as taux_parc,
        {{ somme('cast(membres.parc as double) * membres.parc * moments.note_variance') }} as note_parc_variance,
        {{ somme('cast(membres.parc as double) * membres.parc * moments.taux_variance') }} as taux_parc_variance,
        {{ somme('membres.parc') }} as parc
    from moments
    inner join membres
        on
            moments.vague = membres.vague
            and moments.organisme_code = membres.organisme_code
    group by
        membres.vague,
        membres.ensemble,
        moments.axe,
        moments.segment,
        moments.question_code
),

moyennes as (
    select
        *,
        wy / w as note_moyenne,
        wp / w as taux_satisfaits
    from sommes
    where w > 0
)

select
    vague,
    ensemble,
    axe,
    segment,
    question_code,
    nb_organismes,
    cast(round(n) as bigint) as base_brute,
    w as base_ponderee,
    w * w / w2 as base_efficace,
    w_dominant / w as part_dominante,
    note_moyenne,
    sqrt({{ variance_taylor('note_q0', 'note_q1', 'q2', 'note_g0', 'g2', '(note_moyenne - note_centre)', 'w') }})
        as note_erreur_type,
    ny / n as note_non_ponderee,
    notes_organismes / nb_organismes as note_moyenne_organismes,
    notes_parc / parc as note_moyenne_parc,
    sqrt(note_parc_variance) / parc as note_moyenne_parc_erreur_type,
    wy as note_somme,
    taux_satisfaits,
    sqrt({{ variance_taylor('taux_q0', 'taux_q1', 'q2', 'taux_g0', 'g2', '(taux_satisfaits - taux_centre)', 'w') }})
        as taux_erreur_type,
    np / n as taux_non_pondere,
    taux_organismes / nb_organismes as taux_moyenne_organismes,
    taux_parc / parc as taux_moyenne_parc,
    sqrt(taux_parc_variance) / parc as taux_moyenne_parc_erreur_type,
    cast(round(np) as bigint) as effectif_satisfaits,
    wp as poids_satisfaits
from moyennes
