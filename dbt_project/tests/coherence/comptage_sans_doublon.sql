-- Un lot est compté une seule fois : ni reste d'une version précédente, ni double insertion.
with comptage as (
    select * from {{ ref('comptage') }}
)

select
    vague,
    organisme_code,
    strate,
    axe,
    segment,
    question_code,
    modalite_code,
    count(*) as occurrences
from comptage
group by vague, organisme_code, strate, axe, segment, question_code, modalite_code
having count(*) > 1
