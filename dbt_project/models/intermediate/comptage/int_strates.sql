{%- set strate = ['vague', 'organisme_code', 'strate'] -%}
with comptage as (
    select * from {{ ref('comptage') }}
),

plan_sondage as (
    select * from {{ ref('stg_plan_sondage') }}
),

lots as (
    select * from {{ ref('stg_lots') }}
),

modalites as (
    select * from {{ ref('int_modalites') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- Tout entretien a une et une seule cellule par question à réponse unique : une seule question donne les effectifs.
temoin as (
    select min(question_code) as question_code
    from modalites
    where type = 'unique'
),

effectifs as (
    select
        {{ prises('comptage', strate) }},
        cast(round({{ somme('comptage.n') }}) as bigint) as nb_entretiens,
        count(distinct nullif(comptage.unite_primaire, '')) as nb_unites_livrees,
        {{ somme('comptage.poids_somme') }} as poids_livre
    from comptage
    inner join temoin
        on comptage.question_code = temoin.question_code
    where comptage.axe = 'ensemble'
    group by all
),

strates as (
    select
        {{ prises('lots', ['vague', 'organisme_code', 'ponderation', 'effet_plan']) }},
        coalesce(effectifs.strate, plan_sondage.strate) as strate,
        coalesce(effectifs.nb_entretiens, 0) as nb_entretiens,
        coalesce(nullif(effectifs.nb_unites_livrees, 0), effectifs.nb_entretiens, 0) as nb_unites,
        effectifs.poids_livre,
        plan_sondage.population
    from effectifs
    full outer join plan_sondage
        on {{ memes('effectifs', 'plan_sondage', strate) }}
    inner join lots
        on
            coalesce(effectifs.vague, plan_sondage.vague) = lots.vague
            and coalesce(effectifs.organisme_code, plan_sondage.organisme_code) = lots.organisme_code
),

rangs as (
    select
        *,
        coalesce(sum(case when nb_entretiens > 0 then 1 else 0 end) over avant, 0) as non_vides_avant,
        sum(case when nb_entretiens > 0 then 1 else 0 end) over organisme as non_vides
    from strates
    window
        organisme as (partition by vague, organisme_code),
        avant as (
            partition by vague, organisme_code
            order by strate
            rows between unbounded preceding and 1 preceding
        )
),

-- La voisine est la strate suivante par ordre de code ; pour la dernière, la précédente.
groupes as (
    select
        *,
        greatest(least(non_vides_avant, non_vides - 1), 0) as groupe_population
    from rangs
),

-- Une strate sans entretien cède sa population à sa voisine : les poids font toujours le parc.
populations as (
    select
        *,
        cast(
            sum(population) over (partition by vague, organisme_code, groupe_population) as bigint
        ) as population_representee,
        sum(population) over (partition by vague, organisme_code) as parc,
        {{ somme('poids_livre', '(partition by vague, organisme_code)') }} as poids_livre_organisme
    from groupes
),

extrapolees as (
    select
        populations.*,
        populations.nb_unites = 1 as est_esseulee,
        case
            when populations.ponderation <> 'plan' then populations.parc / populations.poids_livre_organisme
            else cast(populations.population_representee as double) / populations.nb_entretiens
        end as facteur,
        populations.effet_plan * {{ coefficient_variance(
            'populations.nb_unites', 'populations.nb_entretiens', 'populations.population_representee', 'parametres.population_finie'
        ) }} as coefficient_variance,
        -- Une unité seule n'a pas de variance à elle : ce coefficient multiplie celle des unités de son organisme.
        case
            when populations.nb_unites = 1
                then
                    populations.effet_plan
                    * {{ part_non_sondee(
                        'populations.nb_entretiens', 'populations.population_representee', 'parametres.population_finie'
                    ) }}
            else 0.0
        end as coefficient_emprunt
    from populations
    cross join parametres
    where populations.nb_entretiens > 0
)

{{ projeter('extrapolees') }}
