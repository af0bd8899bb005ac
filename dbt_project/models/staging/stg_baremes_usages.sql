with source as (
    select * from {{ ref('baremes_usages') }}
)

select
    institut,
    vague,
    bareme,
    version
from source
