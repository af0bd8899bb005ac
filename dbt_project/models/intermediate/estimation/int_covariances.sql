{%- set commune = ['vague', 'organisme_code', 'axe', 'question_code', 'mesure'] -%}
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
)

-- Deux segments n'ont aucun entretien en commun : leur covariance vient des seules strates où l'un et l'autre sont présents.
select
    {{ prises('moments', commune) }},
    moments.segment,
    compares.segment as segment_compare,
    min(moments.centre) as centre,
    {{ somme('moments.ch / moments.nh * moments.wd * compares.wd') }} as r00,
    {{ somme('moments.ch / moments.nh * moments.w * compares.wd') }} as r01,
    {{ somme('moments.ch / moments.nh * moments.wd * compares.w') }} as r10,
    {{ somme('moments.ch / moments.nh * moments.w * compares.w') }} as r11
from moments
inner join paires
    on {{ memes('moments', 'paires', ['axe', 'segment']) }}
inner join moments as compares
    on
        {{ memes('moments', 'compares', commune) }}
        and moments.strate = compares.strate
        and paires.segment_compare = compares.segment
group by all
