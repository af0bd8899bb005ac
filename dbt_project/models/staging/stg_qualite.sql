with source as (
    select * from {{ lac('qualite') }}
)

select
    cast(livraison as {{ dbt.type_string() }}) as livraison,
    cast(fichier as {{ dbt.type_string() }}) as fichier,
    cast(vague as {{ dbt.type_string() }}) as vague,
    cast(organisme_code as {{ dbt.type_string() }}) as organisme_code,
    cast(porte as {{ dbt.type_string() }}) as porte,
    cast(regle as {{ dbt.type_string() }}) as regle,
    cast(libelle as {{ dbt.type_string() }}) as libelle,
    cast(gravite as {{ dbt.type_string() }}) as gravite,
    cast(tenue as boolean) as tenue,
    cast(nb_lignes as bigint) as nb_lignes,
    cast(exemple as {{ dbt.type_string() }}) as exemple
from source
