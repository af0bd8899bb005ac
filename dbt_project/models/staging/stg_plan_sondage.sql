with source as (
    select * from {{ ref('plan_sondage') }}
),

populations as (
    select * from {{ lac('populations') }}
),

prevues as (
    select
        vague,
        organisme_code,
        strate,
        cast(population as bigint) as population,
        cast(entretiens_vises as bigint) as entretiens_vises
    from source
),

planifies as (
    select distinct
        vague,
        organisme_code
    from prevues
),

-- La population d'une livraison ne vaut que pour un organisme dont le plan ne dit rien : un plan relu l'emporte.
livrees as (
    select
        cast(populations.vague as {{ dbt.type_string() }}) as vague,
        cast(populations.organisme_code as {{ dbt.type_string() }}) as organisme_code,
        cast(populations.strate as {{ dbt.type_string() }}) as strate,
        cast(populations.population as bigint) as population,
        cast(null as bigint) as entretiens_vises
    from populations
    left join planifies
        on
            populations.vague = planifies.vague
            and populations.organisme_code = planifies.organisme_code
    where planifies.organisme_code is null
)

select * from prevues
union all
select * from livrees
