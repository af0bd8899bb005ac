with modalites as (
    select * from {{ ref('int_modalites') }}
)

select
    question_code,
    modalite_code,
    echelle,
    ordre,
    libelle,
    note,
    est_satisfait,
    est_tres_satisfait,
    est_tres_insatisfait,
    groupe_nps,
    statut_reponse,
    exclusive as est_exclusive
from modalites
