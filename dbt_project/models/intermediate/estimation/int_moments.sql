{%- set cellule = ['vague', 'organisme_code', 'axe', 'segment', 'question_code', 'mesure'] -%}
with par_strate as (
    select * from {{ ref('int_moments_strates') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

/*
  À nombre de répondants fixé, pour un chiffre d'organisme dans une moyenne d'organismes : les répondants de la question sont
  l'échantillon de leur strate. Un répondant seul n'a pas de variance ainsi ; il garde celle de sa strate.
*/
a_base_fixee as (
    select
        par_strate.*,
        case when par_strate.n > 1 then par_strate.n else cast(par_strate.nh as double) end as nd,
        case
            when par_strate.n > 1
                then
                    {{ coefficient_variance(
                        'par_strate.n', 'par_strate.population', 'parametres.population_finie'
                    ) }}
            else par_strate.ch
        end as cd
    from par_strate
    cross join parametres
),

sommes as (
    select
        {{ cellule | join(', ') }},
        cast(sum(case when n > 0 then 1 else 0 end) as bigint) as nb_strates,
        cast(sum(case when n > 0 then reunie else 0 end) as bigint) as nb_strates_reunies,
        min(centre) as centre,
        {%- for nom in ['n', 'w', 'w2', 'ny', 'wy', 'wdd'] %}
        {{ somme(nom) }} as {{ nom }},
        {%- endfor %}
        {{ coefficients_taylor('ch', 'nh', ['q0', 'q1', 'q2', 'g0', 'g2']) }},
        {{ coefficients_taylor('cd', 'nd', ['d0', 'd1', 'd2', 'e0', 'e2']) }}
    from a_base_fixee
    group by all
),

-- La variance d'un domaine est un polynôme de l'écart d de sa moyenne au centre : (q0 - 2 d q1 + d² q2) / W². Ses
-- coefficients s'ajoutent d'un organisme à l'autre, donc toute réunion d'organismes s'estime sans revenir aux strates.
-- Les bruts, g0 et g2, disent de quelle grandeur sont les termes qui s'y soustraient, donc leur reste d'arrondi.
moments as (
    select
        *,
        case
            when w > 0 then {{ variance_taylor('d0', 'd1', 'd2', 'e0', 'e2', '(wy / w - centre)', 'w') }}
        end as variance_base_fixee
    from sommes
)

{{ projeter('moments') }}
