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

perimetres as (
    select * from {{ ref('int_perimetres') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
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
    where perimetres.methode <> 'reste'
),

-- Le même barème pour tous, quel que soit celui de l'institut.
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
        baremes.bareme,
        baremes.version as bareme_version,
        baremes.note,
        comptage.n,
        strates.facteur * comptage.poids_somme as w,
        strates.facteur * strates.facteur * comptage.poids_carre_somme as w2
    from comptage
    inner join strates
        on
            comptage.vague = strates.vague
            and comptage.organisme_code = strates.organisme_code
            and comptage.strate = strates.strate
    inner join modalites
        on
            comptage.question_code = modalites.question_code
            and comptage.modalite_code = modalites.modalite_code
    inner join baremes
        on
            modalites.echelle = baremes.echelle
            and modalites.modalite_code = baremes.modalite_code
    where modalites.type = 'unique' and modalites.statut_reponse = 'exprime'
),

centres as (
    select
        vague,
        question_code,
        bareme,
        bareme_version,
        {{ somme('w * note') }} / {{ somme('w') }} as note_centre
    from cellules
    where axe = 'ensemble'
    group by vague, question_code, bareme, bareme_version
),

centrees as (
    select
        cellules.*,
        centres.note_centre,
        cellules.note - centres.note_centre as note_ecart
    from cellules
    inner join centres
        on
            cellules.vague = centres.vague
            and cellules.question_code = centres.question_code
            and cellules.bareme = centres.bareme
            and cellules.bareme_version = centres.bareme_version
),

par_strate as (
    select
        vague,
        organisme_code,
        strate_variance,
        axe,
        segment,
        question_code,
        bareme,
        bareme_version,
        min(note_centre) as note_centre,
        min(nb_entretiens_variance) as nh,
        min(coefficient_variance) as ch,
        min(population_variance) as population,
        {{ somme('n') }} as n,
        {{ somme('w') }} as w,
        {{ somme('w2') }} as w2,
        {{ somme('w * note') }} as wy,
        {{ sommes_centrees('note') }}
    from centrees
    group by vague, organisme_code, strate_variance, axe, segment, question_code, bareme, bareme_version
),

a_base_fixee as (
    select
        par_strate.*,
        {{ a_base_fixee() }}
    from par_strate
    cross join parametres
),

par_organisme as (
    select
        vague,
        organisme_code,
        axe,
        segment,
        question_code,
        bareme,
        bareme_version,
        min(note_centre) as note_centre,
        {{ somme('w') }} as w,
        {{ somme('wy') }} as wy,
        {{ somme('ch * (w2 - w * w / nh)') }} as q2,
        {{ somme('ch * w2') }} as g2,
        {{ somme('cd * (w2 - w * w / nd)') }} as d2,
        {{ somme('cd * w2') }} as e2,
        {{ coefficients_taylor('note', 'ch', 'nh', ['q0', 'q1', 'g0']) }},
        {{ coefficients_taylor('note', 'cd', 'nd', ['d0', 'd1', 'e0']) }}
    from a_base_fixee
    group by vague, organisme_code, axe, segment, question_code, bareme, bareme_version
),

organismes as (
    select
        *,
        {{ variance_taylor('note_d0', 'note_d1', 'd2', 'note_e0', 'e2', '(wy / w - note_centre)', 'w') }}
            as note_variance
    from par_organisme
    where w > 0
),

par_ensemble as (
    select
        membres.vague,
        membres.ensemble,
        organismes.axe,
        organismes.segment,
        organismes.question_code,
        organismes.bareme,
        organismes.bareme_version,
        min(organismes.note_centre) as note_centre,
        cast(count(*) as bigint) as nb_organismes,
        {%- for terme in ['w', 'wy', 'q2', 'g2', 'note_q0', 'note_q1', 'note_g0', 'note_variance'] %}
        {{ somme('organismes.' ~ terme) }} as {{ terme }},
        {%- endfor %}
        {{ somme('organismes.wy / organismes.w') }} as note_organismes,
        {{ somme('membres.parc * organismes.wy / organismes.w') }} as note_parc,
        {{ somme('cast(membres.parc as double) * membres.parc * organismes.note_variance') }} as note_parc_variance,
        {{ somme('membres.parc') }} as parc
    from organismes
    inner join membres
        on
            organismes.vague = membres.vague
            and organismes.organisme_code = membres.organisme_code
    group by
        membres.vague,
        membres.ensemble,
        organismes.axe,
        organismes.segment,
        organismes.question_code,
        organismes.bareme,
        organismes.bareme_version
),

estimations as (
    select
        *,
        wy / w as note_moyenne,
        sqrt(
            {{ variance_taylor('note_q0', 'note_q1', 'q2', 'note_g0', 'g2', '(wy / w - note_centre)', 'w') }}
        ) as note_erreur_type,
        note_organismes / nb_organismes as note_moyenne_organismes,
        sqrt(note_variance) / nb_organismes as note_moyenne_organismes_erreur_type,
        note_parc / parc as note_moyenne_parc,
        sqrt(note_parc_variance) / parc as note_moyenne_parc_erreur_type
    from par_ensemble
)

select
    estimations.vague,
    estimations.ensemble,
    estimations.axe,
    estimations.segment,
    estimations.question_code,
    estimations.bareme,
    estimations.bareme_version,
    {{ imprime('note_moyenne', 'note_moyenne') }} as note,
    {{ imprime('note_erreur_type', 'note_moyenne', '_erreur_type') }} as erreur_type
from estimations
cross join parametres
