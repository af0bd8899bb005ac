with questions as (
    select * from {{ ref('int_engagements_questions') }}
    where est_public
)

{{ projeter('questions') }}
