with evolution as (
    select * from {{ ref('int_evolution') }}
)

select
    vague,
    vague_precedente,
    perimetre_type,
    perimetre,
    axe,
    segment,
    question_code,
    methode,
    nb_organismes,
    base_brute,
    base_brute_precedente,
    meme_bareme,
    meme_mode,
    meme_institut,
    ddl,
    note_moyenne,
    note_precedente,
    ecart_note,
    erreur_type,
    ecart_note_ic_bas,
    ecart_note_ic_haut,
    taux_satisfaits,
    taux_precedent,
    ecart_taux,
    erreur_type_taux,
    ecart_taux_ic_bas,
    ecart_taux_ic_haut,
    mesure,
    p_valeur,
    p_valeur_ajustee,
    verdict,
    motif_verdict,
    organismes_en_hausse,
    organismes_stables,
    organismes_en_baisse,
    statut,
    motif_statut
from evolution
where perimetre_type <> 'organisme'
