with satisfaction as (
    select * from {{ ref('int_satisfaction') }}
    where statut <> 'Z'
),

notes as (
    select * from {{ ref('int_estimation') }}
    where not {{ est_declaree('mesure') }}
),

verdicts as (
    select * from {{ ref('int_verdicts') }}
    where methode = 'publie' and bareme is not null
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
    satisfaction.base_brute,
    -- L'évolution et la note donnent ensemble la note d'avant : c'est la vague qui a le moins d'organismes qui compte.
    least(satisfaction.nb_organismes, avant.nb_organismes) as nb_organismes,
    baremes.bareme,
    baremes.bareme_version,
    baremes.libelle as bareme_libelle,
    {{ si_publie('notes.imprimee', 'satisfaction.statut') }} as note,
    {{ si_publie('notes.imprimee_erreur_type', 'satisfaction.statut') }} as note_erreur_type,
    {{ si_publie('notes.imprimee - satisfaction.note_imprimee', 'satisfaction.statut') }} as ecart_note_imprimee,
    {{ si_publie('verdicts.vague_precedente', 'satisfaction.statut') }} as vague_precedente,
    {{ si_publie('verdicts.ecart', 'satisfaction.statut') }} as evolution,
    {{ si_publie('verdicts.p_valeur_ajustee', 'satisfaction.statut') }} as p_valeur_ajustee,
    {{ si_publie('verdicts.verdict', 'satisfaction.statut') }} as verdict,
    {{ si_publie('verdicts.change_verdict', 'satisfaction.statut') }} as change_verdict,
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
left join satisfaction as avant
    on
        vagues.vague_precedente = avant.vague
        and {{ memes('satisfaction', 'avant', ['perimetre_type', 'perimetre', 'axe', 'segment', 'question_code']) }}
left join notes
    on
        satisfaction.vague = notes.vague
        and satisfaction.ensemble = notes.ensemble
        and satisfaction.axe = notes.axe
        and satisfaction.segment = notes.segment
        and satisfaction.question_code = notes.question_code
        and notes.mesure = {{ note_sous_bareme('baremes.bareme', 'baremes.bareme_version') }}
left join verdicts
    on
        satisfaction.vague = verdicts.vague
        and vagues.vague_precedente = verdicts.vague_precedente
        and satisfaction.perimetre_type = verdicts.perimetre_type
        and satisfaction.perimetre = verdicts.perimetre
        and satisfaction.axe = verdicts.axe
        and satisfaction.segment = verdicts.segment
        and satisfaction.question_code = verdicts.question_code
        and baremes.bareme = verdicts.bareme
        and baremes.bareme_version = verdicts.bareme_version
