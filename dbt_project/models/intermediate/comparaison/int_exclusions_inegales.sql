{%- set couple = ['methode', 'vague', 'vague_precedente', 'perimetre_type', 'perimetre'] -%}
with perimetres as (
    select *
    from {{ ref('int_perimetres') }}
    where methode in ('panel_constant', 'pro_forma')
),

exclusions as (
    select * from {{ ref('stg_exclusions') }}
),

questions as (
    select distinct question_code
    from exclusions
),

-- D'un organisme d'aujourd'hui et de ceux dont il est issu, tous répondent des deux côtés, ou aucun : sinon les deux côtés ne
-- sont plus faits des mêmes.
organismes as (
    select
        {{ prises('perimetres', couple) }},
        perimetres.organisme_actuel,
        questions.question_code,
        count(*) as mesures,
        count(exclusions.question_code) as exclues
    from perimetres
    cross join questions
    left join exclusions
        on
            perimetres.vague_mesuree = exclusions.vague
            and perimetres.organisme_code = exclusions.organisme_code
            and questions.question_code = exclusions.question_code
    group by all
)

select distinct
    {{ couple | join(', ') }},
    question_code
from organismes
where exclues > 0 and exclues < mesures
