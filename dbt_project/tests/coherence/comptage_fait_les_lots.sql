{%- set cle = ['vague', 'organisme_code', 'axe', 'question_code'] -%}
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
        {{ prises('comptage', cle) }},
        cast(round({{ somme('comptage.n') }}) as bigint) as n
    from comptage
    inner join questions
        on comptage.question_code = questions.question_code
    group by all
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
    {%- for colonne in cle %}
    coalesce(attendus.{{ colonne }}, comptes.{{ colonne }}) as {{ colonne }},
    {%- endfor %}
    attendus.nb_entretiens,
    comptes.n
from attendus
full outer join comptes
    on {{ memes('attendus', 'comptes', cle) }}
where coalesce(attendus.nb_entretiens, -1) <> coalesce(comptes.n, -1)
