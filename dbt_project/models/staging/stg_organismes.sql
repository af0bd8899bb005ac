with source as (
    select * from {{ ref('organismes') }}
)

select
    organisme_code,
    nom,
    famille,
    siren,
    departement,
    cast(valide_de as date) as valide_de,
    cast(valide_a as date) as valide_a,
    {{ oui_non('sans_locataire') }} as sans_locataire
from source
