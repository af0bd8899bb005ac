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

plan_sondage as (
    select * from {{ ref('stg_plan_sondage') }}
),

usages as (
    select * from {{ ref('stg_baremes_usages') }}
),

parcs as (
    select
        vague,
        organisme_code,
        cast(sum(population) as bigint) as parc
    from plan_sondage
    group by vague, organisme_code
),

-- La ligne la plus précise l'emporte : institut et vague, puis institut, puis vague, puis tous.
baremes_candidats as (
    select
        lots.vague,
        lots.organisme_code,
        usages.bareme,
        usages.version,
        row_number() over (
            partition by lots.vague, lots.organisme_code
            order by
                case when usages.institut = '*' then 1 else 0 end,
                case when usages.vague = '*' then 1 else 0 end
        ) as rang
    from lots
    inner join usages
        on
            (lots.institut = usages.institut or usages.institut = '*')
            and (lots.vague = usages.vague or usages.vague = '*')
)

select
    lots.vague,
    lots.organisme_code,
    organismes.nom,
    organismes.famille,
    organismes.departement,
    organismes.valide_de,
    lots.institut,
    coalesce(participations.mode_collecte, vagues.mode_collecte) as mode_collecte,
    lots.ponderation,
    lots.nb_entretiens,
    parcs.parc,
    baremes_candidats.bareme,
    baremes_candidats.version as bareme_version
from lots
inner join vagues
    on lots.vague = vagues.vague
left join organismes
    on
        lots.organisme_code = organismes.organisme_code
        and vagues.terrain_debut >= organismes.valide_de
        and (vagues.terrain_debut <= organismes.valide_a or organismes.valide_a is null)
left join participations
    on
        lots.vague = participations.vague
        and lots.organisme_code = participations.organisme_code
left join parcs
    on
        lots.vague = parcs.vague
        and lots.organisme_code = parcs.organisme_code
left join baremes_candidats
    on
        lots.vague = baremes_candidats.vague
        and lots.organisme_code = baremes_candidats.organisme_code
        and baremes_candidats.rang = 1
