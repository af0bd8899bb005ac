with comparaison as (
    select * from {{ ref('int_comparaison') }}
)

select
    vague,
    perimetre_type,
    perimetre,
    comparaison,
    axe,
    segment,
    segment_compare,
    question_code,
    base_brute,
    base_brute_comparee,
    ddl,
    note_moyenne,
    note_comparee,
    ecart_note,
    erreur_type,
    ecart_note_ic_bas,
    ecart_note_ic_haut,
    taux_satisfaits,
    taux_compare,
    ecart_taux,
    erreur_type_taux,
    ecart_taux_ic_bas,
    ecart_taux_ic_haut,
    mesure,
    p_valeur,
    p_valeur_ajustee,
    verdict,
    statut,
    motif_statut
from comparaison
where perimetre_type <> 'organisme'
