with questions as (
    select question_code from {{ ref('stg_questions') }}
),

vagues as (
    select
        vague,
        dispositif_code
    from {{ ref('stg_vagues') }}
),

poses as (
    select distinct
        vagues.dispositif_code,
        posees.question_code
    from {{ ref('stg_questions_vagues') }} as posees
    inner join vagues
        on posees.vague = vagues.vague
),

partout as (
    select distinct question_code from poses
)

-- Une question que le dispositif n'a jamais posée n'y est pas « non posée » : elle est d'un autre, et rien ne l'y imprime.
select
    vagues.vague,
    questions.question_code
from vagues
cross join questions
left join poses
    on
        vagues.dispositif_code = poses.dispositif_code
        and questions.question_code = poses.question_code
left join partout
    on questions.question_code = partout.question_code
where poses.question_code is not null or partout.question_code is null
