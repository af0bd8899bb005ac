-- Toute modalité comptée est au questionnaire, tout segment est déclaré : rien ne sort des totaux en silence.
with comptage as (
    select distinct
        axe,
        segment,
        question_code,
        modalite_code
    from {{ ref('comptage') }}
),

modalites as (
    select * from {{ ref('int_modalites') }}
),

segments as (
    select * from {{ ref('stg_segments') }}
)

select comptage.*
from comptage
left join modalites
    on {{ memes('comptage', 'modalites', ['question_code', 'modalite_code']) }}
left join segments
    on {{ memes('comptage', 'segments', ['axe', 'segment']) }}
where
    segments.segment is null
    or (modalites.modalite_code is null and comptage.modalite_code <> '*')
