with themes as (
    select * from {{ ref('stg_themes') }}
)

select
    theme_code,
    ordre,
    libelle,
    definition
from themes
