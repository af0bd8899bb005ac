with source as (
    select * from {{ lac('edition') }}
)

select
    cast(edition as {{ dbt.type_string() }}) as edition,
    cast(publiee_le as timestamp) as publiee_le,
    cast(revision as {{ dbt.type_string() }}) as revision,
    cast(empreinte as {{ dbt.type_string() }}) as empreinte,
    cast(entrees as {{ dbt.type_string() }}) as entrees
from source
