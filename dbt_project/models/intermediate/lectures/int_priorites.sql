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
        satisfaction.statut as statut_note,
        satisfaction.motif_statut as motif_note
    from importances
    inner join satisfaction
        on
            importances.vague = satisfaction.vague
            and importances.perimetre_type = satisfaction.perimetre_type
            and importances.perimetre = satisfaction.perimetre
            and importances.code = satisfaction.question_code
    inner join questions
        on importances.code = questions.question_code
    where importances.niveau = 'question'
),

-- La note d'un thème, celle de ses questions, chacune pour ce qu'elle pèse.
notes_de_theme as (
    select
        vague,
        perimetre_type,
        perimetre,
        question_globale,
        theme_code,
        {{ somme('importance * note') }} / {{ somme('case when note is not null then importance end') }} as note
    from par_question
    group by vague, perimetre_type, perimetre, question_globale, theme_code
),

par_theme as (
    select
        importances.*,
        themes.theme_code,
        themes.libelle,
        notes_de_theme.note,
        case when notes_de_theme.note is null then 'S' else 'V' end as statut_note,
        case when notes_de_theme.note is null then 'aucune note publiée dans le thème' end as motif_note
    from importances
    inner join themes
        on importances.code = themes.theme_code
    inner join notes_de_theme
        on
            importances.vague = notes_de_theme.vague
            and importances.perimetre_type = notes_de_theme.perimetre_type
            and importances.perimetre = notes_de_theme.perimetre
            and importances.question_globale = notes_de_theme.question_globale
            and importances.code = notes_de_theme.theme_code
    where importances.niveau = 'theme'
),

elements as (
    select * from par_question
    union all
    select * from par_theme
),

juges as (
    select
        elements.*,
        case
            when elements.base < parametres.priorites_base_minimale then 'S'
            when elements.statut_note <> 'V' then elements.statut_note
            when elements.perimetre_type = 'organisme' then 'V'
            when elements.nb_organismes < parametres.organismes_minimum then 'S'
            when elements.part_dominante >= parametres.dominance_maximum then 'S'
            else 'V'
        end as statut,
        case
            when elements.base < parametres.priorites_base_minimale
                then
                    'moins de ' || cast(parametres.priorites_base_minimale as {{ dbt.type_string() }})
                    || ' entretiens complets'
            when elements.statut_note <> 'V' then elements.motif_note
            when elements.perimetre_type = 'organisme' then null
            when elements.nb_organismes < parametres.organismes_minimum
                then 'moins de ' || cast(parametres.organismes_minimum as {{ dbt.type_string() }}) || ' organismes'
            when elements.part_dominante >= parametres.dominance_maximum then 'un organisme domine le résultat'
        end as motif_statut
    from elements
    cross join parametres
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
        end as lecture
    from situes
)

{{ masquer('lus', pour='fct_priorite') }}
