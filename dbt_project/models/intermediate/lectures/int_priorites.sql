{%- set perimetre = ['vague', 'perimetre_type', 'perimetre'] -%}
with importances as (
    select * from {{ ref('int_importances') }}
),

satisfaction as (
    select *
    from {{ ref('int_satisfaction') }}
    where axe = 'ensemble'
),

questions as (
    select * from {{ ref('stg_questions') }}
),

themes as (
    select * from {{ ref('stg_themes') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

par_question as (
    select
        importances.*,
        questions.theme_code,
        questions.libelle,
        satisfaction.note_imprimee as note,
        {{ motif_de('satisfaction') }} as motif_note
    from importances
    inner join satisfaction
        on
            {{ memes('importances', 'satisfaction', perimetre) }}
            and importances.code = satisfaction.question_code
    inner join questions
        on importances.code = questions.question_code
    where importances.niveau = 'question'
),

-- La note d'un thème, celle de ses questions, chacune pour ce qu'elle pèse.
notes_de_theme as (
    select
        {{ (perimetre + ['question_globale', 'theme_code']) | join(', ') }},
        {{ somme('importance * note') }} / {{ somme('case when note is not null then importance end') }} as note
    from par_question
    group by all
),

par_theme as (
    select
        importances.*,
        themes.theme_code,
        themes.libelle,
        notes_de_theme.note,
        case when notes_de_theme.note is null then {{ motif('theme_sans_note') }} end as motif_note
    from importances
    inner join themes
        on importances.code = themes.theme_code
    inner join notes_de_theme
        on
            {{ memes('importances', 'notes_de_theme', perimetre + ['question_globale']) }}
            and importances.code = notes_de_theme.theme_code
    where importances.niveau = 'theme'
),

elements as (
    select * from par_question
    union all
    select * from par_theme
),

motives as (
    select
        elements.*,
        case
            when elements.base < parametres.priorites_base_minimale
                then {{ motif('entretiens_complets', 'parametres.priorites_base_minimale') }}
            when round(elements.base_efficace) < parametres.priorites_base_minimale
                then {{ motif('base_efficace', 'parametres.priorites_base_minimale') }}
            when elements.motif_note is not null then elements.motif_note
            else {{ motif_organismes('elements.nb_organismes', 'elements.part_dominante', 'elements.perimetre_type') }}
        end as motif
    from elements
    cross join parametres
),

juges as (
    select
        *,
        {{ statut_motif('motif') }} as statut
    from motives
),

-- La carte se coupe à l'importance et à la note moyennes de ce qu'elle montre.
situes as (
    select
        *,
        base as base_brute,
        r2 as part_expliquee,
        {{ somme('importance', 'carte') }} / count(importance) over carte as importance_moyenne,
        {{ somme('note', 'carte') }} / count(note) over carte as note_moyenne
    from juges
    window carte as (partition by vague, perimetre_type, perimetre, question_globale, niveau, statut)
),

lus as (
    select
        *,
        case
            when importance >= importance_moyenne and note < note_moyenne then 'à améliorer'
            when importance >= importance_moyenne then 'à préserver'
            when note < note_moyenne then 'à surveiller'
            else 'acquis'
        end as lecture,
        {{ colonnes_motif('motif') }}
    from situes
)

{{ masquer('lus', pour='fct_priorite') }}
