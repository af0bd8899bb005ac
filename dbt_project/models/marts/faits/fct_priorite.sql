with priorites as (
    select * from {{ ref('int_priorites') }}
)

select
    vague,
    perimetre_type,
    perimetre,
    question_globale,
    niveau,
    code,
    theme_code,
    libelle,
    nb_organismes,
    base_brute,
    part_expliquee,
    importance,
    importance_ic_bas,
    importance_ic_haut,
    rang,
    rang_ic_bas,
    rang_ic_haut,
    note,
    lecture,
    statut,
    motif_statut
from priorites
where perimetre_type <> 'organisme'
