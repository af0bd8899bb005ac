with comptage as (
    select * from {{ ref('int_comptage_retenu') }}
),

modalites as (
    select * from {{ ref('int_modalites') }}
),

moments as (
    select * from {{ ref('int_moments') }}
    where mesure = 'base'
)

select
    vague,
    organisme_code,
    axe,
    segment,
    question_code,
    'reponses' as mesure,
    cast(n as double) as valeur
from moments
where n > 0
union all
select
    vague,
    organisme_code,
    axe,
    segment,
    question_code,
    'poids' as mesure,
    cast(w as double) as valeur
from moments
where n > 0
union all
select
    comptage.vague,
    comptage.organisme_code,
    comptage.axe,
    comptage.segment,
    comptage.question_code,
    'modalite ' || comptage.modalite_code as mesure,
    cast({{ somme('comptage.n') }} as double) as valeur
from comptage
inner join modalites
    on
        comptage.question_code = modalites.question_code
        and comptage.modalite_code = modalites.modalite_code
where modalites.statut_reponse = 'exprime'
group by
    comptage.vague,
    comptage.organisme_code,
    comptage.axe,
    comptage.segment,
    comptage.question_code,
    comptage.modalite_code
