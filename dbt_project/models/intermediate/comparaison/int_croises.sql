{%- set cle = ['axe', 'segment', 'segment_compare', 'question_code', 'mesure'] -%}
{%- set perimetre = ['vague', 'perimetre_type', 'perimetre'] -%}
with covariances as (
    select * from {{ ref('int_covariances') }}
),

membres as (
    select distinct
        {{ perimetre | join(', ') }},
        organisme_code
    from {{ ref('int_perimetres') }}
    where methode = 'publie'
)

-- Les termes de covariance s'ajoutent d'un organisme à l'autre, comme ceux de la variance.
select
    {{ prises('membres', perimetre) }},
    {{ prises('covariances', cle) }},
    {%- for terme in ['r00', 'r01', 'r10', 'r11'] %}
    {{ somme('covariances.' ~ terme) }} as {{ terme }},
    {%- endfor %}
    cast(sum(covariances.nb_unites_partagees) as bigint) as nb_unites_partagees,
    min(covariances.centre) as centre
from membres
inner join covariances
    on {{ memes('membres', 'covariances', ['vague', 'organisme_code']) }}
group by all
