with modalites as (
    select * from {{ ref('int_modalites') }}
),

participants as (
    select * from {{ ref('int_participants') }}
),

baremes as (
    select * from {{ ref('stg_baremes') }}
),

echantillon as (
    select * from {{ ref('int_comptage_extrapole') }}
    where axe = 'ensemble'
),

-- Les modalités exprimées, avec la note que leur donne le barème de l'institut.
exprimees as (
    select
        participants.vague,
        participants.organisme_code,
        modalites.question_code,
        modalites.modalite_code,
        modalites.echelle,
        modalites.ordre,
        modalites.est_satisfait,
        modalites.est_tres_satisfait,
        modalites.est_tres_insatisfait,
        modalites.groupe_nps,
        baremes.note
    from modalites
    cross join participants
    left join baremes
        on
            participants.bareme = baremes.bareme
            and participants.bareme_version = baremes.version
            and modalites.echelle = baremes.echelle
            and modalites.modalite_code = baremes.modalite_code
    where modalites.type = 'unique' and modalites.statut_reponse = 'exprime'
),

valeurs as (
    {%- for mesure in fromyaml(mesures()) %}
    select
        vague,
        organisme_code,
        question_code,
        modalite_code,
        '{{ mesure.nom }}' as mesure,
        cast({{ mesure.valeur }} as double) as valeur
    from exprimees
    union all
    {%- endfor %}
    -- le même barème pour tous, quel que soit celui de l'institut
    select
        exprimees.vague,
        exprimees.organisme_code,
        exprimees.question_code,
        exprimees.modalite_code,
        {{ note_sous_bareme('baremes.bareme', 'baremes.version') }} as mesure,
        baremes.note as valeur
    from exprimees
    inner join baremes
        on
            exprimees.echelle = baremes.echelle
            and exprimees.modalite_code = baremes.modalite_code
    union all
    -- une question à plusieurs réponses n'a que sa base, ses répondants
    select distinct
        participants.vague,
        participants.organisme_code,
        modalites.question_code,
        '*' as modalite_code,
        'base' as mesure,
        cast(1.0 as double) as valeur
    from modalites
    cross join participants
    where modalites.type = 'multiple'
),

centres as (
    select
        echantillon.vague,
        echantillon.question_code,
        valeurs.mesure,
        {{ somme('echantillon.w * valeurs.valeur') }} / {{ somme('echantillon.w') }} as centre
    from echantillon
    inner join valeurs
        on
            echantillon.vague = valeurs.vague
            and echantillon.organisme_code = valeurs.organisme_code
            and echantillon.question_code = valeurs.question_code
            and echantillon.modalite_code = valeurs.modalite_code
    where valeurs.valeur is not null
    group by echantillon.vague, echantillon.question_code, valeurs.mesure
)

select
    valeurs.vague,
    valeurs.organisme_code,
    valeurs.question_code,
    valeurs.modalite_code,
    valeurs.mesure,
    valeurs.valeur,
    centres.centre,
    valeurs.valeur - centres.centre as ecart
from valeurs
inner join centres
    on
        valeurs.vague = centres.vague
        and valeurs.question_code = centres.question_code
        and valeurs.mesure = centres.mesure
where valeurs.valeur is not null
