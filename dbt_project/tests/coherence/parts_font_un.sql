-- Les parts d'une question à réponse unique font 1, et ses effectifs la base.
with distribution as (
    select * from {{ ref('fct_distribution') }}
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
group by vague, perimetre_type, perimetre, axe, segment, question_code
having abs(sum(part) - 1) > 1e-9 or sum(effectif) <> min(base_brute)
