with entrees as (
    {{ entrees_de(ref('stg_edition'), 'entrees') }}
)

{{ projeter('entrees') }}
