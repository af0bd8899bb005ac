with segments as (
    select * from {{ ref('stg_segments') }}
),

axes as (
    select * from {{ ref('stg_axes') }}
)

select
    segments.axe,
    segments.segment,
    segments.libelle,
    segments.ordre,
    axes.libelle as axe_libelle,
    axes.ordre as axe_ordre,
    axes.millesime,
    axes.source
from segments
inner join axes
    on segments.axe = axes.axe
