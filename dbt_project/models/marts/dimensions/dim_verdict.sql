with verdicts as (
    select
        *,
        code as verdict
    from {{ ref('stg_textes') }}
    where rubrique = 'verdict'
)

{{ projeter('verdicts') }}
