with vagues as (
    select * from {{ ref('stg_vagues') }}
),

questions as (
    select * from {{ ref('stg_questions') }}
),

echelles as (
    select * from {{ ref('stg_echelles') }}
),

questions_vagues as (
    select
        questions_vagues.*,
        vagues.ordre
    from {{ ref('stg_questions_vagues') }} as questions_vagues
    inner join vagues
        on questions_vagues.vague = vagues.vague
),

paires as (
    select
        vagues.vague,
        vagues.ordre,
        precedentes.vague as vague_precedente,
        precedentes.ordre as ordre_precedent,
        questions.question_code
    from vagues
    inner join vagues as precedentes
        on vagues.ordre > precedentes.ordre
    cross join questions
    inner join echelles
        on questions.echelle = echelles.echelle
    where echelles.type = 'unique'
)

-- Une rupture à n'importe quelle vague entre les deux sépare le avant du après.
select
    paires.vague,
    paires.vague_precedente,
    paires.question_code,
    max(case when questions_vagues.ordre = paires.ordre then 1 else 0 end) = 1 as posee,
    max(case when questions_vagues.ordre = paires.ordre_precedent then 1 else 0 end) = 1 as posee_avant,
    max(case when questions_vagues.ordre < paires.ordre then 1 else 0 end) = 0 as nouvelle,
    max(
        case
            when
                questions_vagues.ordre > paires.ordre_precedent
                and questions_vagues.equivalence not in ('identique', 'proche')
                then 1
            else 0
        end
    ) = 1 as rupture
from paires
left join questions_vagues
    on
        paires.question_code = questions_vagues.question_code
        and paires.ordre >= questions_vagues.ordre
group by all
