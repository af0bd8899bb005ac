select * from {{ ref('stg_perimetres_libelles') }}
