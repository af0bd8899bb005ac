{%- set case = ['vague', 'organisme_code', 'axe', 'segment', 'question_code'] -%}
with comptage as (
    select * from {{ ref('int_comptage_extrapole') }}
),

modalites as (
    select * from {{ ref('int_modalites') }}
),

bases as (
    select * from {{ ref('int_moments') }}
    where mesure = 'base' and n > 0
),

satisfaits as (
    select * from {{ ref('int_moments') }}
    where mesure = 'taux' and n > 0
)

select
    {{ case | join(', ') }},
    'base' as mesure,
    cast(n as double) as n,
    cast(w as double) as poids
from bases
union all
select
    {{ case | join(', ') }},
    'satisfaits' as mesure,
    cast(ny as double) as n,
    cast(wy as double) as poids
from satisfaits
union all
select
    {{ case | join(', ') }},
    'insatisfaits' as mesure,
    cast(n - ny as double) as n,
    cast(w - wy as double) as poids
from satisfaits
union all
select
    {{ prises('comptage', case) }},
    'modalite ' || comptage.modalite_code as mesure,
    cast({{ somme('comptage.n') }} as double) as n,
    cast({{ somme('comptage.w') }} as double) as poids
from comptage
inner join modalites
    on
        comptage.question_code = modalites.question_code
        and comptage.modalite_code = modalites.modalite_code
where modalites.statut_reponse = 'exprime'
group by
    {{ prises('comptage', case) }},
    comptage.modalite_code
