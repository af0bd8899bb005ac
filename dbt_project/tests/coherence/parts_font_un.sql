-- Les parts d'une question à réponse unique font 1, et ses effectifs la base ; organismes compris.
with distribution as (
    select * from {{ ref('int_distribution') }}
),

-- Des comptes livrés pondérés sont fractionnaires, et chaque effectif arrondi : une demi-unité par modalité.
tolerance as (
    select case when count(*) > 0 then 0.5 else 0.0 end as arrondi
    from {{ ref('stg_lots') }}
    where nature = 'comptages'
)

select
    vague,
    perimetre_type,
    perimetre,
    axe,
    segment,
    question_code,
    sum(part) as parts,
    sum(effectif) as effectifs,
    min(base_brute) as base_brute
from distribution
where statut = 'V'
group by all
having
    abs(sum(part) - 1) > 1e-9
    or abs(sum(effectif) - min(base_brute)) > count(*) * (select tolerance.arrondi from tolerance)
