with libelles as (
    select * from {{ ref('stg_perimetres_libelles') }}
)

{{ projeter('libelles') }}
