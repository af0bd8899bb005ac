-- Une table, que la publication lit : chaque organisme trouve sa ligne dans son fichier, comme celles des faits.
with libelles as (
    select * from {{ ref('stg_perimetres_libelles') }}
)

{{ projeter('libelles') }}
