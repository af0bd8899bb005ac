with engagements as (
    select * from {{ ref('int_engagements') }}
    where est_public
)

{{ projeter('engagements') }}
