{%- set lot = ['vague', 'organisme_code'] -%}
with lots as (
    select * from {{ ref('stg_lots') }}
),

vagues as (
    select * from {{ ref('stg_vagues') }}
),

organismes as (
    select * from {{ ref('stg_organismes') }}
),

participations as (
    select * from {{ ref('stg_participations') }}
),

usages as (
    select * from {{ ref('stg_baremes_usages') }}
),

parcs as (
    select
        {{ lot | join(', ') }},
        cast(sum(population) as bigint) as parc
    from {{ ref('stg_plan_sondage') }}
    group by all
),

-- La ligne la plus précise l'emporte : institut et vague, puis institut, puis vague, puis tous.
baremes_candidats as (
    select
        {{ prises('lots', lot) }},
        usages.bareme,
        usages.version as bareme_version,
        row_number() over (
            partition by {{ prises('lots', lot) }}
            order by
                case when usages.institut = '*' then 1 else 0 end,
                case when usages.vague = '*' then 1 else 0 end
        ) as rang
    from lots
    inner join usages
        on
            (lots.institut = usages.institut or usages.institut = '*')
            and (lots.vague = usages.vague or usages.vague = '*')
),

participants as (
    select
        lots.*,
        organismes.nom,
        organismes.famille,
        organismes.departement,
        organismes.valide_de,
        coalesce(participations.mode_collecte, vagues.mode_collecte) as mode_collecte,
        parcs.parc,
        baremes_candidats.bareme,
        baremes_candidats.bareme_version
    from lots
    inner join vagues
        on lots.vague = vagues.vague
    left join organismes
        on
            lots.organisme_code = organismes.organisme_code
            and vagues.terrain_debut >= organismes.valide_de
            and (vagues.terrain_debut <= organismes.valide_a or organismes.valide_a is null)
    left join participations
        on {{ memes('lots', 'participations', lot) }}
    left join parcs
        on {{ memes('lots', 'parcs', lot) }}
    left join baremes_candidats
        on
            {{ memes('lots', 'baremes_candidats', lot) }}
            and baremes_candidats.rang = 1
)

{{ projeter('participants') }}
