with source as (
    select * from {{ ref('questions_vagues') }}
)

select
    question_code,
    vague,
    equivalence,
    commentaire
from source
