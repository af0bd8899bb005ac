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
        questions_vagues.*,
        row_number() over (partition by questions_vagues.question_code order by vagues.ordre) as rang,
        row_number() over (partition by questions_vagues.question_code order by vagues.ordre desc) as rang_inverse
    from {{ ref('stg_questions_vagues') }} as questions_vagues
    inner join {{ ref('stg_vagues') }} as vagues
        on questions_vagues.vague = vagues.vague
    where vagues.est_principale
),

historique as (
    select
        question_code,
        max(case when rang = 1 then vague end) as premiere_vague,
        max(case when rang_inverse = 1 then vague end) as derniere_vague,
        max(case when rang_inverse = 1 then equivalence end) as equivalence
    from questions_vagues
    group by all
),

decrites as (
    select
        questions.*,
        themes.libelle as theme,
        echelles.libelle as echelle_libelle,
        echelles.type,
        echelles.unite_note,
        {{ prises('historique', ['premiere_vague', 'derniere_vague', 'equivalence']) }}
    from questions
    inner join themes
        on questions.theme_code = themes.theme_code
    inner join echelles
        on questions.echelle = echelles.echelle
    left join historique
        on questions.question_code = historique.question_code
)

{{ projeter('decrites') }}
