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
                    par_strate.effet_plan * {{ coefficient_variance(
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
        -- Les entretiens seuls ne coûtent pas chacun un degré de liberté : leur variance est celle de tous.
        cast(greatest(sum(case when n > 0 then 1 - esseulee else 0 end), 1) as bigint) as nb_strates,
        cast(max(case when n > 0 then esseulee else 0 end) as bigint) as nb_strates_reunies,
        min(centre) as centre,
        {%- for nom in ['n', 'w', 'w2', 'ny', 'wy', 'wd', 'wdd'] %}
        {{ somme(nom) }} as {{ nom }},
        {%- endfor %}
        {{ somme('eh * w2') }} as empruntes,
        {{ somme('effet_plan * w2') }} as w2_efficace,
        {{ coefficients_taylor('ch', 'nh', ['q0', 'q1', 'q2', 'g0', 'g2']) }},
        {{ coefficients_taylor('cd', 'nd', ['d0', 'd1', 'd2', 'e0', 'e2']) }},
        -- en milliers, ici et plus bas : le carré de g2 dépasserait la virgule fixe
        {{ somme(carre_de_variance('ch * w2 / 1000', 'n - 1')) }} as g4
    from a_base_fixee
    group by all
),

-- Un entretien seul dans sa strate ajoute (1 - 1/N) w² fois la variance des réponses de son organisme au même segment,
-- estimée sans biais avec les poids : Σw(y - ȳ)² / (Σw - Σw²/Σw). Un organisme à un seul entretien n'en a pas.
emprunts as (
    select
        *,
        case when w * w - w2 > 1e-9 * w2 then empruntes / (w - w2 / w) else 0.0 end as emprunt
    from sommes
),

completes as (
    select
        {{ cellule | join(', ') }},
        nb_strates,
        nb_strates_reunies,
        centre,
        {{ ['n', 'w', 'w2', 'w2_efficace', 'ny', 'wy', 'wdd'] | join(', ') }},
        {%- for q0, q1, q2, g0, g2 in [('q0', 'q1', 'q2', 'g0', 'g2'), ('d0', 'd1', 'd2', 'e0', 'e2')] %}
        {{ q0 }} + case when w > 0 then emprunt * (wdd - wd * wd / w) else 0.0 end as {{ q0 }},
        {{ q1 }},
        {{ q2 }},
        {{ g0 }} + emprunt * wdd as {{ g0 }},
        {{ g2 }} + emprunt * w as {{ g2 }},
        {%- endfor %}
        emprunt * w as g2_esseulees,
        g4 + {{ carre_de_variance('emprunt * w / 1000', 'n - 1') }} as g4
    from emprunts
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
    from completes
)

{{ projeter('moments') }}
