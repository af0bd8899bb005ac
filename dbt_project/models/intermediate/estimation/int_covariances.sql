{%- set commune = ['vague', 'organisme_code', 'axe', 'question_code', 'mesure'] -%}
{%- set termes = [('r00', 'wd', 'wd'), ('r01', 'w', 'wd'), ('r10', 'wd', 'w'), ('r11', 'w', 'w')] -%}
with moments as (
    select * from {{ ref('int_moments_strates') }}
    where {{ a_des_colonnes('mesure', 'comparaison') }}
),

segments as (
    select * from {{ ref('stg_segments') }}
    where segment <> 'NR'
),

paires as (
    select
        segments.axe,
        segments.segment,
        compares.segment as segment_compare
    from segments
    inner join segments as compares
        on
            segments.axe = compares.axe
            and segments.ordre < compares.ordre
),

unites as (
    select * from {{ ref('int_moments_unites') }}
    where {{ a_des_colonnes('mesure', 'comparaison') }}
),

-- Deux segments n'ont aucun entretien en commun, mais une unité peut en avoir des deux.
partagees as (
    select
        {{ prises('unites', commune + ['strate', 'segment']) }},
        compares.segment as segment_compare,
        {%- for terme, un, deux in termes %}
        {{ somme('unites.' ~ un ~ ' * compares.' ~ deux) }} as {{ terme }},
        {%- endfor %}
        count(*) as nb_unites
    from unites
    inner join paires
        on {{ memes('unites', 'paires', ['axe', 'segment']) }}
    inner join unites as compares
        on
            {{ memes('unites', 'compares', commune + ['strate', 'unite_primaire']) }}
            and paires.segment_compare = compares.segment
    group by all
)

-- Leur covariance, changée de signe, vient des seules strates où l'un et l'autre sont présents.
select
    {{ prises('moments', commune) }},
    moments.segment,
    compares.segment as segment_compare,
    min(moments.centre) as centre,
    {%- for terme, un, deux in termes %}
    {{ somme(
        'moments.ch / moments.nh * moments.' ~ un ~ ' * compares.' ~ deux
        ~ ' - moments.ch * coalesce(partagees.' ~ terme ~ ', 0.0)'
    ) }} as {{ terme }},
    {%- endfor %}
    cast(coalesce(sum(partagees.nb_unites), 0) as bigint) as nb_unites_partagees
from moments
inner join paires
    on {{ memes('moments', 'paires', ['axe', 'segment']) }}
inner join moments as compares
    on
        {{ memes('moments', 'compares', commune + ['strate']) }}
        and paires.segment_compare = compares.segment
left join partagees
    on
        {{ memes('moments', 'partagees', commune + ['strate', 'segment']) }}
        and compares.segment = partagees.segment_compare
group by all
