with satisfaction as (
    select * from {{ ref('int_satisfaction') }}
)

select
    vague,
    perimetre_type,
    perimetre,
    axe,
    segment,
    question_code,
    nb_organismes,
    base_brute,
    base_ponderee,
    base_efficace,
    note_moyenne,
    note_erreur_type,
    note_ic_bas,
    note_ic_haut,
    taux_satisfaits,
    taux_erreur_type,
    taux_ic_bas,
    taux_ic_haut,
    note_non_ponderee,
    note_moyenne_organismes,
    note_moyenne_parc,
    note_moyenne_parc_erreur_type,
    taux_non_pondere,
    taux_moyenne_organismes,
    taux_moyenne_parc,
    taux_moyenne_parc_erreur_type,
    effectif_satisfaits,
    poids_satisfaits,
    note_somme,
    statut,
    motif_statut
from satisfaction
where perimetre_type <> 'organisme'
