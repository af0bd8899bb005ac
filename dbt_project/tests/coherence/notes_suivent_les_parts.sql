{%- set cle = ['vague', 'perimetre_type', 'perimetre', 'axe', 'segment', 'question_code'] -%}
-- La note publiée est celle que donnent les parts publiées et le barème par défaut, quand lui seul a servi ; organismes compris.
with satisfaction as (
    select * from {{ ref('int_satisfaction') }}
),

distribution as (
    select * from {{ ref('int_distribution') }}
),

modalites as (
    select * from {{ ref('dim_modalite') }}
),

usages as (
    select count(*) as nb
    from {{ ref('stg_baremes_usages') }}
),

recomposees as (
    select
        {{ prises('distribution', cle) }},
        sum(distribution.part * modalites.note) as note,
        sum(case when modalites.est_satisfait then distribution.part else 0 end) as taux
    from distribution
    inner join modalites
        on {{ memes('distribution', 'modalites', ['question_code', 'modalite_code']) }}
    where distribution.statut = 'V'
    group by all
)

select
    {{ prises('satisfaction', cle) }},
    satisfaction.note_moyenne,
    recomposees.note,
    satisfaction.taux_satisfaits,
    recomposees.taux
from satisfaction
inner join recomposees
    on {{ memes('satisfaction', 'recomposees', cle) }}
cross join usages
where
    (usages.nb = 1 and abs(satisfaction.note_moyenne - recomposees.note) > 1e-9)
    or abs(satisfaction.taux_satisfaits - recomposees.taux) > 1e-9
