{%- set case = ['vague', 'organisme_code', 'axe', 'segment', 'question_code'] -%}
{#- Une vue : deux modèles la lisent, dont l'un la seule base, et l'écrire prendrait plus de temps que la refaire. -#}
{{ config(materialized='view') }}
{#- Chaque mesure, et d'où viennent ses réponses et leur poids. -#}
{%- set sommes = [
    ('base', 'base', 'n', 'w'), ('satisfaits', 'taux', 'ny', 'wy'), ('insatisfaits', 'taux', 'n - ny', 'w - wy')
] -%}
with comptage as (
    select * from {{ ref('int_comptage_extrapole') }}
),

modalites as (
    select * from {{ ref('int_modalites') }}
),

moments as (
    select * from {{ ref('int_moments') }}
    where n > 0
)

{% for mesure, moment, n, poids in sommes -%}
select
    {{ case | join(', ') }},
    '{{ mesure }}' as mesure,
    cast({{ n }} as double) as n,
    cast({{ poids }} as double) as poids
from moments
where mesure = '{{ moment }}'
union all
{% endfor -%}
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
