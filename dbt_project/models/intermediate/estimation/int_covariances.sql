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
    moments.vague,
    moments.organisme_code,
    moments.axe,
    moments.segment,
    compares.segment as segment_compare,
    moments.question_code,
    moments.mesure,
    cast(sum(case when moments.n > 0 and compares.n > 0 then 1 else 0 end) as bigint) as nb_strates_communes,
    min(moments.centre) as centre,
    {{ somme('moments.ch / moments.nh * moments.wd * compares.wd') }} as r00,
    {{ somme('moments.ch / moments.nh * moments.w * compares.wd') }} as r01,
    {{ somme('moments.ch / moments.nh * moments.wd * compares.w') }} as r10,
    {{ somme('moments.ch / moments.nh * moments.w * compares.w') }} as r11
from moments
inner join paires
    on
        moments.axe = paires.axe
        and moments.segment = paires.segment
inner join moments as compares
    on
        moments.vague = compares.vague
        and moments.organisme_code = compares.organisme_code
        and moments.strate_variance = compares.strate_variance
        and moments.axe = compares.axe
        and moments.question_code = compares.question_code
        and moments.mesure = compares.mesure
        and paires.segment_compare = compares.segment
group by
    moments.vague,
    moments.organisme_code,
    moments.axe,
    moments.segment,
    compares.segment,
    moments.question_code,
    moments.mesure
