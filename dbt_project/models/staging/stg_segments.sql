with source as (
    select * from {{ ref('segments') }}
),

axes as (
    select * from {{ ref('axes') }}
),

declares as (
    select
        axe,
        segment,
        cast(ordre as bigint) as ordre,
        libelle,
        cast(borne_min as double) as borne_min,
        cast(borne_max as double) as borne_max
    from source
),

-- Un entretien dont l'axe est inconnu compte dans l'ensemble : il lui faut un segment, sinon les segments ne font pas le total.
non_renseignes as (
    select
        axe,
        'NR' as segment,
        cast(99 as bigint) as ordre,
        {{ texte('segment', "'NR'") }} as libelle,
        cast(null as double) as borne_min,
        cast(null as double) as borne_max
    from axes
    where axe <> 'ensemble'
)

select * from declares
union all
select * from non_renseignes
