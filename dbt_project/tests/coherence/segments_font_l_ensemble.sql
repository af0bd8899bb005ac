-- Les segments d'un axe, non renseignés compris, refont l'ensemble : rien ne se perd en passant par un axe.
with moments as (
    select * from {{ ref('int_moments') }}
    where mesure = 'base'
),

totaux as (
    select
        vague,
        organisme_code,
        question_code,
        axe,
        {{ somme('n') }} as n
    from moments
    group by all
)

select
    vague,
    organisme_code,
    question_code,
    min(n) as minimum,
    max(n) as maximum
from totaux
group by all
-- une soustraction de comptes fractionnaires laisse un reste au neuvième chiffre
having max(n) - min(n) > 1e-6
