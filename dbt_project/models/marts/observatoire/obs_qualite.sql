with controles as (
    select * from {{ ref('int_qualite') }}
    where est_public
)

{{ projeter('controles') }}
