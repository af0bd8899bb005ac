-- Un barème note toutes les modalités exprimées d'une échelle, ou aucune : une moyenne partielle n'aurait pas de sens.
with modalites as (
    select * from {{ ref('stg_modalites') }}
),

baremes as (
    select * from {{ ref('stg_baremes') }}
),

notees as (
    select distinct
        bareme,
        version,
        echelle
    from baremes
)

select
    notees.bareme,
    notees.version,
    notees.echelle,
    modalites.modalite_code
from notees
inner join modalites
    on notees.echelle = modalites.echelle
left join baremes
    on
        notees.bareme = baremes.bareme
        and notees.version = baremes.version
        and notees.echelle = baremes.echelle
        and modalites.modalite_code = baremes.modalite_code
where modalites.statut_reponse = 'exprime' and baremes.note is null
