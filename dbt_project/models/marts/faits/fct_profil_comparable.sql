with profil as (
    select * from {{ ref('int_profil') }}
)

select
    vague,
    perimetre_type,
    perimetre,
    axe,
    question_code,
    nb_segments,
    base_brute,
    ddl,
    note_moyenne,
    note_profil_comparable,
    note_profil_erreur_type,
    note_profil_ic_bas,
    note_profil_ic_haut,
    note_region,
    taux_satisfaits,
    taux_profil_comparable,
    taux_profil_erreur_type,
    taux_region,
    statut,
    motif_statut
from profil
where perimetre_type <> 'organisme'
