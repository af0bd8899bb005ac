with source as (
    select * from {{ lac('livraisons') }}
)

select
    cast(livraison as {{ dbt.type_string() }}) as livraison,
    cast(fichier as {{ dbt.type_string() }}) as fichier,
    cast(sha256 as {{ dbt.type_string() }}) as sha256,
    cast(taille as bigint) as taille,
    cast(institut as {{ dbt.type_string() }}) as institut,
    cast(contrat as {{ dbt.type_string() }}) as contrat,
    cast(version_contrat as {{ dbt.type_string() }}) as version_contrat,
    cast(vague as {{ dbt.type_string() }}) as vague,
    cast(organisme_code as {{ dbt.type_string() }}) as organisme_code,
    cast(statut as {{ dbt.type_string() }}) as statut,
    cast(motif as {{ dbt.type_string() }}) as motif,
    cast(lignes_lues as bigint) as lignes_lues,
    cast(lignes_acceptees as bigint) as lignes_acceptees,
    cast(lignes_rejetees as bigint) as lignes_rejetees,
    cast(lignes_remplacees as bigint) as lignes_remplacees,
    cast(retenue as boolean) as retenue,
    cast(recue_le as timestamp) as recue_le
from source
