{%- set perimetre = ['perimetre_type', 'perimetre'] -%}
{%- set case = ['axe', 'segment', 'question_code'] -%}
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
        lag(vague) over (partition by dispositif_code order by ordre) as vague_precedente
    from {{ ref('stg_vagues') }}
)

select
    {{ prises('satisfaction', ['vague'] + perimetre + case + ['base_brute']) }},
    {{ prises('satisfaction', ['statut', 'motif_code', 'motif_parametre', 'motif_statut']) }},
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
    {{ si_publie('verdicts.change_verdict', 'satisfaction.statut') }} as change_verdict
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
        and {{ memes('satisfaction', 'avant', perimetre + case) }}
left join notes
    on
        {{ memes('satisfaction', 'notes', ['vague', 'ensemble'] + case) }}
        and notes.mesure = {{ note_sous_bareme('baremes.bareme', 'baremes.bareme_version') }}
left join verdicts
    on
        {{ memes('satisfaction', 'verdicts', ['vague'] + perimetre + case) }}
        and vagues.vague_precedente = verdicts.vague_precedente
        and {{ memes('baremes', 'verdicts', ['bareme', 'bareme_version']) }}
