with satisfaction as (
    select * from {{ ref('int_satisfaction') }}
    where statut <> 'Z'
),

perimetres as (
    select distinct
        vague,
        perimetre_type,
        perimetre,
        ensemble
    from {{ ref('int_perimetres') }}
    where methode = 'publie'
),

notes as (
    select * from {{ ref('int_notes_baremes') }}
),

ecarts as (
    select * from {{ ref('int_ecarts_baremes') }}
    where methode = 'publie'
),

questions as (
    select * from {{ ref('stg_questions') }}
),

baremes as (
    select distinct
        echelle,
        bareme,
        version as bareme_version,
        libelle
    from {{ ref('stg_baremes') }}
),

vagues as (
    select
        vague,
        lag(vague) over (order by ordre) as vague_precedente
    from {{ ref('stg_vagues') }}
)

select
    satisfaction.vague,
    satisfaction.perimetre_type,
    satisfaction.perimetre,
    satisfaction.axe,
    satisfaction.segment,
    satisfaction.question_code,
    baremes.bareme,
    baremes.bareme_version,
    baremes.libelle as bareme_libelle,
    {{ si_publie('notes.note', 'satisfaction.statut') }} as note,
    {{ si_publie('notes.erreur_type', 'satisfaction.statut') }} as note_erreur_type,
    {{ si_publie('notes.note - satisfaction.note_imprimee', 'satisfaction.statut') }} as ecart_note_imprimee,
    {{ si_publie('ecarts.vague_precedente', 'satisfaction.statut') }} as vague_precedente,
    {{ si_publie('ecarts.ecart_note', 'satisfaction.statut') }} as evolution,
    {{ si_publie('ecarts.p_valeur_ajustee', 'satisfaction.statut') }} as p_valeur_ajustee,
    {{ si_publie('ecarts.verdict', 'satisfaction.statut') }} as verdict,
    {{ si_publie('ecarts.change_verdict', 'satisfaction.statut') }} as change_verdict,
    satisfaction.statut,
    satisfaction.motif_code,
    satisfaction.motif_parametre,
    satisfaction.motif_statut
from satisfaction
inner join questions
    on satisfaction.question_code = questions.question_code
inner join baremes
    on questions.echelle = baremes.echelle
inner join vagues
    on satisfaction.vague = vagues.vague
inner join perimetres
    on
        satisfaction.vague = perimetres.vague
        and satisfaction.perimetre_type = perimetres.perimetre_type
        and satisfaction.perimetre = perimetres.perimetre
left join notes
    on
        satisfaction.vague = notes.vague
        and perimetres.ensemble = notes.ensemble
        and satisfaction.axe = notes.axe
        and satisfaction.segment = notes.segment
        and satisfaction.question_code = notes.question_code
        and baremes.bareme = notes.bareme
        and baremes.bareme_version = notes.bareme_version
left join ecarts
    on
        satisfaction.vague = ecarts.vague
        and vagues.vague_precedente = ecarts.vague_precedente
        and satisfaction.perimetre_type = ecarts.perimetre_type
        and satisfaction.perimetre = ecarts.perimetre
        and satisfaction.axe = ecarts.axe
        and satisfaction.segment = ecarts.segment
        and satisfaction.question_code = ecarts.question_code
        and baremes.bareme = ecarts.bareme
        and baremes.bareme_version = ecarts.bareme_version
