with source as (
    select * from {{ lac('textes') }}
)

select
    cast(rubrique as {{ dbt.type_string() }}) as rubrique,
    cast(code as {{ dbt.type_string() }}) as code,
    cast(ordre as bigint) as ordre,
    cast(libelle as {{ dbt.type_string() }}) as libelle,
    cast(explication as {{ dbt.type_string() }}) as explication,
    cast(famille as {{ dbt.type_string() }}) as famille
from source
