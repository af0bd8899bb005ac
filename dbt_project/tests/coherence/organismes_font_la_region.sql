{%- set cle = ['vague', 'axe', 'segment', 'question_code'] -%}
{%- set comptes = ['base_brute', 'effectif_satisfaits'] -%}
{%- set poids = ['base_ponderee', 'poids_satisfaits'] -%}
-- Les comptes publiés des organismes ne dépassent pas ceux de la région, et les font quand tous sont publiés.
with satisfaction as (
    select * from {{ ref('int_satisfaction') }}
    where statut = 'V'
),

-- Des comptes livrés pondérés sont fractionnaires, et chaque effectif arrondi : une demi-unité par organisme.
tolerance as (
    select case when count(*) > 0 then 0.5 else 0.0 end as arrondi
    from {{ ref('stg_lots') }}
    where nature = 'comptages'
),

organismes as (
    select
        {{ cle | join(', ') }},
        {%- for mesure in comptes + poids %}
        sum({{ mesure }}) as {{ mesure }},
        {%- endfor %}
        count(*) as nb_organismes
    from satisfaction
    where perimetre_type = 'organisme'
    group by all
),

ecarts as (
    select
        {{ prises('region', cle) }},
        region.nb_organismes,
        organismes.nb_organismes as nb_organismes_publies,
        {%- for mesure in comptes %}
        organismes.{{ mesure }} - region.{{ mesure }} as {{ mesure }},
        {%- endfor %}
        {%- for mesure in poids %}
        organismes.{{ mesure }} / nullif(region.{{ mesure }}, 0) - 1 as {{ mesure }},
        {%- endfor %}
        (organismes.nb_organismes + 1) * tolerance.arrondi as arrondi
    from satisfaction as region
    inner join organismes
        on {{ memes('region', 'organismes', cle) }}
    cross join tolerance
    where region.perimetre_type = 'region'
)

select *
from ecarts
where
    nb_organismes_publies > nb_organismes
    {%- for mesure in comptes %}
    or {{ mesure }} > arrondi
    or (nb_organismes_publies = nb_organismes and {{ mesure }} < -arrondi)
    {%- endfor %}
    {%- for mesure in poids %}
    or {{ mesure }} > 1e-6
    or (nb_organismes_publies = nb_organismes and {{ mesure }} < -1e-6)
    {%- endfor %}
