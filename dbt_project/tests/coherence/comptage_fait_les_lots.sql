-- Chaque question à réponse unique compte, dans chaque axe, tous les entretiens de chaque lot élu, et aucun autre.
with comptage as (
    select * from {{ ref('comptage') }}
),

lots as (
    select * from {{ ref('stg_lots') }}
),

axes as (
    select * from {{ ref('stg_axes') }}
),

questions as (
    select distinct question_code
    from {{ ref('int_modalites') }}
    where type = 'unique'
),

comptes as (
    select
        comptage.vague,
        comptage.organisme_code,
        comptage.axe,
        comptage.question_code,
        cast(round({{ somme('comptage.n') }}) as bigint) as n
    from comptage
    inner join questions
        on comptage.question_code = questions.question_code
    group by comptage.vague, comptage.organisme_code, comptage.axe, comptage.question_code
),

attendus as (
    select
        lots.vague,
        lots.organisme_code,
        axes.axe,
        questions.question_code,
        lots.nb_entretiens
    from lots
    cross join axes
    cross join questions
)

select
    coalesce(attendus.vague, comptes.vague) as vague,
    coalesce(attendus.organisme_code, comptes.organisme_code) as organisme_code,
    coalesce(attendus.axe, comptes.axe) as axe,
    coalesce(attendus.question_code, comptes.question_code) as question_code,
    attendus.nb_entretiens,
    comptes.n
from attendus
full outer join comptes
    on
        attendus.vague = comptes.vague
        and attendus.organisme_code = comptes.organisme_code
        and attendus.axe = comptes.axe
        and attendus.question_code = comptes.question_code
where coalesce(attendus.nb_entretiens, -1) <> coalesce(comptes.n, -1)
