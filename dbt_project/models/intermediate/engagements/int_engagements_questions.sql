with questions as (
    select * from {{ ref('stg_engagements_questions') }}
),

engagements as (
    select * from {{ ref('int_engagements') }}
),

nommees as (
    select
        questions.*,
        engagements.organisme_code,
        engagements.est_public
    from questions
    inner join engagements
        on questions.engagement_code = engagements.engagement_code
)

{{ projeter('nommees') }}
