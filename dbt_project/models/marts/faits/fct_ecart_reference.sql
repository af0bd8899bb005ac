with ecart_reference as (
    select * from {{ ref('int_ecart_reference') }}
)

select
    vague,
    perimetre_type,
    perimetre,
    question_code,
    source,
    unite,
    millesime,
    valeur,
    reference,
    ecart,
    erreur_type,
    p_valeur,
    verdict,
    motif_verdict,
    verdict_sensible_bareme,
    est_comparable,
    motif_non_comparable,
    est_demonstration,
    statut,
    motif_statut
from ecart_reference
where perimetre_type <> 'organisme'
