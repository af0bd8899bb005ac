with sensibilite as (
    select * from {{ ref('int_sensibilite') }}
)

select
    vague,
    perimetre_type,
    perimetre,
    axe,
    segment,
    question_code,
    bareme,
    bareme_version,
    bareme_libelle,
    note,
    note_erreur_type,
    ecart_note_imprimee,
    vague_precedente,
    evolution,
    p_valeur_ajustee,
    verdict,
    change_verdict,
    statut,
    motif_statut
from sensibilite
where perimetre_type <> 'organisme'
