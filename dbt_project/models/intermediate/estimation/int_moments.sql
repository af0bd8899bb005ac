{%- set cellule = ['vague', 'organisme_code', 'axe', 'segment', 'question_code', 'mesure'] -%}
with par_strate as (
    select * from {{ ref('int_moments_strates') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- Ce que donneraient à la variance toutes les strates esseulées d'un organisme, si leurs entretiens étaient de la cellule.
esseulees as (
    select
        vague,
        organisme_code,
        {{ somme(
            'coefficient_emprunt * facteur * facteur * poids_livre * poids_livre / nb_entretiens'
        ) }} as g2_possible
    from {{ ref('int_strates') }}
    where est_esseulee
    group by all
),

/*
  À nombre de répondants fixé, pour un chiffre d'organisme dans une moyenne d'organismes : les répondants de la question sont
  l'échantillon de leur strate. S'ils sont d'une seule unité, ils n'ont pas de variance ainsi ; ils gardent celle de leur strate.
*/
a_base_fixee as (
    select
        par_strate.*,
        case when par_strate.u > 1 then par_strate.u else cast(par_strate.nh as double) end as nd,
        case
            when par_strate.u > 1
                then
                    par_strate.effet_plan * {{ coefficient_variance(
                        'par_strate.u', 'par_strate.n', 'par_strate.population', 'parametres.population_finie'
                    ) }}
            else par_strate.ch
        end as cd
    from par_strate
    cross join parametres
),

sommes as (
    select
        {{ cellule | join(', ') }},
        -- Les unités seules ne coûtent pas chacune un degré de liberté : leur variance est celle de toutes.
        cast(greatest(sum(case when n > 0 then 1 - esseulee else 0 end), 1) as bigint) as nb_strates,
        cast(max(case when n > 0 then esseulee else 0 end) as bigint) as nb_strates_reunies,
        min(centre) as centre,
        {%- for nom in ['n', 'u', 'w', 'w2', 'u2', 'ny', 'wy', 'wd', 'wdd', 'udd'] %}
        {{ somme(nom) }} as {{ nom }},
        {%- endfor %}
        {{ somme('eh * u2') }} as empruntes,
        {{ somme('eh * w2') }} as empruntes_limite,
        {{ somme('effet_plan * w2') }} as w2_efficace,
        {{ coefficients_taylor('ch', 'nh', ['q0', 'q1', 'q2', 'g0', 'g2']) }},
        {{ coefficients_taylor('cd', 'nd', ['d0', 'd1', 'd2', 'e0', 'e2']) }},
        -- en milliers, ici et plus bas : le carré de g2 dépasserait la virgule fixe
        {{ somme(carre_de_variance('ch * w2 / 1000', 'u - 1')) }} as g4
    from a_base_fixee
    group by all
),

-- Une unité seule dans sa strate ajoute (1 - n/N) W² fois la variance des moyennes d'unité de son organisme au même segment, estimée
-- sans biais avec leurs poids : ΣW(ȳ_u - ȳ)² / (ΣW - ΣW²/ΣW). Un organisme à une seule unité n'en a pas.
emprunts as (
    select
        sommes.*,
        case
            when sommes.w * sommes.w - sommes.u2 > 1e-9 * sommes.u2
                then sommes.empruntes / (sommes.w - sommes.u2 / sommes.w)
            else 0.0
        end as emprunt,
        case
            when sommes.w * sommes.w - sommes.u2 > 1e-9 * sommes.u2
                then sommes.empruntes_limite / (sommes.w - sommes.u2 / sommes.w)
            else 0.0
        end as emprunt_limite,
        -- L'entretien d'une strate esseulée qui n'est pas de la cellule ne dit pas qu'aucun de ses répondants n'en est.
        greatest(coalesce(esseulees.g2_possible, 0) - sommes.empruntes_limite, 0) as g2_absentes
    from sommes
    left join esseulees
        on {{ memes('sommes', 'esseulees', ['vague', 'organisme_code']) }}
),

completes as (
    select
        {{ cellule | join(', ') }},
        nb_strates,
        case when g2_absentes > 0 then cast(1 as bigint) else nb_strates_reunies end as nb_strates_reunies,
        centre,
        {{ ['n', 'u', 'w', 'w2', 'w2_efficace', 'ny', 'wy', 'wdd'] | join(', ') }},
        {%- for q0, q1, q2, g0, g2 in [('q0', 'q1', 'q2', 'g0', 'g2'), ('d0', 'd1', 'd2', 'e0', 'e2')] %}
        {{ q0 }} + case when w > 0 then emprunt * (udd - wd * wd / w) else 0.0 end as {{ q0 }},
        {{ q1 }},
        {{ q2 }},
        {{ g0 }} + emprunt * udd as {{ g0 }},
        {{ g2 }} + emprunt_limite * w as {{ g2 }},
        {%- endfor %}
        emprunt,
        emprunt_limite * w as g2_esseulees,
        g2_absentes,
        g4 + {{ carre_de_variance('emprunt_limite * w / 1000', 'u - 1') }} as g4
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
