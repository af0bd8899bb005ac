-- Un organisme consolidé n'a qu'une ligne par vague : une validité qui se chevauche doublerait ses réponses.
with participants as (
    select * from {{ ref('int_participants') }}
)

select
    vague,
    organisme_code,
    count(*) as occurrences
from participants
group by vague, organisme_code
having count(*) > 1
