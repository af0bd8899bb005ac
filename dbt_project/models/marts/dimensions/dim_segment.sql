with segments as (
    select * from {{ ref('stg_segments') }}
),

axes as (
    select * from {{ ref('stg_axes') }}
),

situes as (
    select
        segments.*,
        axes.libelle as axe_libelle,
        axes.ordre as axe_ordre,
        axes.millesime,
        axes.source
    from segments
    inner join axes
        on segments.axe = axes.axe
)

{{ projeter('situes') }}
