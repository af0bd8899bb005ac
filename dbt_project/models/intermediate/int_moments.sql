with comptage as (
    select * from {{ ref('int_comptage_retenu') }}
),

strates as (
    select * from {{ ref('int_strates') }}
),

participants as (
    select * from {{ ref('int_participants') }}
),

modalites as (
    select * from {{ ref('int_modalites') }}
),

baremes as (
    select * from {{ ref('stg_baremes') }}
),

-- Les réponses exprimées, une note et un indicateur par modalité ; pour une question multiple, ses répondants.
valeurs as (
    select
        participants.vague,
        participants.organisme_code,
        modalites.question_code,
        modalites.modalite_code,
        baremes.note,
        case modalites.est_satisfait when true then 1.0 when false then 0.0 end as satisfait
    from modalites
    cross join participants
    left join baremes
        on
            participants.bareme = baremes.bareme
            and participants.bareme_version = baremes.version
            and modalites.echelle = baremes.echelle
            and modalites.modalite_code = baremes.modalite_code
    where modalites.type = 'unique' and modalites.statut_reponse = 'exprime'
    union all
    select distinct
        participants.vague,
        participants.organisme_code,
        modalites.question_code,
        '*' as modalite_code,
        cast(null as double) as note,
        cast(null as double) as satisfait
    from modalites
    cross join participants
    where modalites.type = 'multiple'
),

cellules as (
    select
        comptage.vague,
        comptage.organisme_code,
        strates.strate_variance,
        strates.nb_entretiens_variance,
        strates.coefficient_variance,
        strates.population_variance,
        comptage.axe,
        comptage.segment,
        comptage.question_code,
        comptage.n,
        strates.facteur * comptage.poids_somme as w,
        strates.facteur * strates.facteur * comptage.poids_carre_somme as w2,
        valeurs.note,
        valeurs.satisfait
    from comptage
    inner join strates
        on
            comptage.vague = strates.vague
            and comptage.organisme_code = strates.organisme_code
            and comptage.strate = strates.strate
    inner join valeurs
        on
            comptage.vague = valeurs.vague
            and comptage.organisme_code = valeurs.organisme_code
            and comptage.question_code = valeurs.question_code
            and comptage.modalite_code = valeurs.modalite_code
),

-- Le centre des réponses, vague par vague et question par question : compter à partir de lui évite de soustraire
-- de grands nombres presque égaux quand presque tous répondent de même.
centres as (
    select
        vague,
        question_code,
        {{ somme('w * note') }} / {{ somme('w') }} as note_centre,
        {{ somme('w * satisfait') }} / {{ somme('w') }} as taux_centre
    from cellules
    where axe = 'ensemble'
    group by vague, question_code
),

centrees as (
    select
        cellules.*,
        centres.note_centre,
        centres.taux_centre,
        cellules.note - centres.note_centre as note_ecart,
        cellules.satisfait - centres.taux_centre as taux_ecart
    from cellules
    inner join centres
        on
            cellules.vague = centres.vague
            and cellules.question_code = centres.question_code
),

par_strate as (
    select
        vague,
        organisme_code,
        strate_variance,
        axe,
        segment,
        question_code,
        min(nb_entretiens_variance) as nh,
        min(coefficient_variance) as ch,
        min(population_variance) as population,
        {{ somme('n') }} as n,
        {{ somme('w') }} as w,
        {{ somme('w2') }} as w2,
        {{ somme('n * note') }} as ny,
        {{ somme('w * note') }} as wy,
        {{ somme('n * satisfait') }} as np,
        {{ somme('w * satisfait') }} as wp,
        min(note_centre) as note_centre,
        {{ somme('w * note_ecart') }} as wd,
        {{ somme('w2 * note_ecart') }} as w2d,
        {{ somme('w2 * note_ecart * note_ecart') }} as w2dd,
        min(taux_centre) as taux_centre,
        {{ somme('w * taux_ecart') }} as we,
        {{ somme('w2 * taux_ecart') }} as w2e,
        {{ somme('w2 * taux_ecart * taux_ecart') }} as w2ee
    from centrees
    group by vague, organisme_code, strate_variance, axe, segment, question_code
),

-- Les mêmes termes à nombre de répondants fixé : ceux de la question sont l'échantillon de la strate. Un répondant seul
-- n'a pas de variance ainsi ; il garde celle de sa strate.
a_base_fixee as (
    select
        *,
        case when n > 1 then n else cast(nh as double) end as nd,
        case when n > 1 then {{ coefficient_variance('n', 'population') }} else ch end as cd
    from par_strate
),

sommes as (
    select
        vague,
        organisme_code,
        axe,
        segment,
        question_code,
        {{ somme('n') }} as n,
        {{ somme('w') }} as w,
        {{ somme('w2') }} as w2,
        {{ somme('ny') }} as ny,
        {{ somme('wy') }} as wy,
        {{ somme('np') }} as np,
        {{ somme('wp') }} as wp,
        min(note_centre) as note_centre,
        min(taux_centre) as taux_centre,
        {{ somme('ch * (w2dd - wd * wd / nh)') }} as note_q0,
        {{ somme('ch * (w2d - wd * w / nh)') }} as note_q1,
        {{ somme('ch * w2dd') }} as note_g0,
        {{ somme('ch * (w2ee - we * we / nh)') }} as taux_q0,
        {{ somme('ch * (w2e - we * w / nh)') }} as taux_q1,
        {{ somme('ch * w2ee') }} as taux_g0,
        {{ somme('ch * (w2 - w * w / nh)') }} as q2,
        {{ somme('ch * w2') }} as g2,
        {{ somme('cd * (w2dd - wd * wd / nd)') }} as note_d0,
        {{ somme('cd * (w2d - wd * w / nd)') }} as note_d1,
        {{ somme('cd * w2dd') }} as note_e0,
        {{ somme('cd * (w2ee - we * we / nd)') }} as taux_d0,
        {{ somme('cd * (w2e - we * w / nd)') }} as taux_d1,
        {{ somme('cd * w2ee') }} as taux_e0,
        {{ somme('cd * (w2 - w * w / nd)') }} as d2,
        {{ somme('cd * w2') }} as e2
    from a_base_fixee
    group by vague, organisme_code, axe, segment, question_code
)

-- La variance d'un domaine est un polynôme de l'écart d de sa moyenne au centre : (q0 - 2 d q1 + d² q2) / W². Ses
-- coefficients s'ajoutent d'un organisme à l'autre, donc toute réunion d'organismes s'estime sans revenir aux strates.
-- Les bruts, g0 et g2, disent de quelle grandeur sont les termes qui s'y soustraient, donc leur reste d'arrondi.
select
    vague,
    organisme_code,
    axe,
    segment,
    question_code,
    n,
    w,
    w2,
    ny,
    wy,
    np,
    wp,
    note_centre,
    taux_centre,
    note_q0,
    note_q1,
    note_g0,
    taux_q0,
    taux_q1,
    taux_g0,
    q2,
    g2,
    case
        when w > 0
            then {{ variance_taylor('note_d0', 'note_d1', 'd2', 'note_e0', 'e2', '(wy / w - note_centre)', 'w') }}
    end as note_variance,
    case
        when w > 0
            then {{ variance_taylor('taux_d0', 'taux_d1', 'd2', 'taux_e0', 'e2', '(wp / w - taux_centre)', 'w') }}
    end as taux_variance
from sommes
