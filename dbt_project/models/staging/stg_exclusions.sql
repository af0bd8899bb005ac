with source as (
    select * from {{ lac('exclusions') }}
)

select
    cast(vague as {{ dbt.type_string() }}) as vague,
    cast(organisme_code as {{ dbt.type_string() }}) as organisme_code,
    cast(question_code as {{ dbt.type_string() }}) as question_code,
    cast(motif as {{ dbt.type_string() }}) as motif
from source
