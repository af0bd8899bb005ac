{%- set mesures = ['note', 'taux', 'tres_satisfaits', 'tres_insatisfaits', 'nps'] -%}
{#- Les moyennes d'organismes, pondérées par leur parc ou simples, sont celles de ces deux mesures. -#}
{%- set consolidees = ['note', 'taux'] -%}
with par_strate as (
    select * from {{ ref('int_moments_strates') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

a_base_fixee as (
    select
        par_strate.*,
        {{ a_base_fixee() }}
    from par_strate
    cross join parametres
),

sommes as (
    select
        vague,
        organisme_code,
        axe,
        segment,
        question_code,
        cast(sum(case when n > 0 then 1 else 0 end) as bigint) as nb_strates,
        cast(sum(case when n > 0 then reunie else 0 end) as bigint) as nb_strates_reunies,
        {{ somme('n') }} as n,
        {{ somme('w') }} as w,
        {{ somme('w2') }} as w2,
        {{ somme('ch * (w2 - w * w / nh)') }} as q2,
        {{ somme('ch * w2') }} as g2,
        {%- for m in mesures %}
        {{ somme('n_' ~ m) }} as n_{{ m }},
        {{ somme('w_' ~ m) }} as w_{{ m }},
        min({{ m }}_centre) as {{ m }}_centre,
        {{ coefficients_taylor(m, 'ch', 'nh', ['q0', 'q1', 'g0']) }},
        {%- endfor %}
        {%- for m in consolidees %}
        {{ coefficients_taylor(m, 'cd', 'nd', ['d0', 'd1', 'e0']) }},
        {%- endfor %}
        {{ somme('cd * (w2 - w * w / nd)') }} as d2,
        {{ somme('cd * w2') }} as e2,
        {{ somme('note_wd') }} as note_wd,
        {{ somme('note_wdd') }} as note_wdd,
        {{ somme('w_promoteurs') }} as w_promoteurs
    from a_base_fixee
    group by vague, organisme_code, axe, segment, question_code
)

-- La variance d'un domaine est un polynôme de l'écart d de sa moyenne au centre : (q0 - 2 d q1 + d² q2) / W². Ses
-- coefficients s'ajoutent d'un organisme à l'autre, donc toute réunion d'organismes s'estime sans revenir aux strates.
-- Les bruts, g0 et g2, disent de quelle grandeur sont les termes qui s'y soustraient, donc leur reste d'arrondi.
select
    vague,
    organisme_code,
    axe,
    segment,
    question_code,
    nb_strates,
    nb_strates_reunies,
    n,
    w,
    w2,
    q2,
    g2,
    {%- for m in mesures %}
    n_{{ m }},
    w_{{ m }},
    {{ m }}_centre,
    {{ m }}_q0,
    {{ m }}_q1,
    {{ m }}_g0,
    {%- endfor %}
    {%- for m in consolidees %}
    case
        when w > 0
            then
                {{ variance_taylor(
                    m ~ '_d0', m ~ '_d1', 'd2', m ~ '_e0', 'e2',
                    '(w_' ~ m ~ ' / w - ' ~ m ~ '_centre)', 'w'
                ) }}
    end as {{ m }}_variance,
    {%- endfor %}
    note_wd,
    note_wdd,
    w_promoteurs
from sommes
