-- Un organisme n'a de ligne que dans son fichier, comme dans les faits.
with libelles as (
    select * from {{ ref('int_perimetres_libelles') }}
    where not {{ est_d_un_organisme('dim_perimetre') }}
)

{{ projeter('libelles') }}
