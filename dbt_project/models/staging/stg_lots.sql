with source as (
    select * from {{ lac('lots') }}
)

select
    cast(vague as {{ dbt.type_string() }}) as vague,
    cast(organisme_code as {{ dbt.type_string() }}) as organisme_code,
    cast(livraison as {{ dbt.type_string() }}) as livraison,
    cast(institut as {{ dbt.type_string() }}) as institut,
    cast(contrat as {{ dbt.type_string() }}) as contrat,
    cast(nature as {{ dbt.type_string() }}) as nature,
    cast(fichier as {{ dbt.type_string() }}) as fichier,
    cast(empreinte as {{ dbt.type_string() }}) as empreinte,
    cast(ponderation as {{ dbt.type_string() }}) as ponderation,
    cast(nb_entretiens as bigint) as nb_entretiens
from source
