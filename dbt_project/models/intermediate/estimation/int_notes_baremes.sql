with cellules as (
    select * from {{ ref('int_comptage_extrapole') }}
),

-- Lu à part : un moteur garderait en mémoire des cellules qu'il lirait deux fois sous le même nom.
echantillon as (
    select * from {{ ref('int_comptage_extrapole') }}
    where axe = 'ensemble'
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
notes as (
    select
        modalites.question_code,
        modalites.modalite_code,
        baremes.bareme,
        baremes.version as bareme_version,
        baremes.note
    from modalites
    inner join baremes
        on
            modalites.echelle = baremes.echelle
            and modalites.modalite_code = baremes.modalite_code
    where modalites.type = 'unique' and modalites.statut_reponse = 'exprime'
),

centres as (
    select
        echantillon.vague,
        notes.question_code,
        notes.bareme,
        notes.bareme_version,
        {{ somme('echantillon.w * notes.note') }} / {{ somme('echantillon.w') }} as note_centre
    from echantillon
    inner join notes
        on
            echantillon.question_code = notes.question_code
            and echantillon.modalite_code = notes.modalite_code
    group by echantillon.vague, notes.question_code, notes.bareme, notes.bareme_version
),

valeurs as (
    select
        centres.vague,
        notes.question_code,
        notes.modalite_code,
        notes.bareme,
        notes.bareme_version,
        notes.note,
        notes.note - centres.note_centre as note_ecart
    from notes
    inner join centres
        on
            notes.question_code = centres.question_code
            and notes.bareme = centres.bareme
            and notes.bareme_version = centres.bareme_version
),

sommes as (
    select
        cellules.vague,
        cellules.organisme_code,
        cellules.strate_variance,
        cellules.axe,
        cellules.segment,
        cellules.question_code,
        valeurs.bareme,
        valeurs.bareme_version,
        {{ somme('n') }} as n,
        {{ somme('w') }} as w,
        {{ somme('w2') }} as w2,
        {{ somme('w * note') }} as wy,
        {{ sommes_centrees('note') }}
    from cellules
    inner join valeurs
        on
            cellules.vague = valeurs.vague
            and cellules.question_code = valeurs.question_code
            and cellules.modalite_code = valeurs.modalite_code
    group by
        cellules.vague,
        cellules.organisme_code,
        cellules.strate_variance,
        cellules.axe,
        cellules.segment,
        cellules.question_code,
        valeurs.bareme,
        valeurs.bareme_version
),

plans as (
    select distinct
        vague,
        organisme_code,
        strate_variance,
        nb_entretiens_variance as nh,
        coefficient_variance as ch,
        population_variance as population
    from strates
),

par_strate as (
    select
        sommes.*,
        plans.nh,
        plans.ch,
        plans.population
    from sommes
    inner join plans
        on
            sommes.vague = plans.vague
            and sommes.organisme_code = plans.organisme_code
            and sommes.strate_variance = plans.strate_variance
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
        par_organisme.*,
        centres.note_centre,
        {{ variance_taylor('note_d0', 'note_d1', 'd2', 'note_e0', 'e2', '(wy / w - note_centre)', 'w') }}
            as note_variance
    from par_organisme
    inner join centres
        on
            par_organisme.vague = centres.vague
            and par_organisme.question_code = centres.question_code
            and par_organisme.bareme = centres.bareme
            and par_organisme.bareme_version = centres.bareme_version
    where par_organisme.w > 0
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
