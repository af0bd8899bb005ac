{%- set case = ['vague', 'organisme_code', 'axe', 'segment', 'question_code'] -%}
with comptage as (
    select * from {{ ref('int_comptage_extrapole') }}
),

modalites as (
    select * from {{ ref('int_modalites') }}
),

moments as (
    select * from {{ ref('int_moments') }}
    where mesure = 'base'
)

select
    {{ case | join(', ') }},
    'reponses' as mesure,
    cast(n as double) as valeur
from moments
where n > 0
union all
select
    {{ case | join(', ') }},
    'poids' as mesure,
    cast(w as double) as valeur
from moments
where n > 0
union all
select
    {{ prises('comptage', case) }},
    'modalite ' || comptage.modalite_code as mesure,
    cast({{ somme('comptage.n') }} as double) as valeur
from comptage
inner join modalites
    on
        comptage.question_code = modalites.question_code
        and comptage.modalite_code = modalites.modalite_code
where modalites.statut_reponse = 'exprime'
group by
    {{ prises('comptage', case) }},
    comptage.modalite_code
