with questions as (
    select * from {{ ref('stg_questions') }}
),

themes as (
    select * from {{ ref('stg_themes') }}
),

echelles as (
    select * from {{ ref('stg_echelles') }}
),

questions_vagues as (
    select
        questions_vagues.question_code,
        questions_vagues.vague,
        questions_vagues.equivalence,
        row_number() over (partition by questions_vagues.question_code order by vagues.ordre) as rang,
        row_number() over (partition by questions_vagues.question_code order by vagues.ordre desc) as rang_inverse
    from {{ ref('stg_questions_vagues') }} as questions_vagues
    inner join {{ ref('stg_vagues') }} as vagues
        on questions_vagues.vague = vagues.vague
),

historique as (
    select
        question_code,
        max(case when rang = 1 then vague end) as premiere_vague,
        max(case when rang_inverse = 1 then vague end) as derniere_vague,
        max(case when rang_inverse = 1 then equivalence end) as equivalence
    from questions_vagues
    group by question_code
)

select
    questions.question_code,
    questions.theme_code,
    themes.libelle as theme,
    questions.ordre,
    questions.libelle,
    questions.formulation,
    questions.statut_formulation,
    questions.echelle,
    echelles.libelle as echelle_libelle,
    echelles.type,
    questions.nature,
    echelles.unite_note,
    questions.filtre,
    questions.est_globale,
    historique.premiere_vague,
    historique.derniere_vague,
    historique.equivalence,
    questions.source
from questions
inner join themes
    on questions.theme_code = themes.theme_code
inner join echelles
    on questions.echelle = echelles.echelle
left join historique
    on questions.question_code = historique.question_code
